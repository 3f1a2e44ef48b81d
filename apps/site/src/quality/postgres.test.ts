import assert from "node:assert/strict";
import { test } from "node:test";
import { createOmopTables } from "@dure/clinical";
import { defaultChecks, summariseResults } from "@dure/clinical/quality";
import pg from "pg";
import { identifier, renderSql, sql } from "../store/clinical-sql.ts";
import { postgresSession } from "../store/postgres-session.ts";
import { QualityStore } from "./quality-store.ts";
import { runQuality } from "./run-quality.ts";
import { smallHospital } from "./testing-hospital-rows.ts";
import { TEST_SCHEMA, testClock, testDatabase } from "./testing-omop.ts";
import { PLANTED_FAULTS } from "./testing-planted-faults.ts";

const server = process.env["DURE_TEST_POSTGRES_URL"];
const plants = Object.values(PLANTED_FAULTS).flatMap(({ plant }) => plant);
/** A month as text is no month: this check ends in an error on either engine, and only this one. */
const unanswerable = sql`ALTER TABLE ${identifier(TEST_SCHEMA)}.drug_exposure ALTER COLUMN refills TYPE VARCHAR`;
const badText = sql`UPDATE ${identifier(TEST_SCHEMA)}.drug_exposure SET refills = 'two'`;

const plain = (quality: QualityStore, run: number) =>
  quality.results(run).map(({ id, status, counts, reason }) => ({ id, status, counts, reason, rows: quality.failingRows(run, id) }));

test("PostgreSQL gives the results that DuckDB gives, check by check, row by row", {
  skip: server === undefined ? "no DURE_TEST_POSTGRES_URL" : false,
}, async () => {
  await using database = await testDatabase();
  await database.change([], async (session) => {
    await smallHospital(session, TEST_SCHEMA);
    for (const statement of [...plants, unanswerable, badText]) await session.run(statement);
  });
  await database.run();
  const onDuckdb = plain(database.quality, 1);
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  const quality = new QualityStore(":memory:");
  try {
    await client.query("BEGIN"); // never committed: nothing stays on the server
    await client.query(renderSql(sql`CREATE SCHEMA ${identifier(TEST_SCHEMA)}`).text);
    for (const statement of createOmopTables(TEST_SCHEMA))
      await client.query(statement.replaceAll(" NOT NULL", "").replaceAll(" DOUBLE", " DOUBLE PRECISION"));
    const session = postgresSession(client);
    await smallHospital(session, TEST_SCHEMA);
    for (const statement of [...plants, unanswerable, badText]) await session.run(statement);
    await runQuality({
      ...{ read: (work) => work(session), snapshot: { number: 1, hash: "a".repeat(64) as never }, schema: TEST_SCHEMA },
      ...{ checks: defaultChecks(), store: quality, clock: testClock },
    });
    assert.deepEqual(plain(quality, 1), onDuckdb);
    assert.ok(summariseResults(quality.results(1)).failed > 30);
    const errors = onDuckdb.filter(({ status }) => status === "error").map(({ id }) => id);
    assert.deepEqual(
      errors.filter((id) => !id.includes("_note") && !id.includes("refills")),
      [],
    );
  } finally {
    await client.end();
    quality.close();
  }
});
