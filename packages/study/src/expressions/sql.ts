/**
 * An expression as SQL for DuckDB that agrees with the closure on every row.
 *
 * Four differences have to be bridged. In DuckDB NaN equals NaN and is greater than 1, while for the closure both are missing: numbers pass
 * through `finite` before they meet a comparison or leave. x / 0 is an infinity there. ln and sqrt of a negative number throw, and engines
 * differ in their last digit: an expression with a function has no SQL. A column of 0 and 1 is no BOOLEAN: it is read by a CASE.
 *
 * Where `finite` must stand: the sum, difference, product or negative of something that is not finite is not finite either, nor is a
 * quotient with such a numerator. Only a denominator (1 / infinity = 0), a comparison, a membership and the result itself can hide it. There
 * it is written as a filter over a list of one, which names its operand once; CASE WHEN isfinite(e) THEN e END would name it twice, and
 * double the text with every level.
 *
 * No value ever becomes text of the query: literals are bound parameters, names are quoted.
 */

import { unreachable } from "@dure/kernel";
import type { BooleanExpression, Expression, NumberExpression, TextExpression } from "./expression.ts";

export interface SqlExpression {
  /** One scalar expression of type DOUBLE, BOOLEAN or VARCHAR; NULL where the closure says missing. Parameters are `?`. */
  readonly sql: string;
  /**
   * In order. Bind a number as DOUBLE, a string as VARCHAR, by naming the type: left to guess, DuckDB's client binds 1e300 as an integer,
   * and fails.
   */
  readonly parameters: readonly (number | string)[];
}

/** Undefined when the expression holds a function: those are evaluated by the closure only. */
export function writeSql(expression: Expression): SqlExpression | undefined {
  const writer = new SqlWriter();
  const sql = writer.write(expression);
  return writer.hasFunction ? undefined : { sql, parameters: writer.parameters };
}

class SqlWriter {
  readonly parameters: (number | string)[] = [];
  hasFunction = false;

  write(expression: Expression): string {
    switch (expression.type) {
      case "number":
        return finite(this.#number(expression));
      case "boolean":
        return this.#boolean(expression);
      case "text":
        return this.#text(expression);
    }
  }

  #number(expression: NumberExpression): string {
    switch (expression.kind) {
      case "literal":
        return this.#parameter(expression.value);
      case "column":
        return `CAST(${quoted(expression.name)} AS DOUBLE)`;
      case "negate":
        return `(- ${this.#number(expression.operand)})`;
      case "arithmetic": {
        const left = this.#number(expression.left);
        const right = this.#number(expression.right);
        return `(${left} ${expression.operator} ${expression.operator === "/" ? finite(right) : right})`;
      }
      case "call":
        this.hasFunction = true;
        return "NULL";
      case "conditional":
        return this.#conditional(expression.condition, () => [this.#number(expression.whenTrue), this.#number(expression.whenFalse)]);
      default:
        return unreachable(expression);
    }
  }

  #boolean(expression: BooleanExpression): string {
    switch (expression.kind) {
      case "literal":
        return expression.value ? "TRUE" : "FALSE";
      case "column":
        return `(CASE CAST(${quoted(expression.name)} AS DOUBLE) WHEN 0 THEN FALSE WHEN 1 THEN TRUE END)`;
      case "not":
        return `(NOT ${this.#boolean(expression.operand)})`;
      case "logic":
        return `(${this.#boolean(expression.left)} ${expression.operator === "&&" ? "AND" : "OR"} ${this.#boolean(expression.right)})`;
      case "compare-numbers": {
        const left = finite(this.#number(expression.left));
        return `(${left} ${COMPARE[expression.operator]} ${finite(this.#number(expression.right))})`;
      }
      case "compare-texts":
        return `(${this.#text(expression.left)} ${COMPARE[expression.operator]} ${this.#text(expression.right)})`;
      case "compare-booleans":
        return `(${this.#boolean(expression.left)} ${COMPARE[expression.operator]} ${this.#boolean(expression.right)})`;
      case "number-in":
        return this.#membership(finite(this.#number(expression.item)), expression.values);
      case "text-in":
        return this.#membership(this.#text(expression.item), expression.values);
      case "conditional":
        return this.#conditional(expression.condition, () => [this.#boolean(expression.whenTrue), this.#boolean(expression.whenFalse)]);
      default:
        return unreachable(expression);
    }
  }

  #text(expression: TextExpression): string {
    switch (expression.kind) {
      case "literal":
        return this.#parameter(expression.value);
      case "column":
        return `CAST(${quoted(expression.name)} AS VARCHAR)`;
      case "conditional":
        return this.#conditional(expression.condition, () => [this.#text(expression.whenTrue), this.#text(expression.whenFalse)]);
      default:
        return unreachable(expression);
    }
  }

  #membership(item: string, values: readonly (number | string)[]): string {
    return `(${item} IN (${values.map((value) => this.#parameter(value)).join(", ")}))`;
  }

  /** `branches` is called after the condition is written: parameters keep the order of the text. A missing condition is neither branch. */
  #conditional(condition: BooleanExpression, branches: () => readonly [string, string]): string {
    const tested = this.#boolean(condition);
    const [whenTrue, whenFalse] = branches();
    return `(CASE ${tested} WHEN TRUE THEN ${whenTrue} WHEN FALSE THEN ${whenFalse} END)`;
  }

  #parameter(value: number | string): string {
    this.parameters.push(value);
    return `CAST(? AS ${typeof value === "number" ? "DOUBLE" : "VARCHAR"})`;
  }
}

const COMPARE = { "<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "=", "!=": "<>" };

/** NULL unless finite; names its operand once. */
const finite = (number: string): string => `list_filter([${number}], lambda v: isfinite(v))[1]`;

/** A quoted identifier of standard SQL: nothing inside it is read as anything but a name. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
