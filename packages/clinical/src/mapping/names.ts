/** The small pieces that every part of a mapping is made of. */

import { text } from "@dure/kernel";
import { z } from "zod";
import { type ConceptName, isConceptName } from "../concepts.ts";
import { readDeclaredUnit } from "../units/source-unit.ts";
import { isUnit, type Unit } from "../units.ts";

export const nameSchema = z.string().regex(/^[a-z][a-zA-Z0-9-]{0,63}$/);
/** A value of this file, or `file.value` for a value of the persons file. */
export const valueReference = z.string().regex(/^[a-z][a-zA-Z0-9-]{0,63}(?:\.[a-z][a-zA-Z0-9-]{0,63})?$/);
export const columnName = z.string().min(1).max(200);
export const reason = z.string().min(3).max(200);
export const isoDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
export const textSchema = z.strictObject({ en: z.string().min(1), ko: z.string().min(1) });
/** A code of the source. YAML reads `1` as a number and `no` as text: both are taken as written. */
export const sourceCode = z.union([z.string().max(100), z.number(), z.boolean()]).transform(String);
/** OMOP's vocabulary_id, or the name of one of the hospital's own lists. */
export const vocabularyName = z.string().regex(/^[A-Za-z][A-Za-z0-9 _-]{0,19}$/);
/** A UCUM code, as OMOP's vocabulary writes it; whether it exists is asked where the units are converted. */
export const ucumCode = z.string().transform((given, context): string => {
  const unit = readDeclaredUnit(given);
  if (unit?.kind === "code") return unit.code;
  context.issues.push({
    code: "custom",
    input: given,
    message: "",
    params: unit === undefined ? NO_UNIT : otherSpelling(given, unit.code),
  });
  return z.NEVER;
});

const NO_UNIT = {
  what: text("this is no unit of UCUM.", "UCUM 단위가 아닙니다."),
  remedy: text(
    "Write a UCUM code such as mg/dL or 10*3/uL: letters, digits and signs of ASCII, without spaces.",
    "mg/dL이나 10*3/uL 같은 UCUM 코드를 공백 없이 영문자, 숫자, 기호로 적으십시오.",
  ),
};

const otherSpelling = (given: string, code: string) => ({
  what: text(
    `"${given}" is not UCUM's spelling: UCUM tells units apart by capital and small letters.`,
    `"${given}"은(는) UCUM 표기가 아닙니다. UCUM은 대소문자로 단위를 구별합니다.`,
  ),
  remedy: text(`Write "${code}", if that is meant.`, `"${code}"을(를) 뜻한다면 그렇게 적으십시오.`),
});

export const conceptName = z.string().transform((name, context): ConceptName => {
  if (isConceptName(name)) return name;
  context.issues.push({
    code: "custom",
    input: name,
    message: `"${name}" is not a concept of packages/clinical/src/concepts.ts.`,
    params: { ko: `"${name}"은(는) packages/clinical/src/concepts.ts에 없는 개념입니다.` },
  });
  return z.NEVER;
});

export const unitName = z.string().transform((name, context): Unit => {
  if (isUnit(name)) return name;
  context.issues.push({
    code: "custom",
    input: name,
    message: `"${name}" is not a known unit (packages/clinical/src/units.ts).`,
    params: { ko: `"${name}"은(는) 알 수 없는 단위입니다(packages/clinical/src/units.ts).` },
  });
  return z.NEVER;
});

/** Such as `%Y-%m-%d`, `%Y.%m.%d`, `%d/%m/%Y`, `%Y%m%d`, `%Y-%m-%d %H:%M:%S`. */
export const dateFormat = z
  .string()
  .regex(/^(?:%[YmdHMS]|[-./ :T])+$/)
  .refine((format) => ["%Y", "%m", "%d"].every((part) => format.includes(part)), {
    message: "a date format needs %Y, %m and %d.",
    params: { ko: "날짜 형식에는 %Y, %m, %d가 모두 필요합니다." },
  });
