/**
 * The syntax of an expression: CEL's, by the parser of `@bufbuild/cel`, cut down to what a study needs.
 *
 * A study is read by people who must be able to judge it, and evaluated both by a closure and by SQL. So the language is the small part of
 * CEL in which the two agree: literals, columns, arithmetic, comparison, logic, `?:`, `in` a list, and seven functions. Everything else
 * (field selection, indexing, maps, messages, macros, methods, `%`, null) is refused by its name and place; nothing is ignored.
 *
 * Source: Common Expression Language, language definition, cel-spec.
 */

import { parse } from "@bufbuild/cel";
import { text } from "@dure/kernel";
import type { Report } from "../problem-report.ts";
import {
  ALLOWED_IN_EXPRESSIONS,
  type ExpressionReport,
  INEXACT_NUMBER,
  NULL_REFUSED,
  reportAt,
  type Said,
  tooDeep,
  tooLong,
} from "./problems.ts";

/** `at` is the offset of the node in the source, from 0, in UTF-16 code units. */
export type Syntax =
  | { readonly kind: "literal"; readonly value: number | boolean | string; readonly at: number }
  | { readonly kind: "column"; readonly name: string; readonly at: number }
  | { readonly kind: "list"; readonly items: readonly Syntax[]; readonly at: number }
  | { readonly kind: "operation"; readonly operator: Operator; readonly operands: readonly Syntax[]; readonly at: number }
  | { readonly kind: "call"; readonly function: string; readonly operands: readonly Syntax[]; readonly at: number };

export type Operator = (typeof OPERATORS)[keyof typeof OPERATORS];

/** CEL's names of its operators. */
const OPERATORS = {
  "_+_": "+",
  "_-_": "-",
  "_*_": "*",
  "_/_": "/",
  "-_": "negate",
  "!_": "!",
  "_&&_": "&&",
  "_||_": "||",
  "_<_": "<",
  "_<=_": "<=",
  "_>_": ">",
  "_>=_": ">=",
  "_==_": "==",
  "_!=_": "!=",
  "_?_:_": "?:",
  "@in": "in",
} as const;

/** In UTF-16 code units: an expression is read and approved by a person. */
export const EXPRESSION_LENGTH_MAX = 2000;
/** Levels of nesting: keeps every walk over the tree, here and in the SQL engine, far from the end of the stack. */
const EXPRESSION_DEPTH_MAX = 100;

type CelExpression = ReturnType<typeof parse>["expr"];
type CelConstant = Extract<CelExpression["exprKind"], { case: "constExpr" }>["value"];

/** Undefined when anything was refused; every refusal has been reported then. */
export function readSyntax(source: string, report: Report): Syntax | undefined {
  const reportIn = reportAt(report);
  if (source.length > EXPRESSION_LENGTH_MAX) {
    reportIn({ code: "expression/too-long", ...tooLong(source.length, EXPRESSION_LENGTH_MAX) });
    return undefined;
  }
  const depth = bracketDepth(source);
  if (depth > EXPRESSION_DEPTH_MAX) {
    reportIn({ code: "expression/too-deep", ...tooDeep(EXPRESSION_DEPTH_MAX) });
    return undefined;
  }
  const parsed = parseCel(source, reportIn);
  if (parsed === undefined) return undefined;
  return new SyntaxReader(source, parsed.sourceInfo?.positions ?? {}, reportIn).read(parsed.expr, 0);
}

/** Before the parser runs, because it recurses too. Brackets in a text literal count: an expression has no use for a hundred of them. */
function bracketDepth(source: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of source) {
    if ("([{?".includes(character)) deepest = Math.max(deepest, ++depth);
    if (")]}".includes(character)) depth--;
  }
  return deepest;
}

function parseCel(source: string, report: ExpressionReport): ReturnType<typeof parse> | undefined {
  try {
    return parse(source);
  } catch (error) {
    report({ code: "expression/syntax", ...syntaxError(source, error) });
    return undefined;
  }
}

/** The parser's own error has a place and the text it did not expect; its wording lists the grammar and helps nobody. */
function syntaxError(source: string, error: unknown): Said & { at?: number } {
  const location = typeof error === "object" && error !== null && "location" in error ? error.location : undefined;
  const start = typeof location === "object" && location !== null && "start" in location ? location.start : undefined;
  const offset = typeof start === "object" && start !== null && "offset" in start ? start.offset : undefined;
  const remedy = text(`Write it with ${ALLOWED_IN_EXPRESSIONS}.`, `다음만 쓸 수 있습니다: ${ALLOWED_IN_EXPRESSIONS}`);
  if (typeof offset !== "number") return { what: text("this is not an expression.", "식으로 읽을 수 없습니다."), remedy };
  const rest = source.slice(offset).trimStart().split(/\s/)[0] ?? "";
  if (rest === "") return { at: offset, what: text("the expression ends too early.", "식이 끝까지 쓰이지 않았습니다."), remedy };
  const shown = rest.slice(0, 20);
  return {
    at: offset,
    what: text(`the expression cannot be read from "${shown}" on.`, `"${shown}" 부분부터 식으로 읽을 수 없습니다.`),
    remedy,
  };
}

class SyntaxReader {
  readonly #source: string;
  readonly #positions: Readonly<Record<string, number>>;
  readonly #report: ExpressionReport;

  constructor(source: string, positions: Readonly<Record<string, number>>, report: ExpressionReport) {
    this.#source = source;
    this.#positions = positions;
    this.#report = report;
  }

  read(node: CelExpression, depth: number): Syntax | undefined {
    const at = this.#offset(node);
    if (depth > EXPRESSION_DEPTH_MAX) return this.#refuse("expression/too-deep", at, tooDeep(EXPRESSION_DEPTH_MAX));
    const kind = node.exprKind;
    switch (kind.case) {
      case "constExpr":
        return this.#literal(kind.value, at);
      case "identExpr":
        return { kind: "column", name: kind.value.name, at };
      case "listExpr": {
        const items = this.#all(kind.value.elements, depth);
        return items === undefined ? undefined : { kind: "list", items, at };
      }
      case "callExpr":
        if (kind.value.target !== undefined) return this.#unsupported(`the method .${kind.value.function}()`, at);
        return this.#call(kind.value.function, kind.value.args, { at, depth });
      case "selectExpr":
        return this.#unsupported(kind.value.testOnly ? "has()" : `the field selection .${kind.value.field}`, at);
      case "structExpr":
        return this.#unsupported(kind.value.messageName === "" ? "a map { }" : "a message { }", at);
      case "comprehensionExpr":
        return this.#unsupported("a macro such as all(), exists(), filter() or map()", at);
      default:
        return this.#unsupported("this form", at);
    }
  }

  #call(celName: string, args: readonly CelExpression[], where: { at: number; depth: number }): Syntax | undefined {
    if (celName === "_%_") return this.#unsupported("the remainder %", where.at);
    if (celName === "_[_]") return this.#unsupported("indexing with [ ]", where.at);
    const operands = this.#all(args, where.depth);
    if (operands === undefined) return undefined;
    const operator = isOperatorName(celName) ? OPERATORS[celName] : undefined;
    if (operator !== undefined) return { kind: "operation", operator, operands, at: where.at };
    return { kind: "call", function: celName, operands, at: where.at };
  }

  #all(nodes: readonly CelExpression[], depth: number): readonly Syntax[] | undefined {
    const read = nodes.map((node) => this.read(node, depth + 1));
    const present = read.filter((node) => node !== undefined);
    return present.length === read.length ? present : undefined;
  }

  #literal(constant: CelConstant, at: number): Syntax | undefined {
    const kind = constant.constantKind;
    switch (kind.case) {
      case "boolValue":
      case "stringValue":
        if (typeof kind.value === "string" && kind.value.includes("\0")) return this.#unsupported("a text with the character NUL", at);
        return { kind: "literal", value: kind.value, at };
      case "int64Value":
        if (kind.value !== BigInt(Number(kind.value))) return this.#refuse("expression/inexact-number", at, INEXACT_NUMBER);
        return { kind: "literal", value: Number(kind.value), at };
      case "doubleValue":
        if (!Number.isFinite(kind.value)) return this.#refuse("expression/inexact-number", at, INEXACT_NUMBER);
        return { kind: "literal", value: kind.value, at };
      case "nullValue":
        return this.#refuse("expression/unsupported", at, NULL_REFUSED);
      case "uint64Value":
        return this.#unsupported("an unsigned number such as 1u", at);
      case "bytesValue":
        return this.#unsupported("bytes such as b''", at);
      default:
        return this.#unsupported("this literal", at);
    }
  }

  /** The parser places an operator at the white space before it. */
  #offset(node: CelExpression): number {
    const position = this.#positions[String(node.id)] ?? 0;
    return position + (/^\s*/.exec(this.#source.slice(position))?.[0].length ?? 0);
  }

  #unsupported(name: string, at: number): undefined {
    return this.#refuse("expression/unsupported", at, {
      what: text(`${name} is part of CEL, but not of a study's expressions.`, `지원하지 않는 CEL 구문입니다: ${name}`),
      remedy: text(`Write it with ${ALLOWED_IN_EXPRESSIONS}.`, `다음만 쓸 수 있습니다: ${ALLOWED_IN_EXPRESSIONS}`),
    });
  }

  #refuse(code: string, at: number, said: Said): undefined {
    this.#report({ code, at, ...said });
    return undefined;
  }
}

const isOperatorName = (name: string): name is keyof typeof OPERATORS => Object.hasOwn(OPERATORS, name);
