import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import pg from "pg";
import { ingestExports } from "../ingest/ingest-exports.ts";
import { mappingOf, researchTable, testClock, testFolder, testKeyTable } from "../ingest/testing.ts";
import { generateHospital } from "../ingest/testing-hospital.ts";
import { openPostgresClinicalStore } from "./clinical-postgres.ts";
import type { ClinicalStore } from "./clinical-store.ts";
import { readResearchTable } from "./clinical-table.ts";
import { testClinicalStore } from "./testing-clinical-store.ts";

const server = process.env["DURE_TEST_POSTGRES_URL"];
const needsServer = { skip: server === undefined ? "no DURE_TEST_POSTGRES_URL" : false };
const databases = new Map<string, string>();

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

/** A database for each folder, so that a store opened again finds its own. */
async function databaseOf(path: string): Promise<string> {
  const known = databases.get(path);
  if (known !== undefined) return known;
  const url = new URL(server ?? "");
  url.pathname = `/dure_clinical_${process.pid}_${databases.size}`;
  await onServer(`CREATE DATABASE ${url.pathname.slice(1)}`);
  databases.set(path, url.href);
  return url.href;
}

after(async () => {
  for (const url of databases.values()) await onServer(`DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
});

const open = async (path: string): Promise<ClinicalStore> => openPostgresClinicalStore({ url: await databaseOf(path), path });

if (server !== undefined) testClinicalStore("PostgreSQL", open);
else test("the contract of every clinical store, on PostgreSQL", needsServer, () => undefined);

test("the same exports give the same research table on DuckDB and on PostgreSQL", needsServer, async () => {
  const table = researchTable("breast-registry");
  const hospital = generateHospital(5, 400);
  const load = async (store: ClinicalStore, directory: string) => {
    await ingestExports({ store, mapping: mappingOf(hospital.mapping), directory, keyTable: testKeyTable, clock: testClock });
    const { columns, rowKeys, excluded, snapshot } = await readResearchTable(store, table);
    const rows = rowKeys.map((_, i) =>
      [...columns].map(([name, column]) => [name, column.kind === "number" && column.missing[i] === 0 ? column.values[i] : null]),
    );
    return {
      rows: rows.map((row) => JSON.stringify(row)).sort(),
      keysAscend: rowKeys.every((key, i) => i === 0 || String(rowKeys[i - 1]) < String(key)),
      excluded,
      number: snapshot.number,
    };
  };
  await using folder = await testFolder();
  for (const [name, content] of Object.entries(hospital.files)) folder.write(name, content);
  const onDuckdb = await load(folder.store, folder.path);
  const workshop = mkdtempSync(join(tmpdir(), "dure-workshop-"));
  const store = await open(join(workshop, "clinical.duckdb"));
  try {
    assert.deepEqual(await load(store, folder.path), onDuckdb);
    assert(onDuckdb.rows.length > 20 && onDuckdb.keysAscend);
    const again = await ingestExports({
      store,
      mapping: mappingOf(hospital.mapping),
      directory: folder.path,
      keyTable: testKeyTable,
      clock: testClock,
    });
    assert(again.unchanged);
    assert.deepEqual(
      readdirSync(workshop).filter((name) => name.includes("publishing")),
      [],
    );
  } finally {
    await store.close();
    rmSync(workshop, { recursive: true, force: true });
  }
});

test("a server that breaks the connection in the middle of a load leaves both sides as they were", needsServer, async () => {
  const folder = mkdtempSync(join(tmpdir(), "dure-broken-"));
  const path = join(folder, "clinical.duckdb");
  const store = await open(path);
  try {
    const broken = store.load([], async () => {
      await onServer(`ALTER DATABASE ${new URL(await databaseOf(path)).pathname.slice(1)} ALLOW_CONNECTIONS false`);
      return { keep: true, result: 1 };
    });
    await assert.rejects(
      broken,
      (error: Error & { code: string }) => /^store\/postgres-/.test(error.code) && !error.message.includes(new URL(server ?? "").password),
    );
    await onServer(`ALTER DATABASE ${new URL(await databaseOf(path)).pathname.slice(1)} ALLOW_CONNECTIONS true`);
    assert.deepEqual(await store.snapshots(), []);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a server that is not there is told by name, without the URL", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dure-absent-"));
  const opening = openPostgresClinicalStore({ url: "postgresql://dure:canary@127.0.0.1:1/none", path: join(folder, "clinical.duckdb") });
  await assert.rejects(
    opening,
    (error: Error & { code: string }) => error.code === "store/postgres-unreachable" && !error.message.includes("canary"),
  );
  rmSync(folder, { recursive: true, force: true });
});
