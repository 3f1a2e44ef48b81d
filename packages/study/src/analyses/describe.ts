import { z } from "zod";

export const describe = z.strictObject({
  kind: z.literal("describe"),
  quartiles: z.boolean().default(true).describe("Median and quartiles of numbers, by a search over the sites."),
  tests: z
    .boolean()
    .default(false)
    .describe("Compare the groups: chi-squared and Fisher for levels, Welch's t (one-way analysis of variance) and Wilcoxon for numbers."),
});

/** Table one: counts, means and quartiles, by group. */
export type Describe = { readonly kind: "describe"; readonly quartiles: boolean; readonly tests: boolean };
