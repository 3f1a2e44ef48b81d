/**
 * The families of a generalised linear model: what one row adds to the likelihood, its derivatives in the linear predictor η, and the sums
 * that judge the fit. With μ the mean, V(μ) the variance function and y the outcome:
 *
 *   family, link                 V(μ)        ∂l/∂η                   −∂²l/∂η² (observed)        its expectation
 *   linear, identity             1           y − μ                   1                          1
 *   logistic, logit              μ (1 − μ)   y − μ                   μ (1 − μ)                  the same
 *   Poisson, log                 μ           y − μ                   μ                          the same
 *   negative binomial, log       μ + μ²/θ    (y − μ) θ / (μ + θ)     μ θ (y + θ) / (μ + θ)²     μ θ / (μ + θ)
 *   Gamma, log                   μ²          y/μ − 1                 y/μ                        1
 *   Gamma, inverse               μ²          μ − y                   μ²                         the same
 *
 * Of the linear and the Gamma family l is the log-likelihood times the dispersion. Every observed weight is at least 0, so every likelihood
 * is concave and Newton's method converges quadratically; standard errors take the expected weight, as R's glm does.
 *
 * Source: McCullagh & Nelder 1989, Generalized Linear Models (2nd ed.), chapters 2 and 8; Venables & Ripley 2002, section 7.4 (negative
 * binomial with θ).
 */

import { digamma, logBeta, trigamma } from "@dure/numerics";

/** JSON values. Other pairs are no model. */
export type Glm =
  | { readonly family: "linear"; readonly link: "identity" }
  | { readonly family: "logistic"; readonly link: "logit" }
  | { readonly family: "poisson"; readonly link: "log" }
  | { readonly family: "negative-binomial"; readonly link: "log" }
  | { readonly family: "gamma"; readonly link: "log" | "inverse" };

/** What one row with prior weight 1 adds, at its η. */
export interface RowTerms {
  /** ∂l/∂η. */
  score: number;
  /** −∂²l/∂η². */
  observed: number;
  /** The expectation of `observed`. */
  expected: number;
  /** At most 0: minus half the deviance, of the logistic and the negative binomial family the log-likelihood. */
  value: number;
  deviance: number;
  /** (y − μ)² / V(μ). */
  pearson: number;
  /** Of log θ, and across: 0 of all but the negative binomial family. */
  thetaScore: number;
  thetaObserved: number;
  thetaCross: number;
}

export interface GlmFamily {
  /** Where the model has a mean, and sums that can be encoded. */
  readonly hasMean: (eta: number) => boolean;
  readonly meanOf: (eta: number) => number;
  /** The η of a mean. */
  readonly link: (mean: number) => number;
  /** Overwrites `out`, whose θ terms a family without θ leaves at 0. Needs an η that has a mean. */
  readonly rowTerms: (eta: number, y: number, out: RowTerms) => void;
  /** The dispersion is estimated (linear, Gamma), not 1. */
  readonly hasDispersion: boolean;
  readonly hasTheta: boolean;
}

/** The gate refuses a linear predictor beyond this of a logit or log link. */
const LINEAR_PREDICTOR_MAX = 30;
/** Of an inverse link, on an outcome scaled to a mean near 1: means from 2^-10 to 2^10. */
const INVERSE_PREDICTOR = { min: 2 ** -10, max: 2 ** 10 } as const;

export const emptyTerms = (): RowTerms => ({
  score: 0,
  observed: 0,
  expected: 0,
  value: 0,
  deviance: 0,
  pearson: 0,
  thetaScore: 0,
  thetaObserved: 0,
  thetaCross: 0,
});

/** @param theta of the negative binomial family: finite, > 0; the others have none */
export function glmFamily(model: Glm, theta?: number): GlmFamily {
  switch (model.family) {
    case "linear":
      return linear;
    case "logistic":
      return logistic;
    case "poisson":
      return poisson;
    case "gamma":
      return model.link === "log" ? gammaLog : gammaInverse;
    case "negative-binomial":
      return negativeBinomial(theta ?? Number.NaN);
  }
}

const plain = { hasDispersion: false, hasTheta: false } as const;
const dispersed = { hasDispersion: true, hasTheta: false } as const;
const isWithin = (eta: number): boolean => Math.abs(eta) <= LINEAR_PREDICTOR_MAX;
const logLink = { hasMean: isWithin, meanOf: Math.exp, link: Math.log } as const;

const linear: GlmFamily = {
  ...dispersed,
  hasMean: Number.isFinite,
  meanOf: (eta) => eta,
  link: (mean) => mean,
  rowTerms: (eta, y, out) => {
    const residual = y - eta;
    out.score = residual;
    out.observed = 1;
    out.expected = 1;
    out.deviance = residual * residual;
    out.value = -out.deviance / 2;
    out.pearson = out.deviance;
  },
};

const logistic: GlmFamily = {
  ...plain,
  hasMean: isWithin,
  meanOf: (eta) => 1 / (1 + Math.exp(-eta)),
  link: (mean) => Math.log(mean / (1 - mean)),
  rowTerms: (eta, y, out) => {
    const e = Math.exp(-Math.abs(eta));
    const near = e / (1 + e);
    const weight = near / (1 + e);
    // y − p without cancellation: 1 − p = e / (1 + e) where η ≥ 0.
    const p = eta >= 0 ? 1 - near : near;
    const score = eta >= 0 && y === 1 ? near : y - p;
    out.score = score;
    out.observed = weight;
    out.expected = weight;
    out.value = Math.min(eta, 0) - (1 - y) * eta - Math.log1p(e);
    out.deviance = -2 * out.value;
    out.pearson = (score * score) / weight;
  },
};

const poisson: GlmFamily = {
  ...plain,
  ...logLink,
  rowTerms: (eta, y, out) => {
    const mean = Math.exp(eta);
    const residual = y - mean;
    out.score = residual;
    out.observed = mean;
    out.expected = mean;
    out.value = residual - (y === 0 ? 0 : y * (Math.log(y) - eta));
    out.deviance = -2 * out.value;
    out.pearson = (residual * residual) / mean;
  },
};

const gammaLog: GlmFamily = {
  ...dispersed,
  ...logLink,
  rowTerms: (eta, y, out) => {
    const logRatio = Math.log(y) - eta;
    const ratio = Math.exp(logRatio);
    out.score = ratio - 1;
    out.observed = ratio;
    out.expected = 1;
    out.value = logRatio - (ratio - 1);
    out.deviance = -2 * out.value;
    out.pearson = (ratio - 1) ** 2;
  },
};

const gammaInverse: GlmFamily = {
  ...dispersed,
  hasMean: (eta) => eta >= INVERSE_PREDICTOR.min && eta <= INVERSE_PREDICTOR.max,
  meanOf: (eta) => 1 / eta,
  link: (mean) => 1 / mean,
  rowTerms: (eta, y, out) => {
    const ratio = y * eta;
    out.score = (1 - ratio) / eta;
    out.observed = 1 / (eta * eta);
    out.expected = out.observed;
    out.value = Math.log(ratio) - (ratio - 1);
    out.deviance = -2 * out.value;
    out.pearson = (ratio - 1) ** 2;
  },
};

/**
 * l = log Γ(y + θ) − log Γ(θ) − log y! + θ log(θ / (μ + θ)) + y log(μ / (μ + θ)), whose first three terms are −log B(θ, y + 1) − log(θ + y):
 * in that form no digit is lost where θ is large.
 *
 * Derivatives are in τ = log θ, over which the likelihood is better behaved than over θ:
 *   ∂l/∂τ = θ U,  −∂²l/∂τ² = −θ² ∂U/∂θ − θ U,  U = ψ(y + θ) − ψ(θ) − log(1 + μ/θ) + (μ − y) / (μ + θ)
 *   −∂²l/∂η∂τ = −θ μ (y − μ) / (μ + θ)²
 */
function negativeBinomial(theta: number): GlmFamily {
  if (!(theta > 0 && Number.isFinite(theta))) throw new RangeError("a negative binomial family needs a θ above 0");
  const psi = psiDifferences(theta);
  return {
    ...logLink,
    hasDispersion: false,
    hasTheta: true,
    rowTerms: (eta, y, out) => {
      const mean = Math.exp(eta);
      const total = mean + theta;
      const share = theta / total;
      const [first, second] = psi(y);
      const logOnePlus = Math.log1p(mean / theta);
      const u = first - logOnePlus + (mean - y) / total;
      const slope = -second + mean / (theta * total) - (mean - y) / (total * total);
      out.score = (y - mean) * share;
      out.expected = mean * share;
      out.observed = (out.expected * (y + theta)) / total;
      out.value = -logBeta(theta, y + 1) - Math.log(theta + y) - theta * logOnePlus + y * (eta - Math.log(total));
      out.deviance = 2 * ((y === 0 ? 0 : y * (Math.log(y) - eta)) - (y + theta) * Math.log1p((y - mean) / total));
      out.pearson = (y - mean) ** 2 / (mean + (mean * mean) / theta);
      out.thetaScore = theta * u;
      out.thetaObserved = -theta * theta * slope - theta * u;
      out.thetaCross = (-share * mean * (y - mean)) / total;
    },
  };
}

/** Counts up to here add their reciprocals one by one, which loses nothing where θ is large. */
const SUMMED_MAX = 64;

/** ψ(y + θ) − ψ(θ) and ψ′(θ) − ψ′(y + θ), both ≥ 0; each count's pair is found once. */
function psiDifferences(theta: number): (y: number) => readonly [number, number] {
  const known = new Map<number, readonly [number, number]>();
  return (y) => {
    const before = known.get(y);
    if (before !== undefined) return before;
    const pair = differencesAt(theta, y);
    known.set(y, pair);
    return pair;
  };
}

function differencesAt(theta: number, y: number): readonly [number, number] {
  if (y > SUMMED_MAX || !Number.isInteger(y)) return [digamma(y + theta) - digamma(theta), trigamma(theta) - trigamma(y + theta)];
  let [first, second] = [0, 0];
  for (let k = 0; k < y; k++) {
    first += 1 / (theta + k);
    second += 1 / (theta + k) ** 2;
  }
  return [first, second];
}
