export { calibrationBins, calibrationBinsBetween, type Recalibration, type RiskBin, recalibrate } from "./calibration.ts";
export {
  type ArmMeans,
  type Contrast,
  type ContrastEstimate,
  contrastGradient,
  contrastOf,
  effectStatistics,
} from "./causal/arm-effects.ts";
export { type ArmSums, type ColumnBalance, columnBalance, pooledDeviation } from "./causal/balance.ts";
export { balancingWeights, type Estimand, type RowWeights, type WeightForm } from "./causal/balancing-weights.ts";
export { type EValue, eValue, type Ratio, riskRatioOfDifference, riskRatioOfHazards } from "./causal/e-value.ts";
export { type Calibrated, calibrate, fitNullDistribution, type NullDistribution } from "./causal/empirical-calibration.ts";
export {
  influenceProducts,
  type ModelScores,
  modelScores,
  rowInfluence,
  slopeSums,
  type TargetTerms,
  targetErrors,
  targetTotals,
} from "./causal/influence.ts";
export {
  type MeanModel,
  type ModelForm,
  type ModelRows,
  meanModelRules,
  meansAt,
  ownInterceptSums,
  type RowMeans,
  rowMeans,
} from "./causal/own-intercept.ts";
export {
  sortTreatmentTimes,
  type TreatmentTimes,
  weightedCoxResiduals,
  weightedCoxSums,
} from "./causal/weighted-cox.ts";
export { type WeightedRiskSet, type WeightedSurvivalStep, weightedKaplanMeier } from "./causal/weighted-kaplan-meier.ts";
export { averagePrecision, brierScore, squaredErrors } from "./classifier/average-precision.ts";
export type { Decision, NetBenefit } from "./classifier/decisions.ts";
export {
  type ClassifierPerformance,
  classifierPerformance,
  groupDecisions,
  type PerformanceRequest,
  type PooledPerformance,
  pooledPerformance,
} from "./classifier/performance.ts";
export { countByRisk, countByRiskOfHistograms } from "./classifier/risk-intervals.ts";
export { type ChiSquaredTest, pearsonTest } from "./comparison/contingency.ts";
export { type FisherAnswer, type FisherTest, fisherTest } from "./comparison/fisher-exact.ts";
export {
  directlyStandardisedRate,
  type EventsAndTime,
  incidenceRate,
  type RateDifference,
  type RateEstimate,
  type RateRatio,
  rateDifference,
  rateRatio,
  type StandardisedRate,
  type StandardisedRateRatio,
  standardisedRateRatio,
  standardisedRatio,
} from "./comparison/incidence-rates.ts";
export {
  BIN_COUNT,
  type Bracket,
  binEdges,
  firstBracket,
  isNarrow,
  narrowBracket,
  quantileRanks,
  roundestIn,
} from "./comparison/quantile-search.ts";
export { type RankTest, rankTest } from "./comparison/ranks.ts";
export { standardisedLevelDifference, standardisedMeanDifference } from "./comparison/standardised-difference.ts";
export { type WelchTest, welchTest } from "./comparison/welch.ts";
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
export {
  absorbGlm,
  absorbPenalised,
  beginPenalised,
  type ChiSquaredOrF,
  chiSquaredOrF,
  clusterFactor,
  coefficientStatistics,
  fitGlm,
  type Glm,
  type GlmContribution,
  type GlmFitSums,
  type GlmRows,
  glmConstant,
  glmContribution,
  glmDispersion,
  glmFamily,
  glmFitSums,
  glmLikelihood,
  glmLinearPredictor,
  glmRowsOf,
  glmStart,
  glmTerms,
  invertUpper,
  type OutcomeTotals,
  type OwnDirections,
  type PenalisedFitState,
  profileContribution,
  profileFitSums,
  quadraticInverse,
  type Reference,
  sandwichCovariance,
  waldChiSquared,
} from "./glm/index.ts";
export {
  augmentationSums,
  drawChiSquared,
  drawLinear,
  drawNormal,
  type LinearDraw,
  type LinearPosterior,
  linearPosterior,
} from "./imputation/posteriors.ts";
export { type CompletedEstimate, type PooledEstimate, poolByRubin } from "./imputation/rubins-rules.ts";
export { type FittedLogistic, fitInterceptWithOffset, fitLogisticRegression } from "./logistic-fit.ts";
export {
  LogisticAccumulator,
  type LogisticContribution,
  type LogisticRows,
  linearPredictor,
  logisticContribution,
} from "./logistic-likelihood.ts";
export { absorbLogistic } from "./logistic-newton.ts";
export {
  absorbTau,
  beginTau,
  type Heterogeneity,
  heterogeneityOf,
  type SiteEstimate,
  type TauRunning,
  type TauState,
  WEIGHTED_SUMS,
  type WeightedFigures,
  type Weighting,
  weightedFigures,
  weightedSums,
} from "./meta-analysis.ts";
export { hartungKnapp, predictionInterval, type TInterval } from "./meta-analysis-intervals.ts";
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
export { aalenJohansen, type CompetingRiskSets, type IncidenceAt, type IncidenceStep, incidenceAt } from "./survival/aalen-johansen.ts";
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
export {
  type IntervalRisk,
  type IntervalRiskSums,
  type IntervalRows,
  intervalRisk,
  intervalRiskSums,
  intervalSpread,
} from "./survival/cox-intervals.ts";
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
export { calibrationAt, eventFreeAt, type PredictionAtTime, predictionAt, type RiskGroupAtTime } from "./survival/prediction-at-time.ts";
export { proportionalHazardsTest, type ScoreTest, type TimeInteraction, timeInteraction } from "./survival/proportional-hazards.ts";
export { type WaldStatistics, waldStatistics } from "./wald.ts";
