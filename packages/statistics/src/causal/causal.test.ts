import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SeededRandom } from "@dure/kernel";
import fc from "fast-check";
import { contrastOf } from "./arm-effects.ts";
import { columnBalance, pooledDeviation } from "./balance.ts";
import { balancingWeights, type Estimand } from "./balancing-weights.ts";
import { eValue, riskRatioOfDifference, riskRatioOfHazards } from "./e-value.ts";
import { calibrate, fitNullDistribution } from "./empirical-calibration.ts";
import { type ModelRows, meanModelRules, ownInterceptSums, rowMeans } from "./own-intercept.ts";
import { sortTreatmentTimes, weightedCoxResiduals, weightedCoxSums } from "./weighted-cox.ts";
import { weightedKaplanMeier } from "./weighted-kaplan-meier.ts";

const known: Readonly<Record<string, readonly number[]>> = JSON.parse(
  readFileSync(new URL("../../known-answers/generated-treatment.json", import.meta.url), "utf8"),
);

const near = (actual: number | undefined, expected: number | undefined, tolerance: number): void => {
  const isNear = actual !== undefined && expected !== undefined && Math.abs(actual - expected) <= tolerance;
  assert.ok(isNear, `${actual} against ${expected}`);
};

test("E-values are those that VanderWeele & Ding 2017 give for maternal formula feeding and infant death: 7.26, and 3.0 for the limit", () => {
  const { estimate, interval } = eValue({ estimate: 3.9, ci95: [1.8, 8.7] });
  near(estimate, 7.26, 0.005);
  near(interval, 3, 0.005);
});

test("an E-value looks the same from either side of 1, and is 1 where the interval holds no effect", () => {
  const harm = eValue({ estimate: 2, ci95: [1.25, 4] });
  const help = eValue({ estimate: 0.5, ci95: [0.25, 0.8] });
  near(help.estimate, harm.estimate, 1e-12);
  near(help.interval, harm.interval, 1e-12);
  assert.deepEqual(eValue({ estimate: 1, ci95: [0.8, 1.2] }), { estimate: 1, interval: 1 });
});

test("a hazard ratio of a common outcome and a mean difference become risk ratios by the paper's formulas", () => {
  near(riskRatioOfHazards({ estimate: 2, ci95: [1, 4] }).estimate, (1 - 0.5 ** Math.SQRT2) / (1 - 0.5 ** Math.SQRT1_2), 1e-12);
  near(riskRatioOfHazards({ estimate: 1, ci95: [1, 1] }).estimate, 1, 1e-12);
  const { estimate, ci95 } = riskRatioOfDifference({ estimate: 0.5, standardError: 0.1 });
  near(estimate, Math.exp(0.455), 1e-12);
  near(ci95[1] / ci95[0], Math.exp(2 * 1.78 * 0.1), 1e-12);
});

test("the null distribution of greatest likelihood is R's, as far as its optimiser goes", () => {
  const estimates = [0.62, 0.11, 0.45, 0.9, -0.2, 0.33];
  const errors = [0.2, 0.25, 0.15, 0.3, 0.2, 0.1];
  const { mean, standardDeviation } = fitNullDistribution(estimates.map((estimate, i) => ({ estimate, standardError: errors[i] ?? 1 })));
  near(mean, known["null.wide"]?.[0], 1e-5);
  near(standardDeviation, known["null.wide"]?.[1], 1e-5);
});

test("controls that agree within their errors show no spread, and calibration then only shifts", () => {
  const { mean, standardDeviation } = fitNullDistribution([0.1, 0.12, 0.08].map((estimate) => ({ estimate, standardError: 0.2 })));
  near(standardDeviation, 0, 0);
  near(mean, 0.1, 1e-12);
  const { estimate, standardError, p } = calibrate({ estimate: 0.5, standardError: 0.2 }, { mean, standardDeviation });
  near(estimate, 0.4, 1e-12);
  near(standardError, 0.2, 1e-12);
  near(p, 0.04550026, 1e-8);
});

test("the null distribution moves with a shift of all controls, and no control has a higher likelihood elsewhere", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.double({ min: -2, max: 2, noNaN: true }), fc.double({ min: 0.05, max: 1, noNaN: true })), {
        minLength: 2,
        maxLength: 12,
      }),
      (drawn) => {
        const controls = drawn.map(([estimate, standardError]) => ({ estimate, standardError }));
        const found = fitNullDistribution(controls);
        const likelihood = (mean: number, deviation: number): number =>
          controls.reduce((total, { estimate, standardError }) => {
            const variance = deviation ** 2 + standardError ** 2;
            return total - Math.log(variance) / 2 - (estimate - mean) ** 2 / (2 * variance);
          }, 0);
        const best = likelihood(found.mean, found.standardDeviation);
        for (const [a, b] of [
          [0.01, 0],
          [-0.01, 0],
          [0, 0.01],
          [0, -0.01],
          [0.1, 0.1],
          [0, 0.5],
        ] as const)
          assert.ok(likelihood(found.mean + a, Math.max(0, found.standardDeviation + b)) <= best + 1e-9);
        const shifted = fitNullDistribution(controls.map(({ estimate, standardError }) => ({ estimate: estimate + 3, standardError })));
        near(shifted.mean, found.mean + 3, 1e-6);
      },
    ),
    { numRuns: 60 },
  );
});

test("weights are those of the definitions, their slopes their derivatives, and truncation holds them still", () => {
  const etas = Float64Array.from([-3, -0.4, 0, 1.3, 4]);
  const definitions: Readonly<Record<Estimand, (e: number, arm: number) => number>> = {
    ate: (e, arm) => (arm === 1 ? 1 / e : 1 / (1 - e)),
    att: (e, arm) => (arm === 1 ? 1 : e / (1 - e)),
    ato: (e, arm) => (arm === 1 ? 1 - e : e),
  };
  for (const [estimand, define] of Object.entries(definitions) as [Estimand, (e: number, arm: number) => number][]) {
    for (const arm of [0, 1]) {
      const treated = etas.map(() => arm);
      const at = (shift: number, truncation = 0) =>
        balancingWeights(
          treated,
          etas.map((eta) => eta + shift),
          { estimand, truncation, shares: [1, 1] },
        );
      const { weight, slope } = at(0);
      etas.forEach((eta, i) => {
        near(weight[i], define(1 / (1 + Math.exp(-eta)), arm), 1e-12 * (weight[i] ?? 0));
        near(slope[i], ((at(1e-5).weight[i] ?? 0) - (at(-1e-5).weight[i] ?? 0)) / 2e-5, 1e-6 * (weight[i] ?? 0));
      });
      const held = at(0, 0.2);
      if (estimand === "ato") assert.deepEqual(held.weight, weight);
      else {
        near(held.weight[0], define(0.2, arm), 1e-12);
        near(held.weight[4], define(0.8, arm), 1e-12);
        assert.deepEqual([held.slope[0], held.slope[4]], [0, 0]);
      }
    }
  }
});

test("a difference, a ratio and an odds ratio have the errors of the delta method; a mean of 0 has no ratio", () => {
  const arms = { means: [0.2, 0.3], covariance: [1e-4, 2e-5, 2e-4] } as const;
  near(contrastOf(arms, "difference")?.standardError, Math.sqrt(2.6e-4), 1e-15);
  near(contrastOf(arms, "ratio")?.standardError, Math.sqrt(1e-4 / 0.04 + 2e-4 / 0.09 - (2 * 2e-5) / 0.06), 1e-15);
  near(contrastOf(arms, "odds-ratio")?.estimate, Math.log((0.3 * 0.8) / (0.7 * 0.2)), 1e-15);
  assert.equal(contrastOf({ ...arms, means: [0, 0.3] }, "ratio"), undefined);
});

test("balance of a column that is alike in both arms is 0, also where it never varies", () => {
  const arm = { weightSum: 4, sum: 8, sumOfSquares: 16 };
  assert.equal(columnBalance([arm, arm], pooledDeviation([arm, arm])).standardisedDifference, 0);
});

test("an intercept taken out gives likelihood, gradient and information of the whole model at its best intercept", () => {
  const random = new SeededRandom(5);
  const rowCount = 80;
  const features = Float64Array.from({ length: 2 * rowCount }, () => random.normal());
  const params = [0.4, -0.3];
  for (const model of ["linear", "logistic", "poisson"] as const) {
    const outcome = Float64Array.from({ length: rowCount }, () => (model === "linear" ? random.normal() : random.below(2)));
    const rows: ModelRows = { rowCount, features, featureCount: 2, outcome };
    const form = { model, ownIntercept: true };
    const valueAt = (b: readonly number[]): number => {
      const means = rowMeans(rows, b, form);
      return means === undefined ? Number.NaN : ownInterceptSums(rows, means, form).logLikelihood;
    };
    const means = rowMeans(rows, params, form) ?? assert.fail();
    const { gradient, information } = ownInterceptSums(rows, means, form);
    const step = (j: number, by: number): readonly number[] => params.map((value, i) => (i === j ? value + by : value));
    for (const j of [0, 1]) near(gradient[j], (valueAt(step(j, 1e-5)) - valueAt(step(j, -1e-5))) / 2e-5, 1e-6);
    near(information[0], -(valueAt(step(0, 1e-3)) - 2 * valueAt(params) + valueAt(step(0, -1e-3))) / 1e-6, 1e-3);
    near(
      means.mean.reduce((total, mean, i) => total + (outcome[i] ?? 0) - mean, 0),
      0,
      1e-9,
    );
    assert.equal(meanModelRules(form).hasIntercept, false);
  }
  const alike: ModelRows = { rowCount, features, featureCount: 2, outcome: new Float64Array(rowCount) };
  assert.equal(rowMeans(alike, params, { model: "logistic", ownIntercept: true }), undefined);
  assert.equal(rowMeans(alike, params, { model: "poisson", ownIntercept: true }), undefined);
});

test("patients' residuals of a weighted Cox regression add up to its score, weight by weight", () => {
  const random = new SeededRandom(8);
  const draw = (value: () => number): Float64Array => Float64Array.from({ length: 120 }, value);
  const [times, events, treated, weights] = [
    draw(() => 1 + random.below(30)),
    draw(() => random.below(2)),
    draw(() => random.below(2)),
    draw(() => 0.5 + random.uniform()),
  ];
  const rows = sortTreatmentTimes(times, events, treated);
  const residuals = weightedCoxResiduals(rows, weights, 0.3);
  const { score } = weightedCoxSums(rows, weights, 0.3);
  near(
    residuals.reduce((total, value, i) => total + value * (weights[i] ?? 0), 0),
    score,
    1e-10,
  );
  const heavier = weights.map((weight, i) => (i === 17 ? weight + 1e-6 : weight));
  near((weightedCoxSums(rows, heavier, 0.3).score - score) / 1e-6, residuals[17], 1e-5);
});

test("weights of 1 give the Kaplan-Meier curve with Greenwood's error, and a curve that reaches 0 stays there without one", () => {
  const steps = weightedKaplanMeier([
    { timeDays: 1, events: 2, atRisk: 10, squaresAtRisk: 10 },
    { timeDays: 2, events: 4, atRisk: 8, squaresAtRisk: 8 },
    { timeDays: 3, events: 4, atRisk: 4, squaresAtRisk: 4 },
  ]);
  near(steps[1]?.survival, 0.4, 1e-15);
  near(steps[1]?.standardError, 0.4 * Math.sqrt(2 / (10 * 8) + 4 / (8 * 4)), 1e-15);
  assert.deepEqual(steps[2], { time: 3, survival: 0 });
});
