/** Words planted wherever a source can carry them: they must not come out anywhere. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { omopTables } from "@dure/clinical";
import type { FhirResource } from "@dure/clinical/fhir";
import { DureError } from "@dure/kernel";
import { identifier, sql } from "../store/clinical-sql.ts";
import { confirmedPolicy, fhirSite } from "./testing-fhir.ts";

const CANARY = "Canary";
let planted = 0;
const canary = (): string => `${CANARY} ${++planted}`;

/** A text, a narrative, names, contacts, notes and extensions: what any resource may carry beside its codes. */
const said = (): Readonly<Record<string, unknown>> => ({
  text: { status: "generated", div: `<div>${canary()}</div>` },
  identifier: [{ system: "urn:example:number", value: canary(), assigner: { display: canary() } }],
  note: [{ text: canary(), authorString: canary() }],
  comment: canary(),
  name: [{ text: canary(), family: canary(), given: [canary()] }],
  telecom: [{ system: "phone", value: canary() }],
  address: [{ text: canary(), line: [canary()], city: canary(), district: canary(), state: canary(), postalCode: "06351" }],
  photo: [{ title: canary(), data: "Q2FuYXJ5" }],
  contact: [{ name: { text: canary() }, telecom: [{ value: canary() }] }],
  extension: [
    { url: "urn:example:extension", valueString: canary() },
    {
      url: "http://www.hl7korea.or.kr/fhir/krcore/StructureDefinition/krcore-roadNameAddress",
      extension: [{ url: "roadName", valueString: canary() }],
    },
  ],
});
const concept = (system: string, code: string) => ({ coding: [{ system, code, display: canary() }], text: canary() });
const reference = (target: string) => ({ reference: target, display: canary(), identifier: { value: canary() } });
const quantity = (value: number, code: string) => ({ value, system: "http://unitsofmeasure.org", code, unit: canary() });
const of = () => ({ subject: reference("Patient/p1"), patient: reference("Patient/p1"), encounter: reference("Encounter/e1") });
const dosage = () => ({
  text: canary(),
  patientInstruction: canary(),
  additionalInstruction: [{ text: canary() }],
  doseAndRate: [{ doseQuantity: quantity(1, "{tbl}") }],
  dose: quantity(1, "{tbl}"),
  route: concept("http://snomed.info/sct", "26643006"),
  site: { text: canary() },
});

const resources = (): readonly FhirResource[] => [
  { resourceType: "Patient", id: "p1", birthDate: "1970-03-05", gender: "female", maritalStatus: { text: canary() }, ...said() },
  { resourceType: "Practitioner", id: "d1", qualification: [{ code: { text: canary() }, identifier: [{ value: canary() }] }], ...said() },
  {
    resourceType: "PractitionerRole",
    id: "r1",
    practitioner: reference("Practitioner/d1"),
    code: [concept("urn:example", "01")],
    ...said(),
  },
  { resourceType: "Organization", id: "h1", alias: [canary()], type: [concept("urn:example", "11")], ...said() },
  { resourceType: "Location", id: "l1", description: canary(), alias: [canary()], physicalType: concept("urn:example", "wa"), ...said() },
  {
    ...{
      resourceType: "Encounter",
      id: "e1",
      status: "finished",
      class: { code: "IMP", display: canary() },
      subject: reference("Patient/p1"),
    },
    ...{ period: { start: "2024-03-01", end: "2024-03-04" }, type: [concept("urn:example", "A")], reasonCode: [{ text: canary() }] },
    ...{ participant: [{ individual: reference("Practitioner/d1") }], serviceProvider: reference("Organization/h1") },
    hospitalization: { preAdmissionIdentifier: { value: canary() }, admitSource: concept("urn:example", "emd") },
    ...said(),
  },
  {
    ...{ resourceType: "Condition", id: "c1", ...of(), code: concept("http://snomed.info/sct", "386661006"), recordedDate: "2024-03-02" },
    ...{
      onsetString: canary(),
      abatementString: canary(),
      stage: [{ summary: { text: canary() } }],
      evidence: [{ code: [{ text: canary() }] }],
    },
    ...said(),
  },
  {
    ...{
      resourceType: "AllergyIntolerance",
      id: "a1",
      ...of(),
      code: concept("http://snomed.info/sct", "227493005"),
      recordedDate: "2024-03-02",
    },
    reaction: [{ description: canary(), manifestation: [concept("http://snomed.info/sct", "386661006"), { text: canary() }] }],
    ...said(),
  },
  {
    ...{ resourceType: "Observation", id: "o1", status: "final", ...of(), code: concept("http://loinc.org", "8867-4") },
    ...{ effectiveDateTime: "2024-03-02", valueQuantity: quantity(72, "/min"), method: { text: canary() }, bodySite: { text: canary() } },
    ...{ referenceRange: [{ text: canary(), low: quantity(50, "/min") }], interpretation: [{ text: canary() }] },
    ...said(),
  },
  ...[
    { valueString: canary() },
    { valueCodeableConcept: { text: canary() } },
    { valueQuantity: { value: 1, unit: canary() } },
    { valueQuantity: { value: 1, comparator: canary(), code: canary() } },
    { component: [{ code: concept("http://loinc.org", "8480-6"), valueString: canary() }] },
  ].map((value, i) => ({
    ...{ resourceType: "Observation", id: `v${i}`, status: "final", ...of(), code: concept("http://loinc.org", "72166-2") },
    ...{ effectiveDateTime: "2024-03-02", ...value },
  })),
  {
    ...{ resourceType: "Procedure", id: "x1", status: "completed", ...of(), code: concept("http://snomed.info/sct", "233404000") },
    ...{ performedString: canary(), performedDateTime: "2024-03-02", outcome: { text: canary() }, complication: [{ text: canary() }] },
    ...said(),
  },
  ...["MedicationRequest", "MedicationDispense", "MedicationAdministration", "MedicationStatement"].map((resourceType) => ({
    ...{ resourceType, id: resourceType.toLowerCase(), status: "completed", intent: "order", ...of(), authoredOn: "2024-03-02" },
    ...{ whenHandedOver: "2024-03-02", effectiveDateTime: "2024-03-02", dosageInstruction: [dosage()], dosage: dosage() },
    medicationCodeableConcept: concept("http://www.nlm.nih.gov/research/umls/rxnorm", "7980"),
    ...{ statusReason: { text: canary() }, groupIdentifier: { value: canary() } },
    ...said(),
  })),
  {
    ...{ resourceType: "Immunization", id: "i1", status: "completed", ...of(), vaccineCode: concept("http://hl7.org/fhir/sid/cvx", "171") },
    ...{
      occurrenceDateTime: "2024-03-02",
      lotNumber: canary(),
      manufacturer: reference("Organization/h1"),
      programEligibility: [{ text: canary() }],
    },
    ...said(),
  },
  {
    ...{
      resourceType: "Specimen",
      id: "s1",
      ...of(),
      type: concept("http://snomed.info/sct", "119297000"),
      accessionIdentifier: { value: canary() },
    },
    collection: { collectedDateTime: "2024-03-02", bodySite: { text: canary() } },
    ...said(),
  },
  {
    resourceType: "Device",
    id: "dev",
    type: concept("http://snomed.info/sct", "14106009"),
    serialNumber: canary(),
    udiCarrier: [{ carrierHRF: canary() }],
  },
  {
    ...{ resourceType: "DeviceUseStatement", id: "du", status: "active", ...of(), timingDateTime: "2024-03-02" },
    device: reference("Device/dev"),
    ...said(),
  },
  {
    ...{ resourceType: "Coverage", id: "cov", status: "active", beneficiary: reference("Patient/p1"), subscriberId: canary() },
    ...{
      period: { start: "2024-01-01" },
      type: concept("urn:example", "4"),
      class: [{ value: canary(), name: canary() }],
      dependent: canary(),
    },
    ...said(),
  },
  { resourceType: "DocumentReference", id: "doc", status: "current", description: canary(), ...said() },
];

test("f2o-022: no word planted in names, numbers, addresses, contacts, notes, texts and extensions comes out of a load", async () => {
  await using site = await fhirSite();
  await site.put(resources());
  assert.ok(planted > 300);
  const policy = confirmedPolicy("orders-count", {
    otherwise: "exclude",
    medication: { sameDrugSameDays: false, stoppedOrdersWithoutDate: "count" },
  });
  const report = await site.load(policy);
  const used = report.contributors[0]?.inputs.filter(({ rowsUsed }) => rowsUsed > 0).map(({ input }) => input) ?? [];
  assert.equal(used.length, 17, used.join(" "));
  assert.doesNotMatch(JSON.stringify(report), /canary/i);
  for (const table of omopTables) {
    const count = await site.folder.store.read((session) =>
      session.count(sql`SELECT count(*) FROM snapshot_1.${identifier(table)} t WHERE t::VARCHAR ILIKE '%canary%'`),
    );
    assert.equal(count, 0, table);
  }
});

test("f2o-022: no word planted in statuses, dates, codes of the wrong type and references is in a message", async () => {
  await using site = await fhirSite();
  await site.put([
    {
      resourceType: "Observation",
      id: "o1",
      status: canary(),
      subject: { reference: canary() },
      code: canary(),
      effectiveDateTime: canary(),
    },
    { resourceType: "MedicationRequest", id: "m1", status: canary(), intent: canary(), authoredOn: canary() },
    { resourceType: "Condition", id: "c1", verificationStatus: { coding: [{ code: canary() }] }, code: { coding: canary() } },
    { resourceType: "Encounter", id: "e1", status: canary(), class: canary(), period: canary() },
    { resourceType: "Patient", id: "p1", active: canary(), birthDate: canary(), gender: canary(), identifier: canary() },
  ]);
  for (const policy of [undefined, confirmedPolicy("guide")]) {
    await assert.rejects(site.load(policy), (cause) => {
      assert.ok(cause instanceof DureError);
      assert.doesNotMatch(JSON.stringify([cause.message, cause.problems, String(cause.cause), cause.stack]), /canary/i);
      return true;
    });
  }
  const report = await site.load(confirmedPolicy("guide", { otherwise: "exclude" }));
  assert.doesNotMatch(JSON.stringify(report), /canary/i);
});
