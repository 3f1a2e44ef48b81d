/**
 * Results that were written as text, as far as they are results: a number with or without a comparator, a titre, a range, a grade of
 * plus signs, or one of the few words that laboratories use. Anything else may be a sentence about a patient and is not read.
 */

import { NEGATIVE, NO, OPERATOR, POSITIVE, YES } from "./concept-ids.ts";
import type { ValueDraft } from "./draft.ts";

const WORDS: ReadonlyMap<string, ValueDraft> = new Map<string, ValueDraft>([
  ...["positive", "pos", "reactive", "detected", "양성"].map((word) => [word, { conceptId: POSITIVE, words: word }] as const),
  ...["negative", "neg", "nonreactive", "non-reactive", "not detected", "음성"].map(
    (word) => [word, { conceptId: NEGATIVE, words: word, isDenied: true }] as const,
  ),
  ...["yes", "present", "예"].map((word) => [word, { conceptId: YES, words: word }] as const),
  ...["no", "absent", "none", "아니오"].map((word) => [word, { conceptId: NO, words: word, isDenied: true }] as const),
  ...["trace", "normal", "abnormal", "borderline", "indeterminate", "equivocal", "weakly positive", "약양성", "정상", "비정상"].map(
    (word) => [word, { words: word }] as const,
  ),
]);

const COMPARED = /^(<=|>=|<|>|≤|≥)?\s*([+-]?\d{1,15}(?:\.\d{1,10})?)$/;
const FIGURES = /^(?:\d{1,6}\s*:\s*\d{1,9}|\d{1,9}(?:\.\d{1,6})?\s*[-~]\s*\d{1,9}(?:\.\d{1,6})?|[+-]{1,4}|[1-4]\+|\+\/-)$/;
const TIME_OF_DAY = /^\d{2}:\d{2}(?::\d{2})?$/;
const ASCII_SIGNS: ReadonlyMap<string, string> = new Map([
  ["≤", "<="],
  ["≥", ">="],
]);

/** Undefined for words that are no known result. */
export function readWords(words: string): ValueDraft | undefined {
  const known = WORDS.get(words.toLowerCase());
  if (known !== undefined) return known;
  const [, sign = "", figures] = COMPARED.exec(words) ?? [];
  if (figures !== undefined) {
    const operator = OPERATOR.get(ASCII_SIGNS.get(sign) ?? sign);
    return { number: Number(figures), ...(operator === undefined ? {} : { operatorConceptId: operator }) };
  }
  return FIGURES.test(words) || TIME_OF_DAY.test(words) ? { words } : undefined;
}
