/** The OMOP rows that a row of a file makes. */

import { z } from "zod";
import { keyedUnion } from "../document/keyed-union.ts";
import { conditions } from "./condition-schema.ts";
import { columnName, conceptName, nameSchema, reason, sourceCode, ucumCode, valueReference, vocabularyName } from "./names.ts";

/** A name of concepts.ts, a value of the row, or a code of a vocabulary. */
const conceptSource = z.union([
  conceptName,
  z.strictObject({ value: valueReference }),
  z.strictObject({ vocabulary: vocabularyName, code: sourceCode }),
]);

const when = { when: conditions.optional(), otherwise: reason.optional() };
/** What every clinical event can say; a key whose field the row's table does not have is left out. */
const clinicalEvent = {
  concept: conceptSource,
  date: valueReference,
  end: valueReference.optional(),
  /** A `link` that some row "to: visit" has as its `key`. */
  visit: valueReference.optional(),
  provider: valueReference.optional(),
  ...when,
};
const value = {
  value: valueReference,
  /** For results in words, where `value` is a number: positive, negative, trace. */
  word: valueReference.optional(),
  low: valueReference.optional(),
  high: valueReference.optional(),
  of: nameSchema.optional(),
};
const amount = { quantity: valueReference.optional() };
const drug = {
  /** Dose × times a day × days; a missing part leaves the quantity empty. */
  quantity: z
    .union([
      valueReference.transform((dose): { dose: string; timesADay?: string | undefined; days?: string | undefined } => ({ dose })),
      z.strictObject({ dose: valueReference, timesADay: valueReference.optional(), days: valueReference.optional() }),
    ])
    .optional(),
  days: valueReference.optional(),
  route: conceptSource.optional(),
  doseUnit: valueReference.optional(),
  /** How the exposure is known; by `drugPrecedence` the better one of an order is kept. */
  record: z.enum(["administration", "dispense", "order"]).optional(),
  order: valueReference.optional(),
  discontinued: z.strictObject({ when: conditions, on: valueReference.optional(), firstDose: valueReference.optional() }).optional(),
};
const status = { status: conceptSource.optional() };

export const rowSchema = z.discriminatedUnion("to", [
  z.strictObject({
    to: z.literal("person"),
    gender: valueReference,
    yearOfBirth: keyedUnion({
      age: z.strictObject({ age: valueReference, at: valueReference }),
      date: z.strictObject({ date: valueReference }),
      number: z.strictObject({ number: valueReference }),
    }),
    race: conceptSource.optional(),
    ethnicity: conceptSource.optional(),
    /** A `text` of a postal code, of which the first three characters are kept. */
    postalCode: valueReference.optional(),
  }),
  z.strictObject({
    to: z.literal("condition"),
    id: nameSchema.optional(),
    ...clinicalEvent,
    ...status,
    source: valueReference.optional(),
  }),
  z.strictObject({ to: z.literal("drug"), ...clinicalEvent, ...drug }),
  z.strictObject({ to: z.literal("procedure"), ...clinicalEvent, ...amount }),
  z.strictObject({ to: z.literal("device"), ...clinicalEvent, ...amount }),
  z.strictObject({ to: z.literal("specimen"), ...clinicalEvent, ...amount }),
  z.strictObject({
    to: z.literal("measurement"),
    ...clinicalEvent,
    concept: conceptSource.optional(),
    ...value,
    value: valueReference.optional(),
    /** Columns to rows: each column is one measurement of its own concept and unit. */
    unpivot: z
      .record(
        columnName,
        z.strictObject({ concept: conceptSource, unit: ucumCode, minimum: z.number().optional(), maximum: z.number().optional() }),
      )
      .optional(),
  }),
  z.strictObject({ to: z.literal("observation"), ...clinicalEvent, ...value }),
  /** The table is that of the concept's domain; of a code without a concept, `unmapped`. */
  z.strictObject({
    to: z.literal("event"),
    unmapped: z.enum(["condition", "drug", "procedure", "device", "specimen", "measurement", "observation"]),
    ...clinicalEvent,
    ...drug,
    ...status,
    ...value,
    value: valueReference.optional(),
  }),
  z.strictObject({ to: z.literal("recurrence"), date: valueReference, of: nameSchema, ...when }),
  z.strictObject({ to: z.literal("death"), date: valueReference, cause: conceptSource.optional(), ...when }),
  z.strictObject({
    to: z.literal("visit"),
    concept: conceptSource,
    date: valueReference,
    end: valueReference.optional(),
    /** A `link`: what other files call this visit. */
    key: valueReference.optional(),
    /** A `lookUp` of the department. */
    careSite: valueReference.optional(),
    provider: valueReference.optional(),
    admittedFrom: conceptSource.optional(),
    dischargedTo: conceptSource.optional(),
    ...when,
  }),
  z.strictObject({
    to: z.literal("visit-detail"),
    concept: conceptSource,
    date: valueReference,
    end: valueReference.optional(),
    /** The visit it is a part of; without it, the person's visit that lasts on `date`. */
    visit: valueReference.optional(),
    careSite: valueReference.optional(),
    provider: valueReference.optional(),
    ...when,
  }),
  z.strictObject({ to: z.literal("payer-plan"), date: valueReference, end: valueReference.optional(), payer: conceptSource, ...when }),
]);
