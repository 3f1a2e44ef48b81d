import assert from "node:assert/strict";
import { test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { CONCEPTS, sourceCodeKey } from "@dure/clinical";
import { duckdbSession } from "../store/clinical-session.ts";
import { sql } from "../store/clinical-sql.ts";
import { codeLookup, dropUnusedVocabularies, ensureVocabulary, listVocabularies } from "./vocabulary-store.ts";

test("a store without a vocabulary gets the program's own concepts, once, and finds them by code", async () => {
  const instance = await DuckDBInstance.create(":memory:");
  const session = duckdbSession(await instance.connect());
  assert.deepEqual(await listVocabularies(session), []);
  assert.deepEqual(await ensureVocabulary(session), { schema: "vocabulary_0", version: "none" });
  assert.deepEqual(await ensureVocabulary(session), { schema: "vocabulary_0", version: "none" });
  const codes = await codeLookup(session);
  const asked = [
    { vocabulary: "Gender", code: "F" },
    { vocabulary: "Dure", code: "dure-1", onDate: "2024-05-01" },
    { vocabulary: "Gender", code: "X" },
  ];
  const answer = await codes.lookUp(session, asked);
  assert.deepEqual(
    asked.map((code) => answer.get(sourceCodeKey(code))),
    [
      {
        sourceConceptId: 8532,
        targets: [{ conceptId: 8532, domain: "Gender", relation: "event", equivalence: "EQUAL" }],
        origin: "vocabulary",
      },
      {
        sourceConceptId: CONCEPTS["tumour-size"].id,
        targets: [{ conceptId: CONCEPTS["tumour-size"].id, domain: "Measurement", relation: "event", equivalence: "EQUAL" }],
        origin: "vocabulary",
      },
      { sourceConceptId: 0, targets: [], origin: "none" },
    ],
  );
  await codes.resolveSet(session, sql`SELECT 'Gender' AS vocabulary, unnest(['F', 'F', 'X']) AS code, NULL::DATE AS on_date`, "resolved");
  assert.deepEqual(await session.rows(sql`SELECT code, target_concept_id, domain_id, relation, origin FROM resolved ORDER BY code`), [
    ["F", 8532, "Gender", "event", "vocabulary"],
    ["X", 0, null, "event", "none"],
  ]);
  assert.deepEqual(await dropUnusedVocabularies(session), []);
});
