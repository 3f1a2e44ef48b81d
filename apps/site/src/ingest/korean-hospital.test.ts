/** The worked example of a Korean hospital: twelve tables through one document, checked row by row. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { OmopTable } from "@dure/clinical";
import { DureError } from "@dure/kernel";
import type { UnmappedCode } from "../load/unmapped-codes.ts";
import { identifier, join as joinSql, sql } from "../store/clinical-sql.ts";
import { loadVocabulary } from "../vocabulary/load-vocabulary.ts";
import { ensureSiteMap, SITE_MAP } from "../vocabulary/site-map.ts";
import { writeAthena } from "../vocabulary/testing-vocabulary.ts";
import { ingestExports } from "./ingest-exports.ts";
import { exampleMapping, type TestFolder, testClock, testFolder, testKeyTable } from "./testing.ts";
import { encodeTable, KOREAN_TABLES, KOREAN_VOCABULARY, type KoreanTables, TEST_IDS } from "./testing-korean-hospital.ts";

const mapping = exampleMapping("korean-hospital");

async function load(
  folder: TestFolder,
  tables: KoreanTables = KOREAN_TABLES,
  onUnmapped: (codes: readonly UnmappedCode[]) => void = () => undefined,
) {
  for (const [name, lines] of Object.entries(tables)) folder.write(name, encodeTable(lines, name === "수가.csv" ? "utf-8" : "cp949"));
  return ingestExports({ store: folder.store, mapping, directory: folder.path, keyTable: testKeyTable, clock: testClock, onUnmapped });
}

async function hospital(): Promise<TestFolder> {
  const folder = await testFolder();
  const athena = writeAthena(join(folder.path, "athena"), KOREAN_VOCABULARY);
  await loadVocabulary({ store: folder.store, path: athena, isPart: true, clock: testClock });
  await folder.store.load([], async (session) => {
    await ensureSiteMap(session);
    await session.run(sql`INSERT INTO ${SITE_MAP} (source_code, source_concept_id, source_vocabulary_id, target_concept_id, target_vocabulary_id, valid_start_date, valid_end_date)
      VALUES ('LOCAL1', 0, 'hospital-orders', ${TEST_IDS.saline}::INTEGER, 'RxNorm', DATE '2010-01-01', DATE '2099-12-31')`);
    return { keep: true, result: undefined };
  });
  return folder;
}

/** Sorted: ids of persons are random. Ids are small here, so they are read as numbers. */
const rowsOf = async (folder: TestFolder, table: OmopTable, names: readonly string[]) => {
  const columns = joinSql(names.map((name) => sql`${identifier(name)}`));
  const rows = await folder.store.read((session) => session.rows(sql`SELECT ${columns} FROM snapshot_1.${identifier(table)} ORDER BY ALL`));
  return rows.map((row) => row.map((cell) => (typeof cell === "bigint" ? Number(cell) : cell)));
};

test("twelve tables of a Korean hospital become OMOP by the example mapping alone", async (t) => {
  await using folder = await hospital();
  const report = await load(folder);
  const reports = new Map(report.files.map((file) => [file.file, file]));

  await t.test(
    "the seventh digit gives century and sex; a number beyond 2^53 is a person of its own; 1830 is named and left out",
    async () => {
      assert.deepEqual(await rowsOf(folder, "person", ["year_of_birth", "gender_concept_id"]), [
        [1960, 8507],
        [1975, 8532],
        [1988, 8532],
        [2002, 8532],
      ]);
      assert.deepEqual(reports.get("patients")?.excluded, [{ reason: "RESNO1: ingest/bad-date", rowCount: 1 }]);
      assert.deepEqual(
        reports.get("patients")?.setAside?.map(({ code, place }) => [code, place.row, place.column]),
        [["ingest/bad-date", 5, "RESNO1"]],
      );
      assert.deepEqual(await rowsOf(folder, "location", ["zip"]), [["062"], ["123"], ["480"], ["999"]]);
      assert.deepEqual(await rowsOf(folder, "payer_plan_period", ["payer_source_value", "payer_concept_id"]), [
        ["4", TEST_IDS.government],
        ["4", TEST_IDS.government],
        ["5", TEST_IDS.government],
        ["7", TEST_IDS.government],
      ]);
    },
  );

  await t.test(
    "visits have their times, departments and doctors; a stay in intensive care belongs to the visit that lasts then",
    async () => {
      assert.deepEqual(
        await rowsOf(folder, "visit_occurrence", ["visit_concept_id", "visit_start_date", "visit_end_date", "care_site_id", "provider_id"]),
        [
          [9201, "2020-04-01", "2020-04-10", 3, 1],
          [9201, "2020-06-01", "2020-06-01", 2, 2],
          [9202, "2020-03-02", "2020-03-02", 3, 1],
          [9202, "2020-05-06", "2020-05-06", 2, 2],
          [9202, "2021-02-01", "2021-02-01", 3, 1],
          [9203, "2021-01-01", "2021-01-01", 1, 3],
        ],
      );
      assert.deepEqual(await rowsOf(folder, "care_site", ["care_site_source_value"]), [["ER"], ["GS"], ["IM"], ["MICU"]]);
      assert.deepEqual(
        await rowsOf(folder, "visit_detail", [
          "visit_detail_concept_id",
          "visit_detail_start_date",
          "visit_detail_end_date",
          "visit_occurrence_id",
        ]),
        [[32037, "2020-04-02", "2020-04-04", 5]],
      );
      assert.deepEqual(reports.get("intensive-care")?.rules[0]?.excluded, [{ reason: "no visit that it is a part of", rowCount: 1 }]);
    },
  );

  await t.test("a diagnosis means what its code meant on its day; suspected and ruled out ones are observations", async () => {
    const names = ["condition_concept_id", "condition_source_value", "condition_status_concept_id", "visit_occurrence_id"];
    assert.deepEqual(await rowsOf(folder, "condition_occurrence", names), [
      [0, "ZZZ9", 32902, 3],
      [TEST_IDS.stone, "N201", 32902, 1],
      [TEST_IDS.hypertension, "I109", 32908, 1],
      [TEST_IDS.diabetes, "OLD1", 32902, 5],
    ]);
    assert.deepEqual(await rowsOf(folder, "observation", ["value_as_concept_id", "value_source_value"]), [
      [TEST_IDS.appendicitis, "K359"],
      [TEST_IDS.infarction, "I219"],
    ]);
    assert.deepEqual(await rowsOf(folder, "death", ["death_date", "cause_concept_id"]), [["2020-04-10", TEST_IDS.hypertension]]);
  });

  await t.test("an order goes where its concept's domain says, is counted in doses, and ends where it was discontinued", async () => {
    const names = [
      "drug_concept_id",
      "drug_exposure_start_date",
      "drug_exposure_end_date",
      "quantity",
      "days_supply",
      "sig",
      "stop_reason",
      "route_concept_id",
    ];
    assert.deepEqual(await rowsOf(folder, "drug_exposure", names), [
      [0, "2021-01-01", "2021-01-01", 1, 1, "1 x 1/d x 1 d", null, 5302],
      [TEST_IDS.metformin, "2020-03-02", "2020-03-31", 60, 30, "1 x 2/d x 30 d", null, 5301],
      [TEST_IDS.metformin, "2020-04-02", "2020-04-04", 14, 7, "1 x 2/d x 7 d", "discontinued", 5301],
      [TEST_IDS.saline, "2020-05-06", "2020-05-06", 1, 1, "1 x 1/d x 1 d", null, 5302],
    ]);
    assert.deepEqual(await rowsOf(folder, "procedure_occurrence", ["procedure_concept_id", "procedure_source_value"]), [
      [TEST_IDS.appendectomy, "APPE"],
    ]);
    assert.deepEqual(reports.get("orders")?.rules[0]?.excluded, [{ reason: "discontinued before the first dose", rowCount: 1 }]);
    assert.deepEqual(reports.get("orders")?.rowsOutByTable, { drug_exposure: 4, procedure_occurrence: 1 });
  });

  await t.test("results come in the unit of their test, with their sign and range; wide vitals become long", async () => {
    const names = [
      "measurement_concept_id",
      "value_as_number",
      "unit_concept_id",
      "operator_concept_id",
      "value_as_concept_id",
      "range_low",
    ];
    const all = (await rowsOf(folder, "measurement", names)).map((row) =>
      row.map((cell) => (typeof cell === "number" && !Number.isInteger(cell) ? Number(cell.toPrecision(6)) : cell)),
    );
    assert.deepEqual(
      all.filter(([concept]) => Number(concept) < 5100),
      [
        [0, 7, 5209, null, null, null],
        [TEST_IDS.haemoglobin, 1.35, 8713, null, null, null],
        [TEST_IDS.haemoglobin, 13.5, 8713, null, null, 12],
        [TEST_IDS.haemoglobin, 13.5, 8713, null, null, 12],
        [TEST_IDS.creatinine, 1.00021, 8840, null, null, null],
        [TEST_IDS.glucose, 5, 8840, 4171756, null, 70],
        [TEST_IDS.surfaceAntigen, null, null, null, 9191, null],
      ],
    );
    assert.equal(all.length - 7, 16);
    assert.deepEqual(reports.get("labs")?.rules[0]?.excluded, [
      { reason: "result: neither a number nor a listed word", rowCount: 1 },
      { reason: "result: another quantity", rowCount: 1 },
    ]);
    assert.deepEqual(reports.get("vitals")?.excluded, [{ reason: "HT: ingest/out-of-range", rowCount: 1 }]);
  });

  await t.test("rows in are rows used and rows left out, and codes are counted by vocabulary", async () => {
    for (const { rowsIn, rowsUsed, excluded } of report.contributors[0]?.inputs ?? []) {
      assert.equal(rowsIn, rowsUsed + excluded.reduce((sum, { rowCount }) => sum + rowCount, 0));
    }
    assert.deepEqual(
      report.contributors[0]?.mapped.map(({ vocabulary, rowsWithCode, rowsMapped }) => [vocabulary, rowsWithCode, rowsMapped]),
      [
        ["EDI", 5, 4],
        ["HIRA-INSURANCE", 4, 4],
        ["KCD7", 7, 6],
        ["LOINC", 23, 22],
        ["SNOMED", 5, 5],
        ["UCUM", 22, 22],
      ],
    );
  });

  await t.test("the same export again is the same snapshot", async () => {
    assert.equal((await load(folder)).unchanged, true);
  });

  await t.test("a code that no table and no vocabulary knows is mapped by the list under which it was left open", async () => {
    let open: readonly UnmappedCode[] = [];
    await load(folder, KOREAN_TABLES, (codes) => {
      open = codes;
    });
    const left = open.filter(({ code }) => code === "ZZZ9");
    assert.deepEqual(left, [{ list: "KCD7", code: "ZZZ9", rowCount: 1 }]);
    await folder.store.load([], async (session) => {
      await session.run(sql`INSERT INTO ${SITE_MAP} (source_code, source_concept_id, source_vocabulary_id, target_concept_id, target_vocabulary_id, valid_start_date, valid_end_date)
        VALUES ('ZZZ9', 0, 'KCD7', ${TEST_IDS.appendicitis}::INTEGER, 'SNOMED', DATE '1970-01-01', DATE '2099-12-31')`);
      return { keep: true, result: undefined };
    });
    const report = await load(folder);
    assert.deepEqual(report.contributors[0]?.mapped.find(({ vocabulary }) => vocabulary === "KCD7")?.rowsMapped, 7);
  });

  await t.test("a date of a table of codes that is no date stops the load by row", async () => {
    const broken = { ...KOREAN_TABLES, "수가.csv": ["SUGACODE,INSEDICODE,FROMDATE,TODATE", "S100,645100001,20100101,20200230"] };
    await assert.rejects(load(folder, broken), (error) => {
      assert(error instanceof DureError);
      assert.deepEqual(
        error.problems.map(({ code, place }) => [code, place.file, place.row, place.column]),
        [["ingest/bad-date", "수가.csv", 1, "TODATE"]],
      );
      return true;
    });
  });
});
