/**
 * For tests only: loads in processes of their own that are killed (SIGKILL) before and after every step that persists something, and at
 * ten random moments. Whatever was left, the next load has to give the database of a load that nobody killed.
 */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after as afterTests } from "node:test";
import { SeededRandom } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import { ingestIntoHome, listLoads } from "../ingest/ingest-into-home.ts";
import { hashSnapshot } from "../ingest/snapshot-hash.ts";
import { testClock } from "../ingest/testing.ts";
import { ReviewStore } from "../map-review/review-store.ts";
import { storedEntry } from "../run/ledger-writer.ts";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, sql } from "../store/clinical-sql.ts";
import { snapshotSchema } from "../store/clinical-store.ts";
import { openClinicalStoreWaiting } from "../store/open-clinical-store.ts";
import { SiteStore } from "../store/site-store.ts";
import { loadIntoHome } from "./load-into-home.ts";
import { repeatableRandom, type TestHome } from "./testing-home.ts";

/** By the home's plan, or the mapping and exports beside it: the two commands of a site that load. */
export type LoadCommand = "load" | "ingest";

/**
 * What every load persists after its sources were read: the codes left open (the COMMIT of the lists' store), the snapshot (the engine's
 * COMMIT, and closing, which works the log into the file), the ledger's entry (the COMMIT of the site's store). Before that, copies of
 * exports and what archives unpack to lie beside the store: `progress` and a step that onProgress tells, with or without its number.
 *
 * The steps of a chain follow each other on what the kill before left; closing something new has to begin anew.
 */
const CHAIN = ["before review", "after review", "before COMMIT", "after COMMIT", "before ledger", "after ledger"];
const CHAINS = [["before close"], ["after close"]];
const isCommittedAfter = (step: string): boolean =>
  !CHAIN.slice(0, CHAIN.indexOf("after COMMIT")).includes(step) && !step.startsWith("progress");
const KILLS_AT_RANDOM = 10;

interface KilledLoads {
  /** A site that loaded an export, and beside which a later one lies. */
  readonly loadedHome: () => Promise<TestHome>;
  readonly commands: readonly LoadCommand[];
  /** Such as `progress writing`. */
  readonly progressSteps: readonly string[];
  readonly seed: number;
}

/**
 * Steps before the COMMIT by the commands in turn, later ones by the last command, since another's load is another snapshot; closing by the
 * first; the random moments by the commands in turn.
 */
export async function assertKillsLeaveNothing({ loadedHome, commands, progressSteps, seed }: KilledLoads): Promise<void> {
  const inTurn = (i: number): LoadCommand => commands[i % commands.length] ?? "load";
  using home = await loadedHome();
  const restore = keepCopy(home);
  const expected = new Map<LoadCommand, State>();
  for (const command of commands) {
    await loadHome(home, command);
    expected.set(command, await stateOf(home));
    restore();
  }
  const assertMended = async (command: LoadCommand, message: string): Promise<void> => {
    await loadHome(home, command);
    assert.deepEqual(await stateOf(home), expected.get(command), message);
    restore();
  };
  let loadMs = 0; // all but the ledger's entry: the last chain's
  for (const chain of [[...progressSteps, ...CHAIN], ...CHAINS]) {
    let command = inTurn(0);
    for (const [i, step] of chain.entries()) {
      const isCommitted = isCommittedAfter(step);
      if (chain.length > 1) command = inTurn(isCommitted ? commands.length - 1 : i);
      loadMs = await killAt(home, command, step);
      assert.equal((await listLoads(home.paths.root)).length, isCommitted ? 2 : 1, step);
    }
    await assertMended(command, chain.join());
  }

  const random = new SeededRandom(seed);
  for (let kill = 0; kill < KILLS_AT_RANDOM; kill++) {
    const child = spawnLoad(home, inTurn(kill));
    const ended = once(child, "exit");
    await said(child);
    // The moments are spread over the load, and random within their part of it.
    await systemClock.sleep((loadMs * (kill + random.uniform())) / KILLS_AT_RANDOM);
    child.kill("SIGKILL");
    await ended;
    const loadCount = (await listLoads(home.paths.root)).length;
    assert(loadCount === 1 || loadCount === 2);
    if (loadCount === 2) restore();
  }
  for (const command of commands) await assertMended(command, "random moments");
}

/** @returns how long it was loading. */
async function killAt(home: TestHome, command: LoadCommand, step: string): Promise<number> {
  const child = spawnLoad(home, command, step);
  await said(child);
  const startMs = performance.now();
  await once(child, "exit");
  assert.equal(child.signalCode, "SIGKILL", step);
  return performance.now() - startMs;
}

/** @returns what puts the folder back. */
function keepCopy({ folder, paths }: TestHome): () => void {
  const kept = join(folder, "kept");
  cpSync(paths.root, kept, { recursive: true });
  return () => {
    rmSync(paths.root, { recursive: true });
    cpSync(kept, paths.root, { recursive: true });
  };
}

const moduleUrl = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
/** Compiled once for all processes. */
const compileCache = mkdtempSync(join(tmpdir(), "dure-compiled-"));
afterTests(() => rmSync(compileCache, { recursive: true, force: true }));

const plannedPaths = ({ paths, planPath }: TestHome) => ({ home: paths.root, planPath });
const mappedPaths = ({ paths, folder }: TestHome) => ({
  ...{ home: paths.root, mappingPath: join(folder, "mapping.yaml"), directory: join(folder, "exports"), parameters: {} },
});

export function loadHome(home: TestHome, command: LoadCommand): Promise<unknown> {
  const how = { clock: testClock, random: repeatableRandom() };
  return command === "load" ? loadIntoHome({ ...plannedPaths(home), ...how }) : ingestIntoHome({ ...mappedPaths(home), ...how });
}

/** Says `ready` before it loads; kills itself at the step. */
function spawnLoad(home: TestHome, command: LoadCommand, step = "never"): ChildProcess {
  const [name, module] = command === "load" ? ["loadIntoHome", "./load-into-home.ts"] : ["ingestIntoHome", "../ingest/ingest-into-home.ts"];
  const source = `
    const { DuckDBConnection, DuckDBInstance } = await import("@duckdb/node-api");
    const { DatabaseSync } = await import("node:sqlite");
    const { ${name} } = await import(${moduleUrl(module)});
    const { repeatableRandom } = await import(${moduleUrl("./testing-home.ts")});
    const { testClock } = await import(${moduleUrl("../ingest/testing.ts")});
    let isCommitted = false;
    const reach = (step) => { if (step === ${JSON.stringify(step)}) process.kill(process.pid, "SIGKILL"); };
    const around = (prototype, method, nameOf) => {
      const original = prototype[method];
      prototype[method] = function (...values) {
        const name = nameOf(...values);
        if (name === undefined) return original.apply(this, values);
        reach("before " + name);
        const result = original.apply(this, values);
        const after = (value) => { isCommitted ||= name === "COMMIT"; reach("after " + name); return value; };
        return result instanceof Promise ? result.then(after) : after(result);
      };
    };
    around(DuckDBConnection.prototype, "run", (text) => text === "COMMIT" ? "COMMIT" : undefined);
    around(DuckDBInstance.prototype, "closeSync", () => isCommitted ? "close" : undefined);
    let listsAreKept = false;
    around(DatabaseSync.prototype, "exec", (text) => {
      if (text !== "COMMIT") return undefined;
      const name = listsAreKept ? "ledger" : "review";
      listsAreKept = true;
      return name;
    });
    const onProgress = ({ step, kind = step, done }) => { reach("progress " + kind); reach("progress " + kind + " " + done); };
    console.log("ready");
    await ${name}({ ...${JSON.stringify(command === "load" ? plannedPaths(home) : mappedPaths(home))}, clock: testClock, random: repeatableRandom(), onProgress });`;
  return spawn(process.execPath, ["--input-type=module", "-e", source], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
  });
}

const said = (child: ChildProcess): Promise<unknown> => once(child.stdout ?? assert.fail("its output is read"), "data");

interface State {
  /** Of the clinical store, which has one engine: to the last surrogate, since the random bytes of these tests repeat. */
  readonly content: unknown;
  readonly ledger: unknown;
  readonly open: unknown;
  /** What should not be there. */
  readonly files: readonly string[];
}

async function stateOf({ paths }: TestHome): Promise<State> {
  const store = await openClinicalStoreWaiting(paths.clinical, systemClock);
  const snapshots = await store.snapshots();
  const content = await store.read(async (session) => {
    const hashes: unknown[] = [];
    for (const { number, hash, report } of snapshots) {
      assert.equal(await hashSnapshot(session, snapshotSchema(number), report.vocabularyVersion), hash);
      hashes.push(hash);
    }
    return { hashes, rows: await rowsOutsideOmop(session), tables: await session.rows(TABLES) };
  });
  await store.close();
  const decisions = new SiteStore(paths.decisions);
  const ledger = [...decisions.ledger()]
    .map((entry) => storedEntry(entry))
    .map(({ kind, details, objectSha256 }) => [kind, details, objectSha256]);
  decisions.close();
  using reviews = new ReviewStore(paths.mappingReview);
  const files = readdirSync(paths.root).filter((name) => /loading|\.tmp/.test(name));
  return { content, ledger, open: reviews.unmappedLists(), files };
}

const TABLES = sql`SELECT schema_name, table_name, column_count FROM duckdb_tables() ORDER BY ALL`;

/** Surrogates, and the rows kept for later deliveries. Numbers are sealed with a new nonce, and so are left out. */
async function rowsOutsideOmop(session: SqlSession): Promise<readonly unknown[]> {
  const tables = await session.rows(
    sql`SELECT schema_name, table_name FROM duckdb_tables() WHERE schema_name IN ('kept_rows', 'person_key') AND table_name <> 'sealed' ORDER BY ALL`,
  );
  const rows: unknown[] = [];
  for (const [schema, table] of tables) {
    rows.push(await session.rows(sql`SELECT t::VARCHAR FROM ${identifier(String(schema))}.${identifier(String(table))} t ORDER BY ALL`));
  }
  return rows;
}
