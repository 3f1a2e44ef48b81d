export type { Absorbed, AnalysisRefusal, CoordinatorPart } from "../analysis.ts";
export type {
  ClassifierFigures,
  DecisionFigures,
  NetBenefitFigures,
  PooledClassifierFigures,
  PooledSubgroupFigures,
  SubgroupFigures,
  WithoutSiteFigures,
} from "../classifier-result.ts";
export type { BaselineHazard, ChiSquaredTest, ConcordancePair, CoxAnalysis, CoxTerm, SurvivalPredictions } from "../cox-result.ts";
export type { CumulativeIncidenceAnalysis, IncidenceAtTime, IncidenceGroup } from "../cumulative-incidence-result.ts";
export type {
  DescribeAnalysis,
  DescribedGroup,
  DescribedVariable,
  LevelsSummary,
  NumberSummary,
  QuantileEstimate,
  StandardisedDifference,
} from "../describe-result.ts";
export type { GlmAnalysis, GlmTerm, GlmTest } from "../glm-result.ts";
export type { IncidenceAnalysis, RateGroup, RateStratum } from "../incidence-rates-result.ts";
export type { KaplanMeierAnalysis, SurvivalAtTime, SurvivalGroup } from "../kaplan-meier-result.ts";
export type { EffectEstimate, MetaAnalysis, MetaAnalysisTerm } from "../meta-analysis-result.ts";
export type { MissingValuesReport, MissingVariable, PooledTerm } from "../missing-values-result.ts";
export { type RefusalCode, refusalCodes } from "../refusal-codes.ts";
export type {
  Analysis,
  AnalysisResult,
  AucPair,
  CalibrationBin,
  Evaluation,
  FrozenModel,
  FrozenModels,
  LocalOnExternal,
  LogisticAnalysis,
  LogisticRegressionResult,
  PooledAuc,
  ReportedCount,
  RunSummary,
  SiteEvaluation,
  StudyResult,
  Term,
  VariableDescription,
} from "../result.ts";
export type {
  Balance,
  BalanceColumn,
  EffectMeasure,
  Estimator,
  MeasuredEffect,
  NegativeControls,
  SubgroupEffects,
  TreatmentEffectAnalysis,
  TreatmentEffectEstimate,
  WeightedSurvival,
} from "../treatment-effect-result.ts";
export { type AnalysisEnd, composeResult, type ResultParts } from "./compose-result.ts";
export { logisticRegressionCoordinator } from "./logistic/logistic-regression.ts";
export type { LogisticState } from "./logistic/state.ts";
export { type AnyCoordinatorPart, coordinatorPartFor } from "./registry.ts";
