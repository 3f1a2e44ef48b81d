/**
 * The research table document: the columns that studies speak of, and how each is read from OMOP, the same at every hospital.
 *
 * Like a mapping it holds no code. A column without a source exists in flat files only.
 */

import { z } from "zod";
import { type ConceptName, isConceptName } from "../concepts.ts";
import { keyedUnion } from "../document/keyed-union.ts";

const name = z.string().regex(/^[A-Za-z][A-Za-z0-9_.]{0,63}$/);
const textSchema = z.strictObject({ en: z.string().min(1), ko: z.string().min(1) });

const conceptName = z.string().transform((value, context): ConceptName => {
  if (isConceptName(value)) return value;
  context.issues.push({
    code: "custom",
    input: value,
    message: `"${value}" is not a concept of packages/clinical/src/concepts.ts.`,
    params: { ko: `"${value}"은(는) packages/clinical/src/concepts.ts에 없는 개념입니다.` },
  });
  return z.NEVER;
});

/** What is read of a finding: its number, or what each concept means as a number. */
const finding = { value: z.literal("number").optional(), codes: z.record(z.string(), z.number()).optional() };
const happening = z.enum(["recurrence", "death"]);

const sourceSchema = keyedUnion({
  /** The first measurement of the concept that is linked to the index condition. */
  measurement: z.strictObject({ measurement: conceptName, ...finding }),
  /** The first observation of the concept that is linked to the index condition. */
  observation: z.strictObject({ observation: conceptName, ...finding }),
  /** Days from the start of the index condition to the first of these. */
  daysTo: z.strictObject({ daysTo: z.array(z.union([happening, z.literal("end-of-observation")])).min(1) }),
  /** 1 if any of these is recorded, 0 if the person was observed and none is. */
  occurred: z.strictObject({ occurred: z.array(happening).min(1) }),
  /** 1, 2, ...: the class of a number, upper bounds included. */
  classOf: z.strictObject({ classOf: name, upTo: z.array(z.number()).min(1) }),
  /** 1 where the number is at least this, else 0. */
  reaches: z.strictObject({ reaches: name, atLeast: z.number() }),
  /** The first that is not missing. */
  firstOf: z.strictObject({ firstOf: z.array(name).min(2) }),
  /** 1 = the event came within so many days, 0 = known not to have come, missing = not followed long enough. */
  event: z.strictObject({ event: name, days: name, withinDays: z.number().positive() }),
});

const columnSchema = z.strictObject({
  type: z.enum(["number", "boolean", "text", "tensor"]),
  unit: z.string().min(1).optional(),
  description: textSchema,
  source: sourceSchema.optional(),
});

export const researchTableSchema = z.strictObject({
  dureTable: z.literal(1),
  id: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
  version: z.int().positive(),
  title: textSchema,
  description: textSchema,
  /** One row a person who has this condition: the first one. Without it the table exists as a flat file only. */
  index: z.strictObject({ condition: conceptName }).optional(),
  /** Read from OMOP for the columns' sources; not columns themselves. */
  inputs: z.record(name, sourceSchema).default({}),
  columns: z.record(name, columnSchema),
  /** Rows without one of these columns are left out and counted. */
  complete: z.array(name).default([]),
  /** Rows that do not keep these are left out and counted. */
  keep: z.array(z.strictObject({ column: name, above: z.number(), reason: z.string().min(3) })).default([]),
});

export type ResearchTable = z.output<typeof researchTableSchema>;
export type ColumnSource = ResearchTable["inputs"][string];
export type ResearchColumn = ResearchTable["columns"][string];
