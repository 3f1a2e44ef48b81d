import assert from "node:assert/strict";
import test from "node:test";
import type { DecisionFigures } from "../classifier-result.ts";
import type { PooledAuc, SiteEvaluation } from "../result.ts";
import { pooledBeside } from "./given-away.ts";

/** [threshold, positives at or above it, negatives at or above it]. */
type Above = readonly [number, number, number];

const decisionsOf = (n: number, events: number, above: readonly Above[]): readonly DecisionFigures[] =>
  above.map(([threshold, positives, negatives]) => ({
    threshold,
    sensitivity: positives / events,
    specificity: 1 - negatives / (n - events),
    called: (positives + negatives) / n,
  }));

const figures = { averagePrecision: 0.5, brier: 0.2, scaledBrier: 0.1 };

const site = (name: string, n: number, events: number, above: readonly Above[]): SiteEvaluation => ({
  site: name,
  role: "training",
  n,
  events,
  auc: {},
  performance: { ...figures, decisions: decisionsOf(n, events, above) },
});

/** All: 300 patients, 90 with the outcome. */
const pooled = (above: readonly Above[]): PooledAuc => ({
  auc: 0.7,
  aucBound: 0,
  outOfFold: {
    ...figures,
    n: 300,
    events: 90,
    auc: 0.7,
    aucBound: 0,
    decisions: decisionsOf(300, 90, above),
    decisionCurve: [0.1, 0.2, 0.3, 0.4].map((threshold) => ({ threshold, model: 0.1, everybody: 0 })),
  },
});

const ABOVE: readonly Above[] = [
  [0.2, 70, 120],
  [0.4, 33, 40],
];
const told = (sites: readonly SiteEvaluation[], minimumCell: number) => {
  const { decisions = [], decisionCurve = [] } = pooledBeside(pooled(ABOVE), sites, minimumCell).outOfFold ?? {};
  return [decisions, decisionCurve].map((of) => of.map(({ threshold }) => threshold));
};

/** Hospital B tells nothing at 0.4: it has three patients with the outcome there. */
const A = site("A", 200, 60, [
  [0.2, 45, 80],
  [0.4, 30, 28],
]);
const B = site("B", 100, 30, [[0.2, 25, 40]]);

test("a threshold that the others tell and one hospital does not is left out of all, where that hospital's patients would be few", () => {
  assert.deepEqual(told([A, B], 5), [[0.2], [0.1, 0.2, 0.3]]);
});

test("without the rule the few are had by subtraction", () => {
  assert.deepEqual(told([A, B], 0), [
    [0.2, 0.4],
    [0.1, 0.2, 0.3, 0.4],
  ]);
  const [, all] = pooled(ABOVE).outOfFold?.decisions ?? [];
  const [, own] = A.performance?.decisions ?? [];
  assert.equal(Math.round((all?.sensitivity ?? 0) * 90 - (own?.sensitivity ?? 0) * 60), 3);
});

test("where every hospital tells a threshold, or none does, all together tell it too", () => {
  const whole = site("B", 100, 30, [
    [0.2, 25, 40],
    [0.4, 3, 12],
  ]);
  assert.deepEqual(told([A, whole], 5)[0], [0.2, 0.4]);
  assert.deepEqual(told([], 5)[0], [0.2, 0.4]);
});
