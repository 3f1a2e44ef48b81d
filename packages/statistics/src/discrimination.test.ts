import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { aucDeLong, aucFromHistograms, pairedDeLong } from "./discrimination.ts";
import { waldStatistics } from "./wald.ts";

const scored = fc
  .array(fc.record({ score: fc.integer({ min: 0, max: 20 }), y: fc.integer({ min: 0, max: 1 }) }), { minLength: 4, maxLength: 60 })
  .filter((rows) => rows.filter((row) => row.y === 1).length > 1 && rows.filter((row) => row.y === 0).length > 1);

const scoresOf = (rows: readonly { score: number }[]): Float64Array => Float64Array.from(rows, (row) => row.score / 7);
const outcomeOf = (rows: readonly { y: number }[]): Float64Array => Float64Array.from(rows, (row) => row.y);

/** The definition: every pair. */
function plainAuc(rows: readonly { score: number; y: number }[]): number {
  const ones = rows.filter((row) => row.y === 1);
  const zeros = rows.filter((row) => row.y === 0);
  let total = 0;
  for (const one of ones) for (const zero of zeros) total += one.score > zero.score ? 1 : one.score === zero.score ? 0.5 : 0;
  return total / ones.length / zeros.length;
}

test("the AUC by midranks is the share of ordered pairs, ties half, whatever the row order", () => {
  fc.assert(
    fc.property(scored, (rows) => {
      const estimate = aucDeLong(scoresOf(rows), outcomeOf(rows));
      const reversed = aucDeLong(scoresOf([...rows].reverse()), outcomeOf([...rows].reverse()));
      assert.ok(Math.abs((estimate?.auc ?? 0) - plainAuc(rows)) < 1e-12);
      assert.ok(Math.abs((estimate?.se ?? 0) - (reversed?.se ?? 1)) < 1e-12);
    }),
  );
});

test("negated scores give 1 − AUC with the same error", () => {
  fc.assert(
    fc.property(scored, (rows) => {
      const scores = scoresOf(rows);
      const estimate = aucDeLong(scores, outcomeOf(rows));
      const negated = aucDeLong(
        scores.map((score) => -score),
        outcomeOf(rows),
      );
      assert.ok(Math.abs((estimate?.auc ?? 0) + (negated?.auc ?? 0) - 1) < 1e-12);
      assert.ok(Math.abs((estimate?.se ?? 0) - (negated?.se ?? 1)) < 1e-9);
    }),
  );
});

test("scores that differ by less than the rounding are ties", () => {
  const outcome = Float64Array.of(0, 1, 0, 1);
  assert.equal(aucDeLong(Float64Array.of(0.3, 0.3 + 1e-13, 0.1, 0.5), outcome)?.auc, (0.5 + 1 + 1 + 1) / 4);
});

test("the histogram's AUC is within its bound of the AUC of the rows", () => {
  fc.assert(
    fc.property(scored, (rows) => {
      const bins = 5;
      const ones = new Float64Array(bins);
      const zeros = new Float64Array(bins);
      for (const row of rows) {
        const counts = row.y === 1 ? ones : zeros;
        const bin = Math.min(bins - 1, Math.floor((row.score / 20) * bins));
        counts[bin] = (counts[bin] ?? 0) + 1;
      }
      const pooled = aucFromHistograms(ones, zeros);
      assert.ok(pooled !== undefined && Math.abs(pooled.auc - plainAuc(rows)) <= pooled.bound + 1e-12);
    }),
  );
});

test("a class that is empty has no AUC, a class of one row no error", () => {
  assert.equal(aucDeLong(Float64Array.of(1, 2), Float64Array.of(1, 1)), undefined);
  assert.deepEqual(aucDeLong(Float64Array.of(1, 2, 3), Float64Array.of(1, 0, 0)), { auc: 0 });
  assert.equal(pairedDeLong({ first: Float64Array.of(1, 2), second: Float64Array.of(1, 2) }, Float64Array.of(1, 0)), undefined);
  assert.equal(aucFromHistograms([1, 2], [0, 0]), undefined);
});

test("broken input is refused", () => {
  assert.throws(() => aucDeLong(Float64Array.of(1), Float64Array.of(1, 0)), RangeError);
  assert.throws(() => aucDeLong(Float64Array.of(1, Number.NaN), Float64Array.of(1, 0)), RangeError);
  assert.throws(() => aucDeLong(Float64Array.of(1, 2), Float64Array.of(1, 2)), RangeError);
  assert.throws(() => aucFromHistograms([1], [1, 2]), RangeError);
  assert.throws(() => waldStatistics(1, 0), RangeError);
});

test("two models that rank alike differ by nothing", () => {
  const outcome = Float64Array.of(0, 1, 0, 1, 1);
  const first = Float64Array.of(1, 2, 3, 4, 5);
  assert.deepEqual(pairedDeLong({ first, second: first.map((score) => 2 * score) }, outcome), { estimate: 0, se: 0 });
});
