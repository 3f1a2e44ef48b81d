import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DEFAULT_SOURCE, type QualityCheck } from "./check.ts";
import type { CheckName } from "./check-types.ts";
import { describeReason, judgeCounts, notApplicableReason, type TableFacts, violatedPercent } from "./result.ts";

const check = (name: CheckName, thresholdPercent?: number, field = "unit_concept_id"): QualityCheck => ({
  ...{ name, table: "measurement", field, thresholdSource: DEFAULT_SOURCE, rule: { kind: "plain" } },
  ...(thresholdPercent === undefined ? {} : { thresholdPercent }),
});
const facts = (rowCount: number, valueCount: number): TableFacts => ({ rowCount, valueCounts: new Map([["unit_concept_id", valueCount]]) });
const judged = (thresholdPercent: number | undefined, violatedCount: number, denominatorCount: number) =>
  judgeCounts(check("fkDomain", thresholdPercent), { violatedCount, denominatorCount }).status;

test("at a threshold of 0, and without one, one row of a billion fails", () => {
  assert.equal(judged(0, 1, 1_000_000_000), "failed");
  assert.equal(judged(undefined, 1, 1_000_000_000), "failed");
  assert.equal(judged(0, 0, 1_000_000_000), "passed");
});

test("a share at the threshold passes with its faults, one above it fails", () => {
  assert.deepEqual(judgeCounts(check("fkDomain", 5), { violatedCount: 5, denominatorCount: 100 }), {
    status: "passed",
    counts: { violatedCount: 5, denominatorCount: 100 },
  });
  assert.equal(judged(5, 6, 100), "failed");
  assert.equal(judged(100, 100, 100), "passed");
});

test("more faults never make a failed check pass", () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(1000), fc.nat(100), (violated, more, threshold) => {
      const of = violated + more;
      const [few, many] = [judged(threshold, violated, of), judged(threshold, of, of)];
      assert.ok(few === "passed" || many === "failed");
      assert.ok(violatedPercent({ violatedCount: violated, denominatorCount: of }) <= 100);
    }),
  );
});

test("a concept that does not occur is not applicable, not passed", () => {
  const ofConcept = { ...check("plausibleGender", 5), conceptIds: [1] };
  assert.deepEqual(judgeCounts(ofConcept, { violatedCount: 0, denominatorCount: 0 }), {
    status: "not-applicable",
    reason: "concept-absent",
  });
});

test("what is missing or empty is not applicable, but for the checks that ask just that", () => {
  const reason = (name: CheckName, table: TableFacts | undefined, conditions = facts(1, 1)) =>
    notApplicableReason(check(name), table, conditions);
  const [filled, unpopulated, empty] = [facts(9, 5), facts(9, 0), facts(0, 0)];
  assert.deepEqual(
    [filled, unpopulated, empty, undefined].map((table) => reason("fkDomain", table)),
    [undefined, "field-unpopulated", "table-empty", "table-missing"],
  );
  assert.equal(notApplicableReason(check("fkDomain", 0, "absent"), filled, filled), "field-missing");
  for (const name of ["isRequired", "measureValueCompleteness"] as const)
    assert.deepEqual(
      [unpopulated, empty].map((table) => reason(name, table)),
      [undefined, "table-empty"],
    );
  for (const name of ["cdmField", "measurePersonCompleteness"] as const)
    assert.deepEqual(
      [unpopulated, empty, undefined].map((table) => reason(name, table)),
      [undefined, undefined, "table-missing"],
    );
  assert.equal(reason("cdmTable", undefined), undefined);
  assert.equal(reason("measureConditionEraCompleteness", empty), undefined);
  assert.equal(reason("measureConditionEraCompleteness", filled, empty), "no-conditions");
});

test("every reason has its words in both languages", () => {
  for (const reason of ["table-missing", "field-missing", "table-empty", "field-unpopulated", "concept-absent", "no-conditions"] as const) {
    const { en, ko } = describeReason(reason, check("fkDomain"));
    assert.ok(en !== "" && /[가-힣]/.test(ko), reason);
  }
});
