/** Needs a PostgreSQL server: `npm test` starts one and names it in DURE_TEST_POSTGRES_URL. PGlite speaks no network protocol of its own. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmodSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { DureError } from "@dure/kernel";
import pg from "pg";
import { sourceFolder } from "./testing-source.ts";

const server = process.env["DURE_TEST_POSTGRES_URL"];
const options = { skip: server === undefined ? "no DURE_TEST_POSTGRES_URL" : false, timeout: 20_000 };

const SCHEMA = `dure_source_${randomBytes(4).toString("hex")}`;
const PASSWORD = "correct horse/battery";
const USER = `${SCHEMA}_reader`;
const SECRET = "DURE_TEST_SOURCE";
const source = (table: string, extra = "tls: off") =>
  `format: postgresql\nschema: ${SCHEMA}\ntable: ${table}\nconnection: { variable: ${SECRET} }\n${extra}`;
const LONG_ROWS = 60_000;

let admin: pg.Client;

function addressFor(change: (url: URL) => void): string {
  const url = new URL(server ?? "");
  url.username = USER;
  url.password = encodeURIComponent(PASSWORD);
  change(url);
  return url.href;
}

before(async () => {
  if (server === undefined) return;
  process.env[SECRET] = addressFor(() => undefined);
  admin = new pg.Client({ connectionString: server });
  await admin.connect();
  await admin.query(`CREATE ROLE ${USER} LOGIN PASSWORD '${PASSWORD}'`);
  await admin.query(`CREATE SCHEMA ${SCHEMA}; GRANT USAGE ON SCHEMA ${SCHEMA} TO ${USER}; SET search_path = ${SCHEMA}`);
  await admin.query(`
    CREATE DOMAIN note AS text;
    CREATE TABLE "검사 Labs" ("PATNO" char(12), "TAKEN" timestamp, "RESULT" numeric(9,2), "NOTE" note, "RRN" text, "ID" int PRIMARY KEY);
    INSERT INTO "검사 Labs" VALUES ('A2', '2024-03-06 00:00', NULL, '남, "인용"', 'x', 2), ('A1', '2024-03-05 13:30:59', 13.5, E'여\\n줄', 'x', 1);
    CREATE VIEW unordered AS SELECT * FROM (VALUES ('B', date '2024-01-02', 1.0::float8, true), ('A', date '2024-01-03', 2.5, false)) t("PATNO", "TAKEN", "RESULT", "NOTE");
    CREATE TABLE zoned AS SELECT 'A' AS "PATNO", timestamptz '2024-03-05 16:30:00+00' AS "TAKEN", 1 AS "RESULT", '[1]'::jsonb AS "NOTE";
    CREATE TABLE empty ("PATNO" text, "TAKEN" date, "RESULT" int, "NOTE" text);
    CREATE TABLE long AS SELECT 'A' || i AS "PATNO", date '2024-01-01' AS "TAKEN", i AS "RESULT", repeat('x', 500) AS "NOTE" FROM generate_series(1, ${LONG_ROWS}) i;
    ALTER TABLE long ADD PRIMARY KEY ("PATNO");
    GRANT SELECT ON ALL TABLES IN SCHEMA ${SCHEMA} TO ${USER};
    CREATE TABLE secret AS SELECT * FROM zoned;`);
});

after(async () => {
  if (server === undefined) return;
  await admin.query(`DROP SCHEMA ${SCHEMA} CASCADE`);
  await admin.query(`DROP ROLE ${USER}`);
  await admin.end();
});

test("a table is read as text in the order of its key, whatever its name, and only the columns asked for", options, async () => {
  using folder = sourceFolder();
  const read = await folder.read(source("검사 Labs"));
  assert.deepEqual(read.header, ["PATNO", "TAKEN", "RESULT", "NOTE", "RRN", "ID"]);
  assert.deepEqual(read.rows, [
    ["A1", "2024-03-05 13:30", "13.50", "여\n줄"],
    ["A2", "2024-03-06 00:00", null, '남, "인용"'],
  ]);
  assert.equal((await folder.read(source("검사 Labs"))).sha256, read.sha256);
});

test("a view without a key is read in the order of its columns", options, async () => {
  using folder = sourceFolder();
  assert.deepEqual((await folder.read(source("unordered"))).rows, [
    ["A", "2024-01-03 00:00", "2.5", "false"],
    ["B", "2024-01-02 00:00", "1", "true"],
  ]);
});

test("a point in time needs a zone, and nested columns are refused", options, async () => {
  using folder = sourceFolder();
  const said = (await folder.problemsOf(source("zoned"))).map(({ code, place }) => `${code} ${place.column}`);
  assert.deepEqual(said, ["ingest/needs-time-zone TAKEN", "ingest/not-text NOTE"]);
});

test("each way a server can refuse is one named problem, and none holds the password", options, async (context) => {
  const address = (change: (url: URL) => void) => addressFor(change);
  const refusals: readonly (readonly [name: string, source: string, variable: string | undefined, code: string])[] = [
    ["a table that is not there", source("nowhere"), undefined, "ingest/server-refused-table"],
    ["a table that may not be read", source("secret", "tls: off\ntimeZone: UTC"), undefined, "ingest/not-text"],
    ["a wrong password", source("zoned"), address((url) => (url.password = "Hunter2wrong")), "ingest/server-refused-login"],
    ["a database that is not there", source("zoned"), address((url) => (url.pathname = "/nowhere")), "ingest/server-refused-database"],
    ["a server without TLS", source("zoned", ""), undefined, "ingest/server-refused-tls"],
    ["a port where nobody listens", source("zoned"), address((url) => (url.port = "1")), "ingest/server-unreachable"],
    ["an address with options", source("zoned"), address((url) => (url.search = "?sslmode=disable")), "ingest/bad-connection"],
    ["no address", source("zoned"), "", "ingest/bad-connection"],
    ["a path for an address", source("zoned"), "/var/lib/Hunter2wrong", "ingest/bad-connection"],
    ["an address of another kind", source("zoned"), "mysql://u:Hunter2wrong@h/d", "ingest/bad-connection"],
  ];
  for (const [name, from, variable, code] of refusals) {
    await context.test(name, async () => {
      using folder = sourceFolder();
      const before = process.env[SECRET];
      if (variable !== undefined) process.env[SECRET] = variable;
      try {
        const error = await folder.read(from).then(
          () => assert.fail("it was not refused"),
          (cause: unknown) => cause,
        );
        assert(error instanceof DureError);
        assert.equal(error.code, code);
        for (let told: unknown = error; told instanceof Error; told = told.cause) {
          assert.doesNotMatch(`${told.stack} ${JSON.stringify(told)}`, /Hunter2wrong|battery/);
        }
      } finally {
        process.env[SECRET] = before;
      }
    });
  }
});

test("a table without permission is told as such, although the catalogue shows it", options, async () => {
  using folder = sourceFolder();
  await admin.query(`CREATE TABLE ${SCHEMA}.plain ("PATNO" text, "TAKEN" date, "RESULT" int, "NOTE" text)`);
  const [problem] = await folder.problemsOf(source("plain"));
  assert.deepEqual([problem?.code, problem?.place.file], ["ingest/server-refused-permission", `${SCHEMA}.plain`]);
});

test("the address may stand in a file that only its owner can read", options, async () => {
  using folder = sourceFolder();
  folder.write("emr.connection", `${process.env[SECRET]}\n`, 0o600);
  const from = source("unordered").replace(/connection: .*/, "connection: { file: emr.connection }");
  assert.equal((await folder.read(from)).rows.length, 2);
  chmodSync(join(folder.path, "emr.connection"), 0o644);
  const [problem] = await folder.problemsOf(from);
  assert.equal(problem?.code, "ingest/bad-connection");
  assert.match(problem?.remedy.en ?? "", /chmod 600/);
});

test("an empty table has its header and no rows", options, async () => {
  using folder = sourceFolder();
  const read = await folder.read(source("empty"));
  assert.deepEqual([read.header.length, read.rows.length], [4, 0]);
});

test("a server that goes away while rows come is one problem with the rows read so far", options, async () => {
  using folder = sourceFolder();
  const reading = folder.problemsOf(source("long"));
  const copiedBytes = () => statSync(join(folder.path, "copy.0.csv"), { throwIfNoEntry: false })?.size ?? 0;
  while (copiedBytes() === 0) await nextTurn();
  await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", [USER]);
  const [problem, ...others] = await reading;
  assert.deepEqual([problem?.code, problem?.place.file, others.length], ["ingest/source-went-away", `${SCHEMA}.long`, 0]);
  const rowCount = Number(/after (\d+) rows/.exec(problem?.what.en ?? "")?.[1]);
  assert(rowCount > 0 && rowCount < LONG_ROWS, String(rowCount));
});

test("an abort ends the reading", options, async () => {
  using folder = sourceFolder();
  const controller = new AbortController();
  const reading = folder.read(source("long"), { signal: controller.signal });
  setTimeout(() => controller.abort(), 20);
  await assert.rejects(reading, { name: "AbortError" });
});
