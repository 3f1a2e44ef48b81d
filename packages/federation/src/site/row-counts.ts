/** Plain counts of one site's rows that every kind's first round has. */

import type { AnalysisTable } from "@dure/records";
import { reasonIndex } from "../coordinator/excluded-reasons.ts";

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** By `design.reasons`. */
export function countExcluded(design: { readonly reasons: readonly string[] }, table: AnalysisTable): Float64Array {
  const counts = new Float64Array(design.reasons.length);
  for (const { reason, rowCount } of table.excluded) {
    const index = reasonIndex(design, reason);
    counts[index] = (counts[index] ?? 0) + rowCount;
  }
  return counts;
}

/** Beyond so many rows half of them are support enough for any minimum cell, and sorting a column costs more than a step of the fit. */
const SORTED_ROWS_MAX = 20_000;

/**
 * Rows that differ from the most frequent value of the range; of many rows among which no value holds half, half of them, which is less.
 *
 * O(n) where one value holds half the rows or they are many, else O(n log n).
 * Source of the first pass: Boyer & Moore 1991, MJRTY, in Automated Reasoning, 105.
 */
export function countOffMode(column: Float64Array, range: Range): number {
  const values = column.subarray(range.from, range.to);
  const others = values.length - countOf(values, majorityCandidate(values));
  if (2 * others < values.length) return others;
  return values.length > SORTED_ROWS_MAX ? Math.ceil(values.length / 2) : values.length - longestRun(values.slice().sort());
}

/** The value of more than half the rows, where there is one; else any. */
function majorityCandidate(values: Float64Array): number {
  let candidate = Number.NaN;
  let lead = 0;
  for (const value of values) {
    if (lead === 0) candidate = value;
    lead += value === candidate ? 1 : -1;
  }
  return candidate;
}

function countOf(values: Float64Array, wanted: number): number {
  let count = 0;
  for (const value of values) if (value === wanted) count++;
  return count;
}

function longestRun(sorted: Float64Array): number {
  let longest = 0;
  let start = 0;
  for (let i = 1; i <= sorted.length; i++) {
    if (i < sorted.length && sorted[i] === sorted[start]) continue;
    longest = Math.max(longest, i - start);
    start = i;
  }
  return longest;
}
