import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom, toHex, utf8 } from "@dure/kernel";
import { type ByteSource, keyedBytes, type Ratio, sampleDiscreteGaussian } from "./discrete-gaussian.ts";

const seededBytes = (seed: number): ByteSource => {
  const random = new SeededRandom(seed);
  return (length) => Uint8Array.from({ length }, () => random.below(256));
};

const ratio = (numerator: bigint, denominator = 1n): Ratio => ({ numerator, denominator });

/** Exact probabilities of −reach to reach, the last one on each side with its tail; tails beyond 40σ are below 1e-300. */
function exactProbabilities(variance: number, reach: number): readonly number[] {
  const density = (x: number): number => Math.exp(-(x * x) / (2 * variance));
  const far = Math.ceil(40 * Math.sqrt(variance)) + reach;
  const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const total = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + density(x), 0);
  const whole = total(range(-far, far));
  const tail = total(range(reach, far)) / whole;
  return [tail, ...range(-reach + 1, reach - 1).map((x) => density(x) / whole), tail];
}

/** Pearson's test: how likely draws of that distribution are to lie as far from it as these, or farther. */
function chanceOf(draws: readonly bigint[], variance: number, reach: number): number {
  const probabilities = exactProbabilities(variance, reach);
  const counts = new Array<number>(probabilities.length).fill(0);
  for (const draw of draws) {
    const cell = Math.min(reach, Math.max(-reach, Number(draw))) + reach;
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  const n = draws.length;
  return chiSquareTail(
    probabilities.reduce((sum, p, i) => sum + ((counts[i] ?? 0) - n * p) ** 2 / (n * p), 0),
    2 * reach,
  );
}

/** P(χ² > x) with an even number of degrees of freedom: exp(−x/2) Σ (x/2)^k / k! over k below half of them. */
function chiSquareTail(x: number, degreesOfFreedom: number): number {
  let term = Math.exp(-x / 2);
  let sum = 0;
  for (let k = 1; k <= degreesOfFreedom / 2; k++) {
    sum += term;
    term *= x / 2 / k;
  }
  return sum;
}

const draw = (variance: Ratio, seed: number, count: number): readonly bigint[] => {
  const bytes = seededBytes(seed);
  return Array.from({ length: count }, () => sampleDiscreteGaussian(variance, bytes));
};

/** Five such checks in this file: together a false alarm in one of 100,000 seeds at most. The seeds are fixed. */
const chanceMin = 2e-6;

test("the tail of the chi-square distribution agrees with a second computation", () => {
  assert.ok(Math.abs(chiSquareTail(52.244976887136126, 16) / 1e-5 - 1) < 1e-9);
});

test("draws follow the exact probabilities at variance 9, 1/2 and 50/3", () => {
  assert.ok(chanceOf(draw(ratio(9n), 71, 20_000), 9, 8) > chanceMin);
  assert.ok(chanceOf(draw(ratio(1n, 2n), 72, 20_000), 1 / 2, 3) > chanceMin);
  assert.ok(chanceOf(draw(ratio(50n, 3n), 73, 20_000), 50 / 3, 12) > chanceMin);
});

test("the check tells a neighbouring variance from the right one", () => {
  const draws = draw(ratio(10n), 5, 20_000);
  assert.ok(chanceOf(draws, 10, 8) > chanceMin);
  assert.ok(chanceOf(draws, 9, 8) < chanceMin);
});

test("keyed bytes are the same for the same key and purpose, however they are asked for, and others otherwise", () => {
  const key = utf8("a key of a test");
  const whole = keyedBytes(key, "count")(100);
  const source = keyedBytes(key, "count");
  const parts = [1, 31, 33, 35].map((length) => toHex(source(length))).join("");
  assert.equal(parts, toHex(whole));
  assert.notEqual(toHex(keyedBytes(key, "other")(100)), toHex(whole));
  assert.notEqual(toHex(keyedBytes(utf8("another key"), "count")(100)), toHex(whole));
  assert.notEqual(toHex(whole.subarray(0, 32)), toHex(whole.subarray(32, 64)));
});

test("a keyed draw is repeatable, and keyed draws follow the exact probabilities", () => {
  const keyed = (i: number): bigint => sampleDiscreteGaussian(ratio(9n), keyedBytes(utf8(`key ${i}`), "count"));
  assert.equal(keyed(7), keyed(7));
  const draws = Array.from({ length: 8000 }, (_, i) => keyed(i));
  assert.ok(chanceOf(draws, 9, 8) > chanceMin);
});

test("a variance that is not positive is refused", () => {
  for (const variance of [ratio(0n), ratio(-1n), ratio(1n, 0n)])
    assert.throws(() => sampleDiscreteGaussian(variance, seededBytes(1)), RangeError);
});
