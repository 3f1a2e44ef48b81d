import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CONCEPTS, createOmopTables, OMOP_TABLES } from "@dure/clinical";
import { makeSiteHome, writeSettings } from "../home/site-home.ts";
import { identifier, sql } from "../store/clinical-sql.ts";
import { openClinicalStore } from "../store/open-clinical-store.ts";
import { type TestVocabulary, writeAthena } from "./testing-vocabulary.ts";
import { acceptVocabulary, loadVocabularyIntoHome, vocabularyDifference, vocabularyStatus } from "./vocabulary-in-home.ts";
import { vocabularyTables } from "./vocabulary-tables.ts";

const clock = { nowMs: () => 1_700_000_000_000, sleep: async () => undefined };

const standard = (id: number, code: string, domain = "Condition") => ({ id, vocabulary: "SNOMED", code, standard: "S" as const, domain });
const before: TestVocabulary = {
  version: "v5.0 27-AUG-25",
  concepts: [
    ...[standard(1, "S1"), standard(2, "S2"), standard(3, "S3"), standard(4, "S4", "Measurement"), standard(5, "S5")],
    ...[10, 11, 12].map((id) => ({ id, vocabulary: "KCD7", code: `N2${id}.0` })),
    { id: 2_000_100_001, vocabulary: "SITE", code: "own" },
  ],
  relations: [
    { from: 10, relation: "Maps to", to: 1 },
    { from: 11, relation: "Maps to", to: 2 },
  ],
};
const after: TestVocabulary = {
  version: "v5.0 27-FEB-26",
  concepts: [
    { id: 1, vocabulary: "SNOMED", code: "S1", domain: "Condition", invalid: "U" },
    { id: 2, vocabulary: "SNOMED", code: "S2", domain: "Condition" },
    ...[standard(4, "S4", "Observation"), standard(5, "S5"), standard(6, "S6")],
    ...[10, 11, 12].map((id) => ({ id, vocabulary: "KCD7", code: `N2${id}.0` })),
  ],
  relations: [
    { from: 1, relation: "Concept replaced by", to: 6 },
    { from: 10, relation: "Maps to", to: 6 },
    { from: 12, relation: "Maps to", to: 5 },
  ],
};

test("an update is told before it is accepted, and afterwards snapshots keep their vocabulary until they go", async (t) => {
  const home = mkdtempSync(join(tmpdir(), "dure-update-"));
  t.after(() => rmSync(home, { recursive: true }));
  const paths = makeSiteHome(home);
  writeSettings(paths, {
    ...{
      version: 1,
      siteId: "a",
      organisation: "A",
      role: "site",
      alliance: "x",
      coordinatorUrl: "https://localhost",
      coordinatorKey: "k",
    },
    ...{ stewardKey: "k", source: { kind: "store" } },
  });
  const site = { home, clock };
  assert.deepEqual(await vocabularyStatus(site), []);
  await assert.rejects(vocabularyDifference(site, []), { code: "vocabulary/no-candidate" });
  await assert.rejects(acceptVocabulary(site), { code: "vocabulary/no-candidate" });
  await loadVocabularyIntoHome({ ...site, path: writeAthena(join(home, "old"), before) });
  await pretendSnapshot(paths.clinical);
  const report = await loadVocabularyIntoHome({ ...site, path: writeAthena(join(home, "new"), after) });
  assert.deepEqual([report.state, report.vocabularies.find(({ vocabulary }) => vocabulary === "SITE")?.conceptCount], ["candidate", 1]);

  const cohort = { ConceptSets: [{ items: [{ concept: { CONCEPT_ID: 1 }, includeDescendants: true }, { concept: { CONCEPT_ID: 5 } }] }] };
  writeFileSync(join(home, "cohort.json"), JSON.stringify(cohort));
  writeFileSync(join(home, "untouched.yaml"), "concept: breast-cancer\nyear: 2\n");
  const difference = await vocabularyDifference(site, [join(home, "cohort.json"), join(home, "untouched.yaml")]);
  assert.deepEqual(difference.conceptCounts, { added: 1, missing: 1, invalid: 1, "non-standard": 1, domain: 1 });
  const inShort = difference.usedConcepts.map(({ conceptId, change, instead, rowsByTable }) => [
    conceptId,
    change,
    instead.join(),
    JSON.stringify(rowsByTable),
  ]);
  assert.deepEqual(inShort, [
    [1, "invalid", "6", '{"condition_occurrence":3}'],
    [4, "domain", "4", '{"measurement":2}'],
    [2, "non-standard", "", '{"condition_occurrence":1}'],
  ]);
  assert.deepEqual(
    difference.codes.map(({ code, change, before: old, after: now, rowCount }) => [code, change, old.join(), now.join(), rowCount]),
    [
      ["N210.0", "other-target", "1", "6", 3],
      ["N211.0", "newly-unmapped", "2", "", 1],
      ["N212.0", "newly-mapped", "", "5", 1],
    ],
  );
  assert.deepEqual(difference.siteMap, [{ conceptId: 1, instead: [6], rowCount: 1 }]);
  assert.deepEqual(
    difference.documents.map(({ document, concepts, descendants }) => [document, concepts.map(({ conceptId }) => conceptId), descendants]),
    [["cohort.json", [1], [{ conceptId: 1, added: 0, removed: 1 }]]],
  );

  const acceptance = await acceptVocabulary(site);
  assert.deepEqual([acceptance.accepted.number, acceptance.before?.number, acceptance.siteMap.length, acceptance.dropped], [2, 1, 1, []]);
  assert.deepEqual(
    (await vocabularyStatus(site)).map(({ number, state, snapshots }) => [number, state, snapshots]),
    [
      [1, "former", [1]],
      [2, "current", []],
    ],
  );
  const store = await openClinicalStore(paths.clinical);
  await store.load([], async (session) => {
    assert.equal(
      await session.count(sql`SELECT count(*) FROM vocabulary_2.concept WHERE concept_id IN (2000100001, ${CONCEPTS["tumour-size"].id})`),
      2,
    );
    await session.run(sql`DROP SCHEMA snapshot_1 CASCADE`);
    await session.run(sql`DELETE FROM dure.snapshot`);
    return { keep: true, result: undefined };
  });
  await store.close();
  await loadVocabularyIntoHome({ ...site, path: join(home, "old") });
  const older = await loadVocabularyIntoHome({ ...site, path: join(home, "old") });
  assert.deepEqual(
    older.warnings.map(({ code }) => code),
    ["vocabulary/older-than-current"],
  );
  assert.deepEqual((await acceptVocabulary(site)).dropped, [1, 2]);
});

async function pretendSnapshot(path: string): Promise<void> {
  const store = await openClinicalStore(path);
  await store.load([], async (session) => {
    await session.run(sql`CREATE SCHEMA snapshot_1`);
    for (const statement of createOmopTables("snapshot_1", (table) => OMOP_TABLES[table].schema !== "VOCAB")) {
      await session.run({ kind: "sql", parts: [statement] });
    }
    for (const table of vocabularyTables) {
      await session.run(sql`CREATE VIEW snapshot_1.${identifier(table)} AS FROM vocabulary_1.${identifier(table)}`);
    }
    await session.run(sql`
      INSERT INTO snapshot_1.condition_occurrence (condition_occurrence_id, person_id, condition_concept_id, condition_start_date, condition_type_concept_id,
        condition_source_concept_id)
      VALUES (1, 1, 1, '2024-01-01', 32817, 10), (2, 1, 1, '2024-01-01', 32817, 10), (3, 2, 1, '2024-01-01', 32817, 10), (4, 2, 2, '2024-01-01', 32817, 11),
        (5, 2, 0, '2024-01-01', 32817, 12), (6, 2, 5, '2024-01-01', 32817, 0)`);
    await session.run(sql`
      INSERT INTO snapshot_1.measurement (measurement_id, person_id, measurement_concept_id, measurement_date, measurement_type_concept_id)
      VALUES (1, 1, 4, '2024-01-01', 32817), (2, 1, 4, '2024-01-01', 32817)`);
    await session.run(sql`INSERT INTO dure.snapshot VALUES (1, 'x', '{}')`);
    await session.run(sql`
      INSERT INTO dure.site_map VALUES ('L', 0, 'LAB', NULL, 1, 'SNOMED', DATE '1970-01-01', DATE '2099-12-31', NULL, 'event', 'EQUAL')`);
    return { keep: true, result: undefined };
  });
  await store.close();
}
