/** Problems inside an expression: the place in the document, and the character in the expression. */

import { type Text, text } from "@dure/kernel";
import { findNearest, type Report } from "../problem-report.ts";
import { type ExpressionType, FUNCTIONS, type FunctionName } from "./expression.ts";

export const ALLOWED_IN_EXPRESSIONS =
  "+ - * / < <= > >= == != && || ! ?: in [ ], log log1p exp sqrt min max abs, numbers, 'text', true, false";

export type ExpressionReport = (finding: {
  readonly code: string;
  /** Offset from 0; undefined when the problem is of the whole expression. */
  readonly at?: number;
  readonly what: Text;
  readonly remedy: Text;
}) => void;

/** Puts the character, counted from 1, in front of what was found. */
export function reportAt(report: Report): ExpressionReport {
  return ({ code, at, what, remedy }) => {
    if (at === undefined) report({ code, what, remedy });
    else report({ code, what: text(`at character ${at + 1}: ${what.en}`, `${at + 1}번째 글자: ${what.ko}`), remedy });
  };
}

export interface Said {
  readonly what: Text;
  readonly remedy: Text;
}

const TYPE_NAMES: { readonly [Type in ExpressionType]: Text } = {
  number: text("a number", "수"),
  boolean: text("true or false", "참/거짓"),
  text: text("a text", "문자열"),
};

export function mismatch(found: ExpressionType, needed: ExpressionType): Said {
  const conversion =
    found === "boolean" && needed === "number"
      ? text("Write CONDITION ? 1 : 0.", "조건 ? 1 : 0 형태로 쓰십시오.")
      : text("Compare it, for example with == or >.", "== 또는 > 등으로 비교하는 식을 쓰십시오.");
  return {
    what: text(
      `this is ${TYPE_NAMES[found].en}, but ${TYPE_NAMES[needed].en} is needed here.`,
      `여기에는 ${TYPE_NAMES[needed].ko} 형식이 필요하지만 ${TYPE_NAMES[found].ko} 형식입니다.`,
    ),
    remedy: conversion,
  };
}

export const incomparable = (left: ExpressionType, right: ExpressionType): Said => ({
  what: text(
    `${TYPE_NAMES[left].en} and ${TYPE_NAMES[right].en} stand side by side; both must be of one type.`,
    `형식이 서로 다릅니다(${TYPE_NAMES[left].ko}, ${TYPE_NAMES[right].ko}). 양쪽의 형식이 같아야 합니다.`,
  ),
  remedy: text("Use values of one type.", "같은 형식의 값을 쓰십시오."),
});

export const contradiction = (name: string): Said => ({
  what: text(`the column ${name} is read as a text here and as a number elsewhere.`, `같은 열(${name})을 문자열과 수로 함께 사용했습니다.`),
  remedy: text("Read it in one way only.", "한 가지 형식으로만 사용하십시오."),
});

export function unknownColumn(name: string, columns: readonly string[]): Said {
  const nearest = findNearest(name, columns);
  const list = columns.slice(0, COLUMNS_LISTED_MAX).join(", ") + (columns.length > COLUMNS_LISTED_MAX ? ", …" : "");
  return {
    what: text(`the table has no column ${name}; it has: ${list}.`, `테이블에 없는 열입니다: ${name} (있는 열: ${list})`),
    remedy:
      nearest === undefined
        ? text("Use one of these columns.", "위의 열 가운데 하나를 쓰십시오.")
        : text(`Did you mean ${nearest}?`, `혹시 다음 열입니까? ${nearest}`),
  };
}

/** A message stays readable; the table document has the rest. */
const COLUMNS_LISTED_MAX = 40;

export function unknownFunction(name: string): Said {
  const nearest = findNearest(name, FUNCTIONS);
  const list = FUNCTIONS.join(", ");
  return {
    what: text(`there is no function ${name}(); there are: ${list}.`, `지원하지 않는 함수입니다: ${name}() (쓸 수 있는 함수: ${list})`),
    remedy:
      nearest === undefined
        ? text("Prepare the value as a column of the research table.", "연구 테이블에서 미리 계산한 열을 만들어 사용하십시오.")
        : text(`Did you mean ${nearest}?`, `혹시 다음 함수입니까? ${nearest}`),
  };
}

export function argumentCount(name: FunctionName, found: number): Said {
  const needed = name === "min" || name === "max" ? text("two or more", "2개 이상") : text("one", "1개");
  return {
    what: text(`${name}() has ${found} arguments; it takes ${needed.en}.`, `${name}()의 인자가 ${found}개입니다. ${needed.ko}여야 합니다.`),
    remedy: text("Correct the arguments.", "인자를 고치십시오."),
  };
}

export const LIST_ALONE: Said = {
  what: text("a list stands only behind `in`.", "목록은 in 뒤에만 쓸 수 있습니다."),
  remedy: text("Write, for example, stage in [1, 2].", "예: stage in [1, 2]"),
};

export const LIST_OF_LITERALS: Said = {
  what: text(
    "behind `in` stands a list of numbers, or of texts, with at least one entry.",
    "in 뒤에는 하나 이상의 수 또는 문자열 목록이 와야 합니다.",
  ),
  remedy: text("Write, for example, stage in [1, 2].", "예: stage in [1, 2]"),
};

export const tooLong = (length: number, lengthMax: number): Said => ({
  what: text(
    `the expression has ${length} characters; ${lengthMax} are allowed.`,
    `식의 길이가 ${length}자입니다. ${lengthMax}자까지 쓸 수 있습니다.`,
  ),
  remedy: text("Prepare the value as a column of the research table.", "연구 테이블에서 미리 계산한 열을 만들어 사용하십시오."),
});

export const tooDeep = (depthMax: number): Said => ({
  what: text(`the expression is nested deeper than ${depthMax} levels.`, `식이 ${depthMax}단계보다 깊게 중첩되어 있습니다.`),
  remedy: text("Prepare the value as a column of the research table.", "연구 테이블에서 미리 계산한 열을 만들어 사용하십시오."),
});

export const INEXACT_NUMBER: Said = {
  what: text("this number cannot be held as a double.", "배정밀도 실수로 표현할 수 없는 수입니다."),
  remedy: text(
    "Use a number between -1.8e308 and 1.8e308, a whole number only when a double holds it exactly.",
    "-1.8e308부터 1.8e308 사이의 수를 쓰고, 정수는 배정밀도 실수로 정확히 표현되는 값만 쓰십시오.",
  ),
};

export const NULL_REFUSED: Said = {
  what: text(
    "null is not a value: a comparison with a missing value is itself missing.",
    "null은 값이 아니며, 결측값과 비교한 결과도 결측입니다.",
  ),
  remedy: text(
    "Leave the test out: rows with a missing value are left out and counted by variable.",
    "이 조건을 빼십시오. 결측값이 있는 행은 자동으로 제외되고 변수별로 집계됩니다.",
  ),
};
