import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mergeTimeBins, type TimeBins } from "./time-bins.ts";

const totalOf = (counts: ArrayLike<number>, from = 0, to = counts.length): number => {
  let total = 0;
  for (let bin = from; bin < to; bin++) total += counts[bin] ?? 0;
  return total;
};

const sparse = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.integer({ min: 1, max: 8 }) });
const randomBins = fc
  .record({ cells: fc.array(fc.tuple(sparse, sparse), { maxLength: 40 }), remaining: fc.oneof(fc.constant(0), fc.nat({ max: 12 })) })
  .map(
    ({ cells, remaining }): TimeBins => ({ events: cells.map(([events]) => events), others: cells.map(([, others]) => others), remaining }),
  );

const isCell = (count: number, k: number): boolean => count === 0 || count >= k;

test("no interval shows fewer than k events or 1 to k - 1 others, and nobody is lost", () => {
  fc.assert(
    fc.property(randomBins, fc.integer({ min: 1, max: 6 }), (bins, k) => {
      const merged = mergeTimeBins(bins, k);
      if (merged === undefined) return;
      for (const { events, others } of merged.intervals) assert.ok(events >= k && isCell(others, k));
      assert.ok(isCell(merged.remaining, k));
      assert.equal(totalOf(merged.intervals.map(({ events }) => events)), totalOf(bins.events));
      const others = totalOf(merged.intervals.map((interval) => interval.others));
      assert.equal(others + merged.remaining, totalOf(bins.others) + bins.remaining);
      for (const [i, { end, events }] of merged.intervals.entries()) {
        assert.equal(events, totalOf(bins.events, (merged.intervals[i - 1]?.end ?? -1) + 1, end + 1));
      }
    }),
  );
});

test("it is refused only where all bins together hold too few", () => {
  fc.assert(
    fc.property(randomBins, fc.integer({ min: 1, max: 6 }), (bins, k) => {
      const hasEnough = totalOf(bins.events) >= k && isCell(totalOf(bins.others) + bins.remaining, k);
      assert.equal(mergeTimeBins(bins, k) !== undefined, hasEnough);
    }),
  );
});

test("further counts are nobody or k in every interval too, and lost nowhere but behind the last event", () => {
  const counted = fc.array(fc.tuple(sparse, sparse, sparse, sparse), { maxLength: 40 });
  fc.assert(
    fc.property(counted, fc.nat({ max: 12 }), fc.integer({ min: 1, max: 6 }), (cells, remaining, k) => {
      const column = (index: 0 | 1 | 2 | 3): readonly number[] => cells.map((cell) => cell[index]);
      const further = [column(2), column(3)];
      const merged = mergeTimeBins({ events: column(0), others: column(1), remaining, further }, k);
      if (merged === undefined) return;
      for (const [i, interval] of merged.intervals.entries()) {
        assert.ok(interval.events >= k && isCell(interval.others, k));
        further.forEach((counts, track) => {
          assert.ok(isCell(interval.further?.[track] ?? Number.NaN, k));
          assert.equal(interval.further?.[track], totalOf(counts, (merged.intervals[i - 1]?.end ?? -1) + 1, interval.end + 1));
        });
      }
    }),
  );
});

test("with k = 0 every bin up to the last event is an interval of its own", () => {
  const merged = mergeTimeBins({ events: [0, 1, 0, 2, 0], others: [1, 0, 3, 0, 4], remaining: 2 }, 0);
  assert.deepEqual(merged, {
    intervals: [
      { end: 0, events: 0, others: 1 },
      { end: 1, events: 1, others: 0 },
      { end: 2, events: 0, others: 3 },
      { end: 3, events: 2, others: 0 },
    ],
    remaining: 6,
  });
});

test("bins are merged forward, and what is left over with the interval before it", () => {
  const merged = mergeTimeBins({ events: [3, 2, 4, 1, 1, 1], others: [0, 0, 0, 5, 1, 0], remaining: 3 }, 5);
  assert.deepEqual(merged, {
    intervals: [
      { end: 1, events: 5, others: 0 },
      { end: 5, events: 7, others: 9 },
    ],
    remaining: 0,
  });
});
