import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type CodeTarget, sourceCodeKey } from "@dure/clinical";
import { type EventDraft, type FhirResource, REQUIREMENTS } from "@dure/clinical/fhir";
import { testFolder, testKeyTable } from "../ingest/testing.ts";
import { takeInFiles } from "../intake/fhir/take-in-files.ts";
import type { SnapshotContext } from "../load/contributor.ts";
import { sql } from "../store/clinical-sql.ts";
import type { CodeLookup } from "../vocabulary/code-lookup.ts";
import { checkRequirements } from "./check-requirements.ts";
import { conceptCache } from "./concept-cache.ts";
import { noCounts } from "./load-counts.ts";
import { confirmedPolicy, fhirSite } from "./testing-fhir.ts";

const lookup = (vocabularyVersion: string, conceptId: number): CodeLookup => ({
  vocabularyVersion,
  lookUp: async (_, codes) => {
    const target: CodeTarget = { conceptId, domain: "Condition", relation: "event", equivalence: "EQUAL" };
    return new Map(codes.map((code) => [sourceCodeKey(code), { sourceConceptId: conceptId, targets: [target], origin: "vocabulary" }]));
  },
  changeDays: async () => new Map(),
  resolveSet: async () => undefined,
});

test("f2o-001, f2o-020, f2o-030, f2o-031, f2o-037, f2o-039, f2o-040, f2o-050, f2o-070, f2o-071, f2o-090, f2o-102: rows that break one are counted", async () => {
  await using folder = await testFolder();
  const results = await folder.store.load([], async (session) => {
    for (const statement of [
      sql`CREATE SCHEMA s`,
      sql`CREATE TABLE s.concept AS SELECT * FROM (VALUES (1, 'Condition', 'SNOMED', 'S'), (2, 'Condition', 'ICD10', NULL), (3, 'Condition', 'Dure', NULL),
        (32817, 'Type Concept', 'Type Concept', 'S')) t(concept_id, domain_id, vocabulary_id, standard_concept)`,
      sql`CREATE TABLE s.person AS SELECT 1::BIGINT AS person_id`,
      sql`CREATE TABLE s.visit_occurrence AS SELECT 1::BIGINT AS visit_occurrence_id, 0 AS visit_type_concept_id`,
      sql`CREATE TABLE s.metadata AS SELECT 'FHIR one' AS name`,
      sql`CREATE TEMP TABLE fhir_person AS SELECT 'H-1' AS hospital_number`,
      sql`CREATE TEMP TABLE fhir_alias AS SELECT 'H-2' AS hospital_number`,
      sql`CREATE TEMP TABLE fhir_encounter AS SELECT 1::BIGINT AS visit_occurrence_id, NULL::BIGINT AS visit_detail_id`,
      sql`CREATE TEMP TABLE fhir_placed AS SELECT * FROM (VALUES
        (0, 'condition_occurrence', 1, 32817, NULL, 'H-1', DATE '2024-01-01', DATE '2024-01-01', 1, 1),
        (0, 'observation', 1, 32817, NULL, repeat('x', 51), NULL, DATE '2024-01-01', 1, NULL),
        (0, 'condition_occurrence', 2, 7, NULL, 'a', DATE '2024-01-01', NULL, 1, NULL),
        (0, 'condition_occurrence', 9, 32817, NULL, 'H-2', DATE '2024-01-01', DATE '2024-01-01', 2, 1),
        (0, 'condition_occurrence', 1, 32817, NULL, 'b', DATE '2024-01-01', DATE '2024-01-01', 1, 5),
        (4, 'observation', 9, 0, 9, 'H-1', NULL, NULL, 3, 7))
        t(x, target, concept, type_concept, value_concept, source_value, start_date, day, person_id, visit_occurrence_id)`,
      sql`ALTER TABLE fhir_placed ADD COLUMN unit_source VARCHAR`,
      sql`ALTER TABLE fhir_placed ADD COLUMN qualifier_source VARCHAR`,
      sql`ALTER TABLE fhir_placed ADD COLUMN route_source VARCHAR`,
    ]) {
      await session.run(statement);
    }
    const context: SnapshotContext = {
      ...{ session, schema: "s", keyTable: testKeyTable, optOut: [], codes: lookup("none", 1), reserveIds: () => 1 },
      clock: { nowMs: () => 0, sleep: async () => undefined },
    };
    return { keep: false, result: await checkRequirements(context, confirmedPolicy("guide"), noCounts()) };
  });
  assert.deepEqual(
    Object.fromEntries(results.flatMap(({ requirement, outcome, count }) => (outcome === "fail" ? [[requirement, count]] : []))),
    {
      "f2o-001": 1,
      "f2o-020": 2,
      "f2o-030": 2,
      "f2o-031": 1,
      "f2o-037": 1,
      "f2o-039": 1,
      "f2o-040": 1,
      "f2o-050": 2,
      "f2o-070": 1,
      "f2o-071": 1,
      "f2o-090": 2,
      "f2o-102": 2,
      "f2o-132": 1,
    },
  );
});

test("f2o-111: what a cache of look-ups remembers belongs to one load and its vocabulary", async () => {
  await using folder = await testFolder();
  const code = { code: { vocabulary: "SNOMED", code: "386661006" }, sourceValue: "386661006" };
  const draft: EventDraft = { table: "condition_occurrence", codes: [code], patient: "p1", typeConceptId: 32817 };
  await folder.store.load([], async (session) => {
    for (const [version, conceptId] of [
      ["older", 1],
      ["newer", 2],
    ] as const) {
      const cache = conceptCache(session, "s", lookup(version, conceptId));
      await cache.prepare([draft]);
      assert.equal(cache.resolve(code.code).targets[0]?.conceptId, conceptId);
    }
    return { keep: false, result: undefined };
  });
});

const resources: readonly FhirResource[] = [
  { resourceType: "Patient", id: "p1", gender: "female", birthDate: "1970-03-05" },
  {
    ...{ resourceType: "Observation", id: "o1", status: "final", subject: { reference: "Patient/p1" }, effectiveDateTime: "2024-03-03" },
    ...{ code: { coding: [{ system: "http://loinc.org", code: "8867-4" }] }, valueQuantity: { value: 72 } },
  },
];

test("f2o-013 and f2o-014: single resources, bundles and NDJSON give the same rows; f2o-003 and f2o-062: the report says which input filled which table", async () => {
  const hashes = new Set<string>();
  const forms = {
    "one.json": resources.map((resource) => JSON.stringify(resource)),
    "bundle.json": [JSON.stringify({ resourceType: "Bundle", type: "collection", entry: resources.map((resource) => ({ resource })) })],
    "lines.ndjson": [resources.map((resource) => JSON.stringify(resource)).join("\n")],
  };
  for (const [name, texts] of Object.entries(forms)) {
    await using site = await fhirSite();
    const folder = join(site.folder.path, "export");
    mkdirSync(folder);
    for (const [i, text] of texts.entries()) writeFileSync(join(folder, `${i}-${name}`), text);
    const policy = { onFault: "stop", faultsMax: 0 } as const;
    await takeInFiles([folder], { store: site.intake, source: "emr", minimisation: { keepsFreeText: false }, policy });
    const report = await site.load(confirmedPolicy("guide"));
    assert.deepEqual(report.contributors[0]?.inputs, [
      { input: "Patient", rowsIn: 1, rowsUsed: 1, excluded: [], rowsOutByTable: { person: 1 } },
      { input: "Observation", rowsIn: 1, rowsUsed: 1, excluded: [], rowsOutByTable: { measurement: 1 } },
    ]);
    hashes.add(JSON.stringify(await site.rows("measurement")));
  }
  assert.equal(hashes.size, 1);
});

test("every requirement that is looked at on each load is one that the list names", () => {
  const looked = REQUIREMENTS.filter(({ kept }) => kept === "load" || kept === "declared");
  assert.equal(looked.length, 17);
});
