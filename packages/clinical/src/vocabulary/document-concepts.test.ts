import assert from "node:assert/strict";
import { test } from "node:test";
import { CONCEPTS } from "../concepts.ts";
import { conceptsInText } from "./document-concepts.ts";

test("concepts of a mapping, a table and a cohort are found by name, by number and with their descendants", () => {
  const mapping = { rows: [{ to: "condition", concept: "breast-cancer", codes: { F: "female", M: "male" }, year: 2020 }] };
  assert.deepEqual(
    conceptsInText(JSON.stringify(mapping)).map(({ conceptId }) => conceptId),
    [CONCEPTS.male.id, CONCEPTS.female.id, CONCEPTS["breast-cancer"].id],
  );
  assert.deepEqual(conceptsInText("codes:\n  breast-cancer: 1\n"), [{ conceptId: CONCEPTS["breast-cancer"].id, hasDescendants: false }]);
  const cohort = {
    ConceptSets: [
      { id: 0, expression: { items: [{ concept: { CONCEPT_ID: 201826, VOCABULARY_ID: "SNOMED" }, includeDescendants: true }] } },
      { id: 1, expression: { items: [{ concept: { CONCEPT_ID: 8507 }, includeDescendants: false }] } },
    ],
    PrimaryCriteria: { ObservationWindow: { PriorDays: 365 } },
  };
  assert.deepEqual(conceptsInText(JSON.stringify(cohort)), [
    { conceptId: 8507, hasDescendants: false },
    { conceptId: 201826, hasDescendants: true },
  ]);
  assert.deepEqual(conceptsInText(""), []);
});
