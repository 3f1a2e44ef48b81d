/**
 * result.json: what a run ends with. `analysis` and `evaluation` are byte-identical from run to run on the same snapshots; `run` is not.
 *
 * Type aliases, not interfaces: each is a JSON value and is hashed, sent and stored as one.
 */

import type { AnalysisRefusal } from "./analysis.ts";
import type { ClassifierFigures, PooledClassifierFigures, SubgroupFigures, WithoutSiteFigures } from "./classifier-result.ts";
import type { BaselineHazard, ConcordancePair, CoxAnalysis, SurvivalPredictions } from "./cox-result.ts";
import type { CumulativeIncidenceAnalysis } from "./cumulative-incidence-result.ts";
import type { DescribeAnalysis } from "./describe-result.ts";
import type { GlmAnalysis, NumberFit } from "./glm-result.ts";
import type { IncidenceAnalysis } from "./incidence-rates-result.ts";
import type { KaplanMeierAnalysis } from "./kaplan-meier-result.ts";
import type { MetaAnalysis } from "./meta-analysis-result.ts";
import type { MissingValuesReport } from "./missing-values-result.ts";
import type { TreatmentEffectAnalysis } from "./treatment-effect-result.ts";

export type Term = {
  readonly name: string;
  readonly estimate: number;
  readonly standardError: number;
  readonly z: number;
  readonly p: number;
  readonly ci95: readonly [number, number];
};

/** A count below the minimum cell is suppressed: `n` is then left out and `lessThan` stands in its place. */
export type ReportedCount = {
  readonly n?: number;
  readonly lessThan?: number;
};

export type VariableDescription = {
  readonly variable: string;
  readonly n: number;
  readonly mean: number;
  /** n - 1 in the denominator. */
  readonly standardDeviation: number;
  readonly missing: ReportedCount;
};

export type LogisticAnalysis = {
  readonly kind: "logistic-regression";
  readonly n: number;
  readonly events: number;
  readonly excluded: readonly ({ readonly reason: string } & ReportedCount)[];
  readonly iterations: number;
  readonly outcome: "converged" | "not-converged" | "separated" | "refused";
  /** Why and at which columns, when the outcome is not `converged`. */
  readonly refusal?: AnalysisRefusal;
  readonly terms: readonly Term[];
  readonly logLikelihood: number;
  readonly logLikelihoodNull: number;
  readonly description: readonly VariableDescription[];
};

/** What an analysis found, by its `kind`. */
export type Analysis = (
  | DescribeAnalysis
  | IncidenceAnalysis
  | KaplanMeierAnalysis
  | CumulativeIncidenceAnalysis
  | LogisticAnalysis
  | CoxAnalysis
  | MetaAnalysis
  | TreatmentEffectAnalysis
  | GlmAnalysis
) & {
  /** Where the study fills missing values in. */
  readonly missing?: MissingValuesReport;
};

/** What the last sum of any analysis gives. */
export type AnalysisResult = {
  readonly analysis: Analysis;
  readonly pooled?: PooledAuc | null;
};

/** Coefficients on the columns' own units, intercept first. All that is needed to score a row. */
export type FrozenModel = {
  readonly terms: readonly string[];
  readonly coefficients: readonly number[];
  /** Packed, upper triangle by rows; of the full model only. */
  readonly covariance?: readonly number[];
};

/** `folds`: one model a fold, fitted without it; none with a held-out split, or where a fold is too small to be left out. */
export type FrozenModels = {
  readonly full: FrozenModel;
  readonly folds: readonly (FrozenModel | null)[];
};

/** What the logistic regression's last sum gives: frozen, and scored by every site that takes part in the evaluation. */
export type LogisticRegressionResult = {
  readonly analysis: LogisticAnalysis;
  readonly models: FrozenModels;
  /** Apparent AUC of all training rows, from score histograms. */
  readonly pooled: PooledAuc | null;
};

/** `outOfFold`: of the training hospitals' patients together, each scored by the model that left its fold out. */
export type PooledAuc = { readonly auc: number; readonly aucBound: number; readonly outOfFold?: PooledClassifierFigures };

export type AucPair = {
  readonly federated?: number;
  readonly federatedSe?: number;
  readonly local?: number;
  readonly localSe?: number;
  readonly apparent?: number;
  readonly localApparent?: number;
};

/** One bin of predicted risk; every bin holds at least the minimum cell of rows. */
export type CalibrationBin = {
  readonly n: number;
  readonly events: number;
  readonly meanPredicted: number;
};

/** n and events count the rows that the AUCs are of: a training site's held-out rows where the study has a split, else all. */
export type SiteEvaluation = {
  readonly site: string;
  readonly role: "training" | "external";
  readonly n: number;
  readonly events: number;
  /** Of a classifier; empty for the others. */
  readonly auc: AucPair;
  /** Of a Cox regression. */
  readonly concordance?: ConcordancePair;
  /** Of a Cox regression of rows from 0 with one event. */
  readonly predictions?: SurvivalPredictions;
  /** As it was released; a result has it under `analysis`. */
  readonly baselineHazard?: BaselineHazard["at"];
  /** Of a generalised linear model of a number. */
  readonly numberFit?: NumberFit;
  readonly calibration?: { readonly bins: readonly CalibrationBin[]; readonly intercept: number; readonly slope: number };
  /** Of a classifier. */
  readonly performance?: ClassifierFigures;
  /** One entry a level of each variable with the role subgroup; a variable with a level of too few patients is left out. */
  readonly subgroups?: readonly SubgroupFigures[];
  /** Of the model without this hospital. */
  readonly withoutSite?: WithoutSiteFigures;
};

export type LocalOnExternal = {
  /** The site whose own model it is. */
  readonly model: string;
  /** The external site that scored it. */
  readonly site: string;
  readonly auc: number;
  readonly se: number;
  /** federated - local, paired DeLong. */
  readonly difference: { readonly estimate: number; readonly se: number; readonly p: number };
};

export type Evaluation = {
  readonly sites: readonly SiteEvaluation[];
  readonly localOnExternal: readonly LocalOnExternal[];
  readonly pooled?: PooledAuc;
};

export type RunSummary = {
  readonly rounds: number;
  readonly seconds: number;
  readonly sites: number;
  readonly threshold: number;
  readonly collusion: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly absent: readonly string[];
};

export type StudyResult<Of extends Analysis = Analysis> = {
  readonly study: { readonly id: string; readonly hash: string; readonly title: string; readonly minimumCell: number };
  readonly analysis: Of;
  readonly evaluation: Evaluation;
  readonly run: RunSummary;
};
