/**
 * The sum of the rank tests: values by group and bin of a public grid.
 *
 * The grid is even in u = t / (1 + |t|), t = (x − mean) / standard deviation: fine in the middle and without ends. With a minimum cell k
 * it has as many bins as leave k values a bin on average, so that the counts that are opened are no list of values; without one it has
 * 2,048, which tells apart any two values 0.002 standard deviations from each other near the mean, and 0.1 at nine of them.
 */

import type { Sum, SumLayout } from "@dure/privacy";
import { type RankTest, rankTest } from "@dure/statistics";
import { countVector } from "../count-vectors.ts";
import { readVector } from "../sum-reading.ts";
import type { DescribeDesign } from "./design.ts";
import type { DescribeCounts, Moments, PhaseState } from "./state.ts";

const BINS_MAX = 2048;
const BINS_MIN = 8;

/** A number whose groups are compared by ranks. */
export interface RankedNumber {
  readonly column: number;
  readonly mean: number;
  readonly standardDeviation: number;
  readonly binCount: number;
}

export function rankedNumbers(design: DescribeDesign, moments: readonly Moments[]): readonly RankedNumber[] {
  const grouped = new Set(moments.filter(({ group }) => group !== null).map(({ column }) => column));
  return moments.flatMap(({ column, group, n, mean, standardDeviation }) => {
    if (group !== null || !grouped.has(column) || !(standardDeviation > 0)) return [];
    const binCount = design.minimumCell === 0 ? BINS_MAX : Math.min(BINS_MAX, Math.max(BINS_MIN, Math.floor(n / design.minimumCell)));
    return [{ column, mean, standardDeviation, binCount }];
  });
}

export function ranksLayout(design: DescribeDesign, { moments }: PhaseState<"ranks">): SumLayout {
  const bins = rankedNumbers(design, moments).reduce((total, { binCount }) => total + binCount, 0);
  return { vectors: [countVector("valuesByGroup", bins * design.groupCount)] };
}

/** The bin of a value, from 0. */
export function rankBin({ mean, standardDeviation, binCount }: RankedNumber, value: number): number {
  const t = (value - mean) / standardDeviation;
  const u = t / (1 + Math.abs(t));
  return Math.min(binCount - 1, Math.max(0, Math.floor(((u + 1) / 2) * binCount)));
}

/** By column; number after number, group after group, bin after bin. */
export function readRanks(
  design: DescribeDesign,
  { counts, moments, sum }: { readonly counts: DescribeCounts; readonly moments: readonly Moments[]; readonly sum: Sum },
): ReadonlyMap<number, RankTest & { readonly binCount: number }> {
  const numbers = rankedNumbers(design, moments);
  const flat = readVector(sum, "valuesByGroup", numbers.reduce((total, { binCount }) => total + binCount, 0) * design.groupCount);
  let next = 0;
  const tests = numbers.flatMap(({ column, binCount }): readonly (readonly [number, RankTest & { readonly binCount: number }])[] => {
    const start = next;
    next += binCount * design.groupCount;
    const histograms = counts.rows.flatMap((rows, group) =>
      rows === 0 ? [] : [flat.slice(start + group * binCount, start + (group + 1) * binCount)],
    );
    const test = rankTest(histograms);
    return test === undefined ? [] : [[column, { ...test, binCount }]];
  });
  return new Map(tests);
}
