import assert from "node:assert/strict";
import { test } from "node:test";
import { collusionTolerated, MEMBERS_MAX, secureSumThreshold, shortestList } from "./threshold.ts";

const everyCount = Array.from({ length: MEMBERS_MAX - 2 }, (_, i) => i + 3);
const everyPlan = everyCount.flatMap((n) => [3, 5, 10, n].filter((minimum) => minimum <= n).map((minimum) => ({ n, minimum })));

test("the threshold is two thirds and one more", () => {
  assert.deepEqual([3, 4, 5, 7, 16, 100].map(secureSumThreshold), [3, 3, 4, 5, 11, 67]);
  assert.throws(() => secureSumThreshold(0), RangeError);
});

test("three members at a minimum of three tolerate one colluder and nobody absent", () => {
  assert.equal(collusionTolerated(3, 3), 1);
  assert.equal(shortestList(3, 3), 3);
});

test("the shortest list keeps two honest members for the claimed c, and c < 2t − n, for every alliance", () => {
  for (const { n, minimum } of everyPlan) {
    const c = collusionTolerated(n, minimum);
    assert.ok(c >= 1 && shortestList(n, minimum) - c >= 2 && c < 2 * secureSumThreshold(n) - n, `n ${n} minimum ${minimum} c ${c}`);
  }
});

test("the claimed c is the largest: one more breaks a condition", () => {
  for (const { n, minimum } of everyPlan) {
    const more = collusionTolerated(n, minimum) + 1;
    assert.ok(shortestList(n, minimum) - more < 2 || more >= 2 * secureSumThreshold(n) - n);
  }
});

test("with c colluders that sign everything, honest members that sign once never give two lists t signatures each", () => {
  for (const { n, minimum } of everyPlan) {
    const c = collusionTolerated(n, minimum);
    for (let first = 0; first <= n - c; first++) {
      const both = first + c >= secureSumThreshold(n) && n - c - first + c >= secureSumThreshold(n);
      assert.equal(both, false, `n ${n} c ${c} first ${first}`);
    }
  }
});

test("with c colluders and honest holders that show one share of a peer, its two secrets never both reach t shares", () => {
  for (const { n, minimum } of everyPlan) {
    const c = collusionTolerated(n, minimum);
    assert.ok(n - c + 2 * c < 2 * secureSumThreshold(n));
  }
});
