/** Makes a source table, and checks that its parts fit: whoever reads a store or a file makes it here. */

import type { SourceColumn, SourceTable } from "./analysis-table.ts";

/** @throws RangeError when a column has another length than the row keys; names the column, never a value. */
export function sourceTable(rowKeys: readonly string[], columns: ReadonlyMap<string, SourceColumn>): SourceTable {
  for (const [name, column] of columns) {
    for (const length of [column.values.length, column.missing.length]) {
      if (length !== rowKeys.length)
        throw new RangeError(`column "${name}" has ${length} entries, but the table has ${rowKeys.length} rows`);
    }
  }
  return { rowKeys, columns };
}
