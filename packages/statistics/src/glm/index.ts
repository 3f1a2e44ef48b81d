export { type Glm, type GlmFamily, glmFamily, type RowTerms } from "./families.ts";
export {
  type ChiSquaredOrF,
  chiSquaredOrF,
  clusterFactor,
  coefficientStatistics,
  glmConstant,
  glmDispersion,
  glmLikelihood,
  quadraticInverse,
  type Reference,
  sandwichCovariance,
  waldChiSquared,
} from "./inference.ts";
export {
  type GlmContribution,
  type GlmFitSums,
  type GlmRange,
  type GlmRows,
  type GlmTerms,
  glmContribution,
  glmFitSums,
  glmLinearPredictor,
  glmTerms,
  rowsOf as glmRowsOf,
} from "./likelihood.ts";
export { absorbGlm, fitGlm, type GlmStepOptions, glmStart, type OutcomeTotals } from "./newton.ts";
export { absorbPenalised, beginPenalised, invertUpper, type PenalisedFitState, type PenalisedStep } from "./penalised.ts";
export { type OwnDirections, type ProfileContribution, profileContribution, profileFitSums } from "./profile.ts";
