import assert from "node:assert/strict";
import { test } from "node:test";
import { checkId, DEFAULT_SOURCE, type QualityCheck } from "./check.ts";
import { judgeStudiedFields } from "./gate.ts";
import type { CheckResult, CheckStatus } from "./result.ts";

const result = (name: QualityCheck["name"], status: CheckStatus, more: Partial<QualityCheck> = {}): CheckResult => {
  const check: QualityCheck = { ...{ name, table: "measurement", thresholdSource: DEFAULT_SOURCE, rule: { kind: "plain" } }, ...more };
  return { id: checkId(check), check, status, durationMs: 0 };
};
const field = "value_as_number";
const sound = [
  result("cdmTable", "passed"),
  result("cdmField", "passed", { field }),
  result("measureValueCompleteness", "passed", { field }),
];
const studied = [{ table: "measurement", field }];
const kinds = (results: readonly CheckResult[], fields: Parameters<typeof judgeStudiedFields>[1] = studied) =>
  judgeStudiedFields(results, fields).findings.map(({ kind }) => kind);

test("a field whose required checks passed is admitted, whatever befell other fields", () => {
  const other = result("isRequired", "failed", { field: "person_id" });
  assert.deepEqual(judgeStudiedFields([...sound, other], studied), { isSatisfied: true, findings: [] });
});

test("not applicable and error never satisfy a required check, and nothing checked satisfies nothing", () => {
  for (const status of ["not-applicable", "error", "failed"] as const)
    assert.deepEqual(kinds([...sound.slice(0, 2), result("measureValueCompleteness", status, { field })]), [status]);
  assert.deepEqual(kinds(sound.slice(0, 2)), ["not-checked"]);
  assert.deepEqual(kinds([]), ["not-checked"]);
  assert.equal(judgeStudiedFields(sound, []).isSatisfied, false);
});

test("a fatal failure of the table or the field closes the gate, an unlikely value does not, an error does", () => {
  assert.deepEqual(kinds([...sound, result("isForeignKey", "failed", { field })]), ["failed"]);
  assert.deepEqual(kinds([...sound, result("plausibleValueLow", "failed", { field })]), []);
  assert.deepEqual(kinds([...sound, result("plausibleValueLow", "error", { field })]), ["error"]);
});

test("a studied concept must occur; another concept of the field does not matter", () => {
  const ofConcept = (id: number, status: CheckStatus) =>
    result("plausibleUnitConceptIds", status, { field: "measurement_concept_id", conceptIds: [id] });
  const fields = [{ table: "measurement", field, conceptId: 3004410 }];
  assert.deepEqual(kinds([...sound, ofConcept(3004410, "passed"), ofConcept(1, "not-applicable")], fields), []);
  assert.deepEqual(kinds([...sound, ofConcept(3004410, "not-applicable")], fields), ["not-applicable"]);
});
