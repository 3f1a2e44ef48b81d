/**
 * Loads by a plan in processes of their own that are killed (SIGKILL) before and after every step that persists something, and at ten
 * random moments. Whatever was left, the next load gives the database of a load that nobody killed.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { systemClock } from "@dure/machine";
import { listLoads } from "../ingest/ingest-into-home.ts";
import { testClock } from "../ingest/testing.ts";
import { storedEntry } from "../run/ledger-writer.ts";
import { sql } from "../store/clinical-sql.ts";
import { openClinicalStoreWaiting } from "../store/open-clinical-store.ts";
import { SiteStore } from "../store/site-store.ts";
import { loadIntoHome } from "./load-into-home.ts";
import { repeatableRandom, type TestHome, testHome } from "./testing-home.ts";

const moduleUrl = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/**
 * What a load persists: copies of exports and what archives unpack to (there while it is `writing`), the snapshot (the engine's COMMIT,
 * and closing, which works the log into the file), the ledger's entry (the COMMIT of the site's store).
 */
const STEPS = [
  "progress writing",
  "progress hashing",
  "before COMMIT",
  "after COMMIT",
  "before ledger",
  "after ledger",
  "before close",
  "after close",
] as const;

/** Compiled once for all processes of this test. */
const compileCache = mkdtempSync(join(tmpdir(), "dure-compiled-"));
after(() => rmSync(compileCache, { recursive: true, force: true }));

/** Loads the home's plan and says `ready` before it; kills itself at the step. */
function spawnLoad({ paths, planPath }: TestHome, step: (typeof STEPS)[number] | "never") {
  const source = `
    const { DuckDBConnection, DuckDBInstance } = await import("@duckdb/node-api");
    const { DatabaseSync } = await import("node:sqlite");
    const { loadIntoHome } = await import(${moduleUrl("./load-into-home.ts")});
    const { repeatableRandom } = await import(${moduleUrl("./testing-home.ts")});
    const { testClock } = await import(${moduleUrl("../ingest/testing.ts")});
    let isCommitted = false;
    const reach = (step) => { if (step === ${JSON.stringify(step)}) process.kill(process.pid, "SIGKILL"); };
    const around = (prototype, method, name, isMeant) => {
      const original = prototype[method];
      prototype[method] = function (...values) {
        if (!isMeant(...values)) return original.apply(this, values);
        reach("before " + name);
        const result = original.apply(this, values);
        const after = (value) => { isCommitted ||= name === "COMMIT"; reach("after " + name); return value; };
        return result instanceof Promise ? result.then(after) : after(result);
      };
    };
    around(DuckDBConnection.prototype, "run", "COMMIT", (text) => text === "COMMIT");
    around(DuckDBInstance.prototype, "closeSync", "close", () => isCommitted);
    around(DatabaseSync.prototype, "exec", "ledger", (text) => text === "COMMIT");
    console.log("ready");
    await loadIntoHome({ home: ${JSON.stringify(paths.root)}, planPath: ${JSON.stringify(planPath)}, clock: testClock, random: repeatableRandom(),
      onProgress: ({ step }) => reach("progress " + step) });`;
  return spawn(process.execPath, ["--input-type=module", "-e", source], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
  });
}

const load = (home: TestHome) =>
  loadIntoHome({ home: home.paths.root, planPath: home.planPath, clock: testClock, random: repeatableRandom() });

/** A site that loaded an export; a later one lies ready. Small, and of one source: every process pays for its own start. */
async function loadedHome(): Promise<TestHome> {
  const home = testHome();
  writeFileSync(home.planPath, PLAN);
  writePersons(home, 300);
  await load(home);
  writePersons(home, 600);
  return home;
}

const PLAN = `
dureLoad: 1
id: hospital-1
version: 1
title: { en: Hospital 1, ko: 병원 1 }
sources: [{ omop: warehouse, path: omop, cdmVersion: "5.4" }]
`;

function writePersons({ folder }: TestHome, count: number): void {
  const ids = Array.from({ length: count }, (_, i) => i + 1);
  const persons = ids.map((id) => `${id},8532,${1930 + (id % 60)},0,0`);
  const conditions = ids.map((id) => `${id},${id},4112853,2020-01-${String(1 + (id % 28)).padStart(2, "0")},32817`);
  const write = (name: string, lines: readonly string[]): void => writeFileSync(join(folder, "omop", name), `${lines.join("\n")}\n`);
  write("person.csv", ["person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id", ...persons]);
  write("condition_occurrence.csv", [
    "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_type_concept_id",
    ...conditions,
  ]);
}

/** All that a load leaves, to the last surrogate: the random bytes of these tests repeat. */
async function stateOf({ paths }: TestHome): Promise<unknown> {
  const store = await openClinicalStoreWaiting(paths.clinical, systemClock);
  const [snapshots, persons, tables] = [
    (await store.snapshots()).map(({ number, hash }) => [number, hash]),
    await store.read((session) => session.rows(sql`SELECT lookup, person_id::VARCHAR FROM person_key.link ORDER BY lookup`)),
    await store.read((session) => session.rows(sql`SELECT schema_name, table_name, column_count FROM duckdb_tables() ORDER BY ALL`)),
  ];
  await store.close();
  const decisions = new SiteStore(paths.decisions);
  const ledger = [...decisions.ledger()]
    .map((entry) => storedEntry(entry))
    .map(({ kind, details, objectSha256 }) => [kind, details, objectSha256]);
  decisions.close();
  const files = readdirSync(paths.root).filter((name) => /loading|decoding|\.tmp/.test(name));
  return { snapshots, persons, tables, ledger, files };
}

test("a load killed around every persisted step and at ten random moments ends as one that was not", async () => {
  using reference = await loadedHome();
  const whole = spawnLoad(reference, "never");
  await once(whole.stdout, "data");
  const startMs = performance.now();
  await once(whole, "exit");
  const loadMs = performance.now() - startMs;
  const expected = await stateOf(reference);
  assert.equal(whole.exitCode, 0);

  using home = await loadedHome();
  const kept = join(home.folder, "kept");
  cpSync(home.paths.root, kept, { recursive: true });
  const restore = (): void => {
    rmSync(home.paths.root, { recursive: true });
    cpSync(kept, home.paths.root, { recursive: true });
  };
  const reached: string[] = [];
  for (const step of STEPS) {
    const child = spawnLoad(home, step);
    child.stdout.resume();
    await once(child, "exit");
    if (child.signalCode === "SIGKILL") reached.push(step);
    const count = (await listLoads(home.paths.root)).length;
    assert.equal(count, STEPS.indexOf(step) <= STEPS.indexOf("before COMMIT") ? 1 : 2, step);
    // Closing comes after the ledger's entry where the snapshot is new: from the beginning again.
    if (step === "after ledger") {
      await load(home);
      assert.deepEqual(await stateOf(home), expected);
    }
    if (step === "after ledger" || step === "before close") restore();
  }
  assert.deepEqual(reached, STEPS);
  await load(home);
  assert.deepEqual(await stateOf(home), expected);

  restore();
  for (let moment = 0; moment < 10; moment++) {
    const child = spawnLoad(home, "never");
    const ended = once(child, "exit");
    await once(child.stdout, "data");
    await systemClock.sleep(randomInt(0, Math.ceil(loadMs)));
    child.kill("SIGKILL");
    await ended;
    const count = (await listLoads(home.paths.root)).length;
    assert(count === 1 || count === 2);
    if (count === 2 && moment < 9) restore();
  }
  await load(home);
  assert.deepEqual(await stateOf(home), expected);
});
