export { digamma, trigamma } from "./digamma.ts";
export {
  betaDistribution,
  binomial,
  type ContinuousDistribution,
  chiSquared,
  chiSquaredUpperTail,
  type DiscreteDistribution,
  fisherF,
  gammaDistribution,
  type Hypergeometric,
  type HypergeometricMargins,
  hypergeometric,
  logBeta,
  logGamma,
  poisson,
  regularisedBeta,
  regularisedGamma,
  studentT,
  type Tail,
  type Tails,
} from "./distributions/index.ts";
export { log1pExp, logistic, logit } from "./logistic.ts";
export { erfc, normalCdf, normalQuantile, normalUpperTail, twoSidedP } from "./normal.ts";
export { CompensatedSum, CompensatedVector, sum } from "./sums.ts";
export {
  type CholeskyFactor,
  type Factored,
  factorCholesky,
  invertCholesky,
  PIVOT_MIN,
  packedDiagonal,
  packedIndex,
  packedLength,
  quadraticForm,
  solveCholesky,
  transformSymmetric,
  whitenCholesky,
} from "./symmetric.ts";
