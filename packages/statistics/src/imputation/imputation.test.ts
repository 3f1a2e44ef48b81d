import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SeededRandom, sha256, utf8 } from "@dure/kernel";
import { packedDiagonal, packedLength } from "@dure/numerics";
import { sumProducts } from "@dure/numerics/kernels";
import { logisticContribution } from "../logistic-likelihood.ts";
import { fitNewton, type LikelihoodSums } from "../newton.ts";
import { generatedCsv, generateRows } from "../testing.ts";
import { augmentationSums, drawChiSquared, drawLinear, drawNormal, linearPosterior } from "./posteriors.ts";
import { poolByRubin } from "./rubins-rules.ts";

const known = JSON.parse(readFileSync(new URL("../../known-answers/imputation.json", import.meta.url), "utf8")) as {
  readonly csvSha256: string;
  readonly linear: {
    readonly coefficients: readonly number[];
    readonly unscaledCovariance: readonly number[];
    readonly residualSquares: number;
    readonly df: number;
  };
  readonly logistic: { readonly coefficients: readonly number[]; readonly covariance: readonly number[] };
  readonly rubin: {
    readonly estimates: readonly number[];
    readonly standardErrors: readonly number[];
    readonly completeDf: number;
    readonly pooled: readonly number[];
  };
};

const rows = generateRows();
const isSeen = (i: number): boolean => (i + 1) % 5 !== 0;
const seen = Array.from({ length: rows.rowCount }, (_, i) => i).filter(isSeen);

/** Over all rows, n in the denominator. */
function standardised(name: string): Float64Array {
  const column = rows.columns.get(name) ?? new Float64Array();
  const mean = column.reduce((total, value) => total + value, 0) / column.length;
  const deviation = Math.sqrt(column.reduce((total, value) => total + (value - mean) ** 2, 0) / column.length);
  return Float64Array.from(seen, (i) => ((column[i] ?? Number.NaN) - mean) / deviation);
}

function assertNear(actual: ArrayLike<number>, expected: readonly number[], scales: readonly number[], what: string): void {
  assert.equal(actual.length, expected.length);
  for (const [j, value] of expected.entries()) {
    const distance = Math.abs((actual[j] ?? Number.NaN) - value);
    assert.ok(distance <= 1e-8 * Math.max(Math.abs(value), scales[j] ?? 0), `${what} ${j}: ${actual[j]} against ${value}`);
  }
}

/** Of each packed entry, the product of the two standard errors. */
function errorProducts(packed: readonly number[], order: number): readonly number[] {
  const errors = [...packedDiagonal(packed, order)].map(Math.sqrt);
  return errors.flatMap((a, i) => errors.slice(i).map((b) => a * b));
}

test("the rows are those that R read", () => {
  assert.equal(sha256(utf8(generatedCsv(rows))), known.csvSha256);
});

test("the posterior of a linear imputation model has the centre, covariance and residual squares of R's lm", () => {
  const columns = [new Float64Array(seen.length).fill(1), ...["age", "platelets", "hormone", "y", "nodes"].map(standardised)];
  const values = Float64Array.from(columns.flatMap((column) => [...column]));
  const products = sumProducts({ values, columnCount: 6, stride: seen.length }, { from: 0, to: seen.length });
  const posterior = linearPosterior(products, 6);
  assert.ok(posterior !== undefined);
  const { linear } = known;
  const sigma = Math.sqrt(linear.residualSquares / linear.df);
  assertNear(
    posterior.coefficients,
    linear.coefficients,
    [...packedDiagonal(linear.unscaledCovariance, 5)].map((v) => sigma * Math.sqrt(v)),
    "coefficient",
  );
  assertNear(posterior.unscaledCovariance, linear.unscaledCovariance, errorProducts(linear.unscaledCovariance, 5), "covariance");
  assert.ok(Math.abs(posterior.residualSquares / linear.residualSquares - 1) <= 1e-8);
  assert.equal(posterior.df, linear.df);
});

test("the posterior of a logistic imputation model is that of R's glm with the invented rows of White, Daniel and Royston", () => {
  const names = ["age", "platelets", "nodes", "y"];
  const columns = names.map(standardised);
  const outcome = Float64Array.from(seen, (i) => rows.columns.get("hormone")?.[i] ?? Number.NaN);
  const features = Float64Array.from(columns.flatMap((column) => [...column]));
  const own = { rowCount: seen.length, features, featureCount: names.length, stride: seen.length, outcome };
  const add = (x: ArrayLike<number>, y: ArrayLike<number>): readonly number[] => Array.from(x, (value, i) => value + (y[i] ?? 0));
  const sumsAt = (params: readonly number[]): LikelihoodSums => {
    const [a, b] = [logisticContribution(own, params), augmentationSums(params)];
    return {
      logLikelihood: a.logLikelihood + b.logLikelihood,
      gradient: add(a.gradient, b.gradient),
      information: add(a.information, b.information),
      extremeCounts: add(a.extremeCounts, b.extremeCounts),
    };
  };
  const rules = { hasIntercept: true, separatedAbove: 0, stepLengthMax: 2, lengtheningShareMax: 0.2, convergence: "quadratic" as const };
  const fit = fitNewton(new Array(5).fill(0), sumsAt, { rules });
  assert.ok(fit.kind === "converged");
  const { coefficients, covariance } = known.logistic;
  assertNear(fit.params, coefficients, [...packedDiagonal(covariance, 5)].map(Math.sqrt), "coefficient");
  assertNear(fit.covariance, covariance, errorProducts(covariance, 5), "covariance");
});

test("Rubin's rules match mice::pool.scalar: estimate, error, variances, Barnard-Rubin df and fraction of missing information", () => {
  const { estimates, standardErrors, completeDf, pooled } = known.rubin;
  const found = poolByRubin(
    estimates.map((estimate, i) => ({ estimate, standardError: standardErrors[i] ?? Number.NaN })),
    completeDf,
  );
  const actual = [
    found.estimate,
    found.standardError,
    found.withinVariance,
    found.betweenVariance,
    found.df,
    found.fractionMissingInformation,
    found.varianceShare,
  ];
  assertNear(actual, pooled, pooled.map(Math.abs), "figure");
});

test("estimates that agree lose no information beyond that of few degrees of freedom", () => {
  const same = poolByRubin(new Array(5).fill({ estimate: 1, standardError: 0.5 }), 100);
  assert.equal(same.betweenVariance, 0);
  assert.equal(same.standardError, 0.5);
  assert.ok(Math.abs(same.df - (100 * 101) / 103) < 1e-9);
  assert.throws(() => poolByRubin([{ estimate: 1, standardError: 1 }], 10), RangeError);
});

test("a column that follows from the others gets a ridge, and too few rows no posterior", () => {
  const columns = [1, 2, 3, 4, 5, 6].flatMap((x) => [1, x, 2 * x, x % 2]);
  const values = Float64Array.from({ length: 24 }, (_, i) => columns[(i % 6) * 4 + Math.floor(i / 6)] ?? 0);
  const products = sumProducts({ values, columnCount: 4, stride: 6 }, { from: 0, to: 6 });
  const posterior = linearPosterior(products, 4);
  assert.ok(posterior?.coefficients.every(Number.isFinite));
  assert.equal(linearPosterior(sumProducts({ values, columnCount: 4, stride: 6 }, { from: 0, to: 3 }), 4), undefined);
});

/** 5 standard errors of a mean over 20,000 draws: a false alarm in 2 million runs, and the seed is fixed. */
const DRAWS = 20_000;
const isNear = (values: readonly number[], mean: number, deviation: number): boolean =>
  Math.abs(values.reduce((total, value) => total + value, 0) / values.length - mean) <= (5 * deviation) / Math.sqrt(values.length);

test("draws have the posterior's mean and covariance, and χ² draws theirs (false alarm below 1e-5, seed fixed)", () => {
  const random = new SeededRandom(11);
  const covariance = [2, 0.6, -0.3, 1, 0.2, 0.5];
  assert.equal(covariance.length, packedLength(3));
  const draws = Array.from({ length: DRAWS }, () => drawNormal([1, -2, 0.5], covariance, { scale: 1, random }));
  for (const [j, mean] of [1, -2, 0.5].entries()) {
    assert.ok(
      isNear(
        draws.map((draw) => draw[j] ?? 0),
        mean,
        Math.sqrt([2, 1, 0.5][j] ?? 0),
      ),
      `mean ${j}`,
    );
  }
  const product = draws.map(([a = 0, b = 0]) => (a - 1) * (b + 2));
  assert.ok(isNear(product, 0.6, Math.sqrt(2 + 0.36)), "covariance");
  for (const df of [1, 3, 40]) {
    assert.ok(
      isNear(
        Array.from({ length: DRAWS }, () => drawChiSquared(df, random)),
        df,
        Math.sqrt(2 * df),
      ),
      `χ² of ${df}`,
    );
  }
  const posterior = { coefficients: [0], unscaledCovariance: [1], residualSquares: 40, df: 40 };
  const sigmas = Array.from({ length: DRAWS }, () => 1 / (drawLinear(posterior, random).at(-1) ?? 1) ** 2);
  assert.ok(isNear(sigmas, 1, Math.sqrt(2 / 40)), "σ");
});
