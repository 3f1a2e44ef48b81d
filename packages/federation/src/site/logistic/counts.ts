/** One site's plain counts of the first round: classes, reasons for exclusion, and the support of every column. */

import type { AnalysisTable } from "@dure/records";
import type { LogisticRows } from "@dure/statistics";
import { supportedColumns } from "../../coordinator/logistic/counts.ts";
import { foldCount, type LogisticDesign, reasonIndex } from "../../coordinator/logistic/design.ts";
import { featureColumn } from "../feature-rows.ts";
import { levelSites } from "../level-sites.ts";
import { countSubgroups } from "./scores.ts";
import type { TrainingRows } from "./training-rows.ts";

export interface Range {
  readonly from: number;
  readonly to: number;
}

export function countRows(design: LogisticDesign, table: AnalysisTable, training: TrainingRows): ReadonlyMap<string, Float64Array> {
  const { rows, foldStarts } = training;
  const whole = { from: 0, to: rows.rowCount };
  const vectors = new Map([
    ...levelSites(design, rows),
    ["classes", Float64Array.from(countClasses(rows, whole))],
    ["excluded", countExcluded(design, table)],
    ["support", Float64Array.from(countSupport(design, rows, whole))],
  ]);
  if (design.subgroups.length > 0) vectors.set("subgroups", countSubgroups(design, table, training));
  if (!design.hasFolds) return vectors;
  const folds = Array.from({ length: foldCount }, (_, fold): Range => ({ from: foldStarts[fold] ?? 0, to: foldStarts[fold + 1] ?? 0 }));
  vectors.set("foldClasses", Float64Array.from(folds.flatMap((range) => countClasses(rows, range))));
  vectors.set("foldSupport", Float64Array.from(folds.flatMap((range) => countSupport(design, rows, range))));
  return vectors;
}

/** Rows without and with the outcome. */
export function countClasses(rows: LogisticRows, range: Range = { from: 0, to: rows.rowCount }): readonly [number, number] {
  let ones = 0;
  for (let i = range.from; i < range.to; i++) if (rows.outcome[i] === 1) ones++;
  return [range.to - range.from - ones, ones];
}

/** By `design.reasons`. */
export function countExcluded(design: Pick<LogisticDesign, "reasons">, table: AnalysisTable): Float64Array {
  const counts = new Float64Array(design.reasons.length);
  for (const { reason, rowCount } of table.excluded) {
    const index = reasonIndex(design, reason);
    counts[index] = (counts[index] ?? 0) + rowCount;
  }
  return counts;
}

function countSupport(design: LogisticDesign, rows: LogisticRows, range: Range): readonly number[] {
  return supportedColumns(design).flatMap((feature, j) => {
    const column = featureColumn(rows, j);
    return feature.type === "boolean" ? countCells(column, rows.outcome, range) : [countOffMode(column, range)];
  });
}

/** Level 0 in class 0, level 0 in class 1, level 1 in class 0, level 1 in class 1. */
function countCells(column: Float64Array, outcome: Float64Array, range: Range): readonly number[] {
  const cells = [0, 0, 0, 0];
  for (let i = range.from; i < range.to; i++) {
    const cell = 2 * (column[i] === 1 ? 1 : 0) + (outcome[i] === 1 ? 1 : 0);
    cells[cell] = (cells[cell] ?? 0) + 1;
  }
  return cells;
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
