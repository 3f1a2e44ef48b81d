/** For tests and benchmarks only: an OMOP database put straight into a clinical store, faults and all, and a run of checks on it. */

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOmopTables, isOmopTable, OMOP_TABLES } from "@dure/clinical";
import { type CheckResult, defaultChecks, type QualityCheck } from "@dure/clinical/quality";
import { type Clock, hashJson } from "@dure/kernel";
import { makeSiteHome, writeSettings } from "../home/site-home.ts";
import { openDuckdbClinicalStore } from "../store/clinical-duckdb.ts";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, join as joinSql, sql } from "../store/clinical-sql.ts";
import type { ClinicalStore } from "../store/clinical-store.ts";
import { QualityStore } from "./quality-store.ts";
import { type QualityRunOptions, runQuality } from "./run-quality.ts";
import { smallHospital } from "./testing-hospital-rows.ts";

export const TEST_SCHEMA = "snapshot_1";

export const testClock: Clock = { nowMs: () => Date.parse("2026-03-01T09:00:00Z"), sleep: async () => undefined };

export interface TestDatabase extends AsyncDisposable {
  readonly folder: string;
  readonly store: ClinicalStore;
  readonly quality: QualityStore;
  /** Changes the database, as a load does. */
  readonly change: (filePaths: readonly string[], work: (session: SqlSession) => Promise<void>) => Promise<void>;
  readonly run: (checks?: readonly QualityCheck[], options?: Partial<QualityRunOptions>) => Promise<ReadonlyMap<string, CheckResult>>;
}

/** All 39 tables, empty, without NOT NULL: what a load would refuse must get in here. */
export async function testDatabase(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), "dure-quality-"));
  const store = await openDuckdbClinicalStore(join(folder, "clinical.duckdb"));
  const quality = new QualityStore(join(folder, "quality.db"));
  const change: TestDatabase["change"] = (filePaths, work) =>
    store.load(filePaths, async (session) => ({ keep: true, result: await work(session) }));
  await change([], async (session) => {
    await session.run(sql`CREATE SCHEMA ${identifier(TEST_SCHEMA)}`);
    for (const statement of createOmopTables(TEST_SCHEMA))
      await session.run({ kind: "sql", parts: [statement.replaceAll(" NOT NULL", "")] });
  });
  return {
    ...{ folder, store, quality, change },
    run: async (checks = defaultChecks(), options = {}) => {
      const snapshot = { number: 1, hash: hashJson(folder) };
      const run = await runQuality({
        ...{ read: store.read, snapshot, schema: TEST_SCHEMA, checks, store: quality, clock: testClock, isAnew: true },
        ...options,
      });
      return new Map(quality.results(run.number).map((result) => [result.id, result]));
    },
    [Symbol.asyncDispose]: async () => {
      quality.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Names of CDM 5.3 in their form of 5.4. */
const RENAMED: Readonly<Record<string, string>> = {
  admitting_source_concept_id: "admitted_from_concept_id",
  admitting_source_value: "admitted_from_source_value",
  discharge_to_concept_id: "discharged_to_concept_id",
  discharge_to_source_value: "discharged_to_source_value",
  visit_detail_parent_id: "parent_visit_detail_id",
};

/** Fills the tables from a folder of Parquet or CSV files named after them. */
export async function fillFromFiles(database: TestDatabase, folder: string): Promise<void> {
  const files = readdirSync(folder).filter((name) => /\.(parquet|csv)$/i.test(name));
  await database.change(
    files.map((name) => join(folder, name)),
    async (session) => {
      for (const name of files) await fillTable(session, { table: name.replace(/\..*$/, "").toLowerCase(), path: join(folder, name) });
    },
  );
}

async function fillTable(session: SqlSession, { table, path }: { readonly table: string; readonly path: string }): Promise<void> {
  if (!isOmopTable(table)) return;
  const source = path.endsWith(".parquet") ? sql`read_parquet(${path})` : sql`read_csv(${path}, header = true)`;
  const columns = await session.rows(sql`SELECT column_name FROM (DESCRIBE SELECT * FROM ${source})`);
  const fields: Readonly<Record<string, unknown>> = OMOP_TABLES[table].fields;
  const pairs = columns
    .map(([name]) => String(name))
    .map((name) => ({ name, field: RENAMED[name.toLowerCase()] ?? name.toLowerCase() }))
    .filter(({ field }) => Object.hasOwn(fields, field));
  await session.run(sql`
    INSERT INTO ${identifier(TEST_SCHEMA)}.${identifier(table)} (${joinSql(pairs.map(({ field }) => identifier(field)))})
    SELECT ${joinSql(pairs.map(({ name }) => identifier(name)))} FROM ${source}`);
}

export interface TestHome extends AsyncDisposable {
  /** A site's folder. */
  readonly home: string;
}

/** The folder of an enrolled hospital: the ten persons of `smallHospital`, and one diagnosis, 777123, whose visit is not there. */
export async function testHome(): Promise<TestHome> {
  const database = await testDatabase();
  await database.change([], async (session) => {
    await smallHospital(session, TEST_SCHEMA);
    await session.run(sql`
      UPDATE ${identifier(TEST_SCHEMA)}.condition_occurrence SET visit_occurrence_id = 999, condition_occurrence_id = 777123
      WHERE person_id = 6`);
  });
  return { home: await intoHome(database), [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
}

/** The database becomes the snapshot 1 of a hospital that has nothing else; it is closed. */
async function intoHome(database: TestDatabase): Promise<string> {
  const paths = makeSiteHome(database.folder);
  writeSettings(paths, {
    ...{
      version: 1,
      siteId: "hospital-1",
      organisation: "Hospital One",
      role: "site",
      alliance: "test",
      coordinatorUrl: "https://localhost",
    },
    ...{ coordinatorKey: "", stewardKey: "", source: { kind: "store" } },
  });
  const report = {
    contributors: [
      { contributor: "fhir:emr", inputs: [], mapped: [], requirements: [{ requirement: "f2o-050", outcome: "pass", count: 0 }] },
    ],
  };
  await database.change([], (session) =>
    session.run(sql`INSERT INTO dure.snapshot (number, hash, report) VALUES (1, ${hashJson("a snapshot")}, ${JSON.stringify(report)})`),
  );
  await database.store.close();
  return database.folder;
}
