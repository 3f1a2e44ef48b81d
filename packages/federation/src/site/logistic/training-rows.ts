/** One site's rows as the fits read them: training rows only, grouped by fold, column-major. */

import { assert } from "@dure/kernel";
import { type AnalysisTable, foldOf } from "@dure/records";
import type { LogisticRows } from "@dure/statistics";
import { foldCount } from "../../coordinator/folds.ts";
import type { LogisticDesign } from "../../coordinator/logistic/design.ts";
import { columnOf, gatherDesign, gatherInto } from "../gathered-columns.ts";

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
