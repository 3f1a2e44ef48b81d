/**
 * Settles the types of an expression, and refuses what has none.
 *
 * A research table holds booleans as 0 and 1, and a study is checked before any table is at hand. So a column can often be read in more
 * than one way: `er_pos` as a boolean in `er_pos && grade == 3`, as a number in `er_pos + pr_pos`. Each part of an expression therefore
 * first says how it *can* be read; the operation above it, or at the top the variable, chooses.
 */

import { assert } from "@dure/kernel";
import type { Report } from "../problem-report.ts";
import {
  type ArithmeticOperator,
  type BooleanExpression,
  type ComparisonOperator,
  type Conditional,
  type EqualityOperator,
  type Expression,
  type ExpressionType,
  FUNCTIONS,
  type NumberExpression,
  type TextExpression,
} from "./expression.ts";
import {
  argumentCount,
  contradiction,
  type ExpressionReport,
  incomparable,
  LIST_ALONE,
  LIST_OF_LITERALS,
  mismatch,
  reportAt,
  type Said,
  unknownColumn,
  unknownFunction,
} from "./problems.ts";
import type { Syntax } from "./syntax.ts";

export type ColumnTypes = ReadonlyMap<string, ExpressionType>;

export interface TypingOptions {
  /** The table's columns; undefined while no table is known: then any name is a column that can be read in any way. */
  readonly columns: ColumnTypes | undefined;
  /** What the whole expression must be; undefined: its most natural type. */
  readonly expected: ExpressionType | undefined;
  readonly report: Report;
}

/** Undefined when anything was refused; every refusal has been reported then. */
export function settleTypes(syntax: Syntax, options: TypingOptions): Expression | undefined {
  const reading = new Typing(options.columns, reportAt(options.report)).read(syntax);
  if (reading === undefined) return undefined;
  const type = options.expected ?? reading.natural;
  const settled = reading[type]?.();
  if (settled === undefined) {
    reportAt(options.report)({ code: "expression/type-mismatch", at: syntax.at, ...mismatch(reading.natural, type) });
  }
  return settled;
}

/** How a part can be read, most natural way first. */
interface Reading {
  readonly number?: () => NumberExpression;
  readonly boolean?: () => BooleanExpression;
  readonly text?: () => TextExpression;
  readonly natural: ExpressionType;
}

const TYPES = ["number", "boolean", "text"] as const;

const numberOnly = (expression: NumberExpression): Reading => ({ natural: "number", number: () => expression });
const booleanOnly = (expression: BooleanExpression): Reading => ({ natural: "boolean", boolean: () => expression });
const textOnly = (expression: TextExpression): Reading => ({ natural: "text", text: () => expression });

type Operation = Extract<Syntax, { kind: "operation" }>;
type Call = Extract<Syntax, { kind: "call" }>;

class Typing {
  readonly #columns: ColumnTypes | undefined;
  readonly #report: ExpressionReport;
  /** How a column of an unknown table was read so far. */
  readonly #readAsText = new Map<string, boolean>();

  constructor(columns: ColumnTypes | undefined, report: ExpressionReport) {
    this.#columns = columns;
    this.#report = report;
  }

  read(node: Syntax): Reading | undefined {
    switch (node.kind) {
      case "literal":
        if (typeof node.value === "number") return numberOnly({ type: "number", kind: "literal", value: node.value });
        if (typeof node.value === "boolean") return booleanOnly({ type: "boolean", kind: "literal", value: node.value });
        return textOnly({ type: "text", kind: "literal", value: node.value });
      case "column":
        return this.#column(node.name, node.at);
      case "list":
        return this.#refuse("expression/unsupported", node.at, LIST_ALONE);
      case "operation":
        return this.#operation(node);
      case "call":
        return this.#call(node);
    }
  }

  #column(name: string, at: number): Reading | undefined {
    const number = (): NumberExpression => ({ type: "number", kind: "column", name: this.#note(name, at, false) });
    const boolean = (): BooleanExpression => ({ type: "boolean", kind: "column", name: this.#note(name, at, false) });
    const asText = (): TextExpression => ({ type: "text", kind: "column", name: this.#note(name, at, true) });
    if (this.#columns === undefined) return { natural: "number", number, boolean, text: asText };
    const type = this.#columns.get(name);
    if (type === undefined) return this.#refuse("expression/unknown-column", at, unknownColumn(name, [...this.#columns.keys()]));
    return type === "text" ? { natural: "text", text: asText } : { natural: type, number, boolean };
  }

  /** Without a table, one name cannot be text here and a number there. */
  #note(name: string, at: number, isText: boolean): string {
    const before = this.#readAsText.get(name) ?? isText;
    if (before !== isText) this.#refuse("expression/type-mismatch", at, contradiction(name));
    this.#readAsText.set(name, before);
    return name;
  }

  #operation({ operator, operands, at }: Operation): Reading | undefined {
    const [first, second, third] = operands;
    assert(first !== undefined, "an operation has an operand");
    if (operator === "!") return this.#not(first);
    if (operator === "negate") return this.#negate(first);
    assert(second !== undefined, "every other operation has two");
    switch (operator) {
      case "+":
      case "-":
      case "*":
      case "/":
        return this.#arithmetic(operator, first, second);
      case "&&":
      case "||":
        return this.#logic(operator, first, second);
      case "<":
      case "<=":
      case ">":
      case ">=":
        return this.#ordering(operator, first, second);
      case "==":
      case "!=":
        return this.#equality(operator, { left: first, right: second, at });
      case "in":
        return this.#membership(first, second);
      case "?:":
        assert(third !== undefined, "a conditional has three operands");
        return this.#conditional(first, { whenTrue: second, whenFalse: third, at });
    }
  }

  #not(operand: Syntax): Reading | undefined {
    const settled = this.#boolean(operand);
    return settled && booleanOnly({ type: "boolean", kind: "not", operand: settled });
  }

  #negate(operand: Syntax): Reading | undefined {
    const settled = this.#number(operand);
    return settled && numberOnly({ type: "number", kind: "negate", operand: settled });
  }

  #arithmetic(operator: ArithmeticOperator, first: Syntax, second: Syntax): Reading | undefined {
    const left = this.#number(first);
    const right = this.#number(second);
    return left && right && numberOnly({ type: "number", kind: "arithmetic", operator, left, right });
  }

  #logic(operator: "&&" | "||", first: Syntax, second: Syntax): Reading | undefined {
    const left = this.#boolean(first);
    const right = this.#boolean(second);
    return left && right && booleanOnly({ type: "boolean", kind: "logic", operator, left, right });
  }

  /** Numbers only: two engines need not agree on the order of texts. */
  #ordering(operator: ComparisonOperator, first: Syntax, second: Syntax): Reading | undefined {
    const left = this.#number(first);
    const right = this.#number(second);
    return left && right && booleanOnly({ type: "boolean", kind: "compare-numbers", operator, left, right });
  }

  /** As booleans when both sides are so by nature, else as numbers where both can be, else as booleans or texts. */
  #equality(operator: EqualityOperator, sides: { left: Syntax; right: Syntax; at: number }): Reading | undefined {
    const left = this.read(sides.left);
    const right = this.read(sides.right);
    if (left === undefined || right === undefined) return undefined;
    const preferred = left.natural === "boolean" && right.natural === "boolean" ? "boolean" : "number";
    if (preferred === "number" && left.number && right.number) {
      return booleanOnly({ type: "boolean", kind: "compare-numbers", operator, left: left.number(), right: right.number() });
    }
    if (left.boolean && right.boolean) {
      return booleanOnly({ type: "boolean", kind: "compare-booleans", operator, left: left.boolean(), right: right.boolean() });
    }
    if (left.text && right.text) {
      return booleanOnly({ type: "boolean", kind: "compare-texts", operator, left: left.text(), right: right.text() });
    }
    return this.#refuse("expression/type-mismatch", sides.at, incomparable(left.natural, right.natural));
  }

  #membership(item: Syntax, list: Syntax): Reading | undefined {
    const read = this.read(item);
    const values = list.kind === "list" ? literalValues(list.items) : undefined;
    if (values === undefined) return this.#refuse("expression/unsupported", list.at, LIST_OF_LITERALS);
    if (read === undefined) return undefined;
    if (values.type === "number" && read.number) {
      return booleanOnly({ type: "boolean", kind: "number-in", item: read.number(), values: values.values });
    }
    if (values.type === "text" && read.text) {
      return booleanOnly({ type: "boolean", kind: "text-in", item: read.text(), values: values.values });
    }
    return this.#refuse("expression/type-mismatch", item.at, incomparable(read.natural, values.type));
  }

  #conditional(condition: Syntax, branches: { whenTrue: Syntax; whenFalse: Syntax; at: number }): Reading | undefined {
    const settled = this.#boolean(condition);
    const whenTrue = this.read(branches.whenTrue);
    const whenFalse = this.read(branches.whenFalse);
    if (settled === undefined || whenTrue === undefined || whenFalse === undefined) return undefined;
    const both = TYPES.filter((type) => whenTrue[type] !== undefined && whenFalse[type] !== undefined);
    const natural = both.find((type) => type === whenTrue.natural && type === whenFalse.natural) ?? both[0];
    if (natural === undefined) {
      return this.#refuse("expression/type-mismatch", branches.at, incomparable(whenTrue.natural, whenFalse.natural));
    }
    return {
      natural,
      ...conditionalReading("number", settled, [whenTrue.number, whenFalse.number]),
      ...conditionalReading("boolean", settled, [whenTrue.boolean, whenFalse.boolean]),
      ...conditionalReading("text", settled, [whenTrue.text, whenFalse.text]),
    };
  }

  #call(node: Call): Reading | undefined {
    const operands = node.operands.map((operand) => this.#number(operand));
    const name = FUNCTIONS.find((known) => known === node.function);
    if (name === undefined) return this.#refuse("expression/unknown-function", node.at, unknownFunction(node.function));
    const least = name === "min" || name === "max" ? 2 : 1;
    if (operands.length < least || (least === 1 && operands.length > 1)) {
      return this.#refuse("expression/argument-count", node.at, argumentCount(name, operands.length));
    }
    const settled = operands.filter((operand) => operand !== undefined);
    if (settled.length < operands.length) return undefined;
    return numberOnly({ type: "number", kind: "call", function: name, operands: settled });
  }

  #number(node: Syntax): NumberExpression | undefined {
    const reading = this.read(node);
    if (reading === undefined || reading.number) return reading?.number?.();
    return this.#refuse("expression/type-mismatch", node.at, mismatch(reading.natural, "number"));
  }

  #boolean(node: Syntax): BooleanExpression | undefined {
    const reading = this.read(node);
    if (reading === undefined || reading.boolean) return reading?.boolean?.();
    return this.#refuse("expression/type-mismatch", node.at, mismatch(reading.natural, "boolean"));
  }

  #refuse(code: string, at: number, said: Said): undefined {
    this.#report({ code, at, ...said });
    return undefined;
  }
}

/** The reading of `?:` as one type, when both branches can be read so. */
function conditionalReading<Type extends ExpressionType, Branch>(
  type: Type,
  condition: BooleanExpression,
  [whenTrue, whenFalse]: readonly [(() => Branch) | undefined, (() => Branch) | undefined],
): { [Key in Type]?: () => Conditional<Type, Branch> } {
  if (whenTrue === undefined || whenFalse === undefined) return {};
  const read = (): Conditional<Type, Branch> => ({ type, kind: "conditional", condition, whenTrue: whenTrue(), whenFalse: whenFalse() });
  const reading: { [Key in ExpressionType]?: () => Conditional<Type, Branch> } = { [type]: read };
  return reading;
}

type Literals = { readonly type: "number"; readonly values: number[] } | { readonly type: "text"; readonly values: string[] };

/** The values of a list that is not empty and holds only numbers, or only texts. */
function literalValues(items: readonly Syntax[]): Literals | undefined {
  const values = items.map((item) => (item.kind === "literal" ? item.value : undefined));
  const numbers = values.filter((value) => typeof value === "number");
  const texts = values.filter((value) => typeof value === "string");
  if (values.length === 0) return undefined;
  if (numbers.length === values.length) return { type: "number", values: numbers };
  return texts.length === values.length ? { type: "text", values: texts } : undefined;
}
