import assert from "node:assert/strict";
import { test } from "node:test";
import { digamma, trigamma } from "./digamma.ts";

const EULER = 0.5772156649015329;
const within = (found: number, exact: number, relative: number) =>
  assert.ok(Math.abs(found - exact) <= relative * Math.max(1, Math.abs(exact)), `${found} against ${exact}`);

test("digamma has its closed values at 1, 1/2 and 1/4, and that of DLMF 5.4.16 at 3/4", () => {
  within(digamma(1), -EULER, 2e-15);
  within(digamma(0.5), -EULER - 2 * Math.LN2, 2e-15);
  within(digamma(0.25), -EULER - Math.PI / 2 - 3 * Math.LN2, 2e-15);
  within(digamma(0.75), -EULER + Math.PI / 2 - 3 * Math.LN2, 2e-15);
});

test("trigamma has its closed values at 1, 1/2 and 1/4", () => {
  within(trigamma(1), Math.PI ** 2 / 6, 2e-15);
  within(trigamma(0.5), Math.PI ** 2 / 2, 2e-15);
  within(trigamma(0.25), Math.PI ** 2 + 8 * 0.915965594177219, 2e-15);
});

test("both follow their recurrences over six powers of ten", () => {
  for (const x of [1e-3, 0.1, 2.5, 14.2, 14.99, 300, 1e6]) {
    within(digamma(x + 1), digamma(x) + 1 / x, 4e-15 * Math.max(1, 1 / x));
    within(trigamma(x + 1), trigamma(x) - 1 / (x * x), 4e-15 * Math.max(1, 1 / (x * x)));
  }
});

test("0, negative numbers and NaN are refused", () => {
  for (const x of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) assert.throws(() => digamma(x), RangeError);
  assert.throws(() => trigamma(0), RangeError);
});
