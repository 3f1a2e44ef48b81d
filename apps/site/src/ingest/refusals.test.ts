/** One row for each way in which an export can be wrong, the last column the exact problems. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { DureError, encodeCp949, type Problem } from "@dure/kernel";
import { ingestExports } from "./ingest-exports.ts";
import { PROBLEMS_PER_FILE_MAX, VALUE_FAULTS } from "./problems.ts";
import { mappingOf, type TestFolder, testClock, testFolder, testKeyTable } from "./testing.ts";

const MAPPING = `
dureMapping: 1
id: refusals
version: 1
title: { en: Refusals, ko: 거부 }
recordType: ehr
persons: patients
files:
  patients:
    path: patients.csv
    delimiter: comma
    encoding: utf-8
    missing: ["", NA]
    person: PATNO
    values:
      sex: { codeConcept: SEX, codes: [{ code: F, means: female }, { code: M, means: male }, { code: X, means: sex-unknown, from: 2015-01-01 }], asOf: born }
      born: { date: BIRTH, format: "%Y-%m-%d" }
    rows:
      - { to: person, gender: sex, yearOfBirth: { date: born } }
      - { to: condition, id: cancer, concept: breast-cancer, date: born }
  labs:
    path: labs.csv
    delimiter: comma
    encoding: utf-8
    person: PATNO
    values:
      taken: { offset: DAY, unit: days, after: patients.born }
      size: { number: SIZE, minimum: 0, maximum: 500, unit: { column: UNIT, units: { mm: mm, cm: cm } } }
    rows:
      - { to: measurement, concept: tumour-size, date: taken, value: size, of: cancer }
observationPeriod:
  rule: { en: At birth., ko: 출생일. }
  start: [{ value: patients.born }]
  end: [{ value: labs.taken }]
  withoutEnd: one-day
`;

const PATIENTS = "PATNO,SEX,BIRTH\nA1,F,1960-01-31\nA2,M,1970-06-30\n";
const LABS = "PATNO,DAY,SIZE,UNIT\nA1,10,2.5,cm\nA2,20,NA,\nA2,30,31,mm\n".replace("NA", "");

interface Refusal {
  readonly name: string;
  readonly patients?: string | Uint8Array;
  readonly labs?: string | Uint8Array;
  /** code, file, row, column; 0 and "" where the problem has none. */
  readonly problems: readonly (readonly [code: string, file: string, row: number, column: string])[];
}

const refusals: readonly Refusal[] = [
  {
    name: "a date before the patient was born",
    labs: "PATNO,DAY,SIZE,UNIT\nA1,-400,2.5,cm\n",
    problems: [["ingest/before-birth", "labs.csv", 1, "DAY"]],
  },
  { name: "a missing column", patients: "PATNO,SEX\nA1,F\n", problems: [["ingest/missing-column", "patients.csv", 0, "BIRTH"]] },
  {
    name: "a column named twice",
    labs: "PATNO,DAY,SIZE,SIZE,UNIT\nA1,1,1,1,mm\n",
    problems: [["ingest/duplicate-column", "labs.csv", 0, "SIZE"]],
  },
  { name: "an unknown unit", labs: `${LABS}A1,40,3,inch\n`, problems: [["ingest/unknown-unit", "labs.csv", 4, "SIZE"]] },
  { name: "a number without a unit", labs: `${LABS}A1,40,3,\n`, problems: [["ingest/unknown-unit", "labs.csv", 4, "SIZE"]] },
  { name: "31 February", patients: `${PATIENTS}A3,F,1980-02-31\n`, problems: [["ingest/bad-date", "patients.csv", 3, "BIRTH"]] },
  {
    name: "a date of two digits for the year",
    patients: `${PATIENTS}A3,F,80-02-01\n`,
    problems: [["ingest/bad-date", "patients.csv", 3, "BIRTH"]],
  },
  { name: "no number", labs: `${LABS}A1,40,about 3,mm\n`, problems: [["ingest/bad-number", "labs.csv", 4, "SIZE"]] },
  { name: "infinity", labs: `${LABS}A1,40,1e999,mm\n`, problems: [["ingest/bad-number", "labs.csv", 4, "SIZE"]] },
  { name: "an offset that is no number", labs: `${LABS}A1,soon,3,mm\n`, problems: [["ingest/bad-number", "labs.csv", 4, "DAY"]] },
  { name: "a value out of range", labs: `${LABS}A1,40,-3,mm\n`, problems: [["ingest/out-of-range", "labs.csv", 4, "SIZE"]] },
  { name: "an unknown code", patients: `${PATIENTS}A3,W,1980-02-01\n`, problems: [["ingest/unknown-code", "patients.csv", 3, "SEX"]] },
  {
    name: "a code before it was valid",
    patients: `${PATIENTS}A3,X,1980-02-01\n`,
    problems: [["ingest/unknown-code", "patients.csv", 3, "SEX"]],
  },
  {
    name: "a duplicate patient",
    patients: `${PATIENTS}A1,F,1960-01-31\n`,
    problems: [["ingest/duplicate-patient", "patients.csv", 3, "PATNO"]],
  },
  {
    name: "a row without a hospital number",
    patients: `${PATIENTS},F,1960-01-31\n`,
    problems: [["ingest/missing-patient-number", "patients.csv", 3, "PATNO"]],
  },
  { name: "a file cut in the middle of a row", labs: LABS.slice(0, -4), problems: [["ingest/missing-columns", "labs.csv", 3, ""]] },
  { name: "a file cut inside quotes", labs: `${LABS}A1,40,3,"m`, problems: [["ingest/unterminated-quote", "labs.csv", 4, ""]] },
  { name: "a row with too many cells", labs: `${LABS}A1,40,3,mm,x\n`, problems: [["ingest/too-many-columns", "labs.csv", 4, ""]] },
  {
    name: "CP949 read as UTF-8",
    patients: encodeCp949(`${PATIENTS}가나다,F,1960-01-31\n`),
    problems: [["ingest/wrong-encoding", "patients.csv", 3, ""]],
  },
  {
    name: "CP949 read as UTF-8, from the header line on",
    patients: encodeCp949(PATIENTS.replace("SEX", "성별")),
    problems: [["ingest/wrong-encoding", "patients.csv", 0, ""]],
  },
  {
    name: "UTF-8 cut inside a character",
    labs: new TextEncoder().encode(`${LABS}A1,40,3,센`).subarray(0, -1),
    problems: [["ingest/cut-short", "labs.csv", 4, ""]],
  },
  { name: "an Excel workbook", labs: Uint8Array.of(0x50, 0x4b, 3, 4, 0x0a), problems: [["ingest/foreign-format", "labs.csv", 0, ""]] },
  { name: "UTF-16", labs: Buffer.from(`\uFEFF${LABS}`, "utf16le"), problems: [["ingest/foreign-format", "labs.csv", 0, ""]] },
  {
    name: "a web page called a table",
    labs: "<html><table><tr><td>PATNO\n",
    problems: [["ingest/foreign-format", "labs.csv", 0, ""]],
  },
  {
    name: "a Parquet file",
    labs: Buffer.from("PAR1\0\0\x15\x04PAR1", "latin1"),
    problems: [["ingest/foreign-format", "labs.csv", 0, ""]],
  },
  { name: "another delimiter", labs: LABS.replaceAll(",", ";"), problems: [["ingest/wrong-delimiter", "labs.csv", 0, ""]] },
  { name: "a zero byte", labs: `${LABS}A1,40,3,m\0m\n`, problems: [["ingest/zero-byte", "labs.csv", 4, ""]] },
  { name: "a zero byte in the header line", labs: LABS.replace("DAY", "D\0Y"), problems: [["ingest/zero-byte", "labs.csv", 0, ""]] },
  { name: "a header without rows", labs: "PATNO,DAY,SIZE,UNIT\n", problems: [["ingest/no-rows", "labs.csv", 0, ""]] },
  { name: "an empty file", patients: "", problems: [["ingest/empty-file", "patients.csv", 0, ""]] },
  {
    name: "several problems of several files",
    patients: `${PATIENTS}A3,W,1980-02-31\nA1,F,1960-01-31\n`,
    labs: `PATNO,DAY,SIZE,UNIT\nA1,10\nA1,x,900,mm\n`,
    problems: [
      ["ingest/duplicate-patient", "patients.csv", 4, "PATNO"],
      ["ingest/unknown-code", "patients.csv", 3, "SEX"],
      ["ingest/bad-date", "patients.csv", 3, "BIRTH"],
      ["ingest/missing-columns", "labs.csv", 1, ""],
      ["ingest/bad-number", "labs.csv", 2, "DAY"],
      ["ingest/out-of-range", "labs.csv", 2, "SIZE"],
    ],
  },
];

const CP949_MAPPING = MAPPING.replace("encoding: utf-8", "encoding: cp949");

const load = (folder: TestFolder, mapping = MAPPING) =>
  ingestExports({ store: folder.store, mapping: mappingOf(mapping), directory: folder.path, keyTable: testKeyTable, clock: testClock });

async function problemsOf(work: Promise<unknown>): Promise<readonly Problem[]> {
  const error = await work.then(
    () => assert.fail("it was not refused"),
    (cause: unknown) => cause,
  );
  assert(error instanceof DureError, String(error));
  return error.problems;
}

const place = ({ code, place: { file = "", row = 0, column = "" } }: Problem) => [code, file, row, column] as const;
const inOrder = (problems: readonly (readonly (string | number)[])[]) => problems.map((problem) => problem.join(" ")).sort();

test("each wrong export is refused by name, file, row and column, and the snapshot before it stands", async (context) => {
  await using folder = await testFolder();
  folder.write("patients.csv", PATIENTS);
  folder.write("labs.csv", LABS);
  const good = await load(folder);
  for (const { name, patients = PATIENTS, labs = LABS, problems } of refusals) {
    await context.test(name, async () => {
      folder.write("patients.csv", patients);
      folder.write("labs.csv", labs);
      const found = await problemsOf(load(folder));
      assert.deepEqual(inOrder(found.map(place)), inOrder(problems));
      const snapshots = await folder.store.snapshots();
      assert.deepEqual(
        snapshots.map(({ hash }) => hash),
        [good.snapshotHash],
      );
    });
  }
});

test("a UTF-8 file that is declared CP949 is refused, and the remedy names UTF-8", async () => {
  await using folder = await testFolder();
  folder.write("patients.csv", PATIENTS.replace("A1", "가나다라"));
  folder.write("labs.csv", LABS);
  const [problem, ...others] = await problemsOf(load(folder, CP949_MAPPING));
  assert.equal(problem?.code, "ingest/wrong-encoding");
  assert.match(problem.remedy.en, /utf-8/);
  assert.deepEqual(others, []);
});

test("every syllable of CP949 is read, not only those of KS X 1001; bytes outside it and a cut character are told by row", async () => {
  await using folder = await testFolder();
  folder.write("labs.csv", LABS.replaceAll("A1", "똠펲").replaceAll("A2", "갂힣"));
  const patients = PATIENTS.replace("A1", "똠펲").replace("A2", "갂힣");
  folder.write("patients.csv", encodeCp949(patients));
  const report = await load(folder, CP949_MAPPING);
  assert.equal(report.personCount, 2);
  assert.equal(report.files.find(({ file }) => file === "labs")?.rowsOutByTable.measurement, 2);
  for (const [bytes, code] of [
    [[0xff, 0x41], "ingest/wrong-encoding"],
    [[0xb0], "ingest/cut-short"],
  ] as const) {
    folder.write("patients.csv", Buffer.concat([encodeCp949(patients), Buffer.from(bytes)]));
    assert.deepEqual(inOrder((await problemsOf(load(folder, CP949_MAPPING))).map(place)), [`${code} patients.csv 3 `]);
  }
});

test("the same rows are the same load whatever ends their lines, CP949 or UTF-8; an empty table is declared", async () => {
  await using folder = await testFolder();
  folder.write("patients.csv", PATIENTS);
  folder.write("labs.csv", LABS);
  const { snapshotHash } = await load(folder);
  for (const end of ["\r\n", "\r"]) {
    for (const [mapping, encode] of [
      [MAPPING, (text: string) => new TextEncoder().encode(text)] as const,
      [CP949_MAPPING, encodeCp949] as const,
    ]) {
      folder.write("patients.csv", encode(PATIENTS.replaceAll("\n", end)));
      folder.write("labs.csv", encode(LABS.replaceAll("\n", end)));
      assert.equal((await load(folder, mapping)).snapshotHash, snapshotHash);
    }
  }
  for (const mixed of [
    LABS.replace("\n", "\r\n"),
    LABS.replaceAll("\n", "\r\n").replace("\r\n", "\n"),
    LABS.replace("2.5,cm\n", '2.5,"cm\r"\r\n'),
  ]) {
    folder.write("patients.csv", PATIENTS);
    folder.write("labs.csv", mixed);
    assert.equal((await load(folder)).snapshotHash, snapshotHash);
  }
  folder.write("labs.csv", "PATNO,DAY,SIZE,UNIT\r");
  assert.equal((await load(folder, MAPPING.replace("path: labs.csv", "path: labs.csv\n    mayBeEmpty: true"))).personCount, 2);
});

test("a file that is not there is one problem beside those of the others", async () => {
  await using folder = await testFolder();
  folder.write("patients.csv", `${PATIENTS}A3,W,1980-02-01\n`);
  const found = await problemsOf(load(folder));
  assert.deepEqual(
    inOrder(found.map(place)),
    inOrder([
      ["ingest/missing-file", "labs.csv", 0, ""],
      ["ingest/unknown-code", "patients.csv", 3, "SEX"],
    ]),
  );
});

test("of very many problems the first are listed and the rest counted", async () => {
  await using folder = await testFolder();
  folder.write("patients.csv", PATIENTS);
  folder.write("labs.csv", `PATNO,DAY,SIZE,UNIT\n${"A1,1,x,mm\n".repeat(250)}`);
  const found = await problemsOf(load(folder));
  assert.equal(found.length, PROBLEMS_PER_FILE_MAX + 1);
  assert.equal(found.at(-1)?.code, "ingest/more-problems");
  assert.match(found.at(-1)?.what.en ?? "", /\b150\b/);
});

test("no problem repeats a cell", async () => {
  await using folder = await testFolder();
  folder.write("patients.csv", `${PATIENTS}A3,Confidential,1980-02-31\nSecretNumber,F,private\nSecretNumber,F,1980-01-01\n`);
  folder.write("labs.csv", `${LABS}A1,Hidden,Inner,Unit\nA1,1,"Inner\n`);
  const said = JSON.stringify(await problemsOf(load(folder)));
  for (const cell of ["Confidential", "SecretNumber", "private", "Hidden", "Inner", "1980-02-31"])
    assert.equal(said.includes(cell), false, cell);
});

/** Need a table of several concepts (long-table.test.ts) or of stays (event-rules.test.ts), or deliveries (delivery.test.ts). */
const SHOWN_ELSEWHERE = ["ingest/unit-does-not-fit", "ingest/end-before-start", "ingest/missing-row-key"];

test("every fault of a value has a row in the table above", () => {
  const shown = new Set([...SHOWN_ELSEWHERE, ...refusals.flatMap(({ problems }) => problems.map(([code]) => code))]);
  for (const [code] of Object.values(VALUE_FAULTS)) assert(shown.has(code), code);
});
