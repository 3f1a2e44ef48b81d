/** Loads small enough to see every row: eras by hand, observation periods, ids and persons of several sources, bad input. */

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DureError } from "@dure/kernel";
import type { LoadReport } from "../ingest/load-report.ts";
import { type TestFolder, testClock, testFolder, testKeyTable } from "../ingest/testing.ts";
import type { Cell } from "../store/clinical-session.ts";
import { identifier, type Sql, sql } from "../store/clinical-sql.ts";
import { snapshotSchema } from "../store/clinical-store.ts";
import { ensureVocabulary } from "../vocabulary/vocabulary-store.ts";
import { buildSnapshot, type SnapshotOptions } from "./build-snapshot.ts";
import { type OmopSource, omopContributor } from "./omop-contributor.ts";

const OPTIONS: SnapshotOptions = {
  keyTable: testKeyTable,
  source: { name: "Warehouse", abbreviation: "warehouse", holder: "A hospital", etlReference: "test" },
  document: { id: "warehouse", version: 1, hash: "0".repeat(64) as LoadReport["snapshotHash"] },
  periodRule: { rule: "first-to-last-event" },
  exportDate: "2021-12-31",
  clock: testClock,
};

type Tables = Readonly<Record<string, readonly string[]>>;

/** One file a table: the first line is the header. */
function write(folder: TestFolder, name: string, tables: Tables): string {
  const path = join(folder.path, name);
  mkdirSync(path, { recursive: true });
  for (const [table, lines] of Object.entries(tables)) writeFileSync(join(path, table), `${lines.join("\n")}\n`);
  return path;
}

type Source = Partial<OmopSource> & { readonly path: string };

async function load(folder: TestFolder, sources: readonly Source[], options: Partial<SnapshotOptions> = {}): Promise<LoadReport> {
  const contributors = await Promise.all(
    sources.map((source, i) =>
      omopContributor({ name: `source-${i}`, scratchPath: join(folder.path, `scratch-${i}`), cdmVersion: "5.4", ...source }),
    ),
  );
  return buildSnapshot(folder.store, contributors, { ...OPTIONS, ...options });
}

const select = (folder: TestFolder, report: LoadReport, query: (schema: Sql) => Sql): Promise<readonly (readonly Cell[])[]> =>
  folder.store.read((session) => session.rows(query(identifier(snapshotSchema(report.snapshot)))));

const PERSON = "person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id,person_source_value";
const CONDITION =
  "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_end_date,condition_type_concept_id,visit_occurrence_id";
const DRUG =
  "drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date,drug_exposure_end_date,drug_type_concept_id,quantity,days_supply";

/** An ingredient 11 of two tablets, 21 of 5 mg and 22 of 10 mg, and a solution 23 of 2 mg in 1 mL. */
async function addDrugs(folder: TestFolder): Promise<void> {
  await folder.store.load([], async (session) => {
    const { schema } = await ensureVocabulary(session);
    const at = (table: string): Sql => sql`${identifier(schema)}.${identifier(table)}`;
    await session.run(sql`
      INSERT INTO ${at("concept")} SELECT id, 'Made up ' || id, 'Drug', 'RxNorm', kind, 'S', id::VARCHAR, DATE '1970-01-01', DATE '2099-12-31', NULL
      FROM (VALUES (11, 'Ingredient'), (21, 'Clinical Drug'), (22, 'Clinical Drug'), (23, 'Clinical Drug')) t(id, kind)`);
    await session.run(sql`INSERT INTO ${at("concept_ancestor")} SELECT 11, id, 1, 1 FROM (VALUES (21), (22), (23)) t(id)`);
    await session.run(sql`
      INSERT INTO ${at("drug_strength")} (drug_concept_id, ingredient_concept_id, amount_value, amount_unit_concept_id, numerator_value,
        numerator_unit_concept_id, denominator_value, denominator_unit_concept_id, valid_start_date, valid_end_date)
      VALUES (21, 11, 5, 8576, NULL, NULL, NULL, NULL, DATE '1970-01-01', DATE '2099-12-31'),
        (22, 11, 10, 8576, NULL, NULL, NULL, NULL, DATE '1970-01-01', DATE '2099-12-31'),
        (23, 11, NULL, NULL, 2, 8576, 1, 8587, DATE '1970-01-01', DATE '2099-12-31')`);
    return { keep: true, result: undefined };
  });
}

test("eras: gaps of up to 30 days are bridged, one day stands for a missing end, drugs meet at their ingredient, doses are kept apart", async () => {
  await using folder = await testFolder();
  await addDrugs(folder);
  const path = write(folder, "omop", {
    "person.csv": [PERSON, "1,8532,1950,0,0,A"],
    "condition_occurrence.csv": [
      CONDITION,
      "1,1,500,2020-01-01,2020-01-10,32817,",
      "2,1,500,2020-02-09,,32817,", // 30 days after the end: the same era
      "3,1,500,2020-03-12,2020-03-13,32817,", // 31 days after 10 February: another
      "4,1,500,2020-03-01,2020-03-05,32817,", // in between: bridges both
      "5,1,500,2020-06-01,2020-06-01,32817,",
      "6,1,0,2020-06-01,2020-06-01,32817,", // unmapped: no era
    ],
    "drug_exposure.csv": [
      DRUG,
      "1,1,21,2020-01-01,2020-01-11,32817,20,10", // 10 mg a day
      "2,1,22,2020-01-21,2020-01-31,32817,10,10", // 10 gap days; 10 mg a day
      "3,1,21,2020-01-25,2020-02-04,32817,20,10", // overlaps: no gap, no stockpiling
      "4,1,23,2020-06-01,2020-06-06,32817,5,5", // 2 mg a day
      "5,1,21,2021-01-01,2021-01-02,32817,,", // of no known dose
      "6,1,99,2021-01-01,2021-01-01,32817,1,1", // of no known ingredient
    ],
  });
  const report = await load(folder, [{ path }]);
  assert.deepEqual(
    await select(
      folder,
      report,
      (s) => sql`SELECT condition_era_start_date, condition_era_end_date, condition_occurrence_count FROM ${s}.condition_era ORDER BY 1`,
    ),
    [
      ["2020-01-01", "2020-03-13", 4],
      ["2020-06-01", "2020-06-01", 1],
    ],
  );
  assert.deepEqual(
    await select(
      folder,
      report,
      (s) =>
        sql`SELECT drug_concept_id, drug_era_start_date, drug_era_end_date, drug_exposure_count, gap_days FROM ${s}.drug_era ORDER BY 2`,
    ),
    [
      [11, "2020-01-01", "2020-02-04", 3, 10],
      [11, "2020-06-01", "2020-06-06", 1, 0],
      [11, "2021-01-01", "2021-01-02", 1, 0],
    ],
  );
  assert.deepEqual(
    await select(
      folder,
      report,
      (s) => sql`SELECT dose_value, unit_concept_id, dose_era_start_date, dose_era_end_date FROM ${s}.dose_era ORDER BY 3`,
    ),
    [
      [10, 8576, "2020-01-01", "2020-02-04"],
      [2, 8576, "2020-06-01", "2020-06-06"],
    ],
  );
  assert.deepEqual(report.eras, { built: "rebuilt", conditionEras: 2, drugEras: 3, doseEras: 2, drugRowsWithoutIngredient: 1 });
});

test("eras of the source are taken as they are where the load is told so", async () => {
  await using folder = await testFolder();
  const path = write(folder, "omop", {
    "person.csv": [PERSON, "1,8532,1950,0,0,A"],
    "condition_occurrence.csv": [CONDITION, "1,1,500,2020-01-01,2020-01-10,32817,"],
    "condition_era.csv": [
      "condition_era_id,person_id,condition_concept_id,condition_era_start_date,condition_era_end_date",
      "1,1,500,2019-01-01,2021-01-01",
      "2,1,501,2019-01-01,2021-01-01",
    ],
  });
  const report = await load(folder, [{ path, takesEras: true }], { eras: "of-the-source" });
  assert.deepEqual([report.eras.built, report.eras.conditionEras], ["of-the-source", 2]);
});

test("periods: from the first to the last event, capped at the export date, and its effect on n is counted", async () => {
  await using folder = await testFolder();
  const path = write(folder, "omop", {
    "person.csv": [PERSON, "1,8532,1950,0,0,A", "2,8507,1960,0,0,B", "3,8507,1960,0,0,C", "4,8507,1960,0,0,D"],
    "condition_occurrence.csv": [
      CONDITION,
      "1,1,500,2020-01-01,2020-02-01,32817,",
      "2,1,500,2020-05-01,2020-04-01,32817,", // ends before it starts: counts by its start
      "3,2,500,2021-12-01,2022-06-01,32817,", // lasts beyond the export
      "4,3,500,2022-01-01,,32817,", // begins after it
    ],
    "death.csv": ["person_id,death_date,death_type_concept_id", "1,2020-06-01,32817"],
    "observation_period.csv": [
      "observation_period_id,person_id,observation_period_start_date,observation_period_end_date,period_type_concept_id",
      "1,4,2000-01-01,2030-01-01,32817",
    ],
  });
  const report = await load(folder, [{ path, takesPeriods: false }]);
  const own = report.contributors[0]?.inputs.find(({ input }) => input === "observation_period.csv");
  assert.deepEqual([own?.rowsUsed, own?.excluded], [0, [{ reason: "periods are built anew", rowCount: 1 }]]);
  const periods = await select(
    folder,
    report,
    (s) => sql`SELECT observation_period_start_date, observation_period_end_date FROM ${s}.observation_period ORDER BY 1`,
  );
  assert.deepEqual(periods, [
    ["2020-01-01", "2020-06-01"],
    ["2021-12-01", "2021-12-31"],
  ]);
  const { persons, personsWithoutEvent, personsWithPeriod, events, eventsAfterExport, eventsOutside, rule, ruleVersion } =
    report.periodEffect;
  assert.deepEqual(
    [persons, personsWithoutEvent, personsWithPeriod, events, eventsAfterExport, eventsOutside, rule, ruleVersion],
    [4, 1, 2, 5, 1, 1, "first-to-last-event", 1],
  );
  assert.deepEqual(report.observationPeriods.excluded, [
    { reason: "no event", rowCount: 1 },
    { reason: "all events after the export date", rowCount: 1 },
  ]);
  assert.deepEqual(report.followUp.ends, { death: 1, "export-date": 1, "last-event": 0, declared: 0, "no-period": 2 });
  assert.deepEqual(report.followUp.deathSources, [{ contributor: "omop:source-0", typeConceptId: 32817, persons: 1 }]);
});

test("two sources: rows keep apart, a person with one hospital number is one person, and orphans stay orphans", async () => {
  await using folder = await testFolder();
  const visits =
    "VISIT_OCCURRENCE_ID\tPERSON_ID\tVISIT_CONCEPT_ID\tVISIT_START_DATE\tVISIT_END_DATE\tVISIT_TYPE_CONCEPT_ID\tADMITTING_SOURCE_CONCEPT_ID\tVISIT_SOURCE_VALUE";
  const first = write(folder, "first", {
    "PERSON.csv": [PERSON, "1,8532,1950,0,0, H1 ", "2,8507,1960,0,0,H2"],
    "visit_occurrence.tsv": [
      visits,
      '10\t1\t9202\t20200101\t20200102\t32817\t8870\tsecret "number"',
      "11\t2\t9202\t20200101\t20200102\t32817\t\t",
    ],
    "condition_occurrence.csv": [CONDITION, "1,1,500,2020-01-01,,32817,10", "2,1,500,2020-01-01,,32817,99"],
  });
  const second = write(folder, "second", {
    "person.csv": [PERSON, "7,8532,1951,0,0,H1", "8,8507,1960,0,0,H3"],
    "condition_occurrence.csv": [CONDITION, "-5,7,501,2020-01-01,,32817,-1", "-4,8,501,2020-01-01,,32817,0", "-3,8,501,never,,32817,0"],
    "visit_occurrence.csv": [visits.toLowerCase().replaceAll("\t", ","), "-1,7,9202,2020-01-01 00:00:00,2020-01-02,32817,,"],
  });
  const source = { personKey: "person_source_value", cdmVersion: "5.3" } as const;
  const sources = [
    { path: first, ...source },
    { path: second, ...source },
  ];
  const report = await load(folder, sources, { optOut: ["H2"] });
  assert.deepEqual([report.personCount, report.newPersonCount, report.personsOfSeveralContributors], [2, 3, 1]);
  assert.deepEqual(
    await select(
      folder,
      report,
      (s) => sql`
        SELECT c.condition_concept_id, c.person_id = (SELECT person_id FROM ${s}.person WHERE year_of_birth = 1950), v.visit_occurrence_id IS NOT NULL, v.person_id = c.person_id
        FROM ${s}.condition_occurrence c LEFT JOIN ${s}.visit_occurrence v ON v.visit_occurrence_id = c.visit_occurrence_id ORDER BY c.condition_occurrence_id`,
    ),
    [
      [500, true, true, true],
      [500, true, false, null],
      [501, true, true, true],
      [501, false, false, null],
    ],
  );
  const [taken] = await select(
    folder,
    report,
    (s) => sql`SELECT max(admitted_from_concept_id), count(visit_source_value), count(*) FROM ${s}.visit_occurrence`,
  );
  assert.deepEqual(taken, [8870, 0n, 2n]);
  const inputs = report.contributors.flatMap((contributor) => contributor.inputs);
  assert.deepEqual(
    inputs.flatMap(({ input, excluded }) => excluded.map(({ reason, rowCount }) => [input, reason, rowCount])),
    [
      ["PERSON.csv", "opted out", 1],
      ["visit_occurrence.tsv", "opted out", 1],
      ["condition_occurrence.csv", "condition_start_date: not of its type", 1],
    ],
  );
  assert.equal((await load(folder, sources, { optOut: ["H2"] })).unchanged, true);
});

test("a load that maps too little, or has too few persons, fails by name and changes nothing", async () => {
  await using folder = await testFolder();
  const path = write(folder, "omop", {
    "person.csv": [PERSON, "1,8532,1950,0,0,A"],
    "condition_occurrence.csv": [CONDITION, "1,1,0,2020-01-01,,32817,", "2,1,0,2020-01-01,,32817,", "3,1,500,2020-01-01,,32817,"],
  });
  const minimumMappedShare = { overall: 0.5, byVocabulary: { condition_occurrence: 0.9, drug_exposure: 0.1 } };
  await assert.rejects(load(folder, [{ path }], { minimumMappedShare, personCountMin: 2 }), (cause) => {
    assert(cause instanceof DureError);
    assert.deepEqual(
      cause.problems.map(({ code }) => code),
      ["load/too-few-persons", "load/mapped-too-little", "load/mapped-too-little", "load/vocabulary-not-seen"],
    );
    assert.match(cause.message, /1 of 3 rows \(33\.3 %\)/);
    return true;
  });
  assert.deepEqual(await folder.store.snapshots(), []);
  const report = await load(folder, [{ path }], { minimumMappedShare: { overall: 0.3 } });
  assert.deepEqual(report.contributors[0]?.mapped, [{ vocabulary: "condition_occurrence", rowsWithCode: 3, rowsMapped: 1, rowsWider: 0 }]);
});

const REFUSED: Readonly<Record<string, readonly [tables: Tables, code: string]>> = {
  "a folder without a table": [{ "patients.csv": ["a"] }, "load/omop-no-tables"],
  "a table twice": [{ "person.csv": [PERSON], "PERSON.tsv": ["person_id\tx"] }, "load/omop-table-twice"],
  "a header with a name twice": [{ "person.csv": ["person_id,PERSON_ID"] }, "load/omop-header"],
  "a required column that is missing": [{ "person.csv": ["person_id"] }, "load/omop-missing-column"],
  "columns of another version than declared": [
    { "person.csv": [PERSON], "visit_detail.csv": ["visit_detail_parent_id"] },
    "load/omop-version",
  ],
  "bytes that are not UTF-8": [{ "person.csv": [PERSON, "1,8532,1950,0,0,\u00ff"] }, "ingest/wrong-encoding"],
  "a file that is no Parquet": [{ "person.parquet": ["nothing of the kind"] }, "load/omop-unreadable-table"],
  "no zip archive": [{ "person.csv": [PERSON] }, "load/broken-archive"],
  "a path that is not there": [{}, "load/omop-source-missing"],
};

test("each OMOP source that is none is refused by name", async (context) => {
  await using folder = await testFolder();
  for (const [fact, [tables, code]] of Object.entries(REFUSED)) {
    await context.test(fact, async () => {
      const path = write(folder, fact, tables);
      if (code === "ingest/wrong-encoding")
        writeFileSync(join(path, "person.csv"), `${PERSON}\n1,8532,1950,0,0,\u00ff and more\n`, "latin1");
      const given =
        code === "load/broken-archive" ? join(path, "person.csv") : code === "load/omop-source-missing" ? join(path, "no") : path;
      await assert.rejects(load(folder, [{ path: given }]), { code });
    });
  }
});
