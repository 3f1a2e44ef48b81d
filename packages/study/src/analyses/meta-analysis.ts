import { z } from "zod";

export const metaAnalysis = z.strictObject({
  kind: z.literal("meta-analysis"),
  model: z.enum(["linear", "logistic", "poisson", "cox"]).describe("What each hospital fits on its own rows."),
  effects: z.enum(["random", "fixed"]).default("random").describe("random: the variance between hospitals by REML."),
  reason: z
    .string()
    .max(300)
    .regex(/\S/)
    .describe("Why hospitals do not fit one model together; stands in the result, for what is lost: see the guide."),
});

/** The fall-back for hospitals that cannot stay online for a whole fit. */
export type MetaAnalysis = {
  readonly kind: "meta-analysis";
  readonly model: "linear" | "logistic" | "poisson" | "cox";
  readonly effects: "random" | "fixed";
  readonly reason: string;
};
