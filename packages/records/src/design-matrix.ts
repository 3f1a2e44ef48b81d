/** Values of a model's columns from the variables of a table. */

import { assert } from "@dure/kernel";
import type { DesignColumn, Factor } from "@dure/study";
import type { AnalysisTable } from "./analysis-table.ts";

/**
 * One value a row of the table: the product of the column's factors, NaN where a factor's variable is missing.
 *
 * The table's own column where the design's is nothing else: not to be written to. O(rows × factors).
 *
 * Source of the spline's basis: Harrell, Regression Modeling Strategies (2nd ed.), eq. 2.25, divided by the square of the distance of the
 * outer knots, so that all columns have the variable's unit.
 *
 * Fails: throws when the table lacks a variable of the study: it was frozen for another one.
 */
export function designColumnValues(table: AnalysisTable, column: DesignColumn): Float64Array {
  const [first, ...others] = column.factors.map((factor) => factorValues(table, factor));
  assert(first !== undefined, "a column has a factor");
  if (others.length === 0) return first;
  const product = Float64Array.from(first);
  for (const values of others) for (let row = 0; row < product.length; row++) product[row] = (product[row] ?? 0) * (values[row] ?? 0);
  return product;
}

function factorValues(table: AnalysisTable, factor: Factor): Float64Array {
  const values = table.columns.get(factor.variable);
  assert(values !== undefined && values.length === table.rowCount, `the frozen table has the study's column ${factor.variable}`);
  switch (factor.kind) {
    case "value":
      return values;
    case "level":
      return values.map((value) => (Number.isNaN(value) ? value : Number(value === factor.level)));
    case "spline":
      return values.map(splineBasis(factor.knots, factor.basis));
  }
}

/** @returns the function of x that is column `basis` (from 1) behind the linear one: cubic between the knots, linear outside of them. */
function splineBasis(knots: readonly number[], basis: number): (x: number) => number {
  const [lower = 0, own = 0] = [knots[0], knots[basis - 1]];
  const [nearLast = 0, last = 0] = knots.slice(-2);
  const cube = (x: number): number => (x > 0 ? x * x * x : 0);
  const size = (last - lower) ** 2;
  const [left, right] = [(last - own) / (last - nearLast), (nearLast - own) / (last - nearLast)];
  return (x) => (Number.isNaN(x) ? x : (cube(x - own) - cube(x - nearLast) * left + cube(x - last) * right) / size);
}
