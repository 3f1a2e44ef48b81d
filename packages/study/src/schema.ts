/**
 * The shape of a study document as people write it. JSON Schema is generated from here, and forms from that.
 *
 * The shape says what each field may hold; rules between fields stand in `rules.ts`. Keys that are not named here are refused: a misspelt
 * `minimumCel` must not quietly become the default.
 */

import { z } from "zod";

/** Days of 1, 2, 3, 4 and 5 years. */
export const DEFAULT_TIMES_DAYS = [365, 730, 1096, 1461, 1826];

/** Tells the issues of one form from another's; `schema-problems.ts` says each in words. */
export const FORMS = {
  slug: /^[a-z0-9]+(?:-[a-z0-9]+)*$/,
  identifier: /^[A-Za-z][A-Za-z0-9_]*$/,
  words: /\S/,
  onnxFile: /^[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*\.onnx$/,
} as const;

const NAME_LENGTH_MAX = 64;
/** As many features as a complete information matrix of doubles may have in one round. */
export const VARIABLES_MAX = 1000;
const TIMES_MAX = 1000;

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

export const variableSchema = z.strictObject({
  role: z.enum(["outcome", "feature", "time", "event", "group"]).describe("What the variable is in the analysis."),
  type: z.enum(["boolean", "number", "tensor"]),
  from: expression.optional().describe("CEL over the table's columns. Without it: the column of the variable's own name."),
  unit: z.string().min(1).max(NAME_LENGTH_MAX).optional().describe("UCUM."),
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

const logisticRegression = z.strictObject({
  kind: z.literal("logistic-regression"),
  standardise: z
    .boolean()
    .default(true)
    .describe("Fit on columns scaled by the mean and deviation over all sites; reported on the original scale."),
});

const times = z.array(z.number().positive()).min(1).max(TIMES_MAX).describe("Days, ascending, at which the result is reported.");

const cox = z.strictObject({
  kind: z.literal("cox"),
  ties: z.enum(["efron", "breslow"]).default("efron"),
  strata: z.literal("site").optional().describe("A baseline hazard of each site's own."),
  at: times.default(DEFAULT_TIMES_DAYS),
});

const kaplanMeier = z.strictObject({
  kind: z.literal("kaplan-meier"),
  at: times.optional().describe(`Days, ascending, up to the horizon. Without it those of ${DEFAULT_TIMES_DAYS.join(", ")}.`),
  test: z.literal("log-rank").optional(),
  strata: z.literal("site").optional().describe("The test compares groups within each site."),
  intervals: z.enum(["log", "log-log", "plain"]).optional().describe("Scale of the 95 % intervals. Without it log."),
  restrictedMeanDays: z
    .number()
    .positive()
    .optional()
    .describe("Mean time without the event up to this day, within the horizon. Without it none is told."),
  timeBinDays: z.number().positive().max(3660).default(1).describe("Width of a bin of the public time grid."),
  horizonDays: z.number().positive().max(73_200).describe("End of the public time grid."),
});

const boostedTrees = z.strictObject({
  kind: z.literal("boosted-trees"),
  objective: z.literal("logistic").default("logistic"),
  rounds: z.int().min(1).max(5000).default(100),
  maxDepth: z.int().min(1).max(12).default(4),
  learningRate: z.number().positive().max(1).default(0.1),
  lambda: z.number().min(0).default(1).describe("L2 penalty of the leaf values."),
  maxBins: z.int().min(2).max(1024).default(256),
  minChildWeight: z.number().min(0).default(1).describe("Least sum of second derivatives in a child."),
});

const network = z.strictObject({
  kind: z.literal("network"),
  model: z.string().max(NAME_LENGTH_MAX).regex(FORMS.onnxFile).describe("An ONNX file beside the study, exported without training nodes."),
  loss: z.literal("binary-cross-entropy").default("binary-cross-entropy"),
  optimiser: z.strictObject({
    kind: z.enum(["momentum", "sgd"]),
    learningRate: z.number().positive().max(100),
    momentum: z.number().min(0).lt(1).optional().describe("0.9 for momentum; sgd has none."),
  }),
  federated: z.strictObject({
    strategy: z.literal("fedavg").default("fedavg"),
    rounds: z.int().min(1).max(10_000),
    localEpochs: z.int().min(1).max(100).default(1),
    batchSize: z.int().min(1).max(65_536),
  }),
  seed: z.int().min(0).describe("Of the order of the rows and of the first parameters."),
});

const analysis = z.discriminatedUnion("kind", [logisticRegression, cox, kaplanMeier, boostedTrees, network]);

const evaluation = z.strictObject({
  localModels: z.boolean().default(false).describe("Also fit each hospital's own model, to compare."),
  intervals: z.literal("delong").default("delong"),
});

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
    }),
    analysis,
    evaluation: evaluation.prefault({}),
    privacy: privacy.prefault({}),
  })
  .meta({ title: "Dure study document" });

/** What the schema makes of a document. */
export type StudySource = z.output<typeof studySchema>;
