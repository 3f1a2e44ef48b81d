import assert from "node:assert/strict";
import { test } from "node:test";
import { coded, eventOf, eventsOf, fateOf, LOINC, mappingContext, observation, SNOMED } from "./testing-mapping.ts";

const UCUM = "http://unitsofmeasure.org";
const valueIn = (fields: Readonly<Record<string, unknown>>) => eventOf(observation(fields)).value;

test("a quantity keeps its number, comparator, unit and range", () => {
  const quantity = (value: number) => ({ value, system: UCUM, code: "g/dL", unit: "grams" });
  const value = valueIn({
    valueQuantity: { ...quantity(7.2), comparator: "<" },
    referenceRange: [{ low: quantity(12), high: quantity(16) }],
  });
  assert.deepEqual(value, {
    ...{ number: 7.2, operatorConceptId: 4171756, rangeLow: 12, rangeHigh: 16 },
    unit: { code: { code: { vocabulary: "UCUM", code: "g/dL" }, sourceValue: "g/dL" } },
  });
});

test("a unit without a code is read where it is written as one, and left out where somebody wrote words", () => {
  assert.equal(valueIn({ valueQuantity: { value: 1, unit: "mg/dL" } })?.unit?.code.code.code, "mg/dL");
  assert.equal(valueIn({ valueQuantity: { value: 1, unit: "as told by the patient" } })?.unit, undefined);
});

test("f2o-081: every kind of value that a row can hold is held", () => {
  assert.deepEqual(valueIn({ valueBoolean: true }), { conceptId: 4188539 });
  assert.deepEqual(valueIn({ valueBoolean: false }), { conceptId: 4188540, isDenied: true });
  assert.deepEqual(valueIn({ valueInteger: 3 }), { number: 3 });
  assert.deepEqual(valueIn({ valueCodeableConcept: coded(SNOMED, "260373001") })?.codes?.[0]?.sourceValue, "260373001");
  assert.equal(valueIn({ valueCodeableConcept: coded(SNOMED, "260385009") })?.isDenied, true);
  assert.deepEqual(valueIn({ valueRange: { low: { value: 1 }, high: { value: 2 } } }), { words: "1-2" });
  assert.deepEqual(valueIn({ valueRange: { low: { value: 1 } } }), { number: 1, operatorConceptId: 4171755 });
  assert.deepEqual(valueIn({ valueRatio: { numerator: { value: 1 }, denominator: { value: 128 } } }), { words: "1:128" });
  const ratio = { numerator: { value: 6, code: "mg" }, denominator: { value: 2, code: "g" } };
  assert.deepEqual([valueIn({ valueRatio: ratio })?.number, valueIn({ valueRatio: ratio })?.unit?.code.sourceValue], [3, "mg/g"]);
  assert.deepEqual(valueIn({ valueDateTime: "2024-02-01" }), { words: "2024-02-01" });
  assert.deepEqual(valueIn({ valueTime: "10:30:00" }), { words: "10:30:00" });
});

test("a result in words is read where it is a result; anything else is kept only where the site declared so", () => {
  assert.deepEqual(valueIn({ valueString: "<0.5" }), { number: 0.5, operatorConceptId: 4171756 });
  assert.deepEqual(valueIn({ valueString: "≥ 20" }), { number: 20, operatorConceptId: 4171755 });
  assert.deepEqual(valueIn({ valueString: "1:160" }), { words: "1:160" });
  assert.deepEqual(valueIn({ valueString: "양성" }), { conceptId: 9191, words: "양성" });
  assert.deepEqual(valueIn({ valueString: "NEG" }), { conceptId: 9189, words: "neg", isDenied: true });
  const sentence = observation({ valueString: "seen with a relative" });
  assert.equal(fateOf(sentence), "data absent");
  assert.deepEqual(eventOf(sentence, mappingContext("guide", { textResults: "as-written" })).value, { words: "seen with a relative" });
});

test("an interpretation stands beside a number, and never in place of a coded result", () => {
  const interpretation = [coded("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "H")];
  assert.deepEqual(valueIn({ valueInteger: 300, interpretation }), { number: 300, conceptId: 4328749 });
  assert.equal(valueIn({ valueCodeableConcept: coded(SNOMED, "10828004"), interpretation })?.conceptId, undefined);
});

test("pressure gives two measurements; a panel of other records gives none; what is absent is left out", () => {
  const component = [
    { code: coded(LOINC, "8480-6"), valueQuantity: { value: 120 } },
    { code: coded(LOINC, "8462-4"), valueQuantity: { value: 80 } },
    { code: coded(LOINC, "8478-0"), dataAbsentReason: coded("", "not-performed") },
  ];
  assert.deepEqual(
    eventsOf(observation({ code: coded(LOINC, "85354-9"), component })).map(({ table, codes }) => [table, codes[0]?.sourceValue]),
    [
      ["measurement", "8480-6"],
      ["measurement", "8462-4"],
    ],
  );
  assert.equal(eventsOf(observation({ valueQuantity: { value: 93 }, component })).length, 3);
  assert.equal(fateOf(observation({ hasMember: [{ reference: "Observation/x" }] })), "a panel whose results are records of their own");
  assert.equal(fateOf(observation({ dataAbsentReason: coded("", "unknown") })), "data absent");
  assert.equal(fateOf(observation({ valueSampledData: { data: "1 2 3" } })), "sampled data");
  assert.equal(eventOf(observation()).value, undefined);
});
