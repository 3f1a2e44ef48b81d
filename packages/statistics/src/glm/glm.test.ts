import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sha256 } from "@dure/kernel";
import { packedDiagonal, packedIndex, transformSymmetric } from "@dure/numerics";
import { generatedCsv } from "../testing.ts";
import type { Glm } from "./families.ts";
import {
  clusterFactor,
  glmConstant,
  glmDispersion,
  glmLikelihood,
  quadraticInverse,
  sandwichCovariance,
  waldChiSquared,
} from "./inference.ts";
import { type GlmRows, glmFitSums } from "./likelihood.ts";
import { fitGlm } from "./newton.ts";
import { generateGlmRows, glmFeatures, standardisedRows } from "./testing-glm.ts";

type Answer = Readonly<Record<string, readonly number[]>> & { readonly stage: Readonly<Record<string, readonly number[]>> };

const oracle = JSON.parse(readFileSync(new URL("../../known-answers/generated-glm.json", import.meta.url), "utf8")) as Record<
  string,
  Answer
> & {
  csvSha256: string;
};
const generated = generateGlmRows();

const cases: readonly { name: string; model: Glm; outcome: string; withOffset?: boolean; withWeights?: boolean }[] = [
  { name: "linear", model: { family: "linear", link: "identity" }, outcome: "linear" },
  { name: "linear, weights", model: { family: "linear", link: "identity" }, outcome: "linear", withWeights: true },
  { name: "logistic", model: { family: "logistic", link: "logit" }, outcome: "logistic" },
  { name: "poisson, offset", model: { family: "poisson", link: "log" }, outcome: "count", withOffset: true },
  { name: "negative-binomial, offset", model: { family: "negative-binomial", link: "log" }, outcome: "count", withOffset: true },
  { name: "gamma log", model: { family: "gamma", link: "log" }, outcome: "cost" },
  { name: "gamma log, weights", model: { family: "gamma", link: "log" }, outcome: "cost", withWeights: true },
  { name: "gamma inverse", model: { family: "gamma", link: "inverse" }, outcome: "cost" },
];

/** Everything the oracle has of one case, from rows that lie together. */
function analyse({ model, outcome, withOffset = false, withWeights = false }: (typeof cases)[number]) {
  const { rows, scales, totals, outcomeScale } = standardisedRows(model, generated, { outcome, withOffset, withWeights });
  const fit = fitGlm(model, rows, totals);
  assert.ok(fit.kind === "converged", `${fit.kind} at ${"columns" in fit ? fit.columns : ""}`);
  const sums = glmFitSums(model, rows, fit.params);
  const order = glmFeatures.length + 1;
  const dispersion = glmDispersion(model, { pearson: sums.pearson, residualDf: rows.rowCount - order });
  const back = backToOwnUnits(scales, model, outcomeScale);
  const identity = Float64Array.from({ length: sums.information.length });
  const own = (covariance: ArrayLike<number>) => [...packedDiagonal(transformSymmetric(covariance, back, order), order)].map(Math.sqrt);
  const inverse = sandwichCovariance(sums.information, sums.information, order) ?? identity;
  const model0 = inverse.map((value) => value * dispersion);
  const clusters = clusterProducts(model, rows, fit.params);
  const y = generated.columns.get(outcome) ?? new Float64Array();
  const constant = y.reduce((total, value, i) => total + glmConstant(model, value, rows.weights?.[i] ?? 1), 0);
  const parts = { n: rows.rowCount, weight: totals.weight, constant, parameterCount: order, logLikelihood: sums.logLikelihood };
  const coefficients = own2(fit.params, back, order).map(
    (value, j) => value + (j === 0 && model.link === "log" ? Math.log(outcomeScale) : 0),
  );
  const theta = fit.params[order];
  const reduced = withoutStage(rows);
  const small = fitGlm(model, reduced, totals);
  assert.ok(small.kind === "converged");
  const smallSums = glmFitSums(model, reduced, small.params);
  const smallAt = [...small.params.slice(0, 4), 0, 0, ...small.params.slice(4)];
  const scored = glmFitSums(model, rows, smallAt);
  const likelihood = glmLikelihood(model, { ...parts, deviance: sums.deviance });
  return {
    coefficients,
    standardErrors: own(model0),
    sandwich: own(sandwichCovariance(sums.information, sums.scoreProducts, order) ?? identity),
    clustered: own(sandwichCovariance(sums.information, clusters, order) ?? identity),
    deviance: sums.deviance,
    dispersion,
    ...likelihood,
    theta: theta === undefined ? [] : [Math.exp(theta), Math.exp(theta) / Math.sqrt(sums.thetaInformation)],
    stage: {
      wald: waldChiSquared(fit.params.slice(0, order), model0, [4, 5]) ?? Number.NaN,
      likelihoodRatio:
        model.family === "negative-binomial"
          ? 2 * (sums.logLikelihood - smallSums.logLikelihood)
          : (smallSums.deviance - sums.deviance) / dispersion,
      score: (quadraticInverse(scored.information, [...scored.gradient]) ?? Number.NaN) / dispersion,
    },
  };
}

/** Row-major: own units = matrix × standardised. */
function backToOwnUnits(scales: readonly { mean: number; sd: number }[], model: Glm, outcomeScale: number): Float64Array {
  const order = scales.length + 1;
  const factor = model.link === "inverse" ? 1 / outcomeScale : 1;
  const out = new Float64Array(order * order);
  out[0] = factor;
  scales.forEach(({ mean, sd }, j) => {
    out[(j + 1) * order + j + 1] = factor / sd;
    out[j + 1] = (-factor * mean) / sd;
  });
  return out;
}

const own2 = (params: readonly number[], back: Float64Array, order: number): readonly number[] =>
  Array.from({ length: order }, (_, i) =>
    params.slice(0, order).reduce((total, value, j) => total + (back[i * order + j] ?? 0) * value, 0),
  );

const withoutStage = (rows: GlmRows): GlmRows => ({ ...rows, featureCount: 3 });

/** Σ over hospitals of U Uᵀ, with its factor. */
function clusterProducts(model: Glm, rows: GlmRows, params: readonly number[]): Float64Array {
  const sites = generated.columns.get("site") ?? new Float64Array();
  const order = rows.featureCount + 1;
  const out = new Float64Array((order * (order + 1)) / 2);
  const distinct = [...new Set(sites)];
  for (const site of distinct) {
    const own = [...sites.keys()].filter((i) => sites[i] === site);
    const pick = (values: Float64Array | undefined) => (values === undefined ? undefined : Float64Array.from(own, (i) => values[i] ?? 0));
    const features = Float64Array.from(
      Array.from({ length: rows.featureCount }, (_, j) => own.map((i) => rows.features[j * rows.stride + i] ?? 0)).flat(),
    );
    const [weights, offset] = [pick(rows.weights), pick(rows.offset)];
    const part = {
      rowCount: own.length,
      features,
      featureCount: rows.featureCount,
      stride: own.length,
      outcome: pick(rows.outcome) ?? new Float64Array(),
    };
    const { gradient } = glmFitSums(model, { ...part, ...(weights ? { weights } : {}), ...(offset ? { offset } : {}) }, params);
    for (let i = 0; i < order; i++)
      for (let j = i; j < order; j++) {
        const cell = packedIndex(order, i, j);
        out[cell] = (out[cell] ?? 0) + (gradient[i] ?? 0) * (gradient[j] ?? 0);
      }
  }
  return out.map((value) => value * clusterFactor(distinct.length));
}

function close(actual: number, expected: number, what: string, size = Math.abs(expected)): void {
  assert.ok(Math.abs(actual - expected) <= 1e-8 * size, `${what}: ${actual} against R's ${expected}`);
}

test("the rows are those that R read", () => {
  assert.equal(sha256(generatedCsv(generated)), oracle.csvSha256);
});

for (const one of cases) {
  test(`${one.name}: coefficients, four standard errors, deviance, AIC and tests are those of R's glm, glm.nb and sandwich`, () => {
    const expected = oracle[one.name];
    assert.ok(expected !== undefined);
    const found = analyse(one);
    for (const [j, value] of (expected["coefficients"] ?? []).entries()) {
      close(
        found.coefficients[j] ?? Number.NaN,
        value,
        `coefficient ${j}`,
        Math.max(Math.abs(value), expected["standardErrors"]?.[j] ?? 0),
      );
      for (const kind of ["standardErrors", "sandwich", "clustered"] as const) {
        close(found[kind][j] ?? Number.NaN, expected[kind]?.[j] ?? Number.NaN, `${kind} ${j}`);
      }
    }
    for (const kind of ["deviance", "dispersion", "aic", "logLikelihood"] as const)
      close(found[kind], expected[kind]?.[0] ?? Number.NaN, kind);
    for (const [j, value] of found.theta.entries()) close(value, expected["theta"]?.[j] ?? Number.NaN, `theta ${j}`);
    for (const kind of ["wald", "likelihoodRatio", "score"] as const) {
      close(found.stage[kind], expected.stage[kind]?.[0] ?? Number.NaN, kind);
    }
  });
}
