export {
  betaDistribution,
  type ContinuousDistribution,
  chiSquared,
  chiSquaredUpperTail,
  fisherF,
  gammaDistribution,
  studentT,
} from "./continuous.ts";
export {
  binomial,
  type DiscreteDistribution,
  type Hypergeometric,
  type HypergeometricMargins,
  hypergeometric,
  poisson,
} from "./discrete.ts";
export { regularisedBeta } from "./incomplete-beta.ts";
export { regularisedGamma, type Tails } from "./incomplete-gamma.ts";
export { logBeta, logGamma } from "./log-gamma.ts";
export type { Tail } from "./quantile.ts";
