import { z } from "zod";
import { interactions } from "./interactions.ts";

const penalty = z.strictObject({
  kind: z.enum(["ridge", "elastic-net"]),
  mix: z.number().min(0).max(1).optional().describe("Of an elastic net: 1 is the lasso, 0 is ridge. Without it 0.5."),
  lambda: z.number().min(0).optional().describe("Without it: chosen by five-fold cross-validation over all sites."),
});

export const generalisedLinearModel = z.strictObject({
  kind: z.literal("generalised-linear-model"),
  family: z.enum(["linear", "logistic", "poisson", "negative-binomial", "gamma"]),
  link: z.enum(["identity", "log", "logit", "inverse"]).optional().describe("Without it: identity, logit, log, log, log, by family."),
  errors: z.enum(["model", "sandwich", "site-clustered"]).default("model").describe("Where the standard errors come from."),
  siteEffects: z.literal("fixed").optional().describe("An intercept of each site's own."),
  heterogeneity: z.string().min(1).optional().describe("A feature whose effect is compared between the sites."),
  tests: z
    .array(z.enum(["wald", "score", "likelihood-ratio"]))
    .min(1)
    .max(3)
    .optional()
    .describe("Of each term with all its columns, and of the model against the intercept alone."),
  penalty: penalty.optional(),
  interactions,
});

export type GeneralisedLinearModel = {
  readonly kind: "generalised-linear-model";
  readonly family: "linear" | "logistic" | "poisson" | "negative-binomial" | "gamma";
  readonly link?: "identity" | "log" | "logit" | "inverse";
  readonly errors: "model" | "sandwich" | "site-clustered";
  readonly siteEffects?: "fixed";
  readonly heterogeneity?: string;
  readonly tests?: readonly ("wald" | "score" | "likelihood-ratio")[];
  readonly penalty?: { readonly kind: "ridge" | "elastic-net"; readonly mix?: number; readonly lambda?: number };
  readonly interactions?: readonly (readonly string[])[];
};
