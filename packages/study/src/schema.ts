/**
 * The shape of a study document as people write it. JSON Schema is generated from here, and forms from that.
 *
 * The shape says what each field may hold; rules between fields stand in `rules.ts`. Keys that are not named here are refused: a misspelt
 * `minimumCel` must not quietly become the default.
 */

import { z } from "zod";
import { analysisSchema } from "./analyses/index.ts";
import { VARIABLE_ROLES, VARIABLE_TYPES } from "./document.ts";
import { FORMS, NAME_LENGTH_MAX } from "./forms.ts";

/** As many features as a complete information matrix of doubles may have in one round. */
export const VARIABLES_MAX = 1000;
/** A level is a column of a model, and a line of a table. */
const LEVELS_MAX = 100;
/** Every whole percentage. */
const THRESHOLDS_MAX = 99;
/** Harrell, Regression Modeling Strategies (2nd ed.), section 2.4.6: three to seven knots serve nearly every sample size. */
const KNOTS = { least: 3, most: 10 } as const;

const slug = z.string().max(NAME_LENGTH_MAX).regex(FORMS.slug);
/** `expressions/syntax.ts` limits and checks it. */
const expression = z.string().min(1);

const share = z.number().positive().max(1);

const variableQuality = z.strictObject({
  complete: share.optional().describe("Least share of rows that have a value."),
  plausible: z
    .strictObject({ low: z.number().optional(), high: z.number().optional(), share: share.default(1) })
    .optional()
    .describe("Least share of values between low and high."),
  mapped: share.optional().describe("Least share of the records of this kind that have a standard concept."),
  unit: share.optional().describe("Least share of the variable's records that carry its unit."),
});

const level = z.union([z.string().min(1).max(NAME_LENGTH_MAX), z.number()]);

export const variableSchema = z.strictObject({
  role: z.enum(VARIABLE_ROLES).describe("What the variable is in the analysis."),
  type: z.enum(VARIABLE_TYPES),
  from: expression.optional().describe("CEL over the table's columns. Without it: the column of the variable's own name."),
  unit: z.string().min(1).max(NAME_LENGTH_MAX).optional().describe("UCUM."),
  levels: z
    .array(level)
    .min(2)
    .max(LEVELS_MAX)
    .optional()
    .describe("Of a category: every value it may have. Other values leave the row out, and are counted."),
  reference: level.optional().describe("Of a category: the level that others are compared with. Without it the first."),
  spline: z
    .strictObject({ knots: z.array(z.number()).min(KNOTS.least).max(KNOTS.most).describe("Ascending, in the variable's unit.") })
    .optional()
    .describe("Of a number: a restricted cubic spline with these knots."),
  array: z
    .string()
    .max(NAME_LENGTH_MAX)
    .regex(FORMS.identifier)
    .optional()
    .describe("For a file of arrays: the array's name behind its prefix."),
  shape: z.array(z.int().min(1).max(4096)).min(1).max(4).optional().describe("Of one row of a tensor: channels, height, width."),
  scale: z.number().positive().optional().describe("Every entry of a tensor is multiplied by it."),
  quality: variableQuality.optional().describe("What a hospital's rows must show before it takes part."),
});

const evaluation = z.strictObject({
  localModels: z.boolean().default(false).describe("Also fit each hospital's own model, to compare."),
  intervals: z.literal("delong").default("delong"),
  thresholds: z
    .array(z.number().positive().lt(1))
    .min(1)
    .max(THRESHOLDS_MAX)
    .optional()
    .describe("Predicted risks, ascending, at which sensitivity, specificity and predictive values are told."),
  decisionCurve: z.boolean().optional().describe("Net benefit of deciding by the model, over thresholds from 0.01 to 0.99."),
  leaveOneSiteOut: z.boolean().optional().describe("Also fit without each site in turn, and judge that model there."),
});

const missing = z.discriminatedUnion("method", [
  z.strictObject({ method: z.literal("complete-case") }),
  z.strictObject({ method: z.literal("single-imputation") }),
  z.strictObject({
    method: z.literal("multiple-imputation"),
    imputations: z.int().min(2).max(100).default(20),
    iterations: z.int().min(1).max(50).default(10),
    seed: z.int().min(0).describe("Of the draws: the same seed gives the same result."),
  }),
]);

const secureSum = z.strictObject({
  minimumSites: z.int().min(3).max(100).default(5).describe("Fewer training hospitals than this, and nothing is opened."),
});

const privacy = z.strictObject({
  secureSum: secureSum.prefault({}),
  minimumCell: z.int().min(0).max(10_000).default(5).describe("Smaller counts are not shown. 0 only for public data."),
});

const split = z.strictObject({
  validation: expression.optional().describe("For a network. For a table CEL, for a file of arrays a prefix."),
  holdout: expression.optional().describe("Rows that no model is fitted on. For a table CEL, for a file of arrays a prefix."),
});

export const studySchema = z
  .strictObject({
    dure: z.literal(1).describe("The version of this format."),
    id: slug,
    title: z.string().max(300).regex(FORMS.words).describe("In plain words, for the hospitals that decide."),
    purpose: z
      .enum(["statistics", "scientific-research", "public-interest-archiving"])
      .describe(
        "One of the three purposes for which the Korean Personal Information Protection Act, article 28-2, allows pseudonymised data.",
      ),
    data: z.strictObject({
      table: slug.describe("The research table: tables/ID.yaml."),
      include: expression.optional().describe("CEL over the table's columns. Other rows are left out and counted."),
      split: split.optional(),
      variables: z
        .record(z.string().max(NAME_LENGTH_MAX).regex(FORMS.identifier), variableSchema)
        .describe(`By name, at most ${VARIABLES_MAX}. Their order is the order of a model's terms.`),
      missing: missing.optional().describe("What is done about missing values of features. Without it: such rows are left out."),
    }),
    analysis: analysisSchema,
    evaluation: evaluation.prefault({}),
    privacy: privacy.prefault({}),
  })
  .meta({ title: "Dure study document" });

/** What the schema makes of a document. */
export type StudySource = z.output<typeof studySchema>;
