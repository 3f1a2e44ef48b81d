/**
 * The mapping document: how one hospital's exports become OMOP rows. See packages/clinical/README.md for the format in words.
 *
 * It says *what* the columns mean and never *how* to compute: there is no code, no SQL and no expression in it, so that a steward
 * can read it aloud and a reviewer can see everything that is left out.
 */

import { z } from "zod";
import { type ConceptName, isConceptName } from "../concepts.ts";
import { keyedUnion } from "../document/keyed-union.ts";
import { isUnit, type Unit } from "../units.ts";
import { exportFile } from "./file-source.ts";

const NAME = /^[a-z][a-zA-Z0-9-]{0,63}$/;
const nameSchema = z.string().regex(NAME);
/** A value of this file, or `file.value` for a value of the persons file. */
const valueReference = z.string().regex(/^[a-z][a-zA-Z0-9-]{0,63}(?:\.[a-z][a-zA-Z0-9-]{0,63})?$/);
const columnName = z.string().min(1).max(200);
const reason = z.string().min(3).max(200);
const isoDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const textSchema = z.strictObject({ en: z.string().min(1), ko: z.string().min(1) });
/** A code of the source. YAML reads `1` as a number and `no` as text: both are taken as written. */
const sourceCode = z.union([z.string().max(100), z.number(), z.boolean()]).transform(String);

const conceptName = z.string().transform((name, context): ConceptName => {
  if (isConceptName(name)) return name;
  context.issues.push({
    code: "custom",
    input: name,
    message: `"${name}" is not a concept of packages/clinical/src/concepts.ts.`,
    params: { ko: `"${name}"은(는) packages/clinical/src/concepts.ts에 없는 개념입니다.` },
  });
  return z.NEVER;
});

const unitName = z.string().transform((name, context): Unit => {
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
const dateFormat = z
  .string()
  .regex(/^(?:%[YmdHMS]|[-./ :T])+$/)
  .refine((format) => ["%Y", "%m", "%d"].every((part) => format.includes(part)), {
    message: "a date format needs %Y, %m and %d.",
    params: { ko: "날짜 형식에는 %Y, %m, %d가 모두 필요합니다." },
  });

const conditionOf = z.strictObject({
  value: valueReference,
  is: sourceCode.optional(),
  in: z.array(sourceCode).min(1).optional(),
  notIn: z.array(sourceCode).min(1).optional(),
  startsWith: z.string().min(1).optional(),
  parameter: nameSchema.optional(),
  present: z.boolean().optional(),
  atLeast: z.number().optional(),
  above: z.number().optional(),
  atMost: z.number().optional(),
  below: z.number().optional(),
});
const conditions = z.array(z.union([conditionOf, z.strictObject({ anyOf: z.array(conditionOf).min(1) })])).min(1);

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

const valueSchema = keyedUnion({
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
});

const conceptSource = z.union([conceptName, z.strictObject({ value: valueReference })]);
const when = { when: conditions.optional(), otherwise: reason.optional() };
const clinicalEvent = { concept: conceptSource, date: valueReference, ...when };

const rowSchema = z.discriminatedUnion("to", [
  z.strictObject({
    to: z.literal("person"),
    gender: valueReference,
    yearOfBirth: keyedUnion({
      age: z.strictObject({ age: valueReference, at: valueReference }),
      date: z.strictObject({ date: valueReference }),
      number: z.strictObject({ number: valueReference }),
    }),
  }),
  z.strictObject({ to: z.literal("condition"), id: nameSchema, ...clinicalEvent, source: valueReference.optional() }),
  z.strictObject({ to: z.literal("measurement"), ...clinicalEvent, value: valueReference, of: nameSchema.optional() }),
  z.strictObject({ to: z.literal("observation"), ...clinicalEvent, value: valueReference, of: nameSchema.optional() }),
  z.strictObject({ to: z.literal("recurrence"), date: valueReference, of: nameSchema, ...when }),
  z.strictObject({ to: z.literal("death"), date: valueReference, ...when }),
  z.strictObject({ to: z.literal("visit"), concept: conceptSource, date: valueReference, end: valueReference.optional(), ...when }),
]);

const fileSchema = exportFile({
  missing: z.array(z.string()).default([""]),
  person: columnName,
  values: z.record(nameSchema, valueSchema),
  exclude: z
    .array(keyedUnion({ when: z.strictObject({ reason, when: conditions }), unless: z.strictObject({ reason, unless: conditions }) }))
    .default([]),
  rows: z.array(rowSchema),
});

const periodDate = z.strictObject({
  value: z.string().regex(/^[a-z][a-zA-Z0-9-]{0,63}\.[a-z][a-zA-Z0-9-]{0,63}$/),
  when: conditions.optional(),
});

export const mappingSchema = z.strictObject({
  dureMapping: z.literal(1),
  id: nameSchema,
  version: z.int().positive(),
  title: textSchema,
  /** How the records came about: OMOP's type concept of every row. */
  recordType: z.enum(["registry", "ehr"]),
  parameters: z.record(nameSchema, z.strictObject({ description: textSchema, allowed: z.array(sourceCode).min(1) })).default({}),
  /** The file whose rows are the patients, one row a patient. */
  persons: nameSchema,
  files: z.record(nameSchema, fileSchema),
  observationPeriod: z.strictObject({
    rule: textSchema,
    start: z.array(periodDate).min(1),
    end: z.array(periodDate).min(1),
    /** A person without any end date: leave the period out, or let it last the first day only. */
    withoutEnd: z.enum(["exclude", "one-day"]),
  }),
});

export type Mapping = z.output<typeof mappingSchema>;
export type MappingFile = Mapping["files"][string];
export type MappingValue = MappingFile["values"][string];
export type MappingRow = MappingFile["rows"][number];
export type MappingCondition = NonNullable<Mapping["observationPeriod"]["start"][number]["when"]>[number];
export type ValueCondition = Extract<MappingCondition, { readonly value: string }>;
export type PeriodDate = Mapping["observationPeriod"]["start"][number];
