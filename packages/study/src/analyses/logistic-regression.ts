import { z } from "zod";
import { interactions } from "./interactions.ts";

export const logisticRegression = z.strictObject({
  kind: z.literal("logistic-regression"),
  standardise: z
    .boolean()
    .default(true)
    .describe("Fit on columns scaled by the mean and deviation over all sites; reported on the original scale."),
  interactions,
});

export type LogisticRegression = {
  readonly kind: "logistic-regression";
  readonly standardise: boolean;
  readonly interactions?: readonly (readonly string[])[];
};
