import { z } from "zod";
import { horizonDays, timeBinDays, timesToHorizon } from "./times.ts";

export const treatmentEffect = z.strictObject({
  kind: z.literal("treatment-effect"),
  estimators: z
    .array(z.enum(["iptw", "overlap", "aipw", "g-computation"]))
    .min(1)
    .max(4)
    .describe("Weighting by the inverse propensity or by overlap, augmented weighting, standardisation by the outcome model."),
  estimand: z.enum(["ate", "att"]).default("ate").describe("Effect in everybody, or in the treated."),
  stabilised: z.boolean().default(true).describe("Inverse propensity weights times the share of the patient's own treatment."),
  truncation: z.number().min(0).lt(0.5).optional().describe("Propensities below this, or above 1 minus it, are set to it."),
  outcomeModel: z
    .enum(["linear", "logistic", "poisson", "cox", "kaplan-meier"])
    .describe("cox and kaplan-meier need a time and an event, the others an outcome."),
  siteTerms: z.boolean().default(true).describe("The propensity model has an intercept of each site's own."),
  at: timesToHorizon,
  timeBinDays: timeBinDays.optional(),
  horizonDays: horizonDays.optional().describe("Needed by kaplan-meier."),
});

/** Effect of a binary treatment under no unmeasured confounding, by one propensity model over all sites. */
export type TreatmentEffect = {
  readonly kind: "treatment-effect";
  readonly estimators: readonly ("iptw" | "overlap" | "aipw" | "g-computation")[];
  readonly estimand: "ate" | "att";
  readonly stabilised: boolean;
  readonly truncation?: number;
  readonly outcomeModel: "linear" | "logistic" | "poisson" | "cox" | "kaplan-meier";
  readonly siteTerms: boolean;
  readonly at?: readonly number[];
  readonly timeBinDays?: number;
  readonly horizonDays?: number;
};
