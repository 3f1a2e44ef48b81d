/** One long laboratory table of many tests, each with its own unit: a value is held to its declaration where a rule uses it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { DureError } from "@dure/kernel";
import { sql } from "../store/clinical-sql.ts";
import { ingestExports } from "./ingest-exports.ts";
import { mappingOf, type TestFolder, testClock, testFolder, testKeyTable } from "./testing.ts";

const head = `
dureMapping: 1
id: long-table
version: 1
title: { en: Long table, ko: 세로형 표 }
recordType: ehr
persons: patients
files:
  patients:
    path: patients.csv
    delimiter: comma
    encoding: utf-8
    person: PATNO
    values:
      born: { date: BIRTH, format: "%Y-%m-%d" }
      sex: { codeConcept: SEX, codes: { F: female, M: male } }
    rows: [{ to: person, gender: sex, yearOfBirth: { date: born } }]
  labs:
    path: labs.csv
    delimiter: comma
    encoding: utf-8
    person: PATNO
`;
const tail = `
observationPeriod:
  rule: { en: First to last result., ko: 첫 검사일부터 마지막 검사일까지. }
  start: [{ value: labs.taken }]
  end: [{ value: labs.taken }]
  withoutEnd: one-day
`;

/** A value for each test, each taken up by a rule with a condition. */
const byRule = mappingOf(`${head}
    values:
      taken: { date: TAKEN, format: "%Y-%m-%d" }
      code: { text: CODE }
      haemoglobin: { number: RESULT, minimum: 1, maximum: 30, unit: { column: UNIT, units: { g/dL: g/dL } } }
      size: { number: RESULT, unit: { column: UNIT, units: { cm: cm } } }
      receptor: { codeConcept: RESULT, codes: { pos: positive, neg: negative } }
    rows:
      - { to: measurement, concept: haemoglobin, date: taken, value: haemoglobin, when: [{ value: code, is: HB }] }
      - { to: measurement, concept: tumour-size, date: taken, value: size, when: [{ value: code, in: [SIZE, SIZE2] }] }
      - { to: measurement, concept: oestrogen-receptor, date: taken, value: receptor, when: [{ value: code, is: ER }] }
${tail}`);

/** The column of codes names the concept. */
const byConcept = mappingOf(`${head}
    values:
      taken: { date: TAKEN, format: "%Y-%m-%d" }
      code: { text: CODE }
      test: { codeConcept: CODE, codes: { HB: haemoglobin, SIZE: tumour-size } }
      result: { number: RESULT, unit: { column: UNIT, units: { g/dL: g/dL, g/L: g/L, cm: cm } } }
    rows:
      - { to: measurement, concept: { value: test }, date: taken, value: result, when: [{ value: code, in: [HB, SIZE] }] }
${tail}`);

const GOOD = "A1,2020-01-02,HB,12,g/dL\nA1,2020-01-02,SIZE,2.5,cm\nA1,2020-01-03,ER,pos,\nA1,2020-01-03,CULTURE,no growth,CFU\n";

async function load(folder: TestFolder, mapping: typeof byRule, labs: string) {
  folder.write("patients.csv", "PATNO,BIRTH,SEX\nA1,1960-01-31,F\n");
  folder.write("labs.csv", `PATNO,TAKEN,CODE,RESULT,UNIT\n${labs}`);
  return ingestExports({ store: folder.store, mapping, directory: folder.path, keyTable: testKeyTable, clock: testClock });
}

const stored = (folder: TestFolder, snapshot: number) =>
  folder.store.read((session) =>
    session.rows({
      kind: "sql",
      parts: [
        `SELECT measurement_concept_id, value_as_number, value_as_concept_id FROM snapshot_${snapshot}.measurement ORDER BY measurement_concept_id`,
      ],
    }),
  );

async function refused(work: Promise<unknown>): Promise<readonly string[]> {
  const error = await work.then(
    () => assert.fail("it was not refused"),
    (cause: unknown) => cause,
  );
  assert(error instanceof DureError, String(error));
  return error.problems.map(({ code, place }) => `${code} ${place.row} ${place.column}`).sort();
}

test("tests of different units and words lie in one column, and each goes to its own concept", async () => {
  await using folder = await testFolder();
  await load(folder, byRule, GOOD);
  assert.deepEqual(await stored(folder, 1), [
    [2000000001, 25, null],
    [2000000008, null, 9191],
    [2000000016, 12, null],
  ]);
});

test("a wrong number, unit or code is told in the rows that a rule takes, and nowhere else", async () => {
  await using folder = await testFolder();
  const bad = `${GOOD}A1,2020-01-04,HB,many,g/dL\nA1,2020-01-04,SIZE2,3,g/dL\nA1,2020-01-04,ER,12,cm\nA1,2020-01-04,HB,99,g/dL\nA1,2020-02-31,URINE,clear,\n`;
  assert.deepEqual(await refused(load(folder, byRule, bad)), [
    "ingest/bad-date 9 TAKEN", // the observation period takes every date
    "ingest/bad-number 5 RESULT",
    "ingest/out-of-range 8 RESULT",
    "ingest/unknown-code 7 RESULT",
    "ingest/unknown-unit 6 RESULT",
  ]);
});

test("a unit that fits another test's concept but not this one's is told by row", async () => {
  await using folder = await testFolder();
  const report = await load(folder, byConcept, `${GOOD}A1,2020-01-05,HB,120,g/L\n`);
  assert.deepEqual(await stored(folder, 1), [
    [2000000001, 25, null],
    [2000000016, 12, null],
    [2000000016, 12, null],
  ]);
  assert.equal(report.files[1]?.rules[0]?.rowsOut, 3);
  assert.deepEqual(await refused(load(folder, byConcept, `${GOOD}A1,2020-01-05,HB,3,cm\nA1,2020-01-05,SIZE,,g/dL\n`)), [
    "ingest/unit-does-not-fit 5 RESULT",
  ]);
  const left = await folder.store.read((session) => session.rows(sql`SELECT count(*) FROM dure.snapshot`));
  assert.equal(Number(left[0]?.[0]), 1);
});
