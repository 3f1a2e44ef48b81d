import assert from "node:assert/strict";
import { test } from "node:test";
import { DureError } from "@dure/kernel";
import { decisionFor, parseFhirPolicy } from "./policy.ts";
import { draftPolicy } from "./policy-draft.ts";
import { POLICY_PROFILES } from "./policy-profiles.ts";
import { NO_STATUS, OTHER_STATUS, STATUSES, stateOf } from "./resource-state.ts";
import { condition, confirmedPolicy, fateOf, mappingContext, request } from "./testing-mapping.ts";

const counts = [
  { resourceType: "MedicationRequest", intent: "order", status: "active", count: 23 },
  { resourceType: "Encounter", intent: "any", status: "finished", count: 7 },
];
const draft = (extra = "") =>
  `${draftPolicy({ source: "emr", profile: "guide", counts, on: "2024-01-01", timeZone: "Asia/Seoul", identifierSystems: [{ system: "urn:oid:1.2.3", count: 5 }] })}${extra}`;
const codesOf = (text: string): readonly string[] => {
  try {
    parseFhirPolicy({ file: "emr.yaml", text });
    return [];
  } catch (cause) {
    return cause instanceof DureError ? cause.problems.map(({ code }) => code) : [String(cause)];
  }
};

test("a draft is a document that can be read, shows the counts, decides on the types there are, and is not confirmed", () => {
  const policy = parseFhirPolicy({ file: "emr.yaml", text: draft() });
  assert.equal(policy.confirmed, undefined);
  assert.deepEqual(Object.keys(policy.admit), ["MedicationRequest", "Encounter"]);
  assert.deepEqual(policy.hospitalNumber, { system: "urn:oid:1.2.3" });
  assert.match(draft(), /# in the data: order active 23\n/);
  assert.match(draft(), /# in the data: finished 7\n/);
});

test("every profile decides on every status of every type, so that only words that FHIR does not have are left to `otherwise`", () => {
  for (const profile of POLICY_PROFILES) {
    const policy = confirmedPolicy(profile);
    for (const [type, statuses] of Object.entries(STATUSES)) {
      for (const status of [...statuses, NO_STATUS]) {
        const intent = type === "MedicationRequest" ? "order" : "any";
        assert.notEqual(decisionFor(policy, type, { intent, status }), undefined, `${profile} ${type} ${status}`);
      }
      assert.equal(decisionFor(policy, type, { intent: "any", status: OTHER_STATUS }), undefined);
    }
  }
  assert.equal(
    decisionFor(confirmedPolicy("guide", { otherwise: "exclude" }), "Observation", { intent: "any", status: OTHER_STATUS }),
    "exclude",
  );
});

test("f2o-060: by the guide only instance orders are exposures; a site may declare that its orders are, plans never", () => {
  const guide = mappingContext("guide");
  const declared = mappingContext("orders-count");
  const reason = "status or intent excluded by the policy";
  assert.equal(fateOf(request(), guide), reason);
  assert.equal(fateOf(request({ intent: "instance-order" }), guide), "events");
  assert.equal(fateOf(request(), declared), "events");
  for (const intent of ["proposal", "plan", "option"]) assert.equal(fateOf(request({ intent }), declared), reason);
  for (const status of ["cancelled", "draft", "on-hold", "entered-in-error", "unknown"])
    assert.equal(fateOf(request({ status }), declared), reason);
});

test("f2o-060: no policy can bring in what was entered in error, not done or not taken, nor a suspicion as a condition", () => {
  const line = (type: string, lists: string) => draft().replace(/admit:\n[\s\S]*?\n#/, `admit:\n  ${type}:\n    any: { ${lists} }\n#`);
  for (const [type, status] of [
    ["Observation", "entered-in-error"],
    ["Condition", "provisional"],
    ["Condition", "refuted"],
    ["Procedure", "not-done"],
    ["Immunization", "not-done"],
    ["MedicationStatement", "not-taken"],
  ] as const) {
    assert.deepEqual(codesOf(line(type, `use: [${status}]`)), ["fhir-policy/never-used"], `${type} ${status}`);
  }
  assert.deepEqual(codesOf(line("Observation", "observation: [final]")), ["fhir-policy/only-conditions"]);
  assert.deepEqual(codesOf(line("Observation", "use: [done]")), ["fhir-policy/unknown-status"]);
  assert.deepEqual(codesOf(line("Observation", "use: [final], exclude: [final]")), ["fhir-policy/twice"]);
  assert.deepEqual(codesOf(line("Claim", "use: [active]")), ["fhir-policy/unknown-type"]);
  assert.deepEqual(codesOf(draft("colour: red\n")), ["fhir-policy/unknown-key"]);
  assert.deepEqual(codesOf(draft().replace("Asia/Seoul", "Asia/Nowhere")), ["fhir-policy/bad-value"]);
});

test("a status that FHIR does not have is never shown as it stands", () => {
  assert.deepEqual(stateOf({ resourceType: "Observation", status: "Kim" }), { intent: "any", status: OTHER_STATUS });
  assert.deepEqual(stateOf(request({ intent: "Kim" })), { intent: OTHER_STATUS, status: "active" });
  assert.deepEqual(stateOf(condition()), { intent: "any", status: NO_STATUS });
  assert.deepEqual(stateOf({ resourceType: "Patient", active: false }), { intent: "any", status: "inactive" });
});
