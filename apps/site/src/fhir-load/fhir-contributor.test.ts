import assert from "node:assert/strict";
import { test } from "node:test";
import { confirmedPolicy, fhirSite } from "./testing-fhir.ts";

const patient = { resourceType: "Patient", id: "p1", gender: "female", birthDate: "1970-03", address: [{ postalCode: "063" }] };
const seen = { subject: { reference: "Patient/p1" }, encounter: { reference: "Encounter/e1" } };

test("a person, a visit, a measurement and a condition of a Korean code arrive with their concepts", async () => {
  await using site = await fhirSite();
  await site.put([
    patient,
    {
      resourceType: "Encounter",
      id: "e1",
      status: "finished",
      class: { code: "AMB" },
      subject: { reference: "Patient/p1" },
      period: { start: "2024-03-02T23:30:00Z", end: "2024-03-03T00:30:00Z" },
    },
    {
      resourceType: "Observation",
      id: "o1",
      status: "final",
      category: [{ coding: [{ code: "vital-signs" }] }],
      code: { coding: [{ system: "http://loinc.org", code: "8867-4" }] },
      ...seen,
      effectiveDateTime: "2024-03-03",
      valueQuantity: { value: 72, code: "/min", system: "http://unitsofmeasure.org" },
    },
    {
      resourceType: "Condition",
      id: "c1",
      code: { coding: [{ system: "http://www.hl7korea.or.kr/CodeSystem/kostat-kcd-8", code: "N201" }] },
      ...seen,
    },
  ]);
  const report = await site.load(confirmedPolicy("guide"));
  assert.equal(report.personCount, 1);
  assert.deepEqual(await site.rows("measurement"), [
    {
      measurement_concept_id: "3027018",
      measurement_date: "2024-03-03",
      measurement_type_concept_id: "32817",
      value_as_number: "72.0",
      unit_concept_id: "8541",
      visit_occurrence_id: "1",
      measurement_source_value: "8867-4",
      measurement_source_concept_id: "3027018",
      unit_source_value: "/min",
      unit_source_concept_id: "8541",
      value_source_value: "72",
    },
  ]);
  assert.deepEqual(await site.rows("condition_occurrence"), [
    {
      condition_concept_id: "201916",
      condition_start_date: "2024-03-03",
      condition_type_concept_id: "32882",
      visit_occurrence_id: "1",
      condition_source_value: "N201",
      condition_source_concept_id: "90000005",
    },
  ]);
});
