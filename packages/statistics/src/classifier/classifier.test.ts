import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { logistic } from "@dure/numerics";
import fc from "fast-check";
import { fitLogisticRegression } from "../logistic-fit.ts";
import { linearPredictor } from "../logistic-likelihood.ts";
import { generateRows } from "../testing.ts";
import { averagePrecision } from "./average-precision.ts";
import { classifierPerformance, groupDecisions, pooledPerformance } from "./performance.ts";
import { countByRisk, keepCuts } from "./risk-intervals.ts";

interface KnownAnswer {
  readonly averagePrecision: number;
  readonly brier: number;
  readonly scaledBrier: number;
  readonly thresholds: readonly number[];
  /** Sensitivity, specificity, both predictive values, share called, net benefit, net benefit of calling everybody. */
  readonly at: readonly (readonly number[])[];
}
const known = JSON.parse(readFileSync(new URL("../../known-answers/generated-classifier.json", import.meta.url), "utf8")) as KnownAnswer;

const { columns, rowCount } = generateRows();
const names = ["age", "rare", "platelets", "nodes", "hormone"];
const scales = [12, 1, 1e5, 2, 1];
const features = Float64Array.from(names.flatMap((name, j) => [...(columns.get(name) ?? [])].map((x) => x / (scales[j] ?? 1))));
const outcome = columns.get("y") ?? new Float64Array();
const rows = { rowCount, features, featureCount: names.length, stride: rowCount, outcome };
const fit = fitLogisticRegression(rows);
assert.ok(fit.kind === "converged");
const eta = linearPredictor(rows, fit.params);

const near = (found: number | undefined, expected: number, tolerance: number, what: string): void =>
  assert.ok(Math.abs((found ?? Number.NaN) - expected) <= tolerance, `${what}: ${found} against ${expected}`);

const ASKED = { thresholds: known.thresholds, decisionCurve: true, minimumCell: 0 };

test("average precision and Brier score are those of R's fitted risks", () => {
  const found = classifierPerformance(eta, outcome, ASKED);
  near(found?.averagePrecision, known.averagePrecision, 1e-12, "average precision");
  near(found?.brier, known.brier, 1e-9, "Brier");
  near(found?.scaledBrier, known.scaledBrier, 1e-9, "scaled Brier");
});

test("decisions and net benefit at thresholds are those of R", () => {
  const { decisions = [], decisionCurve = [] } = classifierPerformance(eta, outcome, ASKED) ?? {};
  known.at.forEach(([sensitivity = 0, specificity = 0, ppv = 0, npv = 0, called = 0, model = 0, everybody = 0], i) => {
    const decision = decisions[i];
    assert.equal(decision?.threshold, known.thresholds[i]);
    near(decision?.sensitivity, sensitivity, 1e-12, "sensitivity");
    near(decision?.specificity, specificity, 1e-12, "specificity");
    near(decision?.positivePredictiveValue, ppv, 1e-12, "positive predictive value");
    near(decision?.negativePredictiveValue, npv, 1e-12, "negative predictive value");
    near(decision?.called, called, 1e-12, "called");
    const benefit = decisionCurve.find(({ threshold }) => threshold === known.thresholds[i]);
    near(benefit?.model, model, 1e-12, "net benefit");
    near(benefit?.everybody, everybody, 1e-12, "net benefit of calling everybody");
  });
  assert.equal(decisionCurve.length, 99);
});

test("histograms of all rows give what the rows give, to the width of a bin", () => {
  const bins = 1000;
  const histogram = (of: number) => {
    const counts = new Array<number>(bins).fill(0);
    eta.forEach((value, i) => {
      const bin = Math.min(bins - 1, Math.floor(logistic(value) * bins));
      if (outcome[i] === of) counts[bin] = (counts[bin] ?? 0) + 1;
    });
    return counts;
  };
  const squaredErrors = eta.reduce((total, value, i) => total + (logistic(value) - (outcome[i] ?? 0)) ** 2, 0);
  const pooled = pooledPerformance({ negatives: histogram(0), positives: histogram(1), squaredErrors }, ASKED);
  const exact = classifierPerformance(eta, outcome, ASKED);
  assert.deepEqual(pooled?.decisions, exact?.decisions);
  near(pooled?.brier, exact?.brier ?? 0, 1e-12, "Brier");
  near(pooled?.averagePrecision, known.averagePrecision, 0.01, "average precision");
  assert.equal(pooled?.n, rowCount);
});

test("ties are one step, and a class without rows has no average precision", () => {
  // Both scores tied: one step with recall 1 and precision 1/2.
  assert.equal(averagePrecision(Float64Array.of(1, 1), Float64Array.of(0, 1)), 0.5);
  assert.equal(averagePrecision(Float64Array.of(2, 1), Float64Array.of(1, 0)), 1);
  assert.equal(averagePrecision(Float64Array.of(2, 1), Float64Array.of(1, 1)), undefined);
});

const cohort = fc.array(fc.record({ eta: fc.double({ min: -4, max: 4, noNaN: true }), y: fc.boolean(), level: fc.nat(1) }), {
  minLength: 1,
  maxLength: 300,
});
const CUTS = Array.from({ length: 39 }, (_, i) => (i + 1) / 40);

test("whatever is told at two thresholds, no subtraction gives a class of fewer than the minimum cell, in no group", () => {
  fc.assert(
    fc.property(cohort, fc.integer({ min: 1, max: 12 }), (people, minimumCell) => {
      const groups = [0, 1].map((level) => people.filter((person) => person.level === level));
      const counts = groups.map((group) =>
        countByRisk(
          group.map((person) => person.eta),
          group.map((person) => Number(person.y)),
          CUTS,
        ),
      );
      const own = keepCuts(counts, minimumCell, { candidates: [20, 4, 30] });
      const kept = keepCuts(counts, minimumCell, { candidates: CUTS.map((_, cut) => cut), kept: own });
      assert.ok(own.every((cut) => kept.includes(cut)));
      const ends = [0, ...kept.map((cut) => cut + 1), CUTS.length + 1];
      for (const { negatives, positives } of counts) {
        for (const cells of [negatives, positives]) {
          const between = ends.slice(1).map((to, i) => cells.slice(ends[i], to).reduce((a, b) => a + b, 0));
          assert.ok(kept.length === 0 || between.every((cell) => cell >= minimumCell));
        }
      }
    }),
  );
});

test("with the rule off every threshold is told, and one patient between two of them shows", () => {
  const one = [
    { eta: -3, y: 0 },
    { eta: 0.3, y: 1 },
    { eta: 3, y: 1 },
  ];
  const counts = (cuts: readonly number[]) =>
    countByRisk(
      one.map((person) => person.eta),
      one.map((person) => person.y),
      cuts,
    );
  const [told = []] = groupDecisions([counts], { thresholds: [0.5, 0.6], decisionCurve: false, minimumCell: 0 });
  assert.deepEqual(
    told.map(({ sensitivity }) => sensitivity),
    [1, 0.5],
  );
  assert.deepEqual(groupDecisions([counts], { thresholds: [0.5, 0.6], decisionCurve: false, minimumCell: 5 }), [[]]);
});
