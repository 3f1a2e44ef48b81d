import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SeededRandom, sha256 } from "@dure/kernel";
import { factorCholesky, invertCholesky, log1pExp, logistic, packedDiagonal, packedIndex, packedLength } from "@dure/numerics";
import { calibrationBins, recalibrate } from "./calibration.ts";
import { describe } from "./description.ts";
import { aucDeLong, pairedDeLong } from "./discrimination.ts";
import { fitLogisticRegression } from "./logistic-fit.ts";
import { LogisticAccumulator, type LogisticRows, linearPredictor, logisticContribution } from "./logistic-likelihood.ts";
import { generatedCsv, generateRows } from "./testing.ts";
import { waldStatistics } from "./wald.ts";

const known = JSON.parse(readFileSync(new URL("../known-answers/generated-logistic.json", import.meta.url), "utf8"));
const generated = generateRows();
const column = (name: string): Float64Array => generated.columns.get(name) ?? new Float64Array();
const outcome = column("y");

const assertWithin = (actual: number | undefined, expected: number, tolerance: number, what: string): void => {
  assert.ok(actual !== undefined && Math.abs(actual - expected) <= tolerance, `${what}: ${actual} against ${expected}`);
};

/** Standardised features, and the fit taken back to the columns' own units. */
function fitOn(names: readonly string[]) {
  const described = names.map((name) => describe(column(name)));
  const features = new Float64Array(names.length * generated.rowCount);
  names.forEach((name, j) => {
    const { mean = 0, standardDeviation = 1 } = described[j] ?? {};
    features.set(
      column(name).map((value) => (value - mean) / standardDeviation),
      j * generated.rowCount,
    );
  });
  const rows: LogisticRows = { rowCount: generated.rowCount, features, featureCount: names.length, stride: generated.rowCount, outcome };
  const fit = fitLogisticRegression(rows);
  assert.equal(fit.kind, "converged");
  const converged = fit as Extract<typeof fit, { kind: "converged" }>;
  const scales = described.map(({ standardDeviation = 1 }) => standardDeviation);
  const errors = [...packedDiagonal(converged.covariance, names.length + 1)].map(Math.sqrt);
  return {
    eta: linearPredictor(rows, converged.params),
    slopes: scales.map((scale, j) => (converged.params[j + 1] ?? 0) / scale),
    errors: scales.map((scale, j) => (errors[j + 1] ?? 0) / scale),
    logLikelihood: converged.logLikelihood,
  };
}

const full = fitOn(["age", "rare", "platelets", "nodes", "hormone"]);
const small = fitOn(["age", "hormone"]);

test("the generated rows are those the oracle read", () => {
  assert.equal(sha256(generatedCsv(generated)), known.csvSha256);
});

test("coefficients, standard errors and log-likelihood match R's glm", () => {
  full.slopes.forEach((slope, j) => {
    const error = known.standardErrors[j + 1];
    assertWithin(slope, known.coefficients[j + 1], 1e-9 * error, `slope ${j}`);
    assertWithin(full.errors[j], error, 1e-9 * error, `standard error ${j}`);
  });
  small.slopes.forEach((slope, j) => {
    assertWithin(slope, known.smallCoefficients[j + 1], 1e-10, `small slope ${j}`);
  });
  assertWithin(full.logLikelihood, known.logLikelihood[0], 1e-9, "log-likelihood");
});

test("means and standard deviations match R", () => {
  generated.names.forEach((name, j) => {
    const { mean, standardDeviation } = describe(column(name));
    assertWithin(mean, known.means[j], 1e-14 * Math.abs(known.means[j]), `mean of ${name}`);
    assertWithin(standardDeviation, known.standardDeviations[j], 1e-13 * known.standardDeviations[j], `sd of ${name}`);
  });
});

test("AUC, DeLong's error and the paired difference match their definition in R", () => {
  const first = aucDeLong(full.eta, outcome);
  assertWithin(first?.auc, known.auc[0], 1e-12, "AUC");
  assertWithin(first?.se, known.auc[1], 1e-12, "its error");
  assertWithin(aucDeLong(small.eta, outcome)?.auc, known.smallAuc[0], 1e-12, "small AUC");
  assertWithin(aucDeLong(small.eta, outcome)?.se, known.smallAuc[1], 1e-12, "its error");
  const difference = pairedDeLong({ first: full.eta, second: small.eta }, outcome);
  assertWithin(difference?.estimate, known.pairedDifference[0], 1e-12, "difference");
  assertWithin(difference?.se, known.pairedDifference[1], 1e-12, "its error");
  const { p } = waldStatistics(difference?.estimate ?? 0, difference?.se ?? 0);
  assertWithin(p, known.pairedDifference[2], 1e-12, "p");
});

test("calibration intercept and slope match R's glm with and without offset", () => {
  const biased = full.eta.map((eta) => 0.4 + 1.5 * eta);
  const recalibration = recalibrate(biased, outcome);
  // R's own intercept is converged to 1e-8 only where its deviance no longer moves.
  assertWithin(recalibration?.intercept, known.recalibration[0], 1e-8, "intercept");
  assertWithin(recalibration?.slope, known.recalibration[1], 1e-8, "slope");
});

test("calibration bins hold the minimum cell of either class and every row once", () => {
  const bins = calibrationBins(full.eta, outcome, 20);
  assert.ok(bins.length > 1);
  assert.ok(bins.every((bin) => bin.events >= 20 && bin.n - bin.events >= 20));
  assert.equal(
    bins.reduce((total, bin) => total + bin.n, 0),
    generated.rowCount,
  );
  assert.ok(bins.every((bin, i) => i === 0 || bin.meanPredicted > (bins[i - 1]?.meanPredicted ?? 1)));
  assert.deepEqual(calibrationBins(full.eta, outcome, 500), []);
  assert.equal(calibrationBins(new Float64Array(generated.rowCount), outcome, 5).length, 1);
});

test("recalibration has no answer for equal predictions, one class and split classes", () => {
  assert.equal(recalibrate(new Float64Array(6), Float64Array.of(0, 1, 0, 1, 0, 1)), undefined);
  assert.equal(recalibrate(Float64Array.of(1, 2, 3), Float64Array.of(1, 1, 1)), undefined);
  assert.equal(recalibrate(Float64Array.of(1, 2, 3, 4), Float64Array.of(0, 0, 1, 1)), undefined);
});

test("the blocked pass equals the plain formula row by row", () => {
  const rows = randomRows(3, 777, 4);
  const params = [0.3, -1, 0.5, 2, 0.1];
  const fast = logisticContribution(rows, params);
  const slow = plainContribution(rows, params);
  const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-11 * Math.max(1, Math.abs(b));
  assert.ok(close(fast.logLikelihood, slow.logLikelihood));
  assert.ok(fast.gradient.every((value, j) => close(value, slow.gradient[j] ?? 0)));
  assert.ok(fast.information.every((value, j) => close(value, slow.information[j] ?? 0)));
  assert.ok(close(fast.weightSum, slow.information[0] ?? 0));
  assert.ok(close(fast.weightSquareSum, slow.weightSquareSum));
  assert.equal(fast.linearPredictorMax, slow.etaMax);
});

test("rows added in ranges give the sums of the rows added at once", () => {
  const rows = randomRows(4, 1000, 3);
  const params = [0, 1, -1, 0.5];
  const parts = new LogisticAccumulator(params);
  parts.add(rows, 0, 301);
  parts.add(rows, 301, 900);
  parts.add(rows, 900);
  const whole = logisticContribution(rows, params);
  parts.result().information.forEach((value, j) => {
    assertWithin(value, whole.information[j] ?? 0, 1e-11, `information ${j}`);
  });
  assertWithin(parts.result().logLikelihood, whole.logLikelihood, 1e-11, "log-likelihood");
});

test("a linear predictor that is not finite is refused, and the rows beyond the marks are counted", () => {
  const rows: LogisticRows = {
    rowCount: 3,
    features: Float64Array.of(1, 12, -25),
    featureCount: 1,
    stride: 3,
    outcome: Float64Array.of(0, 1, 0),
  };
  assert.deepEqual(logisticContribution(rows, [0, 1]).extremeCounts, [2, 1]);
  assert.throws(() => logisticContribution(rows, [0, 1e308]), RangeError);
  assert.throws(() => logisticContribution(rows, [0, Number.NaN]), RangeError);
  assert.throws(() => logisticContribution(rows, [0]), RangeError);
});

test("separation is found and its column named, before any row passes 30", () => {
  const cases: { readonly name: string; readonly separate: (x: number, j: number, y: number) => number; readonly column: number }[] = [
    { name: "complete, continuous", separate: (x, j, y) => (j === 1 ? Math.abs(x) * (2 * y - 1) : x), column: 2 },
    { name: "complete with a gap", separate: (x, j, y) => (j === 0 ? x * 0.2 + (2 * y - 1) : x), column: 1 },
    { name: "a level with one class only", separate: (x, j, y) => (j === 2 ? (y === 1 && x > 1 ? 5 : -0.1) : x), column: 3 },
  ];
  for (const { name, separate, column: separatedColumn } of cases) {
    for (let seed = 1; seed <= 5; seed++) {
      const rows = randomRows(seed, 400, 3);
      for (let j = 0; j < 3; j++) {
        for (let i = 0; i < 400; i++) {
          rows.features[j * 400 + i] = separate(rows.features[j * 400 + i] ?? 0, j, rows.outcome[i] ?? 0);
        }
      }
      const fit = fitLogisticRegression(rows);
      assert.equal(fit.kind, "separated", `${name}, seed ${seed}`);
      assert.ok("columns" in fit && fit.columns.includes(separatedColumn), `${name}, seed ${seed}`);
    }
  }
});

test("one outlying value that a slope multiplies beyond 24 ends as not converged, with its column", () => {
  // A slope of about 0.8, and a row of class 1 at 60.
  const rows = randomRows(7, 2000, 2);
  rows.features[rows.outcome.indexOf(1)] = 60;
  const fit = fitLogisticRegression(rows);
  assert.equal(fit.kind, "not-converged");
  assert.deepEqual("columns" in fit ? fit.columns : [], [1]);
});

test("a dependent column and a single class are named", () => {
  const rows = randomRows(9, 200, 3);
  for (let i = 0; i < 200; i++) rows.features[400 + i] = (rows.features[i] ?? 0) - 2 * (rows.features[200 + i] ?? 0) + 1;
  const fit = fitLogisticRegression(rows);
  assert.deepEqual(fit, { kind: "dependent", columns: [3], iterations: 0 });
  assert.deepEqual(fitLogisticRegression({ ...rows, outcome: new Float64Array(200) }), { kind: "one-class" });
});

test("the covariance is the inverse of the plain information", () => {
  const rows = randomRows(12, 500, 2);
  const fit = fitLogisticRegression(rows);
  assert.ok(fit.kind === "converged");
  const factored = factorCholesky(plainContribution(rows, [...fit.params]).information, 3);
  assert.ok(factored.kind === "factor");
  invertCholesky(factored).forEach((value, j) => {
    assertWithin(fit.covariance[j], value, 1e-10 * Math.abs(value) + 1e-14, `covariance ${j}`);
  });
});

function randomRows(seed: number, rowCount: number, featureCount: number): LogisticRows {
  const random = new SeededRandom(seed);
  const features = Float64Array.from({ length: rowCount * featureCount }, () => random.normal());
  const outcome = Float64Array.from({ length: rowCount }, (_, i) => (random.uniform() < logistic(0.8 * (features[i] ?? 0)) ? 1 : 0));
  return { rowCount, features, featureCount, stride: rowCount, outcome };
}

/** The formulas as the textbook writes them. */
function plainContribution(rows: LogisticRows, params: readonly number[]) {
  const order = params.length;
  const gradient = new Float64Array(order);
  const information = new Float64Array(packedLength(order));
  let logLikelihood = 0;
  let weightSquareSum = 0;
  let etaMax = 0;
  for (let i = 0; i < rows.rowCount; i++) {
    const x = [1, ...Array.from({ length: order - 1 }, (_, j) => rows.features[j * rows.stride + i] ?? 0)];
    const y = rows.outcome[i] ?? 0;
    const eta = x.reduce((total, value, j) => total + value * (params[j] ?? 0), 0);
    const p = logistic(eta);
    etaMax = Math.max(etaMax, Math.abs(eta));
    weightSquareSum += (p * (1 - p)) ** 2;
    logLikelihood += y * eta - log1pExp(eta);
    for (let j = 0; j < order; j++) {
      gradient[j] = (gradient[j] ?? 0) + (y - p) * (x[j] ?? 0);
      for (let k = j; k < order; k++) {
        const cell = packedIndex(order, j, k);
        information[cell] = (information[cell] ?? 0) + p * (1 - p) * (x[j] ?? 0) * (x[k] ?? 0);
      }
    }
  }
  return { gradient, information, logLikelihood, weightSquareSum, etaMax };
}
