/** An expression over the columns of a table, read row by row. */

import { assert } from "@dure/kernel";
import type { Cell, CompiledExpression, Missing, Value } from "@dure/study";
import type { SourceColumn, SourceTable } from "./analysis-table.ts";

export type BoundRow = (row: number) => Value | Missing;

/** The table must have the expression's columns. */
export function boundTo(expression: CompiledExpression, source: SourceTable): BoundRow {
  return expression.bind<number>((name) => {
    const column = source.columns.get(name);
    assert(column !== undefined, "it was checked that every column is there");
    return cellReader(column);
  });
}

function cellReader(column: SourceColumn): (row: number) => Cell {
  const { values, missing } = column;
  return (row) => (missing[row] === 0 ? values[row] : undefined);
}
