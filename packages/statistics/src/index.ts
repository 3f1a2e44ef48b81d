export { calibrationBins, type Recalibration, type RiskBin, recalibrate } from "./calibration.ts";
export { type CentredSums, type Description, describe, momentsFromCentred } from "./description.ts";
export {
  type AucEstimate,
  aucDeLong,
  aucFromHistograms,
  type PairedDifference,
  type PairedScores,
  pairedDeLong,
  roundScore,
} from "./discrimination.ts";
export { type FittedLogistic, fitInterceptWithOffset, fitLogisticRegression } from "./logistic-fit.ts";
export {
  extremeAt,
  LogisticAccumulator,
  type LogisticContribution,
  type LogisticRows,
  linearPredictor,
  logisticContribution,
} from "./logistic-likelihood.ts";
export { absorbLogistic } from "./logistic-newton.ts";
export {
  absorbNewton,
  beginNewton,
  fitNewton,
  type LikelihoodSums,
  type NewtonConverged,
  type NewtonFailed,
  type NewtonOptions,
  type NewtonRules,
  type NewtonRunning,
  type NewtonStart,
  type NewtonState,
} from "./newton.ts";
export {
  type ConcordanceEstimate,
  concordanceOf,
  countPairs,
  type PairSums,
  pairedConcordance,
  type RowPairs,
  type SurvivalOutcome,
} from "./survival/concordance.ts";
export { type BaselinePoint, baselineHazardAt } from "./survival/cox-baseline.ts";
export { fitCoxRegression } from "./survival/cox-fit.ts";
export { type CoxContribution, coxContribution, coxLinearPredictor } from "./survival/cox-likelihood.ts";
export { absorbCox, beginCox, type CoxConverged, type CoxNewtonState } from "./survival/cox-newton.ts";
export type { Ties } from "./survival/cox-risk-sets.ts";
export { type CoxRows, sortCoxRows } from "./survival/cox-rows.ts";
export {
  kaplanMeier,
  type MedianSurvival,
  medianSurvival,
  type RestrictedMean,
  type RiskSets,
  restrictedMean,
  type SurvivalAt,
  type SurvivalCurve,
  type SurvivalInterval,
  type SurvivalStep,
  survivalAt,
} from "./survival/kaplan-meier.ts";
export {
  binCount,
  binEndDays,
  binOf,
  countSurvival,
  type SurvivalCounts,
  type SurvivalRows,
  type TimeGrid,
} from "./survival/kaplan-meier-bins.ts";
export {
  type GroupedRiskSets,
  type LogRankSums,
  type LogRankTest,
  logRankSums,
  logRankTest,
} from "./survival/log-rank.ts";
export { proportionalHazardsTest, type ScoreTest, type TimeInteraction, timeInteraction } from "./survival/proportional-hazards.ts";
export { type WaldStatistics, waldStatistics } from "./wald.ts";
