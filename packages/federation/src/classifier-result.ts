/** The part of result.json that tells how well a classifier does beyond its AUC. Type aliases: each is a JSON value. */

/** Patients with a risk of at least `threshold` count as called. Thresholds between which too few patients lie are left out. */
export type DecisionFigures = {
  readonly threshold: number;
  readonly sensitivity: number;
  readonly specificity: number;
  /** Absent where nobody was called. */
  readonly positivePredictiveValue?: number;
  /** Absent where everybody was called. */
  readonly negativePredictiveValue?: number;
  readonly called: number;
};

/** In true positives a patient, of deciding by the model and of calling everybody. */
export type NetBenefitFigures = { readonly threshold: number; readonly model: number; readonly everybody: number };

export type ClassifierFigures = {
  readonly averagePrecision: number;
  readonly brier: number;
  /** 1 − Brier score / that of giving everybody the share with the outcome. */
  readonly scaledBrier: number;
  /** The hospital's own recalibration, logit P = intercept + slope × η; its Brier score is apparent, on the patients that it was fitted on. */
  readonly recalibrated?: { readonly intercept: number; readonly slope: number; readonly brier: number };
  readonly decisions: readonly DecisionFigures[];
  readonly decisionCurve?: readonly NetBenefitFigures[];
};

export type PooledClassifierFigures = ClassifierFigures & {
  readonly n: number;
  readonly events: number;
  readonly auc: number;
  readonly aucBound: number;
  readonly subgroups?: readonly PooledSubgroupFigures[];
};

export type SubgroupFigures = {
  readonly variable: string;
  readonly level: string;
  readonly n: number;
  readonly events: number;
  readonly auc: number;
  readonly aucSe?: number;
  readonly brier: number;
  /** Observed / expected number of outcomes: 1 is right, above 1 the model says too little. */
  readonly observedToExpected: number;
  /** At the study's thresholds, where every level has enough patients of either class between them. */
  readonly decisions: readonly DecisionFigures[];
  /** AUC here − AUC at the variable's first level; absent there. */
  readonly aucGap?: { readonly estimate: number; readonly se: number; readonly p: number };
};

export type PooledSubgroupFigures = {
  readonly variable: string;
  readonly level: string;
  readonly n: number;
  readonly events: number;
  readonly auc: number;
  readonly aucBound: number;
  readonly decisions: readonly DecisionFigures[];
};

/**
 * The hospital's own patients, scored by the shared model with the hospital taken out of it by one Newton step (Pregibon 1981). The step is
 * taken in the hospital: a second fit without it would open its sums by subtraction.
 */
export type WithoutSiteFigures = {
  readonly estimator: "one-step";
  readonly auc: number;
  readonly aucSe?: number;
  readonly calibration?: { readonly intercept: number; readonly slope: number };
};
