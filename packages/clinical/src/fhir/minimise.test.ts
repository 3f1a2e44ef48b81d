import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { minimiseResource, NESTING_MAX } from "./minimise.ts";
import { MINIMISED_FIELDS } from "./minimised-fields.ts";
import type { FhirResource } from "./resource-change.ts";

/** Found by its letters, wherever it ends up. Not a name, not a number of anybody. */
const CANARY = "CANARY";

const left = (resource: FhirResource, keepsFreeText = false): unknown =>
  JSON.parse(JSON.stringify(minimiseResource(resource, { keepsFreeText })));

const reference = (id: string) => ({ reference: id, display: CANARY });
const humanName = [
  { use: "official", text: CANARY, family: CANARY, given: [CANARY], _family: { extension: [{ url: "x", valueString: CANARY }] } },
];
const address = [
  {
    use: "home",
    line: [CANARY],
    text: CANARY,
    city: "Seoul",
    postalCode: `048${CANARY}`,
    extension: [{ url: "geo", valueString: CANARY }],
  },
];
const narrative = { status: "generated", div: CANARY };
const national = ["SS", "DL", "PPN", "NNKOR"].map((code) => ({ type: { coding: [{ code }] }, value: CANARY }));

/** A canary in every kind of field that the list names, and what is left. */
const LEFT: readonly (readonly [what: string, resource: FhirResource, left: unknown])[] = [
  [
    "a patient",
    {
      resourceType: "Patient",
      id: "1",
      text: narrative,
      identifier: [
        { system: "http://hospital.example.org/mrn", value: "0012" },
        ...national,
        { system: "http://hl7.org/fhir/sid/us-ssn", value: CANARY },
        { system: "http://hospital.example.org/other", value: "990101-1234567" },
      ],
      name: humanName,
      telecom: [{ system: "phone", value: CANARY }],
      address,
      photo: [{ data: CANARY }],
      contact: [{ name: humanName[0], telecom: [{ value: CANARY }], address: address[0] }],
      birthDate: "1980-02-01",
      _birthDate: {
        extension: [{ url: "http://hl7.org/fhir/StructureDefinition/patient-birthTime", valueDateTime: "1980-02-01T01:00:00Z" }],
      },
      extension: [
        { url: "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex", valueCode: "F" },
        { url: "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName", valueString: CANARY },
        { url: "http://hospital.example.org/vip", valueCode: CANARY },
      ],
      generalPractitioner: [reference("Practitioner/1")],
      contained: [{ resourceType: "RelatedPerson", id: "r", name: humanName, birthDate: CANARY, relationship: [{ text: "mother" }] }],
    },
    {
      resourceType: "Patient",
      id: "1",
      identifier: [{ system: "http://hospital.example.org/mrn", value: "0012" }],
      address: [{ use: "home", city: "Seoul", postalCode: "048" }],
      birthDate: "1980-02-01",
      _birthDate: {
        extension: [{ url: "http://hl7.org/fhir/StructureDefinition/patient-birthTime", valueDateTime: "1980-02-01T01:00:00Z" }],
      },
      extension: [{ url: "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex", valueCode: "F" }],
      generalPractitioner: [{ reference: "Practitioner/1" }],
      contained: [{ resourceType: "RelatedPerson", id: "r", relationship: [{ text: "mother" }] }],
    },
  ],
  [
    "a practitioner and an organisation keep what links and places them",
    {
      resourceType: "Practitioner",
      id: "1",
      name: humanName,
      address,
      telecom: [{ value: CANARY }],
      gender: "male",
      identifier: [{ system: "http://hl7.org/fhir/sid/us-npi", value: "1" }],
      contained: [{ resourceType: "Organization", id: "o", name: "Ward 3", contact: [{ name: { text: CANARY } }] }],
    },
    {
      resourceType: "Practitioner",
      id: "1",
      address: [{ use: "home", city: "Seoul", postalCode: "048" }],
      gender: "male",
      identifier: [{ system: "http://hl7.org/fhir/sid/us-npi", value: "1" }],
      contained: [{ resourceType: "Organization", id: "o", name: "Ward 3" }],
    },
  ],
  [
    "a result keeps code, display, text and value",
    {
      resourceType: "Observation",
      id: "1",
      code: { coding: [{ display: "Sodium" }, { system: "http://loinc.org", code: "2951-2", display: "Sodium" }], text: "Na" },
      subject: reference("Patient/1"),
      performer: [{ display: CANARY }, { identifier: { value: "7", assigner: { display: CANARY } } }],
      note: [{ authorString: CANARY, text: CANARY }],
      valueString: "positive",
      valueSampledData: { origin: { value: 0 }, data: "1 2 3" },
      extension: [
        { url: "a", valueInteger: 3 },
        { url: "b", extension: [{ url: "c", valueHumanName: { text: CANARY } }] },
      ],
      _valueString: { extension: [{ url: "d", valueString: CANARY }] },
    },
    {
      resourceType: "Observation",
      id: "1",
      code: { coding: [{ display: "Sodium" }, { system: "http://loinc.org", code: "2951-2", display: "Sodium" }], text: "Na" },
      subject: { reference: "Patient/1" },
      performer: [{}, { identifier: { value: "7", assigner: {} } }],
      valueString: "positive",
      valueSampledData: { origin: { value: 0 }, data: "1 2 3" },
      extension: [{ url: "a", valueInteger: 3 }],
      _valueString: {},
    },
  ],
  [
    "a document keeps its kind and dates",
    {
      resourceType: "DocumentReference",
      id: "1",
      description: CANARY,
      content: [{ attachment: { contentType: "text/plain", data: CANARY, url: CANARY, title: CANARY, creation: "2026-01-01" } }],
    },
    { resourceType: "DocumentReference", id: "1", content: [{ attachment: { contentType: "text/plain", creation: "2026-01-01" } }] },
  ],
  [
    "a report, a questionnaire, a message",
    {
      resourceType: "DiagnosticReport",
      id: "1",
      conclusion: CANARY,
      presentedForm: [{ data: CANARY }],
      contained: [
        { resourceType: "QuestionnaireResponse", id: "q", item: [{ linkId: "1", answer: [{ valueString: CANARY }, { valueInteger: 3 }] }] },
        { resourceType: "Communication", id: "c", payload: [{ contentString: CANARY }, { contentAttachment: { data: CANARY } }] },
        { resourceType: "Binary", id: "b", contentType: "text/plain", data: CANARY },
        { resourceType: "Composition", id: "d", section: [{ code: { text: "History" }, text: narrative }] },
      ],
    },
    {
      resourceType: "DiagnosticReport",
      id: "1",
      presentedForm: [{}],
      contained: [
        { resourceType: "QuestionnaireResponse", id: "q", item: [{ linkId: "1", answer: [{}, { valueInteger: 3 }] }] },
        { resourceType: "Communication", id: "c", payload: [{}, { contentAttachment: {} }] },
        { resourceType: "Binary", id: "b", contentType: "text/plain" },
        { resourceType: "Composition", id: "d", section: [{ code: { text: "History" } }] },
      ],
    },
  ],
  [
    "a device, a cover, a family, a log, a place",
    {
      resourceType: "Device",
      id: "1",
      serialNumber: CANARY,
      distinctIdentifier: CANARY,
      udiCarrier: [{ deviceIdentifier: "1", carrierHRF: CANARY, carrierAIDC: CANARY }],
      contained: [
        { resourceType: "Coverage", id: "c", subscriberId: CANARY },
        { resourceType: "FamilyMemberHistory", id: "f", name: CANARY, note: [{ text: CANARY }] },
        {
          resourceType: "AuditEvent",
          id: "a",
          agent: [{ name: CANARY, altId: CANARY, network: { address: CANARY } }],
          entity: [{ query: CANARY }],
        },
        { resourceType: "Location", id: "l", name: "Ward 3", position: { latitude: CANARY }, address: address[0] },
        { resourceType: "Condition", id: "d", onsetString: CANARY, abatementString: CANARY },
        { resourceType: "Provenance", id: "p", signature: [{ data: CANARY }] },
      ],
    },
    {
      resourceType: "Device",
      id: "1",
      udiCarrier: [{ deviceIdentifier: "1" }],
      contained: [
        { resourceType: "Coverage", id: "c" },
        { resourceType: "FamilyMemberHistory", id: "f" },
        { resourceType: "AuditEvent", id: "a", agent: [{}], entity: [{}] },
        { resourceType: "Location", id: "l", name: "Ward 3", address: { use: "home", city: "Seoul", postalCode: "048" } },
        { resourceType: "Condition", id: "d" },
        { resourceType: "Provenance", id: "p" },
      ],
    },
  ],
];

for (const [what, resource, expected] of LEFT) {
  test(`what identifies is left out, what links and measures stays: ${what}`, () => {
    assert.deepEqual(left(resource), expected);
    assert(!JSON.stringify(left(resource)).includes(CANARY));
    assert(JSON.stringify(resource).includes(CANARY), "the resource given is as it was");
  });
}

test("a modifier that says who a person is loses what it says and stays known", () => {
  const modifierExtension = [{ url: "https://example.org/not-really", valueHumanName: { text: CANARY } }];
  const expected = { resourceType: "Observation", id: "1", modifierExtension: [{ url: "https://example.org/not-really" }] };
  assert.deepEqual(left({ resourceType: "Observation", id: "1", modifierExtension }), expected);
});

test("every element of the list stands in a resource of this test, so each rule was seen to act", () => {
  const given = JSON.stringify(LEFT.map(([, resource]) => resource));
  const silent = new Set(["valueAddress", "locationAddress", "modifierExtension", "processNote"]);
  const more = ["comment", "comments", "patientInstruction", "summary", "details", "performedString", "deceasedString"];
  for (const { element } of MINIMISED_FIELDS) {
    if (silent.has(element))
      assert.equal(
        JSON.stringify(left({ resourceType: "Claim", id: "1", [element]: [{ url: "x", line: [CANARY], valueString: CANARY }] })).includes(
          CANARY,
        ),
        false,
      );
    else if (more.includes(element))
      assert.deepEqual(left({ resourceType: "Procedure", id: "1", [element]: CANARY }), { resourceType: "Procedure", id: "1" });
    else assert(given.includes(`"${element}":`), element);
  }
});

test("the page for hospitals names every element of the list", () => {
  const page = readFileSync(new URL("../../../../docs/fhir-intake.md", import.meta.url), "utf8");
  const named = new Set(page.slice(page.indexOf("## What is left out")).match(/(?<=`)[A-Za-z]+(?=`)/g));
  assert.deepEqual(
    MINIMISED_FIELDS.map(({ element }) => element).filter((element) => !named.has(element)),
    [],
  );
});

test("a site that works with text keeps text, and nothing else of the list", () => {
  const resource = {
    resourceType: "DiagnosticReport",
    id: "1",
    conclusion: "stable",
    presentedForm: [{ data: "c3RhYmxl", url: CANARY }],
    performer: [{ reference: "Practitioner/1", display: CANARY }],
    text: narrative,
  };
  assert.deepEqual(left(resource, true), {
    resourceType: "DiagnosticReport",
    id: "1",
    conclusion: "stable",
    presentedForm: [{ data: "c3RhYmxl" }],
    performer: [{ reference: "Practitioner/1" }],
  });
});

test("a resource with nothing to leave out is the very same, and one nested to do harm is refused", () => {
  const plain = {
    resourceType: "Condition",
    id: "1",
    code: { coding: [{ code: "1", display: "x" }] },
    subject: { reference: "Patient/1" },
  };
  assert.equal(minimiseResource(plain, { keepsFreeText: false }), plain);
  let deep: unknown = {};
  for (let i = 0; i < NESTING_MAX; i++) deep = i % 2 === 0 ? [deep] : { a: [deep] };
  assert.throws(() => minimiseResource({ resourceType: "Basic", id: "1", deep }, { keepsFreeText: false }), RangeError);
});
