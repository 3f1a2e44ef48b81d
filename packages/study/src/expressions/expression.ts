/**
 * An expression whose types are settled: what the closure and the SQL are both made from.
 *
 * There is one numeric type, a double. A column of numbers may be read as a boolean (0 and 1), a boolean one as a number.
 */

export type ExpressionType = "number" | "boolean" | "text";

export type ArithmeticOperator = "+" | "-" | "*" | "/";
export type ComparisonOperator = "<" | "<=" | ">" | ">=" | "==" | "!=";
export type EqualityOperator = "==" | "!=";

/** Evaluated by closure only: SQL engines differ from each other in the last digit of these. */
export const FUNCTIONS = ["log", "log1p", "exp", "sqrt", "min", "max", "abs"] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

export type NumberExpression =
  | { readonly type: "number"; readonly kind: "literal"; readonly value: number }
  | { readonly type: "number"; readonly kind: "column"; readonly name: string }
  | { readonly type: "number"; readonly kind: "negate"; readonly operand: NumberExpression }
  | {
      readonly type: "number";
      readonly kind: "arithmetic";
      readonly operator: ArithmeticOperator;
      readonly left: NumberExpression;
      readonly right: NumberExpression;
    }
  | { readonly type: "number"; readonly kind: "call"; readonly function: FunctionName; readonly operands: readonly NumberExpression[] }
  | Conditional<"number", NumberExpression>;

export type BooleanExpression =
  | { readonly type: "boolean"; readonly kind: "literal"; readonly value: boolean }
  | { readonly type: "boolean"; readonly kind: "column"; readonly name: string }
  | { readonly type: "boolean"; readonly kind: "not"; readonly operand: BooleanExpression }
  | {
      readonly type: "boolean";
      readonly kind: "logic";
      readonly operator: "&&" | "||";
      readonly left: BooleanExpression;
      readonly right: BooleanExpression;
    }
  | {
      readonly type: "boolean";
      readonly kind: "compare-numbers";
      readonly operator: ComparisonOperator;
      readonly left: NumberExpression;
      readonly right: NumberExpression;
    }
  | {
      readonly type: "boolean";
      readonly kind: "compare-texts";
      readonly operator: EqualityOperator;
      readonly left: TextExpression;
      readonly right: TextExpression;
    }
  | {
      readonly type: "boolean";
      readonly kind: "compare-booleans";
      readonly operator: EqualityOperator;
      readonly left: BooleanExpression;
      readonly right: BooleanExpression;
    }
  | { readonly type: "boolean"; readonly kind: "number-in"; readonly item: NumberExpression; readonly values: readonly number[] }
  | { readonly type: "boolean"; readonly kind: "text-in"; readonly item: TextExpression; readonly values: readonly string[] }
  | Conditional<"boolean", BooleanExpression>;

export type TextExpression =
  | { readonly type: "text"; readonly kind: "literal"; readonly value: string }
  | { readonly type: "text"; readonly kind: "column"; readonly name: string }
  | Conditional<"text", TextExpression>;

export interface Conditional<Type extends ExpressionType, Branch> {
  readonly type: Type;
  readonly kind: "conditional";
  readonly condition: BooleanExpression;
  readonly whenTrue: Branch;
  readonly whenFalse: Branch;
}

export type Expression = NumberExpression | BooleanExpression | TextExpression;
