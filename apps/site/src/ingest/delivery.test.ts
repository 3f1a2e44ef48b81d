/** Exports that hold changes only: what is new is added, what was corrected replaced, what was deleted gone, and merged persons are one. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { DureError } from "@dure/kernel";
import { identifier, sql } from "../store/clinical-sql.ts";
import { ingestExports } from "./ingest-exports.ts";
import { mappingOf, type TestFolder, testClock, testFolder, testKeyTable } from "./testing.ts";

interface Variant {
  readonly delivery?: "whole" | "changes";
  readonly isMerging?: boolean;
  readonly minimum?: number;
  readonly isKeyed?: boolean;
}

const mappingWith = ({ delivery = "changes", isMerging = false, minimum = 0, isKeyed = true }: Variant) =>
  mappingOf(`
dureMapping: 1
id: deliveries
version: 1
title: { en: Deliveries, ko: 제공 }
recordType: ehr
persons: patients
${isMerging ? "merges: { path: merges.csv, delimiter: comma, encoding: utf-8, from: OLDNO, to: NEWNO, mayBeEmpty: true }" : ""}
files:
  patients:
    path: patients.csv
    delimiter: comma
    encoding: utf-8
    mayBeEmpty: true
    person: PATNO
    ${isKeyed ? `key: [PATNO]\n    delivery: ${delivery}` : ""}
    values:
      born: { date: BIRTH, format: "%Y-%m-%d" }
      sex: { codeConcept: SEX, codes: { F: female, M: male } }
    rows: [{ to: person, gender: sex, yearOfBirth: { date: born } }]
  visits:
    path: visits.csv
    delimiter: comma
    encoding: utf-8
    mayBeEmpty: true
    person: PATNO
    ${isKeyed ? `key: [VISITNO]\n    delivery: ${delivery}` : ""}
    values:
      key: { link: [VISITNO] }
      seen: { date: SEEN, format: "%Y-%m-%d" }
      state: { text: STATE }
    ${isKeyed && delivery === "changes" ? "deletedWhen: [{ value: state, is: D }]" : ""}
    rows: [{ to: visit, concept: outpatient, date: seen, key: key }]
  sizes:
    path: sizes.csv
    delimiter: comma
    encoding: utf-8
    mayBeEmpty: true
    person: PATNO
    ${isKeyed ? `key: [VISITNO, NO]\n    delivery: ${delivery}` : ""}
    values:
      visit: { link: [VISITNO] }
      taken: { date: TAKEN, format: "%Y-%m-%d" }
      size: { number: SIZE, unit: mm, minimum: ${minimum} }
    rows: [{ to: measurement, concept: tumour-size, date: taken, value: size, visit: visit }]
observationPeriod:
  rule: { en: Visits., ko: 방문. }
  start: [{ value: visits.seen }]
  end: [{ value: visits.seen }]
  withoutEnd: one-day
`);

interface Export {
  readonly patients?: string;
  readonly visits?: string;
  readonly sizes?: string;
  readonly merges?: string;
}

function load(
  folder: TestFolder,
  variant: Variant,
  { patients = "", visits = "", sizes = "", merges = "" }: Export,
  optOut: readonly string[] = [],
) {
  folder.write("patients.csv", `PATNO,BIRTH,SEX\n${patients}`);
  folder.write("visits.csv", `SEEN,PATNO,VISITNO,STATE\n${visits}`);
  folder.write("sizes.csv", `PATNO,VISITNO,NO,TAKEN,SIZE\n${sizes}`);
  folder.write("merges.csv", `OLDNO,NEWNO\n${merges}`);
  return ingestExports({
    store: folder.store,
    mapping: mappingWith(variant),
    directory: folder.path,
    keyTable: testKeyTable,
    optOut,
    clock: testClock,
  });
}

const stored = (folder: TestFolder, snapshot: number) =>
  folder.store.read(async (session) => {
    const schema = identifier(`snapshot_${snapshot}`);
    const rows = await session.rows(sql`
      SELECT p.year_of_birth, strftime(v.visit_start_date, '%Y-%m-%d'), m.value_as_number FROM ${schema}.person p
      LEFT JOIN ${schema}.visit_occurrence v ON v.person_id = p.person_id
      LEFT JOIN ${schema}.measurement m ON m.visit_occurrence_id = v.visit_occurrence_id ORDER BY ALL`);
    return rows.map((row) => row.join(" "));
  });

/** All rows of the schema `kept_rows`, as text. */
const keptText = (folder: TestFolder): Promise<string> =>
  folder.store.read(async (session) => {
    const tables = await session.rows(sql`SELECT table_name FROM information_schema.tables WHERE table_schema = 'kept_rows'`);
    const rows = await Promise.all(
      tables.map(([name]) => session.rows(sql`SELECT to_json(t)::VARCHAR FROM kept_rows.${identifier(String(name))} t`)),
    );
    const text = rows.flat().join("\n");
    assert(text.length > 500);
    return text;
  });

const FIRST: Export = {
  patients: "HOSP-000001,1960-01-31,F\nHOSP-000002,1970-06-30,M\n",
  visits: "2020-01-01,HOSP-000001,VISIT-11,\n2020-01-02,HOSP-000002,VISIT-21,\n",
  sizes: "HOSP-000001,VISIT-11,1,2020-01-01,10\nHOSP-000002,VISIT-21,1,2020-01-02,20\n",
};

test("changes add, correct and delete; the same delivery twice changes nothing", async () => {
  await using folder = await testFolder();
  await load(folder, {}, FIRST);
  assert.deepEqual(await stored(folder, 1), ["1960 2020-01-01 10", "1970 2020-01-02 20"]);
  const second: Export = {
    patients: "HOSP-000003,1980-01-01,F\n",
    visits: "2020-03-01,HOSP-000003,VISIT-31,\n,HOSP-000002,VISIT-21,D\n2020-01-05,HOSP-000001,VISIT-12,\n",
    sizes: "HOSP-000001,VISIT-11,1,2020-01-01,99\nHOSP-000001,VISIT-11,1,2020-01-01,12\nHOSP-000003,VISIT-31,1,2020-03-01,30\n",
  };
  const report = await load(folder, {}, second);
  assert.deepEqual(await stored(folder, 2), ["1960 2020-01-01 12", "1960 2020-01-05 ", "1970  ", "1980 2020-03-01 30"]);
  assert.deepEqual(
    report.files.map(({ file, rowsIn, delivery }) => [file, rowsIn, delivery]),
    [
      ["patients", 3, { received: 1, added: 1, changed: 0, deleted: 0, leftOut: 0 }],
      ["visits", 3, { received: 3, added: 2, changed: 0, deleted: 1, leftOut: 0 }],
      ["sizes", 3, { received: 3, added: 1, changed: 1, deleted: 0, leftOut: 0 }],
    ],
  );
  const again = await load(folder, {}, second);
  assert.deepEqual([again.unchanged, again.snapshotHash], [true, report.snapshotHash]);
  assert.doesNotMatch(await keptText(folder), /HOSP-|VISIT-/, "kept rows hold no number of a patient or of a visit");
});

test("changes give the snapshot that the whole gives, and a whole delivery replaces all that was kept", async () => {
  await using folder = await testFolder();
  await load(folder, {}, FIRST);
  const changed = await load(folder, {}, { sizes: "HOSP-000001,VISIT-11,1,2020-01-01,12\n" });
  const whole = { ...FIRST, sizes: "HOSP-000002,VISIT-21,1,2020-01-02,20\nHOSP-000001,VISIT-11,1,2020-01-01,12\n" };
  const replaced = await load(folder, { delivery: "whole" }, whole);
  assert.equal(replaced.snapshotHash, changed.snapshotHash);
  await load(folder, { delivery: "whole" }, { ...whole, visits: "2020-01-01,HOSP-000001,VISIT-11,\n", sizes: "" });
  assert.deepEqual(await stored(folder, 3), ["1960 2020-01-01 ", "1970  "]);
});

test("merged persons are one, in this delivery, those before and those after", async () => {
  await using folder = await testFolder();
  await load(folder, { isMerging: true }, FIRST);
  await load(folder, { isMerging: true }, { merges: "HOSP-000001,HOSP-000009\nHOSP-000009,HOSP-000002\n" });
  assert.deepEqual(await stored(folder, 2), ["1970 2020-01-01 10", "1970 2020-01-02 20"]);
  await load(folder, { isMerging: true }, { visits: "2020-02-02,HOSP-000001,VISIT-13,\n" });
  assert.deepEqual(await stored(folder, 3), ["1970 2020-01-01 10", "1970 2020-01-02 20", "1970 2020-02-02 "]);
});

test("merged persons are one in whole exports without keys, and the old number's row is counted", async () => {
  await using folder = await testFolder();
  const report = await load(folder, { isMerging: true, isKeyed: false }, { ...FIRST, merges: "HOSP-000001,HOSP-000002\n" });
  assert.deepEqual(await stored(folder, 1), ["1970 2020-01-01 10", "1970 2020-01-02 20"]);
  assert.deepEqual(report.files[0]?.excluded, [{ reason: "merged into another hospital number", rowCount: 1 }]);
});

test("who opts out is removed from the rows that were kept", async () => {
  await using folder = await testFolder();
  await load(folder, {}, FIRST);
  const report = await load(folder, {}, { visits: FIRST.visits ?? "" }, ["HOSP-000001"]);
  assert.deepEqual(await stored(folder, 2), ["1970 2020-01-02 20"]);
  assert.deepEqual(
    report.files.map(({ delivery }) => delivery?.leftOut),
    [0, 1, 0],
  );
});

test("a delivery of changes that the kept rows do not fit, and a row without a key, are refused by name and change nothing", async () => {
  await using folder = await testFolder();
  await load(folder, {}, FIRST);
  const codes = async (variant: Variant, given: Export) => {
    const error = await load(folder, variant, given).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    assert(error instanceof DureError, String(error));
    return error.problems.map(({ code, place }) => `${code} ${place.file} ${place.row ?? ""}`.trim());
  };
  assert.deepEqual(await codes({ minimum: 5 }, {}), ["ingest/kept-rows-do-not-fit sizes.csv"]);
  assert.deepEqual(await codes({}, { visits: "2020-01-09,HOSP-000001,,\n" }), ["ingest/missing-row-key visits.csv 1"]);
  assert.deepEqual(await codes({}, { sizes: "HOSP-000001,VISIT-11,2,2020-01-01,10\nHOSP-000001,VISIT-11,3,2020-01-01,many\n" }), [
    "ingest/bad-number sizes.csv 2",
  ]);
  assert.deepEqual(await codes({ isMerging: true }, { merges: "HOSP-000001,HOSP-000002\nHOSP-000002,HOSP-000001\n" }), [
    "ingest/merge-cycle merges.csv",
  ]);
  assert.equal((await load(folder, { delivery: "whole", minimum: 5 }, FIRST)).unchanged, true);
});
