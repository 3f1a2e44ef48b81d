import assert from "node:assert/strict";
import { test } from "node:test";
import { type FhirResource, REQUIREMENTS } from "@dure/clinical/fhir";
import { DureError } from "@dure/kernel";
import { findPersonIds } from "../ingest/person-keys.ts";
import { testKeyTable } from "../ingest/testing.ts";
import { sql } from "../store/clinical-sql.ts";
import { confirmedPolicy, fhirSite } from "./testing-fhir.ts";

const coded = (system: string, code: string) => ({ coding: [{ system, code }] });
const LOINC = "http://loinc.org";
const SNOMED = "http://snomed.info/sct";
const RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm";
const of = (patient: string, encounter?: string) => ({
  subject: { reference: `Patient/${patient}` },
  ...(encounter === undefined ? {} : { encounter: { reference: `Encounter/${encounter}` } }),
});
const patient = (id: string, fields: Readonly<Record<string, unknown>> = {}): FhirResource => ({
  ...{ resourceType: "Patient", id, gender: "female", birthDate: "1970-03-05" },
  ...fields,
});
const visit = (id: string, who: string, fields: Readonly<Record<string, unknown>> = {}): FhirResource => ({
  ...{ resourceType: "Encounter", id, status: "finished", class: { code: "AMB" }, ...of(who) },
  period: { start: "2024-03-02T23:30:00Z", end: "2024-03-03T00:30:00Z" },
  ...fields,
});
const pulse = (id: string, who: string, fields: Readonly<Record<string, unknown>> = {}): FhirResource => ({
  ...{ resourceType: "Observation", id, status: "final", code: coded(LOINC, "8867-4"), ...of(who), effectiveDateTime: "2024-03-03" },
  valueQuantity: { value: 72, code: "/min", system: "http://unitsofmeasure.org" },
  ...fields,
});
const drug = (resourceType: string, id: string, who: string, fields: Readonly<Record<string, unknown>>): FhirResource => ({
  ...{ resourceType, id, ...of(who), medicationCodeableConcept: coded(RXNORM, "7980") },
  ...fields,
});
const given = (id: string, who: string, on: string, fields: Readonly<Record<string, unknown>> = {}): FhirResource =>
  drug("MedicationAdministration", id, who, { status: "completed", effectiveDateTime: on, ...fields });
const ordered = (id: string, who: string, on: string, days: number): FhirResource =>
  drug("MedicationRequest", id, who, {
    ...{ status: "active", intent: "order", authoredOn: on },
    dispenseRequest: { expectedSupplyDuration: { value: days, code: "d" } },
  });

const codesOf = async (work: Promise<unknown>): Promise<readonly string[]> => {
  try {
    await work;
    return [];
  } catch (cause) {
    return cause instanceof DureError ? cause.problems.map(({ code }) => code) : [String(cause)];
  }
};

test("persons, visits and events arrive with their concepts, and every resource is accounted for", async () => {
  await using site = await fhirSite();
  await site.put([
    patient("p1", { address: [{ postalCode: "063" }], deceasedBoolean: true }),
    patient("p2", { birthDate: undefined }),
    { resourceType: "Practitioner", id: "d1" },
    { resourceType: "Organization", id: "h1", type: coded("", "11") },
    visit("e1", "p1", {
      serviceProvider: { reference: "Organization/h1" },
      participant: [{ individual: { reference: "Practitioner/d1" } }],
    }),
    visit("e2", "p1", { partOf: { reference: "Encounter/e1" } }),
    visit("e3", "p1", { partOf: { reference: "Encounter/e2" }, hospitalization: { dischargeDisposition: coded("", "exp") } }),
    visit("e4", "p1", { partOf: { reference: "Encounter/elsewhere" } }),
    visit("e5", "p9"),
    pulse("o1", "p1", { encounter: { reference: "Encounter/e2" }, performer: [{ reference: "Practitioner/d1" }] }),
    pulse("o2", "p2"),
    pulse("o3", "p1", { status: "preliminary" }),
    pulse("o4", "p1", { effectiveDateTime: undefined }),
    { resourceType: "Condition", id: "c1", code: coded("http://www.hl7korea.or.kr/CodeSystem/kostat-kcd-8", "N201"), ...of("p1", "e1") },
    {
      ...{ resourceType: "AllergyIntolerance", id: "a1", patient: { reference: "Patient/p1" }, type: "allergy", category: ["food"] },
      ...{ code: coded(SNOMED, "227493005"), recordedDate: "2024-03-03", reaction: [{ manifestation: [coded(SNOMED, "386661006")] }] },
    },
    { resourceType: "Claim", id: "x1", status: "active" },
  ]);
  const report = await site.load(confirmedPolicy("guide"));
  const [contributor] = report.contributors;
  assert.deepEqual(
    Object.fromEntries((contributor?.inputs ?? []).map(({ input, rowsIn, rowsUsed, excluded }) => [input, { rowsIn, rowsUsed, excluded }])),
    {
      Patient: { rowsIn: 2, rowsUsed: 1, excluded: [{ reason: "no date of birth", rowCount: 1 }] },
      Encounter: { rowsIn: 5, rowsUsed: 4, excluded: [{ reason: "the patient is not among the persons", rowCount: 1 }] },
      Condition: { rowsIn: 1, rowsUsed: 1, excluded: [] },
      AllergyIntolerance: { rowsIn: 1, rowsUsed: 1, excluded: [] },
      Observation: {
        ...{ rowsIn: 4, rowsUsed: 1 },
        excluded: [
          { reason: "status or intent excluded by the policy", rowCount: 1 },
          { reason: "the patient is not among the persons", rowCount: 1 },
          { reason: "no date", rowCount: 1 },
        ],
      },
      Practitioner: { rowsIn: 1, rowsUsed: 1, excluded: [] },
      Organization: { rowsIn: 1, rowsUsed: 1, excluded: [] },
      Claim: { rowsIn: 1, rowsUsed: 0, excluded: [{ reason: "billing, planning or administration", rowCount: 1 }] },
    },
  );
  assert.deepEqual(await site.rows("measurement"), [
    {
      ...{
        measurement_concept_id: "3027018",
        measurement_date: "2024-03-03",
        measurement_type_concept_id: "32817",
        value_as_number: "72.0",
      },
      ...{ unit_concept_id: "8541", provider_id: "1", visit_occurrence_id: "1", visit_detail_id: "2", measurement_source_value: "8867-4" },
      ...{ measurement_source_concept_id: "3027018", unit_source_value: "/min", unit_source_concept_id: "8541", value_source_value: "72" },
    },
  ]);
  assert.deepEqual(await site.rows("condition_occurrence"), [
    {
      ...{
        condition_concept_id: "201916",
        condition_start_date: "2024-03-03",
        condition_type_concept_id: "32882",
        visit_occurrence_id: "1",
      },
      ...{ condition_source_value: "N201", condition_source_concept_id: "90000005" },
    },
  ]);
  const [visits, details] = [await site.rows("visit_occurrence"), await site.rows("visit_detail")];
  assert.deepEqual(
    visits.map((row) => [row["visit_start_datetime"], row["visit_end_datetime"], row["care_site_id"] ?? ""]),
    [
      ["2024-03-03 08:30:00", "2024-03-03 09:30:00", "1"],
      ["2024-03-03 08:30:00", "2024-03-03 09:30:00", ""],
    ],
  );
  assert.deepEqual(
    details.map((row) => [row["visit_occurrence_id"], row["parent_visit_detail_id"] ?? ""]),
    [
      ["1", "2"],
      ["1", ""],
    ],
  );
  const observations = await site.rows("observation");
  assert.deepEqual(
    observations.map((row) => [row["observation_concept_id"], row["value_as_concept_id"], row["observation_event_id"] ?? ""]),
    [
      ["4188027", "4026477", ""],
      ["4188027", "437663", "1"],
    ],
  );
  assert.deepEqual(await site.rows("death"), [
    { death_date: "2024-03-03", death_datetime: "2024-03-03 09:30:00", death_type_concept_id: "32823" },
  ]);
  assert.deepEqual(await site.rows("location"), [{ zip: "063" }]);

  assert.equal((await site.load(confirmedPolicy("guide"))).unchanged, true, "f2o-103: the same source again makes no snapshot");
});

test("f2o-103: a correction replaces, a deletion removes, a merge moves to the survivor", async () => {
  await using site = await fhirSite();
  await site.put([patient("p1"), patient("p2", { gender: "male" }), pulse("o1", "p1"), pulse("o2", "p2"), pulse("o3", "p2")]);
  await site.load(confirmedPolicy("guide"));
  assert.equal((await site.rows("measurement")).length, 3);
  const version = "2024-05-02T00:00:00.000000000Z";
  const { number } = await site.intake.begin({ source: "emr", name: "later" });
  await site.intake.apply(number, {
    changes: [
      { kind: "put", resource: pulse("o1", "p1", { status: "corrected", valueQuantity: { value: 75 } }), version },
      { kind: "delete", resource: { resourceType: "Observation", id: "o3" }, version },
      { kind: "merge", merged: { resourceType: "Patient", id: "p2" }, survivor: { resourceType: "Patient", id: "p1" }, version },
    ],
    ...{ faults: [], position: 3 },
  });
  await site.intake.finish(number);
  const report = await site.load(confirmedPolicy("guide"));
  assert.equal(report.personCount, 1);
  assert.deepEqual(
    (await site.rows("measurement")).map((row) => row["value_as_number"]),
    ["72.0", "75.0"],
  );
  assert.equal((await site.load(confirmedPolicy("guide"), ["p2"])).personCount, 0, "who opted out under the merged number has opted out");
});

test("of one drug the best evidence stands: administration before dispensing before statement before order", async () => {
  await using site = await fhirSite();
  await site.put([
    ...["linked", "same-days", "other-days", "other-drug", "ladder"].map((id) => patient(id)),
    ordered("m1", "linked", "2024-01-01", 7),
    given("a1", "linked", "2024-02-20", {
      request: { reference: "MedicationRequest/m1" },
      medicationCodeableConcept: coded(RXNORM, "313782"),
    }),
    ordered("m2", "same-days", "2024-01-01", 7),
    given("a2", "same-days", "2024-01-07"),
    ordered("m3", "other-days", "2024-01-01", 7),
    given("a3", "other-days", "2024-01-08"),
    ordered("m4", "other-drug", "2024-01-01", 7),
    given("a4", "other-drug", "2024-01-02", { medicationCodeableConcept: coded(RXNORM, "313782") }),
    ordered("m5", "ladder", "2024-01-01", 7),
    drug("MedicationDispense", "d5", "ladder", {
      ...{ status: "completed", whenHandedOver: "2024-01-01", daysSupply: { value: 7, code: "d" } },
      authorizingPrescription: [{ reference: "MedicationRequest/m5" }],
    }),
    drug("MedicationStatement", "s5", "ladder", { status: "active", effectiveDateTime: "2024-01-03" }),
  ]);
  const counts = async (sameDrugSameDays: boolean) => {
    const report = await site.load(
      confirmedPolicy("orders-count", { medication: { sameDrugSameDays, stoppedOrdersWithoutDate: "count" } }),
    );
    const inputs = report.contributors[0]?.inputs ?? [];
    return Object.fromEntries(inputs.filter(({ input }) => input !== "Patient").map(({ input, rowsUsed }) => [input, rowsUsed]));
  };
  assert.deepEqual(await counts(true), {
    MedicationRequest: 2,
    MedicationDispense: 1,
    MedicationAdministration: 4,
    MedicationStatement: 0,
  });
  assert.deepEqual(await counts(false), {
    MedicationRequest: 3,
    MedicationDispense: 1,
    MedicationAdministration: 4,
    MedicationStatement: 1,
  });
});

test("f2o-024 and f2o-021: ids of persons are random and found again only with the key; who opted out gets none", async () => {
  await using site = await fhirSite();
  await site.put([
    patient("p1", { identifier: [{ system: "urn:oid:1.2.3", value: "H-1" }] }),
    patient("p2", { identifier: [{ system: "urn:oid:1.2.3", value: "H-2" }] }),
    patient("p3", { identifier: [{ system: "urn:oid:1.2.3", value: "H-1" }] }),
    ...["p1", "p2", "p3"].map((who) => pulse(`o-${who}`, who)),
  ]);
  const report = await site.load(confirmedPolicy("guide", { hospitalNumber: { system: "urn:oid:1.2.3" } }), ["H-2"]);
  const [persons, pulses] = (report.contributors[0]?.inputs ?? []).map(({ excluded }) => excluded);
  assert.deepEqual(persons, [
    { reason: "the patient opted out", rowCount: 1 },
    { reason: "the same hospital number as another record", rowCount: 1 },
  ]);
  assert.deepEqual(pulses, [{ reason: "the patient opted out", rowCount: 1 }]);
  const ids = await site.folder.store.read((session) => findPersonIds(session, testKeyTable.key, ["H-1", "H-2"]));
  assert.deepEqual([...ids.keys()], ["H-1"]);
  const stored = await site.folder.store.read((session) =>
    session.rows(sql`SELECT DISTINCT person_id::VARCHAR FROM snapshot_1.measurement`),
  );
  assert.deepEqual(stored, [[ids.get("H-1")]]);
});

test("without a confirmed policy nothing is loaded, and what there is to decide is told in counts", async () => {
  await using site = await fhirSite();
  await site.put([patient("p1"), pulse("o1", "p1"), pulse("o2", "p1", { status: "Kim" })]);
  await assert.rejects(site.load(undefined), (cause) => {
    assert.ok(cause instanceof DureError);
    assert.equal(cause.code, "fhir/no-policy");
    assert.match(String(cause.problems[0]?.what.en), /Observation any \(other\): 1\n/);
    assert.doesNotMatch(JSON.stringify(cause.problems), /Kim/);
    return true;
  });
  const { confirmed, ...draft } = confirmedPolicy("guide");
  assert.deepEqual(await codesOf(site.load(draft)), ["fhir/policy-not-confirmed"]);
  assert.deepEqual(await codesOf(site.load({ ...draft, confirmed, source: "laboratory" })), ["fhir/policy-of-another-source"]);
  assert.deepEqual(await codesOf(site.load(confirmedPolicy("guide"))), ["fhir/policy-incomplete"]);
  assert.deepEqual(await codesOf(site.load(confirmedPolicy("guide", { otherwise: "exclude" }))), []);
});

test("f2o-025, f2o-026, f2o-061, f2o-102, f2o-132: each load says by number what it found, and what the policy has not declared", async () => {
  await using site = await fhirSite();
  await site.put([patient("p1", { identifier: [{ system: "urn:oid:1.2.3", value: "H-1" }] }), pulse("o1", "p1")]);
  const failed = async (changes: Parameters<typeof confirmedPolicy>[1]) => {
    const results = (await site.load(confirmedPolicy("guide", changes))).contributors[0]?.requirements ?? [];
    assert.deepEqual(
      results.map(({ requirement }) => requirement),
      REQUIREMENTS.filter(({ kept }) => kept === "load" || kept === "declared").map(({ requirement }) => requirement),
    );
    return results.flatMap(({ requirement, outcome, count }) => (outcome === "pass" ? [] : [`${requirement} ${count}`]));
  };
  assert.deepEqual(await failed({}), ["f2o-025 1", "f2o-026 1", "f2o-132 1"]);
  const judged = { strategy: "surrogate-key" as const, framework: "national guideline", determination: "hospital number, replaced" };
  assert.deepEqual(await failed({ accessBasis: "review board 2024-1", identifierSystems: [{ system: "urn:oid:1.2.3", ...judged }] }), []);
  // A hospital number that is written as a code is seen (f2o-020).
  await site.put([pulse("o2", "p1", { code: coded("urn:example", "H-1") })], "2024-05-03T00:00:00.000000000Z");
  const results = await failed({ hospitalNumber: { system: "urn:oid:1.2.3" } });
  assert.ok(results.includes("f2o-020 1"));
  const metadata = (await site.rows("metadata")).map((row) => row["name"]);
  for (const name of ["HL7 FHIR-to-OMOP guide", "FHIR-to-OMOP transformation", "FHIR policy of emr"])
    assert.ok(metadata.includes(name), name);
});
