/** The part of result.json that a treatment effect writes. Type aliases: each is a JSON value. */

import type { AnalysisRefusal } from "./analysis.ts";
import type { ReportedCount, Term, VariableDescription } from "./result.ts";

export type Estimator = "iptw" | "overlap" | "aipw" | "g-computation";
/** Untreated, treated. */
export type ByArm<Value> = readonly [Value, Value];

/** Ratios as such; their `standardError` is of the logarithm. */
export type EffectStatistics = {
  readonly estimate: number;
  readonly standardError: number;
  readonly ci95: readonly [number, number];
  readonly p: number;
};

export type EffectMeasure = "mean-difference" | "risk-difference" | "mean-ratio" | "risk-ratio" | "odds-ratio" | "hazard-ratio";

export type MeasuredEffect = EffectStatistics & {
  readonly measure: EffectMeasure;
  /** The standard error that takes the weights as known, where the other does not. */
  readonly weightsFixed?: Omit<EffectStatistics, "estimate">;
};

/** Where a standard error comes from; see docs/analyses.md. */
export type EffectErrors = "stacked" | "influence-function";

export type TreatmentEffectEstimate = {
  readonly estimator: Estimator;
  /** Effect in everybody, in the treated, or in those who could have had either treatment. */
  readonly estimand: "ate" | "att" | "ato";
  readonly errors: EffectErrors;
  /** Mean (of a yes/no outcome: share) if all were untreated, and if all were treated. Absent for a hazard ratio. */
  readonly means?: ByArm<{ readonly estimate: number; readonly standardError: number }>;
  /** The first is the one that the study asks for. */
  readonly effects: readonly MeasuredEffect[];
};

export type BalanceColumn = {
  readonly name: string;
  readonly term: string;
  /** By `balance.schemes`. */
  readonly standardisedDifferences: readonly number[];
};

export type Balance = {
  /** `unweighted` first. */
  readonly schemes: readonly { readonly weights: "unweighted" | "iptw" | "overlap"; readonly effectiveSampleSizes: ByArm<number> }[];
  readonly columns: readonly BalanceColumn[];
};

export type PropensityModel = {
  readonly terms: readonly Term[];
  readonly iterations: number;
  readonly logLikelihood: number;
  /** Patients by propensity; steps are joined until each holds the minimum cell of either arm. */
  readonly steps: readonly { readonly from: number; readonly to: number; readonly arms: ByArm<number> }[];
};

export type WeightedSurvivalPoint = {
  readonly time: number;
  readonly survival: number;
  readonly standardError?: number;
  readonly ci95?: readonly [number, number];
};

export type WeightedSurvival = {
  readonly estimator: "iptw" | "overlap";
  readonly arms: ByArm<{
    readonly steps: readonly WeightedSurvivalPoint[];
    readonly followedDays: number;
    /** Patients, not weights. */
    readonly numbersAtRisk: readonly { readonly time: number; readonly atRisk: number }[];
  }>;
  /** At the times that the study names: survival of either arm and the difference, treated − untreated. */
  readonly at: readonly {
    readonly time: number;
    readonly survival: ByArm<number>;
    readonly difference?: { readonly estimate: number; readonly standardError: number; readonly ci95: readonly [number, number] };
  }[];
};

export type SubgroupEffects = {
  readonly variable: string;
  readonly levels: readonly { readonly level: string; readonly arms: ByArm<number>; readonly effect?: MeasuredEffect }[];
  /** Wald test of the effects being the same in all levels. */
  readonly interaction?: { readonly chisq: number; readonly df: number; readonly p: number };
};

export type NegativeControls = {
  readonly estimator: "iptw" | "overlap";
  readonly measure: EffectMeasure;
  readonly controls: readonly ({ readonly name: string } & EffectStatistics)[];
  /** Distribution of the log ratios' systematic error. */
  readonly nullDistribution?: { readonly mean: number; readonly standardDeviation: number };
  /** The study's effect, held against it. */
  readonly calibrated?: EffectStatistics;
};

export type TreatmentEffectAnalysis = {
  readonly kind: "treatment-effect";
  readonly n: number;
  /** With the outcome or event; absent of an outcome that is a number. */
  readonly events?: number;
  readonly excluded: readonly ({ readonly reason: string } & ReportedCount)[];
  readonly outcome: "estimated" | "separated" | "not-converged" | "refused";
  readonly refusal?: AnalysisRefusal;
  readonly treatment: string;
  readonly outcomeVariable: string;
  readonly outcomeModel: "linear" | "logistic" | "poisson" | "cox" | "kaplan-meier";
  readonly siteTerms: boolean;
  readonly truncation?: number;
  readonly arms: ByArm<{ readonly n: number; readonly events?: number }>;
  readonly description: readonly VariableDescription[];
  readonly propensity?: PropensityModel;
  readonly balance?: Balance;
  readonly estimates: readonly TreatmentEffectEstimate[];
  readonly survival?: readonly WeightedSurvival[];
  readonly eValue?: { readonly of: EffectMeasure; readonly estimator: Estimator; readonly estimate: number; readonly interval: number };
  readonly subgroups?: readonly SubgroupEffects[];
  readonly negativeControls?: NegativeControls;
  /** Negative controls and subgroups with too few patients or events in an arm. */
  readonly leftOut: readonly string[];
};

export type TreatmentEffectResult = { readonly analysis: TreatmentEffectAnalysis };
