/** One site's rows as the fits read them: training rows only, grouped by fold, column-major. */

import { assert } from "@dure/kernel";
import { type AnalysisTable, designColumnValues, foldOf } from "@dure/records";
import type { LogisticRows } from "@dure/statistics";
import { supportedColumns } from "../../coordinator/logistic/counts.ts";
import { foldCount, type LogisticDesign } from "../../coordinator/logistic/design.ts";

/** Rows in the order of folds and, within a fold, of the table: the order of every sum, so every sum can be repeated. */
export interface TrainingRows {
  /** As they are in the table, not standardised. */
  readonly rows: LogisticRows;
  /** Fold f is rows foldStarts[f] to foldStarts[f + 1]; without folds there is one. */
  readonly foldStarts: readonly number[];
  /** Row of the table by row here. */
  readonly tableRows: Uint32Array;
}

/** Training rows of a frozen table: those that the study does not hold out. O(n p), one SHA-256 a row where there are folds. */
export function trainingRows(design: LogisticDesign, table: AnalysisTable): TrainingRows {
  const groups: number[][] = Array.from({ length: design.hasFolds ? foldCount : 1 }, () => []);
  for (let row = 0; row < table.rowCount; row++) {
    if (!design.hasFolds && table.heldOut[row] === 1) continue;
    const fold = design.hasFolds ? foldOf(design.studyId, table.rowKeys[row] ?? "", foldCount) : 0;
    const group = groups[fold];
    assert(group !== undefined, `a fold from 0 to ${foldCount - 1}`);
    group.push(row);
  }
  const foldStarts = [0];
  for (const group of groups) foldStarts.push((foldStarts.at(-1) ?? 0) + group.length);
  const tableRows = Uint32Array.from(groups.flat());
  return { rows: gatherRows(design, table, tableRows), foldStarts, tableRows };
}

/** The named rows of a table, in that order. Fails: throws when the table lacks a column of the study. */
export function gatherRows(design: LogisticDesign, table: AnalysisTable, tableRows: Uint32Array): LogisticRows {
  const stride = tableRows.length;
  const features = gatherDesign(design, table, tableRows);
  const outcome = new Float64Array(stride);
  gatherInto(columnOf(table, design.outcome), tableRows, outcome);
  return { rowCount: stride, features, featureCount: design.features.length, stride, outcome };
}

/** The design matrix, column-major, and behind its columns the cells that are only counted. */
export function gatherDesign(
  design: Pick<LogisticDesign, "features" | "impliedCells">,
  table: AnalysisTable,
  tableRows: Uint32Array,
): Float64Array {
  const stride = tableRows.length;
  const columns = supportedColumns(design);
  const features = new Float64Array(stride * columns.length);
  columns.forEach((column, j) => {
    gatherInto(designColumnValues(table, column), tableRows, features.subarray(j * stride, (j + 1) * stride));
  });
  return features;
}

export function columnOf(table: AnalysisTable, name: string): Float64Array {
  const column = table.columns.get(name);
  assert(column !== undefined && column.length === table.rowCount, `the frozen table has the study's column ${name}`);
  return column;
}

export function gatherInto(column: Float64Array, tableRows: Uint32Array, out: Float64Array): void {
  for (let i = 0; i < tableRows.length; i++) out[i] = column[tableRows[i] ?? 0] ?? Number.NaN;
}
