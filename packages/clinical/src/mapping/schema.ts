/**
 * The mapping document: how one hospital's exports become OMOP rows. See docs/mapping.md for the format in words.
 *
 * It says *what* the columns mean and never *how* to compute: there is no code, no SQL and no expression in it, so that a steward
 * can read it aloud and a reviewer can see everything that is left out.
 */

import { z } from "zod";
import { keyedUnion } from "../document/keyed-union.ts";
import { conditions } from "./condition-schema.ts";
import { expandMapping } from "./expand.ts";
import { exportFile } from "./file-source.ts";
import { lookupSchema } from "./lookup-schema.ts";
import { columnName, nameSchema, reason, sourceCode, textSchema } from "./names.ts";
import { rowSchema } from "./row-schema.ts";
import { valueSchema } from "./value-schema.ts";

const fileSchema = exportFile({
  missing: z.array(z.string()).default([""]),
  person: columnName,
  /** Columns that together name a row: what a later delivery corrects or deletes. */
  key: z.array(columnName).min(1).optional(),
  /** `whole`: the export is all there is. `changes`: it adds to, corrects and deletes from the rows of the deliveries before. */
  delivery: z.enum(["whole", "changes"]).optional(),
  /** In a delivery of changes: the rows that say that their row is deleted. */
  deletedWhen: conditions.optional(),
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

const documentSchema = z.strictObject({
  dureMapping: z.literal(1),
  id: nameSchema,
  version: z.int().positive(),
  title: textSchema,
  /** How the records came about: OMOP's type concept of every row. */
  recordType: z.enum(["registry", "ehr"]),
  parameters: z.record(nameSchema, z.strictObject({ description: textSchema, allowed: z.array(sourceCode).min(1) })).default({}),
  /** A row with a fault stops the load, or is left out under the fault's name. */
  onFault: z.enum(["stop", "exclude"]).optional(),
  /** Best first: of the rows of one order, person and drug the best kind is kept. */
  drugPrecedence: z
    .array(z.enum(["administration", "dispense", "order"]))
    .min(1)
    .optional(),
  lookups: z.record(nameSchema, lookupSchema).optional(),
  /** Pairs of hospital numbers: the rows of the one are the other's. */
  merges: exportFile({ missing: z.array(z.string()).default([""]), from: columnName, to: columnName }).optional(),
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

/** An unknown key alone does not stop a transform, and leaves half a document. */
export const mappingSchema = documentSchema.transform((document, context) =>
  context.issues.length > 0 ? z.NEVER : expandMapping(document),
);

export type Mapping = z.output<typeof mappingSchema>;
export type MappingFile = Mapping["files"][string];
export type MappingValue = MappingFile["values"][string];
export type MappingRow = MappingFile["rows"][number];
export type MappingCondition = NonNullable<Mapping["observationPeriod"]["start"][number]["when"]>[number];
export type ValueCondition = Extract<MappingCondition, { readonly value: string }>;
export type PeriodDate = Mapping["observationPeriod"]["start"][number];
/** A name of concepts.ts, or a value of the row. */
export type ConceptReference = Extract<MappingRow, { readonly to: "visit" }>["concept"];
