/** The part of result.json that a generalised linear model writes. Type aliases: each is a JSON value. */

import type { ChiSquaredOrF, Glm } from "@dure/statistics";
import type { AnalysisRefusal } from "./analysis.ts";
import type { ReportedCount, Term, VariableDescription } from "./result.ts";

export type GlmTerm = Term & {
  /** exp(estimate) of a log or logit link: a ratio of means, rates or odds. */
  readonly ratio?: { readonly estimate: number; readonly ci95: readonly [number, number] };
};

/** One test of several columns being 0, by each way that the study asks for. */
export type GlmTest = {
  readonly wald?: ChiSquaredOrF;
  readonly score?: ChiSquaredOrF;
  readonly likelihoodRatio?: ChiSquaredOrF;
};

/** How far hospitals differ in the effect of one feature. */
export type GlmHeterogeneity =
  | {
      readonly kind: "compared";
      readonly feature: string;
      readonly sites: number;
      readonly likelihoodRatio: ChiSquaredOrF;
      /** Wald's test of equal effects: Cochran's Q of the hospitals' effects in one model. */
      readonly q: ChiSquaredOrF;
      readonly iSquared: number;
    }
  /** A hospital's rows alone have no effect of the feature: it does not vary there, or splits the outcome. */
  | { readonly kind: "not-compared"; readonly feature: string };

/** One λ of the path: mean deviance a row of patients whom the fit had not seen, with its standard error over the five folds. */
export type PathPoint = {
  readonly lambda: number;
  readonly deviance: number;
  readonly standardError: number;
  readonly nonZeroCount: number;
};

export type GlmPenalty = {
  readonly kind: "ridge" | "elastic-net";
  readonly mix: number;
  readonly lambda: number;
  /** Absent where the study gives λ. Descending. */
  readonly path?: readonly PathPoint[];
  /** The largest λ within one standard error of the best. */
  readonly lambdaOneStandardError?: number;
  /** Without standard errors: none are known of penalised estimates. */
  readonly coefficients: readonly { readonly name: string; readonly estimate: number }[];
};

export type GlmAnalysis = {
  readonly kind: "generalised-linear-model";
  readonly model: Glm;
  readonly n: number;
  /** Of a logistic family: rows with the outcome. */
  readonly events?: number;
  readonly excluded: readonly ({ readonly reason: string } & ReportedCount)[];
  readonly iterations: number;
  readonly outcome: "converged" | "not-converged" | "separated" | "refused";
  readonly refusal?: AnalysisRefusal;
  /** Empty under a penalty. Without an intercept where every hospital has its own. */
  readonly terms: readonly GlmTerm[];
  readonly errors: {
    readonly kind: "model" | "sandwich" | "site-clustered";
    /** Of site-clustered errors: G, and the factor G / (G − 1) in the variance. */
    readonly sites?: number;
    readonly factor?: number;
  };
  /** Degrees of freedom of t and F, where the dispersion is estimated. */
  readonly residualDf?: number;
  readonly dispersion?: number;
  readonly theta?: { readonly estimate: number; readonly standardError: number };
  readonly deviance?: number;
  /** Of the model with the intercept alone, or with the hospitals' own intercepts alone. */
  readonly nullDeviance?: number;
  readonly logLikelihood?: number;
  readonly aic?: number;
  /** Of a linear model; the share of the variance within hospitals where they have intercepts of their own. */
  readonly rSquared?: number;
  readonly tests?: { readonly overall: GlmTest; readonly terms: readonly ({ readonly term: string } & GlmTest)[] };
  readonly siteEffects?: "fixed";
  readonly heterogeneity?: GlmHeterogeneity;
  readonly penalty?: GlmPenalty;
  readonly description: readonly VariableDescription[];
};

/** Coefficients on the columns' own units, intercept first; without an intercept where every hospital has its own. */
export type FrozenGlm = { readonly terms: readonly string[]; readonly coefficients: readonly number[] };

export type GlmResult = { readonly analysis: GlmAnalysis; readonly model: FrozenGlm };

/** How a frozen model of a number does on one hospital's rows. */
export type NumberFit = {
  /** 1 − Σ (y − μ)² / Σ (y − ȳ)². */
  readonly rSquared: number;
  /** 1 − deviance / deviance of this hospital's own mean; not of a negative binomial family, whose deviance depends on θ. */
  readonly devianceExplained?: number;
  /** Of y on μ, by least squares: 0 and 1 are perfect. */
  readonly calibration?: { readonly intercept: number; readonly slope: number };
};
