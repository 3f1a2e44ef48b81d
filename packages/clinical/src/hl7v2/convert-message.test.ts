/** What each type of message becomes. Every message is invented. */

import assert from "node:assert/strict";
import test from "node:test";
import { amendResource } from "./amend.ts";
import { DECODERS } from "./charset.ts";
import { DEFAULT_TERMS, type Hl7Change } from "./conversion.ts";
import { convertMessage } from "./convert-message.ts";
import { parseMessage } from "./message.ts";

const msh = (type: string, at = "20240301090000"): string => `MSH|^~\\&|EMR|H|DURE|H|${at}||${type}|C1|P|2.5`;
const pid = (number = "1001"): string =>
  `PID|1||800101-2000000^^^KR^SS~${number}^^^H^MR||KIM^MINSU||19800101|M|||1 Road^^Seoul^^06300^KOR|||||||777^^^H`;
const pv1 = "PV1|1|I|W1^101^1||||D7^LEE^^^^^^^H|||IM|||||||||V1^^^H^VN|||||||||||||||||||||||||20240301";
const order = "ORC|NW|P1^EMR|F1^LAB||||||20240301";
const outpatientClerk = "NK1|1|KIM^YOUNG|MTH";

function convert(...segments: readonly string[]) {
  const message = parseMessage(segments.join("\r"), DECODERS["utf-8"]);
  assert.ok(message !== undefined);
  return convertMessage({ message, terms: DEFAULT_TERMS, file: "f", number: 1, latest: "2025-01-01T00:00:00.000Z" });
}

function changesOf(...segments: readonly string[]): readonly Hl7Change[] {
  const conversion = convert(...segments);
  assert.ok(conversion.kind === "converted", JSON.stringify(conversion));
  return conversion.changes;
}

/** The resources of a type that a message puts. */
const made = (changes: readonly Hl7Change[], type: string) =>
  changes.flatMap((change) => (change.kind === "put" && change.resource.resourceType === type ? [change.resource] : []));
const codes = (value: unknown): string => JSON.stringify(value).match(/"code":"([^"]*)"/)?.[1] ?? "";

test("each type of message makes its resources", () => {
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    [
      "ADT^A01",
      [pv1, "DG1|1||N201^Stone^KCD8||20240301|F", "AL1|1|DA|P^Penicillin^L|SV|rash", "PR1|1||0DT^Op^L||20240301", "IN1|1|PLAN^x|5^^^HIRA"],
      ["Patient", "Encounter", "Condition", "AllergyIntolerance", "Procedure", "Coverage"],
    ],
    ["ADT^A60", ["IAM|1|FA|12^Peanut^L|SV|hives|A"], ["AllergyIntolerance"]],
    ["ADT^A28", [outpatientClerk], ["Patient", "RelatedPerson"]],
    [
      "ORU^R01",
      ["OBR|1|P1^EMR|F1^LAB|CBC^Blood count^L|||20240301", "OBX|1|NM|718-7^Hb^LN||13.4|g/dL^^UCUM|12-16|N|||F"],
      ["ServiceRequest", "DiagnosticReport", "Observation"],
    ],
    ["ORM^O01", [order, "OBR|1|P1^EMR||CT^Head^L"], ["ServiceRequest"]],
    ["OMG^O19", [order, "OBR|1|P1^EMR||CT^Head^L"], ["ServiceRequest"]],
    ["OML^O21", [order, "OBR|1|P1^EMR||CBC^x^L", "SPM|1|S1^P&F||BLD^Blood^HL70487"], ["ServiceRequest", "Specimen"]],
    [
      "OUL^R22",
      ["SPM|1|S1&P^S2&F||BLD", "OBR|1|P1^EMR||CBC^x^L", "ORC|SC|P1^EMR", "OBX|1|ST|1^x^L||positive||||||F"],
      ["Specimen", "ServiceRequest", "DiagnosticReport", "Observation"],
    ],
    ["RDE^O11", [order, "RXE||D1^Drug^KD|1||tab^tablet^UCUM", "RXR|PO"], ["MedicationRequest"]],
    ["RDS^O13", [order, "RXE||D1^Drug^KD|1||tab", "RXD|1|D1^Drug^KD|20240302|21|tab"], ["MedicationRequest", "MedicationDispense"]],
    ["RAS^O17", [order, "RXA|0|1|20240302|20240302|D1^Drug^KD|1|mg"], ["MedicationAdministration"]],
    ["VXU^V04", [order, "RXA|0|1|20240302||171^Flu^CVX|0.5|mL^^UCUM|||||||||||||CP"], ["Immunization"]],
    ["MDM^T02", ["TXA|1|DS|TX|20240301||20240301||||||DOC1^EMR|||||AU", "OBX|1|TX|1^x^L||the text"], ["DocumentReference"]],
    ["PPR^PC1", ["PRB|AD|20240301|I10^Hypertension^I10|PR1||20240301"], ["Condition"]],
  ];
  for (const [type, segments, expected] of cases) {
    const changes = changesOf(msh(type), pid(), ...segments);
    for (const name of expected) assert.equal(made(changes, name).length, 1, `${type} ${name}`);
  }
});

test("scheduling, bills, charges and referrals are left out by reason; unknown types and broken envelopes are refused by name", () => {
  const reason = (type: string) => {
    const conversion = convert(msh(type), pid());
    return conversion.kind === "excluded" ? conversion.reason : conversion.kind === "refused" ? conversion.problem.code : conversion.kind;
  };
  assert.deepEqual(["SIU^S12", "BAR^P01", "DFT^P03", "REF^I12", "ADT^A41", "ADT^A24"].map(reason), [
    ...["scheduling", "billing", "financial", "referral", "account-only", "link-not-merge"],
  ]);
  assert.deepEqual(["ADT^Z99", "ZZZ^Z01", ""].map(reason), ["hl7/unknown-type", "hl7/unknown-type", "hl7/unknown-type"]);
  const refused = (...segments: readonly string[]) => {
    const conversion = convert(...segments);
    return conversion.kind === "refused" ? conversion.problem.code : conversion.kind;
  };
  assert.equal(refused(msh("ADT^A01"), pv1), "hl7/no-patient");
  assert.equal(refused(msh("ADT^A01"), "PID|1||800101-2000000^^^KR^SS"), "hl7/no-patient");
  assert.equal(refused(msh("ADT^A40"), pid()), "hl7/no-merged-patient");
  assert.equal(refused(msh("ADT^A01", "29990101"), pid()), "hl7/future-time");
});

test("names, streets, civil numbers, relatives and long texts never get into a resource", () => {
  const planted = ["KIM", "MINSU", "YOUNG", "LEE", "800101-2000000", "1 Road", "secret"];
  const note = "secret ".repeat(20);
  const changes = [
    ...changesOf(msh("ADT^A01"), pid(), outpatientClerk, pv1, "DG1|1||N201^x^KCD8|secret|20240301|F"),
    ...changesOf(
      msh("ORU^R01"),
      pid(),
      "OBR|1|P1||CT^x^L|||20240301|||||||||D7^LEE",
      `OBX|1|TX|1^x^L||${note}||||||F`,
      "OBX|2|XPN|2^x^L||KIM^MINSU||||||F",
      "NTE|1||secret",
    ),
    ...changesOf(msh("MDM^T02"), pid(), "TXA|1|DS|TX|20240301|||||D7^LEE|||DOC1|||secret.txt|AU", "OBX|1|TX|1^x^L||secret"),
  ];
  const text = JSON.stringify(changes);
  for (const word of planted) assert.ok(!text.includes(word), word);
  assert.match(text, /"value":"1001"/);
});

test("the same thing has the same id in every message, whoever sends it and in whatever order its numbers stand", () => {
  const [first] = made(changesOf(msh("ADT^A01"), pid()), "Patient");
  const [second] = made(changesOf(msh("ORU^R01"), "PID|1||1001^^^H&1.2.3&ISO^MR~9^^^X^PI"), "Patient");
  assert.equal(first?.id, second?.id);
  const [third] = made(changesOf(msh("ADT^A01"), pid("1002")), "Patient");
  assert.notEqual(first?.id, third?.id);
});

test("a correction has the id of what it corrects; D and W delete it; equal results of one order stay apart", () => {
  const result = (status: string, ...more: readonly string[]) =>
    changesOf(msh("ORU^R01"), pid(), "OBR|1|P1^EMR|F1^LAB|CBC^x^L|||20240301", `OBX|1|NM|718-7^Hb^LN||13|g/dL|||||${status}`, ...more);
  const [final, twin] = made(result("F", "OBX|2|NM|718-7^Hb^LN||14|g/dL|||||F"), "Observation");
  assert.notEqual(final?.id, twin?.id);
  const [corrected] = made(result("C"), "Observation");
  assert.deepEqual([corrected?.id, corrected?.["status"]], [final?.id, "corrected"]);
  for (const status of ["D", "W"])
    assert.deepEqual(
      result(status).filter(({ kind }) => kind === "delete"),
      [{ kind: "delete", resource: { resourceType: "Observation", id: final?.id }, version: "2024-03-01T00:00:00.000Z" }],
    );
});

test("values are read by their type, numbers sent as text too", () => {
  const value = (type: string, text: string, unit = "mg/dL^^UCUM") => {
    const [observation] = made(
      changesOf(msh("ORU^R01"), pid(), "OBR|1|P1||x^x^L|||20240301", `OBX|1|${type}|1^x^L||${text}|${unit}|||||F`),
      "Observation",
    );
    return Object.entries(observation ?? {}).find(([name]) => /^(value|component|dataAbsent)/.test(name));
  };
  const unit = { unit: "mg/dL", system: "http://unitsofmeasure.org", code: "mg/dL" };
  assert.deepEqual(value("NM", "13.4"), ["valueQuantity", { value: 13.4, ...unit }]);
  assert.deepEqual(value("ST", "&lt;0.5".replace("&lt;", "<")), ["valueQuantity", { value: 0.5, comparator: "<", ...unit }]);
  assert.deepEqual(value("TX", "1,234"), ["valueQuantity", { value: 1234, ...unit }]);
  assert.deepEqual(value("ST", "12", ""), ["valueString", "12"]);
  assert.deepEqual(value("SN", ">^100"), ["valueQuantity", { value: 100, ...unit, comparator: ">" }]);
  assert.deepEqual(value("SN", "^1^:^128", ""), ["valueRatio", { numerator: { value: 1 }, denominator: { value: 128 } }]);
  assert.deepEqual(value("CWE", "260373001^Detected^SCT")?.[0], "valueCodeableConcept");
  assert.deepEqual(value("DT", "20240301"), ["valueDateTime", "2024-03-01"]);
  assert.deepEqual(value("TM", "0930"), ["valueTime", "09:30:00"]);
  assert.deepEqual(value("NM", "5~6")?.[0], "component");
  assert.deepEqual(value("NM", "high"), ["valueString", "high"]);
  assert.deepEqual(value("ED", "^image^jpeg^Base64^abc")?.[0], "dataAbsentReason");
  assert.deepEqual(value("NM", '""'), undefined);
});

test("a visit is what ADT says; a result only mentions it, and never outranks it", () => {
  const versions = (type: string) =>
    changesOf(msh(type), pid(), pv1).filter((change) => change.kind === "put" && change.resource.resourceType === "Encounter");
  assert.equal(versions("ADT^A01")[0]?.version, "2024-03-01T00:00:00.000Z");
  assert.equal(versions("ORU^R01")[0]?.version, "1024-03-01T00:00:00.000Z");
  const status = (type: string, segment = pv1) => made(changesOf(msh(type), "EVN|x|20240305", pid(), segment), "Encounter")[0]?.["status"];
  assert.deepEqual(
    ["A01", "A03", "A05", "A11", "A13", "A38"].map((event) => status(`ADT^${event}`)),
    [...["in-progress", "finished", "planned", "cancelled", "in-progress", "cancelled"]],
  );
  assert.equal(status("ADT^A13", `${pv1}|20240304`), "in-progress");
  assert.deepEqual(changesOf(msh("ADT^A23"), pid(), pv1).filter(({ kind }) => kind === "delete").length, 1);
});

test("a merge moves the given-up number to the one that stays; several in one message; a number spelt anew is nobody", () => {
  const merges = changesOf(msh("ADT^A40"), pid(), "MRG|2002^^^H^MR", pid("3003"), "MRG|4004^^^H^MR", pid(), "MRG|1001^^^H^MR").filter(
    ({ kind }) => kind === "merge",
  );
  const id = (number: string) => made(changesOf(msh("ADT^A31"), pid(number)), "Patient")[0]?.id;
  assert.deepEqual(
    merges.map((change) => change.kind === "merge" && [change.merged.id, change.survivor.id]),
    [
      [id("2002"), id("1001")],
      [id("4004"), id("3003")],
    ],
  );
});

test("suspected and ruled-out diagnoses say so, by type, by site's word or by what clinicians write", () => {
  const certainty = (type: string, name = "Stone") => {
    const [condition] = made(changesOf(msh("ADT^A08"), pid(), pv1, `DG1|1||N201^${name}^KCD8||20240301|${type}`), "Condition");
    return codes(condition?.["verificationStatus"] ?? {});
  };
  assert.deepEqual(
    ["F", "A", "W", "RO", "IMP"].map((type) => certainty(type)),
    ["", "", "provisional", "differential", "provisional"],
  );
  assert.deepEqual(
    ["R/O stone", "요로결석 의증", "suspected stone"].map((name) => certainty("F", name)),
    ["differential", "provisional", "provisional"],
  );
  const changes = changesOf(msh("ADT^A08"), pid(), pv1, "DG1|1||N201^x^KCD8||20240301|F|||||||||||||||D");
  assert.ok(changes.some(({ kind }) => kind === "delete"));
});

test("an order's end amends what was ordered: cancelled is never begun, discontinued ends when it was stopped", () => {
  const drug = ["RXE||D1^Drug^KD|1||tab", "TQ1|1|||||7^d|20240301|20240308"];
  const [ordered] = made(changesOf(msh("RDE^O11"), pid(), "ORC|NW|R1^EMR", ...drug), "MedicationRequest");
  assert.deepEqual([ordered?.["status"], ordered?.["intent"]], ["active", "filler-order"]);
  const ended = (control: string) =>
    changesOf(msh("RDE^O11", "20240304"), pid(), `ORC|${control}|R1^EMR|||||||20240304`).find(
      (change) => change.kind === "put" && change.amends,
    );
  for (const [control, status] of [
    ["CA", "cancelled"],
    ["OC", "cancelled"],
    ["DC", "stopped"],
    ["OD", "stopped"],
  ] as const) {
    const change = ended(control);
    assert.ok(change?.kind === "put" && ordered !== undefined);
    assert.equal(change.resource.id, ordered.id);
    const after = amendResource(ordered, change.resource);
    assert.deepEqual([after["status"], codes(after["medicationCodeableConcept"])], [status, "D1"]);
    const [dosage] = after["dosageInstruction"] as readonly { timing: { repeat: { boundsPeriod: unknown } }; doseAndRate: unknown }[];
    assert.ok(dosage?.doseAndRate !== undefined);
    assert.deepEqual(dosage.timing.repeat.boundsPeriod, { start: "2024-03-01", end: status === "stopped" ? "2024-03-04" : "2024-03-08" });
  }
  const [stopped] = made(changesOf(msh("OMG^O19"), pid(), "ORC|DC|R1^EMR", "OBR|1|R1^EMR||CT^x^L"), "ServiceRequest");
  assert.equal(stopped?.["status"], "revoked");
});

test("claim codes are a procedure's or a drug's by their segment", () => {
  const [procedure] = made(changesOf(msh("ADT^A08"), pid(), pv1, "PR1|1||M6561^x^EDI||20240301"), "Procedure");
  const [drug] = made(changesOf(msh("RDE^O11"), pid(), order, "RXE||642902190^x^EDI|1||tab"), "MedicationRequest");
  assert.match(JSON.stringify(procedure?.["code"]), /hira-edi-procedure/);
  assert.match(JSON.stringify(drug?.["medicationCodeableConcept"]), /hira-edi-medication/);
});

test("a fault in a field or a segment is named, and the rest is taken", () => {
  const conversion = convert(msh("ADT^A08"), pid(), pv1, "DG1|1||N201^x^KCD8||20240231|F", "DG1|2", "AL1|1|DA", "OBX|1|NM|1^x^L||much|mg");
  assert.ok(conversion.kind === "converted");
  assert.deepEqual(
    conversion.faults.map(({ code, place }) => `${code} ${place.path}`),
    ["hl7/bad-date DG1-5", "hl7/no-code DG1-3", "hl7/no-code AL1-3", "hl7/bad-number OBX-5"],
  );
  assert.equal(made(conversion.changes, "Condition").length, 1);
});
