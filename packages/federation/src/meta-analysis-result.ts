/** The part of result.json that a meta-analysis writes. Type aliases: each is a JSON value. */

import type { AnalysisRefusal } from "./analysis.ts";
import type { ReportedCount, Term } from "./result.ts";

/** Under the effects that the study chose, with what the other choice gives beside it. */
export type MetaAnalysisTerm = Term & {
  readonly fixed: EffectEstimate;
  /** Absent where the study asks for fixed effects. */
  readonly random?: EffectEstimate & {
    readonly tauSquared: number;
    readonly tauSquaredError: number;
    /** Of the true effect in a further hospital, 95 %; t with k − 2 degrees of freedom (Higgins et al. 2009). Of three hospitals and more. */
    readonly prediction?: readonly [number, number];
    /** The same effect with the variance of Hartung and Knapp (2001), t with k − 1 degrees of freedom. */
    readonly hartungKnapp?: {
      readonly standardError: number;
      readonly t: number;
      readonly df: number;
      readonly p: number;
      readonly ci95: readonly [number, number];
    };
  };
  /** Absent of one hospital alone. */
  readonly heterogeneity?: {
    readonly q: { readonly statistic: number; readonly df: number; readonly p: number };
    readonly iSquared: number;
    readonly hSquared: number;
  };
};

export type EffectEstimate = {
  readonly estimate: number;
  readonly standardError: number;
  readonly p: number;
  readonly ci95: readonly [number, number];
};

export type MetaAnalysis = {
  readonly kind: "meta-analysis";
  readonly model: "linear" | "logistic" | "poisson" | "cox";
  readonly effects: "random" | "fixed";
  /** `REML`: restricted maximum likelihood. */
  readonly tauSquaredEstimator?: "REML";
  /** As the study says it: why the hospitals did not fit one model together. */
  readonly reason: string;
  /** Hospitals whose own fit entered, and how many others there were, by what kept them out. */
  readonly hospitals: { readonly fitted: number; readonly left: readonly { readonly reason: string; readonly hospitals: number }[] };
  /** Patients of the hospitals whose own fit entered. */
  readonly n: number;
  /** Of a logistic or a Cox regression. */
  readonly events?: number;
  readonly excluded: readonly ({ readonly reason: string } & ReportedCount)[];
  readonly outcome: "pooled" | "not-converged" | "refused";
  readonly refusal?: AnalysisRefusal;
  /** Most rounds that the search of a τ² took. */
  readonly iterations: number;
  readonly terms: readonly MetaAnalysisTerm[];
};

export type MetaAnalysisResult = { readonly analysis: MetaAnalysis };
