import assert from "node:assert/strict";
import { test } from "node:test";
import { aucInterval, formatBytes, formatCount, formatDecimal, formatP, formatSigned, proportionInterval } from "./format.ts";

test("a suppressed count prints its bound, an absent one a dash", () => {
  assert.equal(formatCount({ n: 1241 }), "1,241");
  assert.equal(formatCount({ lessThan: 5 }), "<5");
  assert.equal(formatCount({}), "–");
});

test("negative figures carry a minus sign and zero carries none", () => {
  assert.equal(formatDecimal(-0.352, 2), "−0.35");
  assert.equal(formatDecimal(-0.0001, 2), "0.00");
  assert.equal(formatSigned(0.0171, 3), "+0.017");
  assert.equal(formatSigned(-0.0171, 3), "−0.017");
});

test("a small p is printed as a bound", () => {
  assert.equal(formatP(3e-9), "<0.001");
  assert.equal(formatP(0.0352), "0.035");
  assert.equal(formatP(0.41), "0.41");
});

test("the interval of an AUC stays in [0, 1] and is that of a normal deviate", () => {
  assert.equal(aucInterval(0.99, 0.02).high, 1);
  assert.ok(Math.abs(aucInterval(0.71985, 0.00964).low - 0.7009559) < 1e-6);
});

test("Wilson's interval matches the published 15 of 148", () => {
  // Newcombe 1998, Stat Med 17:857, table I: score method without continuity correction, 0.0624 to 0.1605.
  const interval = proportionInterval(15, 148);
  assert.ok(Math.abs(interval.low - 0.0624) < 5e-5);
  assert.ok(Math.abs(interval.high - 0.1605) < 5e-5);
});

test("bytes are printed in decimal units", () => {
  assert.deepEqual([999, 1204, 2_500_000].map(formatBytes), ["999 B", "1.2 kB", "2.5 MB"]);
});
