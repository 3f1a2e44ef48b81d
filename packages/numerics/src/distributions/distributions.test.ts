import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import {
  betaDistribution,
  binomial,
  chiSquared,
  chiSquaredUpperTail,
  fisherF,
  gammaDistribution,
  hypergeometric,
  logBeta,
  logGamma,
  poisson,
  regularisedBeta,
  regularisedGamma,
  studentT,
  type Tails,
} from "./index.ts";

const known = JSON.parse(readFileSync(new URL("../../known-answers/distributions.json", import.meta.url), "utf8")) as Record<
  string,
  number[][]
>;

const rowsOf = (name: string): number[][] => {
  const rows = known[name] ?? [];
  assert.ok(rows.length > 3, name);
  return rows;
};

function assertClose(actual: number, expected: number | undefined, { relative, what }: { relative: number; what: string }): void {
  const limit = relative * Math.abs(expected ?? Number.NaN);
  assert.ok(Math.abs(actual - (expected ?? Number.NaN)) <= limit, `${what}: ${actual} against ${expected}`);
}

/** A row: where, parameters, lower tail, upper tail. */
function assertTails(name: string, tailsAt: (x: number, parameters: readonly number[]) => Tails): void {
  for (const row of rowsOf(name)) {
    const { lower, upper } = tailsAt(row[0] ?? Number.NaN, row.slice(1, -2));
    assertClose(lower, row.at(-2), { relative: 1e-12, what: `${name} lower at ${row}` });
    assertClose(upper, row.at(-1), { relative: 1e-12, what: `${name} upper at ${row}` });
  }
}

/** A row: argument, parameters, value. */
function assertValues(name: string, valueAt: (x: number, parameters: readonly number[]) => number, relative: number): void {
  for (const row of rowsOf(name))
    assertClose(valueAt(row[0] ?? Number.NaN, row.slice(1, -1)), row.at(-1), { relative, what: `${name} at ${row}` });
}

test("log gamma and log beta match R's lgamma and lbeta, and mpmath around the zeros", () => {
  assertValues("logGamma", (x) => logGamma(x), 1e-14);
  assertValues("logGammaNearZeros", (x) => logGamma(x), 1e-14);
  assertValues("logBeta", (a, [b = 0]) => logBeta(a, b), 1e-13);
});

test("both tails match R's pgamma, pt, pf, pbeta, ppois, pbinom and phyper to 1e-12, down to 1e-290", () => {
  assertTails("gamma", (x, [shape = 0]) => gammaDistribution({ shape, scale: 1 }).tails(x));
  assertTails("t", (t, [df = 0]) => studentT(df).tails(t));
  assertTails("f", (f, [a = 0, b = 0]) => fisherF(a, b).tails(f));
  assertTails("beta", (x, [a = 0, b = 0]) => betaDistribution(a, b).tails(x));
  assertTails("poisson", (k, [mean = 0]) => poisson(mean).tails(k));
  assertTails("binomial", (k, [n = 0, p = 0]) => binomial(n, p).tails(k));
  assertTails("hypergeometric", (k, [successes = 0, failures = 0, drawn = 0]) => hypergeometric({ successes, failures, drawn }).tails(k));
});

test("quantiles match R's to 1e-12", () => {
  assertValues("chiSquaredQuantile", (p, [df = 0]) => chiSquared(df).quantile(p), 1e-12);
  assertValues("chiSquaredUpperQuantile", (p, [df = 0]) => chiSquared(df).quantile(p, "upper"), 1e-12);
  assertValues("tQuantile", (p, [df = 0]) => studentT(df).quantile(p), 1e-12);
  assertValues("fQuantile", (p, [a = 0, b = 0]) => fisherF(a, b).quantile(p), 1e-12);
  assertValues("betaQuantile", (p, [a = 0, b = 0]) => betaDistribution(a, b).quantile(p), 1e-12);
  assertValues("poissonQuantile", (p, [mean = 0]) => poisson(mean).quantile(p), 0);
  assertValues("binomialQuantile", (p, [n = 0, chance = 0]) => binomial(n, chance).quantile(p), 0);
});

test("Fisher's noncentral distribution matches its definition summed by R", () => {
  for (const [x = 0, successes = 0, failures = 0, drawn = 0, oddsRatio = 0, lower, upper, mean] of rowsOf("noncentral")) {
    const distribution = hypergeometric({ successes, failures, drawn, oddsRatio });
    assertClose(distribution.tails(x).lower, lower, { relative: 1e-12, what: "lower" });
    assertClose(distribution.tails(x).upper, upper, { relative: 1e-12, what: "upper" });
    assertClose(distribution.mean, mean, { relative: 1e-12, what: "mean" });
  }
});

test("a quantile and its tail undo each other, from either tail", () => {
  const shape = fc.double({ min: 1.5, max: 400, noNaN: true });
  const logP = fc.double({ min: -150, max: -0.7, noNaN: true });
  fc.assert(
    fc.property(shape, shape, logP, fc.constantFrom("lower" as const, "upper" as const), (a, b, exponent, tail) => {
      const p = Math.exp(exponent);
      for (const distribution of [gammaDistribution({ shape: a, scale: b }), studentT(a), fisherF(a, b)]) {
        const x = distribution.quantile(p, tail);
        // A quantile that is rounded to a double moves its tail by the elasticity times 1e-16.
        assertClose(distribution.tails(x)[tail], p, { relative: 1e-11, what: `${tail} tail of ${a}, ${b}` });
      }
    }),
    { numRuns: 60 },
  );
});

test("masses add up to the tails", () => {
  const distributions = [
    poisson(3.5),
    binomial(12, 0.3),
    hypergeometric({ successes: 9, failures: 11, drawn: 8 }),
    hypergeometric({ successes: 9, failures: 11, drawn: 8, oddsRatio: 2.5 }),
  ];
  for (const distribution of distributions) {
    let total = 0;
    for (let k = 0; k <= 5; k++) total += distribution.mass(k);
    assertClose(total, distribution.tails(5).lower, { relative: 1e-14, what: "sum of masses" });
    const upper = distribution.quantile(0.01, "upper");
    assert.ok(distribution.tails(upper).upper <= 0.01 && distribution.tails(upper - 1).upper > 0.01);
  }
});

test("ends of the ranges are exact", () => {
  assert.deepEqual(regularisedGamma(2, 0), { lower: 0, upper: 1 });
  assert.deepEqual(regularisedGamma(2, Number.POSITIVE_INFINITY), { lower: 1, upper: 0 });
  assert.deepEqual(regularisedBeta(2, 3, { x: 1, y: 0 }), { lower: 1, upper: 0 });
  assert.deepEqual(studentT(4).tails(Number.NEGATIVE_INFINITY), { lower: 0, upper: 1 });
  assert.deepEqual(poisson(3).tails(-1), { lower: 0, upper: 1 });
  assert.deepEqual(poisson(0).tails(0), { lower: 1, upper: 0 });
  assert.deepEqual(binomial(5, 0).tails(0), { lower: 1, upper: 0 });
  assert.deepEqual(hypergeometric({ successes: 3, failures: 2, drawn: 4 }).tails(3), { lower: 1, upper: 0 });
  assert.deepEqual([chiSquared(3).quantile(0), chiSquared(3).quantile(0, "upper")], [0, Number.POSITIVE_INFINITY]);
  assert.deepEqual(
    [studentT(3).quantile(1), studentT(3).quantile(0.5), betaDistribution(2, 2).quantile(1)],
    [Number.POSITIVE_INFINITY, 0, 1],
  );
  assert.deepEqual([chiSquaredUpperTail(0, 3), chiSquaredUpperTail(Number.POSITIVE_INFINITY, 3)], [1, 0]);
});

test("what has no answer is refused, never NaN", () => {
  for (const refused of [
    () => logGamma(0),
    () => logGamma(Number.NaN),
    () => regularisedGamma(0, 1),
    () => regularisedGamma(1, -1),
    () => regularisedBeta(1, 1, { x: 0.5, y: 0.6 }),
    () => chiSquaredUpperTail(-1, 1),
    () => chiSquaredUpperTail(Number.NaN, 1),
    () => chiSquaredUpperTail(1, 0),
    () => studentT(3).tails(Number.NaN),
    () => studentT(3).quantile(1.1),
    () => fisherF(1, Number.POSITIVE_INFINITY),
    () => poisson(-1),
    () => poisson(1).tails(0.5),
    () => binomial(1.5, 0.5),
    () => hypergeometric({ successes: 1, failures: 1, drawn: 3 }),
    () => hypergeometric({ successes: 1, failures: 1, drawn: 1, oddsRatio: -1 }),
    () => hypergeometric({ successes: 3e6, failures: 3e6, drawn: 3e6 }),
  ])
    assert.throws(refused, RangeError);
});
