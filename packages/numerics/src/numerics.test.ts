import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { chiSquaredUpperTail } from "./distributions/index.ts";
import { log1pExp, logistic, logit } from "./logistic.ts";
import { erfc, normalCdf, normalQuantile, normalUpperTail, twoSidedP } from "./normal.ts";
import { CompensatedSum, CompensatedVector, sum } from "./sums.ts";
import {
  factorCholesky,
  invertCholesky,
  packedDiagonal,
  packedIndex,
  packedLength,
  quadraticForm,
  solveCholesky,
  transformSymmetric,
  whitenCholesky,
} from "./symmetric.ts";

const known = JSON.parse(readFileSync(new URL("../known-answers/numerics.json", import.meta.url), "utf8")) as Record<string, number[]>;

function assertClose(actual: number, expected: number, relative: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= relative * Math.abs(expected), `${what}: ${actual} against ${expected}`);
}

function assertEach(f: (x: number) => number, x: string, expected: string, relative: number): void {
  const inputs = known[x] ?? [];
  assert.ok(inputs.length > 0);
  inputs.forEach((value, i) => {
    assertClose(f(value), known[expected]?.[i] ?? Number.NaN, relative, `${expected} at ${value}`);
  });
}

test("the normal distribution matches R's pnorm in both tails", () => {
  assertEach(normalCdf, "z", "lower", 1e-14);
  assertEach(normalUpperTail, "z", "upper", 1e-14);
  assert.equal(twoSidedP(-1.3), 2 * normalUpperTail(1.3));
});

test("the upper tail of the chi-squared distribution matches R's pchisq", () => {
  const { chiSquared = [], df = [], chiSquaredUpper = [] } = known;
  assert.equal(chiSquared.length, 9);
  chiSquared.forEach((x, i) => {
    assertClose(chiSquaredUpperTail(x, df[i] ?? 0), chiSquaredUpper[i] ?? Number.NaN, 1e-12, `${x} with ${df[i]}`);
  });
});

test("the normal quantile matches R's qnorm", () => {
  assertEach(normalQuantile, "p", "quantile", 1e-14);
  assert.equal(normalQuantile(0), Number.NEGATIVE_INFINITY);
  assert.equal(normalQuantile(1), Number.POSITIVE_INFINITY);
});

test("the logistic function and log(1 + exp) match R over the whole range", () => {
  assertEach(logistic, "eta", "logistic", 1e-14);
  assertEach(log1pExp, "eta", "log1pExp", 1e-14);
});

test("what has no answer is refused, never NaN", () => {
  assert.throws(() => erfc(Number.NaN), RangeError);
  assert.throws(() => normalQuantile(1.1), RangeError);
  assert.throws(() => normalQuantile(Number.NaN), RangeError);
  assert.throws(() => logit(0), RangeError);
  assert.throws(() => factorCholesky([1, Number.NaN, 1], 2), RangeError);
  assert.throws(() => factorCholesky([1, 2], 2), RangeError);
  assert.throws(() => solveCholesky(factor([1, 0, 1], 2), [1]), RangeError);
});

test("the inverse and a solution of a Hilbert matrix match R", () => {
  const order = 5;
  const packed = Float64Array.from({ length: packedLength(order) });
  for (let i = 0; i < order; i++) for (let j = i; j < order; j++) packed[packedIndex(order, i, j)] = 1 / (i + j + 1);
  const hilbert = factor(packed, order);
  const inverse = invertCholesky(hilbert);
  for (let i = 0; i < order; i++) {
    for (let j = i; j < order; j++) {
      assertClose(inverse[packedIndex(order, i, j)] ?? 0, known["hilbertInverse"]?.[i * order + j] ?? 0, 1e-10, `inverse ${i}, ${j}`);
    }
  }
  solveCholesky(hilbert, known["b"] ?? []).forEach((x, i) => {
    assertClose(x, known["hilbertSolution"]?.[i] ?? 0, 1e-10, `solution ${i}`);
  });
});

test("a dependent column is named, whatever the units of the columns", () => {
  // Columns a, b and a + 2b with b in other units: the Gram matrix of three vectors of which the third is dependent.
  const a = [1, 2, 3, 4];
  const b = [1e6, -1e6, 3e6, 5e6];
  const c = a.map((value, i) => value + 2 * (b[i] ?? 0));
  const columns = [a, b, c];
  const gram: number[] = [];
  for (let i = 0; i < 3; i++) for (let j = i; j < 3; j++) gram.push(sum((columns[i] ?? []).map((x, r) => x * (columns[j]?.[r] ?? 0))));
  assert.deepEqual(factorCholesky(gram, 3), { kind: "dependent", columnIndex: 2 });
  assert.deepEqual(factorCholesky([1, 0, 0, 0, 0, 1], 3), { kind: "dependent", columnIndex: 1 });
});

test("solving and multiplying by the matrix give the right side back", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 16, maxLength: 16 }), (entries) => {
      const order = 4;
      const packed = new Float64Array(packedLength(order));
      for (let i = 0; i < order; i++) {
        for (let j = i; j < order; j++) {
          let value = i === j ? 1 : 0;
          for (let k = 0; k < order; k++) value += (entries[i * order + k] ?? 0) * (entries[j * order + k] ?? 0);
          packed[packedIndex(order, i, j)] = value;
        }
      }
      const right = [1, -1, 2, 0.5];
      const x = solveCholesky(factor(packed, order), right);
      const energy = right.reduce((total, value, i) => total + value * (x[i] ?? 0), 0);
      assertClose(quadraticForm(packed, x), energy, 1e-9, "xᵀAx = xᵀb");
    }),
  );
});

test("a transformation keeps symmetry and scales the diagonal", () => {
  const out = transformSymmetric([4, 1, 9], [2, 0, 0, 3], 2);
  assert.deepEqual([...out], [16, 6, 81]);
  assert.deepEqual([...packedDiagonal(out, 2)], [16, 81]);
});

test("whitening a covariance gives the identity", () => {
  const covariance = [4, 1, -2, 9, 3, 16];
  const whitening = whitenCholesky(factor(covariance, 3));
  const transposed = whitening.map((_, i) => whitening[(i % 3) * 3 + Math.floor(i / 3)] ?? 0);
  transformSymmetric(covariance, transposed, 3).forEach((value, cell) => {
    assert.ok(Math.abs(value - ([0, 3, 5].includes(cell) ? 1 : 0)) < 1e-14, `cell ${cell}: ${value}`);
  });
});

test("compensated sums keep what a plain loop loses", () => {
  const terms = [1, 1e100, 1, -1e100];
  assert.equal(sum(terms), 2);
  const vector = new CompensatedVector(2);
  for (const term of terms) vector.add([term, -term]);
  assert.deepEqual([...vector.values], [2, -2]);
  const total = new CompensatedSum();
  for (let i = 0; i < 1e6; i++) total.add(0.1);
  assert.equal(total.value, 100000);
  assert.throws(() => vector.add([1]), RangeError);
});

function factor(packed: ArrayLike<number>, order: number) {
  const factored = factorCholesky(packed, order);
  assert.equal(factored.kind, "factor");
  return factored as Extract<typeof factored, { kind: "factor" }>;
}
