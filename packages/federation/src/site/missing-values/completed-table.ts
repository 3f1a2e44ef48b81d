/** A hospital's rows with every missing feature filled in alike, and a column for each indicator. */

import { type AnalysisTable, selectRows } from "@dure/records";
import { indicatorName, type MissingDesign } from "../../coordinator/missing-values/design.ts";
import type { Completion } from "../../coordinator/missing-values/reports.ts";
import { columnOf } from "../gathered-columns.ts";

/** Rows that the study holds out are completed too. O(rows × features); columns in which nothing is missing are the table's own. */
export function completedTable({ features }: MissingDesign, table: AnalysisTable, { indicators, fill }: Completion): AnalysisTable {
  const columns = new Map(table.columns);
  for (const [j, { name }] of features.entries()) {
    const value = fill[j];
    const column = columnOf(table, name);
    if (value !== null && value !== undefined) columns.set(name, withFill(column, value));
    if (indicators.includes(name))
      columns.set(
        indicatorName(name),
        Float64Array.from(column, (of) => (Number.isNaN(of) ? 1 : 0)),
      );
  }
  return { ...table, columns };
}

/** Of rows that the model is judged on: without those that lack a feature which no row lacked where the model was made. */
export function judgedTable(design: MissingDesign, table: AnalysisTable, of: Completion): AnalysisTable {
  const completed = completedTable(design, table, of);
  const columns = design.features.map(({ name }) => columnOf(completed, name));
  const isWhole = (row: number): boolean => columns.every((column) => !Number.isNaN(column[row]));
  return Array.from(completed.rowKeys.keys()).every(isWhole) ? completed : selectRows(completed, isWhole);
}

const withFill = (column: Float64Array, value: number): Float64Array =>
  column.some(Number.isNaN) ? column.map((of) => (Number.isNaN(of) ? value : of)) : column;
