import assert from "node:assert/strict";
import { test } from "node:test";
import { conceptNames, findConcept, isConceptName, LOCAL_CONCEPT_ID_MIN, unitConceptId } from "./concepts.ts";

test("no two concepts share an id", () => {
  const ids = conceptNames.map((name) => findConcept(name).id);
  assert.equal(new Set(ids).size, ids.length);
});

test("a concept is local exactly where its vocabulary is Dure, and fits 32 bits", () => {
  for (const name of conceptNames) {
    const concept = findConcept(name);
    assert.equal(concept.id >= LOCAL_CONCEPT_ID_MIN, concept.vocabulary === "Dure");
    assert(concept.id < 2 ** 31);
  }
});

test("units of stored numbers have a concept, a count has none", () => {
  assert.equal(unitConceptId("mm"), 8588);
  assert.equal(unitConceptId("1"), undefined);
  assert.equal(isConceptName("toString"), false);
});
