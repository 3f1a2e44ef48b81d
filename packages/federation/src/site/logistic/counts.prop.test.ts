import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { countOffMode } from "../row-counts.ts";

const bySorting = (values: readonly number[]): number => {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return values.length - Math.max(0, ...counts.values());
};

test("rows off the most frequent value are counted exactly, whatever the order, in any range", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 60 }), fc.nat(10), fc.nat(10), (values, before, after) => {
      const column = Float64Array.from([...new Array<number>(before).fill(9), ...values, ...new Array<number>(after).fill(7)]);
      assert.equal(countOffMode(column, { from: before, to: before + values.length }), bySorting(values));
    }),
  );
});

test("of very many rows with no majority half are counted, never more than there are", () => {
  const column = Float64Array.from({ length: 30_001 }, (_, i) => i % 3);
  assert.equal(countOffMode(column, { from: 0, to: 30_001 }), 15_001);
  const most = Float64Array.from({ length: 30_001 }, (_, i) => Number(i < 7));
  assert.equal(countOffMode(most, { from: 0, to: 30_001 }), 7);
});
