/** What the columns of a file mean. */

import { z } from "zod";
import { keyedUnion } from "../document/keyed-union.ts";
import {
  columnName,
  conceptName,
  dateFormat,
  isoDate,
  nameSchema,
  reason,
  sourceCode,
  ucumCode,
  unitName,
  valueReference,
  vocabularyName,
} from "./names.ts";

const means = <Meaning extends z.ZodType>(meaning: Meaning) =>
  z.union([
    z
      .record(z.string(), z.union([meaning, z.literal("missing")]))
      .transform((codes) => Object.entries(codes).map(([code, meant]) => ({ code, means: meant }))),
    z
      .array(
        z.strictObject({
          code: sourceCode,
          means: z.union([meaning, z.literal("missing")]),
          from: isoDate.optional(),
          to: isoDate.optional(),
        }),
      )
      .min(1),
  ]);

/** The unit of a laboratory's result: one of UCUM for the whole column, or as each row writes it. */
const resultUnit = z.union([
  ucumCode,
  z.strictObject({
    column: columnName,
    /** Manners of writing that the program does not know by itself. */
    units: z.record(z.string(), ucumCode).optional(),
    /** For rows without a unit. */
    otherwise: z.strictObject({ unit: ucumCode, reason }).optional(),
  }),
]);

export const valueSchema = keyedUnion({
  date: z.strictObject({ date: columnName, format: dateFormat }),
  number: z.strictObject({
    number: columnName,
    unit: z.union([unitName, z.strictObject({ column: columnName, units: z.record(z.string(), unitName) })]).default("1"),
    decimal: z.enum([".", ","]).default("."),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
  }),
  codeConcept: z.strictObject({ codeConcept: columnName, codes: means(conceptName), asOf: valueReference.optional() }),
  codeNumber: z.strictObject({
    codeNumber: columnName,
    codes: means(z.number()),
    unit: unitName.default("1"),
    asOf: valueReference.optional(),
  }),
  text: z.strictObject({ text: columnName }),
  anchorDate: z.strictObject({
    anchorDate: z.union([isoDate, z.strictObject({ yearColumn: columnName, monthDay: z.string().regex(/^\d{2}-\d{2}$/) })]),
    reason,
  }),
  offset: z.strictObject({
    offset: columnName,
    unit: z.enum(["days", "months"]),
    daysPerUnit: z.number().positive().optional(),
    after: valueReference,
  }),
  yearsBetween: z.strictObject({ yearsBetween: z.tuple([valueReference, valueReference]) }),
  default: z.strictObject({ default: conceptName, reason }),
  firstOf: z.strictObject({ firstOf: z.array(valueReference).min(2) }),
  /** A code that a look-up brings to a vocabulary, by the row's date where `asOf` names one. */
  lookUp: z.strictObject({ lookUp: nameSchema, column: columnName, asOf: valueReference.optional() }),
  /** One code of a vocabulary for every row. */
  code: z.strictObject({ code: sourceCode, vocabulary: vocabularyName, reason }),
  /** A laboratory's result: a number, maybe with <, <=, > or >= before it. */
  result: z.strictObject({
    result: columnName,
    unit: resultUnit,
    /** The unit in which it is stored; else that of the look-up's `units`, else the unit as given. */
    storeIn: ucumCode.optional(),
    molarMassGPerMol: z.number().positive().optional(),
    valence: z.int().positive().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
  }),
  /** A key of the source that links rows of two files, such as a visit's number. It is stored nowhere. */
  link: z.strictObject({ link: z.array(columnName).min(1) }),
  /** The birth date of a Korean resident registration number: six digits, and the century from the seventh. */
  residentBirth: z.strictObject({ residentBirth: columnName, seventhDigit: columnName.optional() }),
  /** The sex of its seventh digit. */
  residentSex: z.strictObject({ residentSex: columnName }),
});
