/**
 * How a code of the source becomes a code of a vocabulary: through tables that the hospital keeps (order master, price list, its own
 * KCD list), each by the row's date, or through a list written into the document; and at last through OMOP's vocabulary.
 */

import { z } from "zod";
import { exportFile } from "./file-source.ts";
import { columnName, dateFormat, isoDate, nameSchema, sourceCode, ucumCode, vocabularyName } from "./names.ts";

const tableStep = exportFile({
  missing: z.array(z.string()).default([""]),
  /** The column with the code as it comes in, and the one with the code it stands for. */
  code: columnName,
  gives: columnName,
  /** First and last day on which the row holds; an empty cell is no limit. A date in 9999 or 2999 is one, too. */
  from: columnName.optional(),
  to: columnName.optional(),
  dateFormat: dateFormat.optional(),
});

const listEntry = z.strictObject({
  code: sourceCode,
  means: sourceCode,
  from: isoDate.optional(),
  to: isoDate.optional(),
});

export const lookupSchema = z.strictObject({
  /** A table of the export directory; not together with `codes`. */
  table: tableStep.optional(),
  codes: z
    .union([
      z.record(z.string(), sourceCode).transform((codes) => Object.entries(codes).map(([code, means]) => ({ code, means }))),
      z.array(listEntry).min(1),
    ])
    .optional(),
  /** The next look-up, for the code that this one gives; without it `vocabulary` says whose code it is. */
  next: nameSchema.optional(),
  vocabulary: vocabularyName.optional(),
  /** The hospital's own list, whose reviewed map (source_to_concept_map) is asked first, with the code as the row has it. */
  siteList: vocabularyName.optional(),
  /** `dotted`: N201 is N20.1, as KCD and ICD-10 are written in OMOP. */
  write: z.enum(["as-is", "dotted", "upper-case"]).optional(),
  /** By code of the vocabulary: the UCUM unit in which its numbers are stored, and what a molar conversion needs. */
  units: z
    .record(
      z.string(),
      z.union([
        ucumCode.transform((unit) => ({ unit })),
        z.strictObject({ unit: ucumCode, molarMassGPerMol: z.number().positive().optional(), valence: z.int().positive().optional() }),
      ]),
    )
    .optional(),
});

export type Lookup = z.output<typeof lookupSchema>;
export type LookupTable = NonNullable<Lookup["table"]>;
