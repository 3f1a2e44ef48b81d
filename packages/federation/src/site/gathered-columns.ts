/** Columns of a table at chosen rows. */

import { assert } from "@dure/kernel";
import { type AnalysisTable, designColumnValues } from "@dure/records";
import { type CountedColumns, supportedColumns } from "../coordinator/column-support.ts";

/** The design matrix, column-major, and behind its columns the cells that are only counted. */
export function gatherDesign(design: CountedColumns, table: AnalysisTable, tableRows: Uint32Array): Float64Array {
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
