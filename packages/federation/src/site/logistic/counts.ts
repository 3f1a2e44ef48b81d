/** One site's plain counts of the first round: classes, reasons for exclusion, and the support of every column. */

import type { AnalysisTable } from "@dure/records";
import type { LogisticRows } from "@dure/statistics";
import { supportedColumns } from "../../coordinator/column-support.ts";
import { foldCount } from "../../coordinator/folds.ts";
import type { LogisticDesign } from "../../coordinator/logistic/design.ts";
import { featureColumn } from "../feature-rows.ts";
import { levelSites } from "../level-sites.ts";
import { countExcluded, countOffMode, type Range } from "../row-counts.ts";
import { countSubgroups } from "./scores.ts";
import type { TrainingRows } from "./training-rows.ts";

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
