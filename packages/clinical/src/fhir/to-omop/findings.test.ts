import assert from "node:assert/strict";
import { test } from "node:test";
import { CONCEPTS } from "../../concepts.ts";
import { TYPE_CONCEPT } from "./concept-ids.ts";
import { MAPPED_TYPES, mapResource } from "./map-resource.ts";
import { coded, condition, eventOf, eventsOf, fateOf, LOINC, mappingContext, observation, SNOMED, subject } from "./testing-mapping.ts";

const encounter = {
  ...{ resourceType: "Encounter", id: "e1", status: "finished", class: { code: "IMP" }, subject },
  period: { start: "2024-03-01T10:00:00+09:00", end: "2024-03-04T09:00:00+09:00" },
};

test("f2o-011: every type is mapped from a resource that has its id alone, without an error", () => {
  for (const resourceType of MAPPED_TYPES) {
    assert.doesNotThrow(() => mapResource({ resourceType, id: "x" }, mappingContext()));
    const wrong = Object.fromEntries(
      ["subject", "patient", "code", "status", "period", "component", "identifier"].map((name) => [name, 7]),
    );
    assert.doesNotThrow(() => mapResource({ resourceType, id: "x", ...wrong }, mappingContext()));
  }
});

test("f2o-012: a resource without what OMOP requires is left out, with the reason", () => {
  assert.equal(fateOf(condition({ subject: undefined })), "no patient");
  assert.equal(fateOf(condition({ subject: { reference: "Group/g1" } })), "no patient");
  assert.equal(fateOf(condition({ code: { text: "what somebody wrote" } })), "no coded content");
  assert.equal(fateOf({ ...encounter, period: {} }), "no date");
  assert.equal(fateOf({ resourceType: "Patient", id: "p1", birthDate: "unknown" }), "no date of birth");
  assert.equal(
    fateOf({ resourceType: "Immunization", id: "i1", status: "not-done", patient: subject }),
    "status or intent excluded by the policy",
  );
  assert.equal(fateOf({ resourceType: "Device", id: "d1" }), "a device without a date of use");
  assert.equal(fateOf({ resourceType: "DocumentReference", id: "d1" }), "free text, kept out of OMOP");
});

test("f2o-063: a modifier that nobody here understands leaves the resource out, or the component that carries it", () => {
  const modifierExtension = [{ url: "urn:example:negated", valueBoolean: true }];
  const reason = "a modifier extension or rule that nobody here understands";
  assert.equal(fateOf(condition({ modifierExtension })), reason);
  assert.equal(fateOf(condition({ implicitRules: "urn:example:rules" })), reason);
  assert.equal(
    fateOf({ resourceType: "MedicationRequest", status: "active", intent: "order", doNotPerform: true }),
    "an instruction not to do it",
  );
  const pressure = observation({
    component: [
      { code: coded(LOINC, "8480-6"), valueQuantity: { value: 120 } },
      { code: coded(LOINC, "8462-4"), valueQuantity: { value: 80 }, modifierExtension },
    ],
  });
  assert.deepEqual(
    eventsOf(pressure).map(({ codes }) => codes[0]?.code.code),
    ["8480-6"],
  );
});

test("a suspected diagnosis is an observation that names it, a refuted one says that it was ruled out, an unknown one stays a condition", () => {
  const verified = (code: string, profile: "guide" | "orders-count" = "orders-count") =>
    eventOf(
      condition({ verificationStatus: coded("http://terminology.hl7.org/CodeSystem/condition-ver-status", code) }),
      mappingContext(profile),
    );
  for (const code of ["provisional", "differential", "unconfirmed"]) {
    assert.deepEqual(verified(code).about, { conceptId: CONCEPTS["suspected-diagnosis"].id, when: "always" });
    assert.equal(verified(code).qualifierSourceValue, code);
  }
  assert.deepEqual(verified("refuted").about, { conceptId: CONCEPTS["ruled-out"].id, when: "always" });
  assert.equal(verified("confirmed", "guide").about, undefined);
  assert.equal(eventOf(condition()).table, "condition_occurrence");
  const unconfirmed = condition({ verificationStatus: coded("", "unconfirmed") });
  assert.equal(fateOf(unconfirmed, mappingContext("guide")), "status or intent excluded by the policy");
});

test("the day of a condition is its onset, else the day of recording, else left to the visit", () => {
  assert.equal(eventOf(condition({ recordedDate: "2024-03-09" })).start?.date, "2024-03-01");
  assert.equal(eventOf(condition({ onsetDateTime: undefined, recordedDate: "2024-03-09" })).start?.date, "2024-03-09");
  assert.equal(eventOf(condition({ onsetDateTime: undefined })).start, undefined);
  assert.equal(eventOf(condition({ abatementDateTime: "2024-04-01" })).end?.date, "2024-04-01");
});

test("f2o-051: the type concept follows from resource type and category", () => {
  const type = (fields: Readonly<Record<string, unknown>>) => eventOf(condition(fields)).typeConceptId;
  assert.equal(type({ category: [coded("", "encounter-diagnosis")] }), TYPE_CONCEPT.encounter);
  assert.equal(type({ category: [coded("", "problem-list-item")] }), TYPE_CONCEPT.problemList);
  const result = (code: string) => eventOf(observation({ category: [coded("", code)], valueQuantity: { value: 1 } })).typeConceptId;
  assert.equal(result("laboratory"), TYPE_CONCEPT.laboratory);
  assert.equal(result("exam"), TYPE_CONCEPT.examination);
});

test("f2o-052: without context the type concept is the general one, and f2o-071: a day made from a month is marked as derived", () => {
  assert.equal(eventOf(condition()).typeConceptId, TYPE_CONCEPT.ehr);
  assert.equal(eventOf(observation({ valueQuantity: { value: 1 } })).typeConceptId, TYPE_CONCEPT.ehr);
  assert.equal(eventOf(condition({ onsetDateTime: "2019-07" })).typeConceptId, TYPE_CONCEPT.derived);
});

test("f2o-053: what the patient reports is marked, even where its day is derived", () => {
  assert.equal(eventOf(condition({ asserter: subject })).typeConceptId, TYPE_CONCEPT.selfReport);
  assert.equal(eventOf(condition({ asserter: subject, onsetDateTime: "2019" })).typeConceptId, TYPE_CONCEPT.selfReport);
  assert.equal(eventOf(observation({ performer: [subject], valueInteger: 3 })).typeConceptId, TYPE_CONCEPT.selfReport);
  const both = observation({ performer: [subject, { reference: "Practitioner/d1" }], valueInteger: 3 });
  assert.equal(eventOf(both).typeConceptId, TYPE_CONCEPT.ehr);
});

test("an allergy is an observation about its kind, with one row more for each coded reaction", () => {
  const allergy = {
    ...{ resourceType: "AllergyIntolerance", id: "a1", patient: subject, type: "allergy", category: ["medication"] },
    ...{ code: coded("http://www.nlm.nih.gov/research/umls/rxnorm", "7980"), recordedDate: "2024-03-01" },
    reaction: [{ manifestation: [coded(SNOMED, "271807003"), { text: "as the patient told it" }] }],
  };
  const [allergen, reaction, ...more] = eventsOf(allergy);
  assert.deepEqual([allergen?.about, allergen?.isAboutFirst], [{ conceptId: 439224, when: "code-is-no-finding" }, undefined]);
  assert.deepEqual([reaction?.codes[0]?.code.code, reaction?.isAboutFirst, more], ["271807003", true, []]);
  assert.equal(fateOf({ ...allergy, verificationStatus: coded("", "refuted") }), "status or intent excluded by the policy");
});

test("a visit has the concept of its class, where it came from and went to, and of KR Core its insurance as a payer's period", () => {
  const mapped = mapResource(
    {
      ...encounter,
      hospitalization: { admitSource: coded("", "emd"), dischargeDisposition: coded("", "exp") },
      participant: [
        { individual: { reference: "Practitioner/d1" } },
        { type: [coded("", "ATND")], individual: { reference: "Practitioner/d2" } },
      ],
      serviceProvider: { reference: "Organization/h1" },
      extension: [
        {
          url: "http://www.hl7korea.or.kr/fhir/krcore/StructureDefinition/krcore-insuranceTypes",
          valueCodeableConcept: coded("http://www.hl7korea.or.kr/CodeSystem/hira-insurance-types", "4"),
        },
      ],
    },
    mappingContext(),
  );
  assert.equal(mapped.kind, "visit");
  if (mapped.kind !== "visit") return;
  const { visit, payer } = mapped;
  assert.deepEqual([visit.conceptId, visit.admittedFromConceptId, visit.dischargedToConceptId], [9201, 8870, 32218]);
  assert.deepEqual([visit.provider, visit.careSite, visit.sourceValue], ["d2", "Organization/h1", "IMP"]);
  assert.deepEqual([payer?.payerSourceValue, payer?.start.date, payer?.end.date], ["4", "2024-03-01", "2024-03-04"]);
});

test("an admission that goes on ends where the source ends, still a patient; an ongoing outpatient visit on its day", () => {
  const ongoing = (code: string) => {
    const mapped = mapResource({ ...encounter, status: "in-progress", class: { code }, period: { start: "2024-03-01" } }, mappingContext());
    return mapped.kind === "visit" ? [mapped.visit.end.date, mapped.visit.dischargedToConceptId] : [];
  };
  assert.deepEqual(ongoing("IMP"), ["2024-06-01", 32220]);
  assert.deepEqual(ongoing("AMB"), ["2024-03-01", undefined]);
});

test("a person has a year of birth, a region of three digits and a death, and none of the patient's own words", () => {
  const patient = {
    ...{ resourceType: "Patient", id: "p1", gender: "other", birthDate: "1950-07", deceasedDateTime: "2024-03-02T01:00:00Z" },
    ...{ name: [{ text: "canary" }], address: [{ line: ["canary"], postalCode: "06351" }], telecom: [{ value: "canary" }] },
    identifier: [{ system: "urn:oid:1.2.3", value: "H1" }],
  };
  const mapped = mapResource(patient, mappingContext("guide", { hospitalNumber: { system: "urn:oid:1.2.3" } }));
  assert.deepEqual(mapped, {
    kind: "person",
    person: {
      ...{ id: "p1", hospitalNumber: "H1", genderConceptId: 0, genderSourceValue: "other", yearOfBirth: 1950, monthOfBirth: 7 },
      ...{ raceConceptId: 0, ethnicityConceptId: 0, zip3: "063" },
      death: { date: "2024-03-02", datetime: "2024-03-02 10:00:00", isImputed: false },
    },
  });
  assert.equal(fateOf(patient, mappingContext("guide", { hospitalNumber: { system: "urn:oid:9" } })), "no number of the hospital's own");
});
