import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sha256 } from "@dure/kernel";
import { calibrationAt, predictionAt } from "./prediction-at-time.ts";
import { generateSurvival, survivalCsv } from "./testing-cox.ts";

const known = JSON.parse(readFileSync(new URL("../../known-answers/generated-predictions.json", import.meta.url), "utf8"));
const rows = generateSurvival();
const column = (name: string): Float64Array => rows.columns.get(name) ?? new Float64Array();
const outcome = { times: column("days"), events: column("event") };
const risks = column("nodes").map((nodes, i) => {
  const score = nodes + (column("age")[i] ?? 0) / 64 - (column("hormone")[i] ?? 0);
  return 1 - Math.exp(-Math.exp(score / 4 - 1));
});

const near = (actual: number | undefined, expected: number, what: string): void =>
  assert.ok(actual !== undefined && Math.abs(actual - expected) <= 1e-10 * Math.abs(expected), `${what}: ${actual} against ${expected}`);

test("the generated rows are those that R has seen", () => assert.equal(sha256(survivalCsv(rows)), known.csvSha256));

test("Uno's AUC with its error, and Graf's Brier score, weighted by the Kaplan-Meier estimate of censoring, match R", () => {
  for (const [i, time] of (known.at as readonly number[]).entries()) {
    const found = predictionAt(outcome, risks, time);
    assert.deepEqual([found?.caseCount, found?.controlCount], [known.cases[i], known.controls[i]]);
    for (const figure of ["auc", "aucSe", "brier", "brierReference"] as const)
      near(found?.[figure], known[figure][i], `${figure} at ${time}`);
  }
});

test("calibration at a time, observed by Kaplan-Meier in fifths of predicted risk, matches R", () => {
  const { time, meanPredicted, observed } = known.calibration;
  const groups = calibrationAt(outcome, risks, { timeDays: time, groupCount: 5, minimumCell: 0 });
  assert.equal(groups.length, 5);
  groups.forEach((group, g) => {
    near(group.meanPredicted, meanPredicted[g], `predicted in group ${g}`);
    near(group.observed, observed[g], `observed in group ${g}`);
  });
});

test("groups are fewer until each holds the minimum cell of events and of the others; none is shown where one cannot", () => {
  const groups = calibrationAt(outcome, risks, { timeDays: 200, groupCount: 10, minimumCell: 12 });
  assert.ok(groups.length > 0 && groups.length < 10);
  assert.ok(groups.every(({ n, events }) => events >= 12 && n - events >= 12));
  assert.deepEqual(calibrationAt(outcome, risks, { timeDays: 30, groupCount: 10, minimumCell: 300 }), []);
});

test("where there is no case or nobody is followed beyond the time there is no figure; without censoring it is the plain AUC and Brier score", () => {
  assert.equal(predictionAt(outcome, risks, 0.5), undefined);
  assert.equal(predictionAt(outcome, risks, 1e6), undefined);
  const plain = predictionAt({ times: Float64Array.of(1, 2, 3, 4), events: [1, 1, 1, 1] }, Float64Array.of(0.8, 0.3, 0.3, 0.1), 2.5);
  assert.deepEqual([plain?.auc, plain?.brier.toFixed(6)], [0.875, ((0.04 + 0.49 + 0.09 + 0.01) / 4).toFixed(6)]);
});
