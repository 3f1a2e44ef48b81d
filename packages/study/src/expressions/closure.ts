/**
 * An expression as a closure over a row.
 *
 * Missing is a value of its own and carries its reason; it passes through arithmetic and comparison, and through `&&`, `||`, `!` as the
 * unknown of Kleene's strong three-valued logic. An operation whose result is no finite number is missing from there on: an infinity is
 * never carried into the next operation, where 1 / (1 / 0) would quietly become 0.
 *
 * Math.log and its like are the same on every machine: V8 brings its own (fdlibm), it does not ask the system's library.
 *
 * Source: Kleene 1952, Introduction to Metamathematics, section 64.
 */

import { unreachable } from "@dure/kernel";
import type { BooleanExpression, Conditional, Expression, FunctionName, NumberExpression, TextExpression } from "./expression.ts";

export type MissingReason = "missing" | "not a finite number" | "not 0 or 1" | `outside the domain of ${"log" | "log1p" | "sqrt"}`;

export interface Missing {
  readonly missing: MissingReason;
}

/** A cell as a table gives it; undefined and null are missing. */
export type Cell = number | boolean | string | undefined | null;
export type Value = number | boolean | string;

/** Finds a column once; what it returns is then called for every row. */
export type CellReader<Row> = (column: string) => (row: Row) => Cell;

type Closure<Row, Result> = (row: Row) => Result | Missing;

/** Made once: no row allocates. */
const MISSING: Missing = Object.freeze({ missing: "missing" });
const NOT_FINITE: Missing = Object.freeze({ missing: "not a finite number" });
const NOT_ZERO_OR_ONE: Missing = Object.freeze({ missing: "not 0 or 1" });
const OUTSIDE = {
  log: Object.freeze({ missing: "outside the domain of log" }),
  log1p: Object.freeze({ missing: "outside the domain of log1p" }),
  sqrt: Object.freeze({ missing: "outside the domain of sqrt" }),
} satisfies Record<string, Missing>;

/** @returns a function of the row, O(size of the expression) a call, that allocates nothing. */
export function bindExpression<Row>(expression: Expression, cells: CellReader<Row>): Closure<Row, Value> {
  switch (expression.type) {
    case "number":
      return bindNumber(expression, cells);
    case "boolean":
      return bindBoolean(expression, cells);
    case "text":
      return bindText(expression, cells);
  }
}

function bindNumber<Row>(expression: NumberExpression, cells: CellReader<Row>): Closure<Row, number> {
  switch (expression.kind) {
    case "literal":
      return () => expression.value;
    case "column":
      return numberCell(cells(expression.name));
    case "negate": {
      const operand = bindNumber(expression.operand, cells);
      return (row) => {
        const value = operand(row);
        return typeof value === "object" ? value : -value;
      };
    }
    case "arithmetic":
      return arithmetic(expression, bindNumber(expression.left, cells), bindNumber(expression.right, cells));
    case "call":
      return call(
        expression.function,
        expression.operands.map((operand) => bindNumber(operand, cells)),
      );
    case "conditional":
      return conditional(expression, cells, bindNumber);
    default:
      return unreachable(expression);
  }
}

function bindBoolean<Row>(expression: BooleanExpression, cells: CellReader<Row>): Closure<Row, boolean> {
  switch (expression.kind) {
    case "literal":
      return () => expression.value;
    case "column":
      return booleanCell(cells(expression.name));
    case "not": {
      const operand = bindBoolean(expression.operand, cells);
      return (row) => {
        const value = operand(row);
        return typeof value === "object" ? value : !value;
      };
    }
    case "logic":
      return logic(expression.operator, bindBoolean(expression.left, cells), bindBoolean(expression.right, cells));
    case "compare-numbers":
      return comparison(bindNumber(expression.left, cells), bindNumber(expression.right, cells), COMPARE[expression.operator]);
    case "compare-texts":
      return comparison(bindText(expression.left, cells), bindText(expression.right, cells), COMPARE[expression.operator]);
    case "compare-booleans":
      return comparison(bindBoolean(expression.left, cells), bindBoolean(expression.right, cells), COMPARE[expression.operator]);
    case "number-in":
      return membership(bindNumber(expression.item, cells), expression.values);
    case "text-in":
      return membership(bindText(expression.item, cells), expression.values);
    case "conditional":
      return conditional(expression, cells, bindBoolean);
    default:
      return unreachable(expression);
  }
}

function bindText<Row>(expression: TextExpression, cells: CellReader<Row>): Closure<Row, string> {
  switch (expression.kind) {
    case "literal":
      return () => expression.value;
    case "column": {
      const cell = cells(expression.name);
      return (row) => {
        const value = cell(row);
        return typeof value === "string" ? value : MISSING;
      };
    }
    case "conditional":
      return conditional(expression, cells, bindText);
    default:
      return unreachable(expression);
  }
}

function numberCell<Row>(cell: (row: Row) => Cell): Closure<Row, number> {
  return (row) => {
    const value = cell(row);
    if (typeof value === "number") return Number.isFinite(value) ? value : NOT_FINITE;
    return typeof value === "boolean" ? Number(value) : MISSING;
  };
}

function booleanCell<Row>(cell: (row: Row) => Cell): Closure<Row, boolean> {
  return (row) => {
    const value = cell(row);
    if (typeof value === "boolean") return value;
    if (typeof value !== "number") return MISSING;
    return value === 1 ? true : value === 0 ? false : NOT_ZERO_OR_ONE;
  };
}

const ARITHMETIC = {
  "+": (x: number, y: number) => x + y,
  "-": (x: number, y: number) => x - y,
  "*": (x: number, y: number) => x * y,
  "/": (x: number, y: number) => x / y,
};

function arithmetic<Row>(
  { operator }: Extract<NumberExpression, { kind: "arithmetic" }>,
  left: Closure<Row, number>,
  right: Closure<Row, number>,
): Closure<Row, number> {
  const apply = ARITHMETIC[operator];
  return (row) => {
    const x = left(row);
    if (typeof x === "object") return x;
    const y = right(row);
    if (typeof y === "object") return y;
    const result = apply(x, y);
    return Number.isFinite(result) ? result : NOT_FINITE;
  };
}

function call<Row>(name: FunctionName, operands: readonly Closure<Row, number>[]): Closure<Row, number> {
  if (name === "min" || name === "max") return extreme(operands, name === "min" ? Math.min : Math.max);
  const [operand] = operands;
  const apply = CALL[name];
  return (row) => {
    const value = operand?.(row) ?? MISSING;
    return typeof value === "object" ? value : apply(value);
  };
}

const CALL: { readonly [Name in Exclude<FunctionName, "min" | "max">]: (value: number) => number | Missing } = {
  log: (value) => (value > 0 ? Math.log(value) : OUTSIDE.log),
  log1p: (value) => (value > -1 ? Math.log1p(value) : OUTSIDE.log1p),
  sqrt: (value) => (value >= 0 ? Math.sqrt(value) : OUTSIDE.sqrt),
  abs: Math.abs,
  exp: (value) => {
    const result = Math.exp(value);
    return Number.isFinite(result) ? result : NOT_FINITE;
  },
};

function extreme<Row>(operands: readonly Closure<Row, number>[], choose: (x: number, y: number) => number): Closure<Row, number> {
  return (row) => {
    let chosen: number | undefined;
    for (const operand of operands) {
      const value = operand(row);
      if (typeof value === "object") return value;
      chosen = chosen === undefined ? value : choose(chosen, value);
    }
    return chosen ?? MISSING;
  };
}

/** One deciding operand settles it, whatever the other: false for `&&`, true for `||`. */
function logic<Row>(operator: "&&" | "||", left: Closure<Row, boolean>, right: Closure<Row, boolean>): Closure<Row, boolean> {
  const deciding = operator === "||";
  return (row) => {
    const x = left(row);
    if (x === deciding) return deciding;
    const y = right(row);
    if (y === deciding || typeof x !== "object") return y;
    return x;
  };
}

const COMPARE = {
  "<": (x: Value, y: Value) => x < y,
  "<=": (x: Value, y: Value) => x <= y,
  ">": (x: Value, y: Value) => x > y,
  ">=": (x: Value, y: Value) => x >= y,
  "==": (x: Value, y: Value) => x === y,
  "!=": (x: Value, y: Value) => x !== y,
};

function comparison<Row, Side extends Value>(
  left: Closure<Row, Side>,
  right: Closure<Row, Side>,
  compare: (x: Side, y: Side) => boolean,
): Closure<Row, boolean> {
  return (row) => {
    const x = left(row);
    if (typeof x === "object") return x;
    const y = right(row);
    return typeof y === "object" ? y : compare(x, y);
  };
}

function membership<Row, Item extends Value>(item: Closure<Row, Item>, values: readonly Item[]): Closure<Row, boolean> {
  const set = new Set(values); // -0 and 0 are one key of a Set, as they are equal
  return (row) => {
    const value = item(row);
    return typeof value === "object" ? value : set.has(value);
  };
}

function conditional<Row, Branch, Result>(
  expression: Conditional<Expression["type"], Branch>,
  cells: CellReader<Row>,
  bind: (branch: Branch, cells: CellReader<Row>) => Closure<Row, Result>,
): Closure<Row, Result> {
  const condition = bindBoolean(expression.condition, cells);
  const whenTrue = bind(expression.whenTrue, cells);
  const whenFalse = bind(expression.whenFalse, cells);
  return (row) => {
    const chosen = condition(row);
    if (typeof chosen === "object") return chosen;
    return chosen ? whenTrue(row) : whenFalse(row);
  };
}
