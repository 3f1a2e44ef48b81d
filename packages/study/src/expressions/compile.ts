/** The expressions of a study, `from:`, `include:` and `split:`: checked, then evaluated by a closure or by SQL. */

import { DureError, type Place, type Problem } from "@dure/kernel";
import { reportInto } from "../problem-report.ts";
import { bindExpression, type Cell, type CellReader, type Missing, type Value } from "./closure.ts";
import type { Expression, ExpressionType } from "./expression.ts";
import { type SqlExpression, writeSql } from "./sql.ts";
import { readSyntax } from "./syntax.ts";
import { type ColumnTypes, settleTypes } from "./types.ts";

export interface CompiledExpression {
  readonly type: ExpressionType;
  /** Each once, in the order of their first use. */
  readonly columns: readonly string[];
  /** For many rows: finds the columns once. The function it returns takes O(size) time and allocates nothing. */
  bind<Row>(cells: CellReader<Row>): (row: Row) => Value | Missing;
  /** For one row. */
  evaluate(cell: (column: string) => Cell): Value | Missing;
  /** DuckDB's SQL, NULL where `evaluate` says missing; undefined when a function is used, which only the closure evaluates. */
  toSql(): SqlExpression | undefined;
}

export interface ExpressionOptions {
  /** By name. Undefined while no table is known: then every name is a column that may be read in any way. */
  readonly columns?: ColumnTypes;
  readonly expected?: ExpressionType;
  /** Put into every problem. */
  readonly place?: Place;
}

/** Every problem of the expression; none when it can be compiled with the same options. */
export function checkExpression(source: string, options: ExpressionOptions = {}): readonly Problem[] {
  return settle(source, options).problems;
}

/**
 * @throws DureError with every problem of the expression: `expression/syntax`, `expression/unsupported`, `expression/unknown-column`,
 * `expression/unknown-function`, `expression/argument-count`, `expression/type-mismatch`, `expression/inexact-number`,
 * `expression/too-long`, `expression/too-deep`.
 */
export function compileExpression(source: string, options: ExpressionOptions & { readonly columns: ColumnTypes }): CompiledExpression {
  const { expression, problems } = settle(source, options);
  if (expression === undefined) throw new DureError(problems);
  return compiled(expression);
}

/** A variable without `from`: the column of its own name, which may be a word that CEL reserves. */
export function compileColumn(name: string, type: ExpressionType): CompiledExpression {
  return compiled({ type, kind: "column", name });
}

function settle(source: string, options: ExpressionOptions): { expression: Expression | undefined; problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const report = reportInto(problems, options.place ?? {});
  const syntax = readSyntax(source, report);
  const expression = syntax && settleTypes(syntax, { columns: options.columns, expected: options.expected, report });
  return { expression: problems.length === 0 ? expression : undefined, problems };
}

function compiled(expression: Expression): CompiledExpression {
  const bind = <Row>(cells: CellReader<Row>) => bindExpression(expression, cells);
  return {
    type: expression.type,
    columns: columnsOf(expression),
    bind,
    evaluate: (cell) => bind<undefined>((column) => () => cell(column))(undefined),
    toSql: () => writeSql(expression),
  };
}

/** Binding asks for every column there is, in order. */
function columnsOf(expression: Expression): readonly string[] {
  const columns = new Set<string>();
  bindExpression<undefined>(expression, (column) => {
    columns.add(column);
    return () => undefined;
  });
  return [...columns];
}
