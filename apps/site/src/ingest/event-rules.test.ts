/** Rules that one example does not show: faults by policy, the worth of a drug's record, codes of several concepts. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { OmopTable } from "@dure/clinical";
import { DureError } from "@dure/kernel";
import { identifier, join as joinSql, sql } from "../store/clinical-sql.ts";
import { loadVocabulary } from "../vocabulary/load-vocabulary.ts";
import { ensureSiteMap, SITE_MAP } from "../vocabulary/site-map.ts";
import { writeAthena } from "../vocabulary/testing-vocabulary.ts";
import { ingestExports } from "./ingest-exports.ts";
import { mappingOf, type TestFolder, testClock, testFolder, testKeyTable } from "./testing.ts";

const mappingWith = (onFault: "stop" | "exclude") =>
  mappingOf(`
dureMapping: 1
id: event-rules
version: 1
title: { en: Event rules, ko: 사건 규칙 }
recordType: ehr
onFault: ${onFault}
persons: patients
lookups:
  local: { vocabulary: local-codes }
files:
  patients:
    path: patients.csv
    delimiter: comma
    encoding: utf-8
    person: PATNO
    values:
      born: { residentBirth: RRN }
      sex: { residentSex: RRN }
    rows: [{ to: person, gender: sex, yearOfBirth: { date: born } }]
  stays:
    path: stays.csv
    delimiter: comma
    encoding: utf-8
    person: PATNO
    values:
      in: { date: IN, format: "%Y-%m-%d" }
      out: { date: OUT, format: "%Y-%m-%d" }
    rows: [{ to: visit, concept: inpatient, date: in, end: out }]
  orders:
    path: orders.csv
    delimiter: comma
    encoding: utf-8
    person: PATNO
    values: &drug
      day: { date: DAY, format: "%Y-%m-%d" }
      code: { lookUp: local, column: CODE, asOf: day }
      order: { link: [ORDERNO] }
    rows: [{ to: drug, concept: { value: code }, date: day, record: order, order: order }]
  administrations:
    path: administrations.csv
    delimiter: comma
    encoding: utf-8
    person: PATNO
    values: *drug
    rows: [{ to: drug, concept: { value: code }, date: day, record: administration, order: order }]
observationPeriod:
  rule: { en: Stays., ko: 재원. }
  start: [{ value: stays.in }]
  end: [{ value: stays.out }]
  withoutEnd: one-day
`);

const TABLES: Readonly<Record<string, string>> = {
  "patients.csv": "PATNO,RRN\nA1,600131-1000000\nA2,750615-2\n",
  "stays.csv": "PATNO,IN,OUT\nA1,2020-01-01,2020-01-05\nA2,2020-01-01,2020-01-02\n",
  "orders.csv":
    "PATNO,DAY,CODE,ORDERNO\nA1,2020-01-01,DRUG,1\nA1,2020-01-02,DRUG,2\nA2,2020-01-01,DRUG,1\nA1,2020-01-01,KIT,9\nA1,2020-01-03,아무개,8\n",
  "administrations.csv": "PATNO,DAY,CODE,ORDERNO\nA1,2020-01-01,DRUG,1\n",
};

async function site(): Promise<TestFolder> {
  const folder = await testFolder();
  const concept = (id: number, domain: string) => ({ id, vocabulary: "SNOMED", code: `code-${id}`, domain, standard: "S" as const });
  const concepts = [
    concept(7001, "Drug"),
    concept(7002, "Device"),
    concept(7003, "Procedure"),
    concept(7004, "Drug"),
    concept(7005, "Gender"),
  ];
  await loadVocabulary({
    store: folder.store,
    path: writeAthena(join(folder.path, "athena"), { concepts }),
    isPart: true,
    clock: testClock,
  });
  await folder.store.load([], async (session) => {
    await ensureSiteMap(session);
    const rows = [
      ["DRUG", 7001, "WIDER"],
      ["KIT", 7002, "EQUAL"],
      ["KIT", 7003, "EQUAL"],
      ["KIT", 7004, "EQUAL"],
      ["KIT", 7005, "EQUAL"],
    ] as const;
    const values = rows.map(
      ([code, target, fit]) => sql`(${code}, 0, 'local-codes', ${target}::INTEGER, 'SNOMED', DATE '2010-01-01', DATE '2099-12-31', ${fit})`,
    );
    await session.run(sql`
      INSERT INTO ${SITE_MAP} (source_code, source_concept_id, source_vocabulary_id, target_concept_id, target_vocabulary_id, valid_start_date, valid_end_date, equivalence)
      VALUES ${joinSql(values)}`);
    return { keep: true, result: undefined };
  });
  return folder;
}

function load(folder: TestFolder, onFault: "stop" | "exclude", tables: Readonly<Record<string, string>> = {}) {
  for (const [name, content] of Object.entries({ ...TABLES, ...tables })) folder.write(name, content);
  return ingestExports({
    store: folder.store,
    mapping: mappingWith(onFault),
    directory: folder.path,
    keyTable: testKeyTable,
    clock: testClock,
  });
}

const columnsOf = (folder: TestFolder, table: OmopTable, names: readonly string[]) =>
  folder.store.read((session) =>
    session.rows(sql`SELECT ${joinSql(names.map((name) => sql`${identifier(name)}`))} FROM snapshot_1.${identifier(table)} ORDER BY ALL`),
  );

test("a code of several concepts makes a row in each one's table, and an administration stands for its order", async () => {
  await using folder = await site();
  const report = await load(folder, "stop");
  assert.deepEqual(await columnsOf(folder, "drug_exposure", ["drug_concept_id", "drug_type_concept_id", "drug_source_value"]), [
    [0, 32838, null], // a name in the place of a code stays outside
    [7001, 32818, "DRUG"],
    [7001, 32838, "DRUG"],
    [7001, 32838, "DRUG"],
    [7004, 32838, "KIT"],
  ]);
  assert.deepEqual(await columnsOf(folder, "device_exposure", ["device_concept_id"]), [[7002]]);
  assert.deepEqual(await columnsOf(folder, "procedure_occurrence", ["procedure_concept_id"]), [[7003]]);
  assert.deepEqual(await columnsOf(folder, "observation", ["observation_concept_id"]), [[7005]]);
  const orders = report.files.find(({ file }) => file === "orders");
  assert.deepEqual(orders?.rules[0]?.excluded, [{ reason: "a better record of the same order", rowCount: 1 }]);
  assert.deepEqual([orders?.rules[0]?.rowsIn, orders?.rules[0]?.rowsOut], [5, 4]);
  assert.deepEqual(report.contributors[0]?.mapped, [{ vocabulary: "local-codes", rowsWithCode: 5, rowsMapped: 4, rowsWider: 3 }]);
});

test("faults stop the load by name, or their rows are left out by name, as the mapping says", async () => {
  await using folder = await site();
  const faulty = {
    "patients.csv": "PATNO,RRN\nA1,600131-1000000\nA2,750615-2\nA2,750615-2\nA3,\nA4,750231-2\n",
    "stays.csv":
      "PATNO,IN,OUT\nA1,2020-01-01,2020-01-05\nA1,2020-02-05,2020-02-01\nA2,2999-01-01,\nA2,1849-12-31,\nA2,1970-01-01,\nA2,2020-01-01,2020-01-02\nA4,2020-01-01,\n",
  };
  const error = await load(folder, "stop", faulty).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  assert(error instanceof DureError, String(error));
  const expected = [
    "ingest/duplicate-patient patients.csv 3 PATNO",
    "ingest/bad-date patients.csv 5 RRN",
    "ingest/end-before-start stays.csv 2 OUT",
    "ingest/bad-date stays.csv 3 IN",
    "ingest/bad-date stays.csv 4 IN",
    "ingest/before-birth stays.csv 5 IN",
  ].sort();
  assert.deepEqual(error.problems.map(({ code, place }) => `${code} ${place.file} ${place.row} ${place.column}`).sort(), expected);
  const report = await load(folder, "exclude", faulty);
  const files = new Map(report.files.map((file) => [file.file, file]));
  assert.deepEqual(files.get("patients")?.excluded, [
    { reason: "sex: missing, which PERSON requires", rowCount: 1 },
    { reason: "PATNO: ingest/duplicate-patient", rowCount: 1 },
    { reason: "RRN: ingest/bad-date", rowCount: 1 },
  ]);
  assert.deepEqual(files.get("stays")?.excluded, [
    { reason: "not a person of file patients", rowCount: 1 },
    { reason: "IN: ingest/bad-date", rowCount: 2 },
    { reason: "OUT: ingest/end-before-start", rowCount: 1 },
    { reason: "IN: ingest/before-birth", rowCount: 1 },
  ]);
  const setAside = report.files.flatMap((file) => file.setAside ?? []);
  assert.deepEqual(setAside.map(({ code, place }) => `${code} ${place.file} ${place.row} ${place.column}`).sort(), expected);
  assert(setAside.every(({ severity, remedy }) => severity === "warning" && remedy.ko.length > 0));
});
