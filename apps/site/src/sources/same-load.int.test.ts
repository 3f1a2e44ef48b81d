/** One hospital's tables in every format: the load must not tell them apart. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DureError } from "@dure/kernel";
import pg from "pg";
import { ingestExports } from "../ingest/ingest-exports.ts";
import { mappingOf, type TestFolder, testClock, testFolder, testKeyTable } from "../ingest/testing.ts";
import { writeParquet } from "./testing-source.ts";
import { cells, textSheet, workbookOf } from "./testing-workbook.ts";

const server = process.env["DURE_TEST_POSTGRES_URL"];
const SCHEMA = `dure_load_${randomBytes(4).toString("hex")}`;
const VARIABLE = "DURE_TEST_SAME_LOAD";

const mapping = (patients: string, labs: string): string => `
dureMapping: 1
id: same-load
version: 1
title: { en: Same load, ko: 같은 적재 }
recordType: ehr
persons: patients
files:
  patients:
    ${patients}
    person: PATNO
    values:
      sex: { codeConcept: 성별, codes: { 여: female, 남: male } }
      born: { date: BIRTH, format: "%Y%m%d" }
    rows:
      - { to: person, gender: sex, yearOfBirth: { date: born } }
      - { to: condition, id: cancer, concept: breast-cancer, date: born }
  labs:
    ${labs}
    missing: ["", NA]
    person: PATNO
    values:
      taken: { date: TAKEN, format: "%Y-%m-%d %H:%M" }
      size: { number: SIZE, unit: mm, minimum: 0 }
    rows: [{ to: measurement, concept: tumour-size, date: taken, value: size, of: cancer }]
observationPeriod:
  rule: { en: At birth., ko: 출생일. }
  start: [{ value: patients.born }]
  end: [{ value: labs.taken }]
  withoutEnd: one-day
`;

const PATIENTS = "PATNO,성별,BIRTH\n1,여,19600131\n2,남,19700630\n";
const LABS = "ID,PATNO,TAKEN,SIZE\n1,1,2024-03-05 10:30,2.5\n2,2,2024-03-06 00:00,NA\n3,2,2024-03-07 00:00,31\n";
const TYPED_PATIENTS = "SELECT * FROM (VALUES (1::DOUBLE, '여', DATE '1960-01-31'), (2, '남', DATE '1970-06-30')) t(PATNO, 성별, BIRTH)";
const TYPED_LABS = `SELECT * FROM (VALUES (1, 1, TIMESTAMP '2024-03-05 10:30:00', 2.5::DOUBLE), (2, 2, '2024-03-06 00:00:00', NULL),
  (3, 2, '2024-03-07 00:00:00', 31)) t(ID, PATNO, TAKEN, SIZE)`;
const delimited = (path: string) => `path: ${path}\n    delimiter: comma\n    encoding: utf-8`;

const load = (folder: TestFolder, text: string) =>
  ingestExports({ store: folder.store, mapping: mappingOf(text), directory: folder.path, keyTable: testKeyTable, clock: testClock });

async function writeFiles(folder: TestFolder): Promise<void> {
  folder.write("patients.csv", PATIENTS);
  folder.write("labs.csv", LABS);
  const typed = [cells.text("ID"), cells.text("PATNO"), cells.text("TAKEN"), cells.text("SIZE")];
  const rows = [
    [cells.number("1"), cells.number("1"), cells.date(45356.4375), cells.number("2.5")],
    [cells.number("2"), cells.number("2"), cells.date(45357), cells.none],
    [cells.number("3"), cells.number("2"), cells.date(45358), cells.formula("30+1", "31")],
  ];
  folder.write("export.xlsx", workbookOf([textSheet("환자", PATIENTS), { name: "검사", rows: [typed, ...rows] }]));
  await writeParquet(join(folder.path, "patients.parquet"), TYPED_PATIENTS);
  await writeParquet(join(folder.path, "labs.parquet"), TYPED_LABS);
}

test("text, workbook and Parquet give one snapshot, and no copy of them stays behind", async () => {
  await using folder = await testFolder();
  await writeFiles(folder);
  const { snapshotHash, personCount } = await load(folder, mapping(delimited("patients.csv"), delimited("labs.csv")));
  assert.equal(personCount, 2);
  const sheet = (name: string) => `format: xlsx\n    path: export.xlsx\n    sheet: ${name}`;
  const parquet = (path: string) => `format: parquet\n    path: ${path}`;
  const loads = [
    mapping(sheet("환자"), sheet("검사")),
    mapping(parquet("patients.parquet"), parquet("labs.parquet")),
    mapping(sheet("환자"), parquet("labs.parquet")),
  ];
  for (const text of loads) assert.equal((await load(folder, text)).snapshotHash, snapshotHash);
  assert.deepEqual(
    readdirSync(folder.path).filter((name) => /loading/.test(name)),
    [],
  );
});

test("a problem of a row is told by its row in the sheet, rows without cells counted", async () => {
  await using folder = await testFolder();
  await writeFiles(folder);
  const rows = [["PATNO", "TAKEN", "SIZE"].map(cells.text), [], [cells.number("1"), cells.text("soon"), cells.number("1")]];
  folder.write("labs.xlsx", workbookOf([{ name: "labs", rows }]));
  await assert.rejects(load(folder, mapping(delimited("patients.csv"), "format: xlsx\n    path: labs.xlsx")), (error: unknown) => {
    assert(error instanceof DureError);
    assert.deepEqual(
      error.problems.map(({ code, place }) => [code, place.file, place.row, place.column]),
      [["ingest/bad-date", "labs.xlsx", 2, "TAKEN"]],
    );
    return true;
  });
});

test("tables of PostgreSQL give that snapshot too", { skip: server === undefined ? "no DURE_TEST_POSTGRES_URL" : false }, async (t) => {
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  t.after(async () => {
    await admin.query(`DROP SCHEMA ${SCHEMA} CASCADE`);
    await admin.end();
  });
  await admin.query(`CREATE SCHEMA ${SCHEMA}; SET search_path = ${SCHEMA};
    CREATE TABLE patients ("PATNO" int PRIMARY KEY, "성별" text, "BIRTH" date); INSERT INTO patients VALUES (2, '남', '1970-06-30'), (1, '여', '1960-01-31');
    CREATE TABLE labs ("ID" int PRIMARY KEY, "PATNO" int, "TAKEN" timestamp, "SIZE" float8);
    INSERT INTO labs VALUES (3, 2, '2024-03-07', 31), (1, 1, '2024-03-05 10:30', 2.5), (2, 2, '2024-03-06', NULL)`);
  process.env[VARIABLE] = server;
  await using folder = await testFolder();
  await writeFiles(folder);
  const { snapshotHash } = await load(folder, mapping(delimited("patients.csv"), delimited("labs.csv")));
  const table = (name: string) =>
    `format: postgresql\n    schema: ${SCHEMA}\n    table: ${name}\n    connection: { variable: ${VARIABLE} }\n    tls: off`;
  const report = await load(folder, mapping(table("patients"), table("labs")));
  assert.equal(report.snapshotHash, snapshotHash);
  assert.deepEqual(
    report.files.map(({ path }) => path),
    [`${SCHEMA}.patients`, `${SCHEMA}.labs`],
  );
});
