/** The part of result.json that a Cox regression writes. Type aliases: each is a JSON value. */

import type { AnalysisRefusal } from "./analysis.ts";
import type { ReportedCount, Term, VariableDescription } from "./result.ts";

export type CoxTerm = Term & {
  readonly hazardRatio: { readonly estimate: number; readonly ci95: readonly [number, number] };
};

/** χ² with `df` degrees of freedom, of all coefficients together being 0. */
export type ChiSquaredTest = { readonly chisq: number; readonly df: number; readonly p: number };

/** Harrell's C of pairs within one hospital, all hospitals together, with the counts of pairs that it is made of. */
export type Concordance = {
  readonly estimate: number;
  readonly se: number;
  readonly concordant: number;
  readonly discordant: number;
  readonly tiedX: number;
  readonly tiedY: number;
};

/** Cumulative hazard of a patient whose columns are all 0, at one hospital; in its own name and only where its steward granted it. */
export type BaselineHazard = {
  readonly site: string;
  readonly at: readonly { readonly time: number; readonly cumulativeHazard: number }[];
};

export type CoxAnalysis = {
  readonly kind: "cox";
  readonly ties: "efron" | "breslow";
  /** Absent: one baseline hazard for all hospitals. */
  readonly strata?: "site";
  /** Of an event with several, the one whose hazard is modelled. */
  readonly cause?: string;
  /** Persons. */
  readonly n: number;
  /** Where a person may have several. */
  readonly rows?: number;
  readonly events: number;
  readonly excluded: readonly ({ readonly reason: string } & ReportedCount)[];
  readonly iterations: number;
  /** `separated`: the partial likelihood has no maximum. */
  readonly outcome: "converged" | "not-converged" | "separated" | "refused";
  readonly refusal?: AnalysisRefusal;
  readonly terms: readonly CoxTerm[];
  readonly logLikelihood: number;
  readonly logLikelihoodNull: number;
  readonly tests?: { readonly likelihoodRatio: ChiSquaredTest; readonly score: ChiSquaredTest; readonly wald: ChiSquaredTest };
  readonly concordance?: Concordance;
  readonly proportionalHazards?: ProportionalHazards;
  readonly description: readonly VariableDescription[];
  /** Of single hospitals, released in their own names. */
  readonly baselineHazard?: readonly BaselineHazard[];
  /** Without strata: that of all hospitals together. */
  readonly baseline?: PooledBaseline;
};

/** Cumulative hazard of a patient whose columns are all 0, Breslow's estimate with the fit's denominators. */
export type PooledBaseline = {
  readonly timeBinDays: number;
  readonly horizonDays: number;
  /** One an interval on which risk sets were counted, told at its last day; where a minimum cell holds, bins are merged into these. */
  readonly steps: readonly { readonly time: number; readonly events: number; readonly cumulativeHazard: number }[];
  /** At the study's times, up to the horizon; within a merged interval by a straight line, as if its hazard were constant. */
  readonly at: readonly { readonly time: number; readonly cumulativeHazard: number }[];
};

/** Score test of each column's interaction with time, at the fitted coefficients, and of all together. */
export type ProportionalHazards = {
  readonly transform: "identity";
  readonly terms: readonly ({ readonly name: string } & ChiSquaredTest)[];
  readonly global: ChiSquaredTest;
};

/** Log hazard ratio of a row against one at `centre`: Σ (xⱼ − centreⱼ) βⱼ. On the columns' own units. */
export type FrozenCoxModel = {
  readonly terms: readonly string[];
  readonly coefficients: readonly number[];
  readonly centre: readonly number[];
  /** Packed, upper triangle by rows; of the full model only. */
  readonly covariance?: readonly number[];
  /** Cumulative hazard of a row at `centre`; only without strata. */
  readonly baseline?: BaselineCurve;
};

/** At each time; between two of them by a straight line where bins were merged, else as at the earlier. 0 at time 0. */
export type BaselineCurve = {
  readonly isInterpolated: boolean;
  readonly points: readonly { readonly time: number; readonly cumulativeHazard: number }[];
};

export type FrozenCoxModels = {
  readonly full: FrozenCoxModel;
  /** By fold, the model that left it out; empty where no fold was left out. */
  readonly folds: readonly (FrozenCoxModel | null)[];
};

export type CoxResult = {
  readonly analysis: CoxAnalysis;
  readonly models: FrozenCoxModels;
};

/** How well one hospital's patients bear out the shared model's predicted risks. */
export type SurvivalPredictions = {
  /** Whose baseline hazard: the model's, or this hospital's own under the shared coefficients. */
  readonly baseline: "shared" | "own";
  readonly at: readonly {
    readonly time: number;
    /** Patients with the event by then. */
    readonly events: number;
    /** Uno's, with its standard error. */
    readonly auc: number;
    readonly aucSe: number;
    /** Graf's, and that of one risk for everybody, the hospital's own Kaplan-Meier estimate. */
    readonly brier: number;
    readonly brierReference: number;
  }[];
  /** By groups of predicted risk at the last of these times; observed by Kaplan-Meier. */
  readonly calibration?: {
    readonly time: number;
    readonly groups: readonly { readonly n: number; readonly meanPredicted: number; readonly observed: number }[];
  };
};

/** Harrell's C at one hospital, as `AucPair` is for a classifier. */
export type ConcordancePair = {
  readonly federated?: number;
  readonly federatedSe?: number;
  readonly local?: number;
  readonly localSe?: number;
  readonly apparent?: number;
  readonly localApparent?: number;
  /** One entry a level of each variable with the role subgroup; a variable with a level of too few patients is left out. */
  readonly subgroups?: readonly {
    readonly variable: string;
    readonly level: string;
    readonly n: number;
    readonly events: number;
    readonly estimate: number;
    readonly se: number;
    /** C here − C at the variable's first level; absent there. */
    readonly gap?: { readonly estimate: number; readonly se: number; readonly p: number };
  }[];
  /** The hospital's own patients under the shared model with the hospital taken out of it by one Newton step (Pregibon 1981). */
  readonly withoutSite?: { readonly estimator: "one-step"; readonly estimate: number; readonly se: number };
  /** At an external hospital: each released local model on the same patients, and federated − local with its paired error. */
  readonly localModels?: readonly {
    readonly model: string;
    readonly estimate: number;
    readonly se: number;
    readonly difference: { readonly estimate: number; readonly se: number; readonly p: number };
  }[];
};
