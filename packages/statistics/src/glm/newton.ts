/**
 * Newton's method for a generalised linear model, by the rules of ../newton.ts; columns are standardised and, where hospitals are asked for
 * sums, uncorrelated.
 *
 *   let state = beginNewton(glmStart(model, totals, featureCount));
 *   while (state.kind === "running") state = absorbGlm(model, state, sumsAt(state.trial), { n });
 */

import { factorCholesky, packedIndex } from "@dure/numerics";
import { logisticRules } from "../logistic-newton.ts";
import {
  absorbNewton,
  beginNewton,
  type NewtonConverged,
  type NewtonFailed,
  type NewtonRules,
  type NewtonRunning,
  type NewtonState,
} from "../newton.ts";
import { type Glm, glmFamily } from "./families.ts";
import { type GlmContribution, type GlmRows, glmContribution } from "./likelihood.ts";

/** Totals over all rows, from which every fit of them starts. */
export type OutcomeTotals = {
  readonly n: number;
  /** Σ a. */
  readonly weight: number;
  /** Σ a y. */
  readonly sum: number;
  /** Σ a y². */
  readonly squares: number;
  /** Of a log link: Σ a exp(offset); of a logit link Σ a × offset. Absent: no offset. */
  readonly exposure?: number;
};

export interface GlmStepOptions {
  /** Rows in the fit; of a linear model the residual degrees of freedom follow from it. */
  readonly n: number;
  /** As in `NewtonOptions`; without log θ. */
  readonly basis?: readonly number[];
  /** Column 0 is no intercept: hospitals have their own. */
  readonly withoutIntercept?: boolean;
}

/** θ beyond which the counts show no overdispersion: the negative binomial is the Poisson distribution to seven digits. */
const LOG_THETA_MAX = Math.log(1e7);
/** θ from the moments is kept within these: a start, nothing more. */
const THETA_START = { min: 0.05, max: 100 } as const;
/** Of an outcome near unit scale: below it steps are measured by the outcome's own rounding, or a fit of every row would never settle. */
const DISPERSION_MIN = 1e-10;

/** The model without features, where that has a closed form; a fair start elsewhere. */
export function glmStart(model: Glm, totals: OutcomeTotals, featureCount: number): readonly number[] {
  const slopes = new Array<number>(featureCount).fill(0);
  const mean = totals.sum / totals.weight;
  const intercept = interceptOf(model, totals, mean);
  return model.family === "negative-binomial" ? [intercept, ...slopes, Math.log(thetaStart(totals, mean))] : [intercept, ...slopes];
}

function interceptOf(model: Glm, { weight, sum, exposure }: OutcomeTotals, mean: number): number {
  const link = glmFamily(model, 1).link;
  if (exposure === undefined) return link(mean);
  return model.link === "logit" ? link(mean) - exposure / weight : Math.log(sum / exposure);
}

/** Of the moments: variance = μ + μ²/θ. */
function thetaStart({ weight, squares }: OutcomeTotals, mean: number): number {
  const excess = squares / weight - mean * mean - mean;
  return excess > 0 ? Math.min(THETA_START.max, Math.max(THETA_START.min, (mean * mean) / excess)) : THETA_START.max;
}

/**
 * One step from the sums at `state.trial`. A point where a row has no mean is worse than any.
 *
 * `dependent` names a column; `separated` may name the index of log θ, which then runs to infinity: the counts show no overdispersion.
 *
 * Numerics: O(p³).
 */
export function absorbGlm(model: Glm, state: NewtonRunning, sums: GlmContribution, options: GlmStepOptions): NewtonState {
  const { n, basis, withoutIntercept = false } = options;
  const order = state.trial.length;
  const isOutside = sums.outsideCount > 0;
  if (isOutside && state.accepted === null) return { kind: "not-converged", columns: [0], iterations: state.iterations };
  const { hasDispersion, hasTheta } = glmFamily(model, 1);
  if (hasTheta && (state.trial[order - 1] ?? 0) > LOG_THETA_MAX)
    return { kind: "separated", columns: [order - 1], iterations: state.iterations };
  const freedom = Math.max(1, n - order);
  const likelihood = {
    logLikelihood: isOutside ? Number.NaN : sums.logLikelihood,
    gradient: sums.gradient,
    information: hasTheta ? definite(sums.information, order) : sums.information,
    extremeCounts: sums.extremeCounts,
    ...(hasDispersion ? { dispersion: Math.max(DISPERSION_MIN, (-2 * sums.logLikelihood) / freedom) } : {}),
  };
  const ownBasis = basis === undefined || !hasTheta ? basis : withUnit(basis, order);
  const rules = { ...(model.family === "logistic" ? logisticRules : plainRules), hasIntercept: !withoutIntercept };
  return absorbNewton(state, likelihood, { rules, ...(ownBasis === undefined ? {} : { basis: ownBasis }) });
}

/**
 * Fit of rows that lie together: a hospital's own, and the oracle of the federated fit in tests.
 *
 * @param rows features on a scale near 1 (standardise first); of a linear or Gamma model the outcome too, and offsets taken off it
 * @returns as Newton's method does; the covariance is of the observed information, without dispersion
 */
export function fitGlm(model: Glm, rows: GlmRows, totals: OutcomeTotals): NewtonConverged | NewtonFailed {
  let state: NewtonState = beginNewton(glmStart(model, totals, rows.featureCount));
  while (state.kind === "running") state = absorbGlm(model, state, glmContribution(model, rows, state.trial), { n: rows.rowCount });
  return state;
}

/** The step is what the likelihood says: it is concave, and one that goes too far is halved. */
const plainRules: NewtonRules = {
  hasIntercept: true,
  separatedAbove: 0,
  stepLengthMax: Number.POSITIVE_INFINITY,
  lengtheningShareMax: Number.POSITIVE_INFINITY,
  convergence: "quadratic",
};

/**
 * The likelihood is concave in the coefficients, not in them and log θ together. Far from the maximum, where the information is not that of
 * a concave function, θ takes a step of its own.
 */
function definite(information: ArrayLike<number>, order: number): Float64Array {
  const own = Float64Array.from(information);
  if (factorCholesky(own, order).kind === "factor") return own;
  const last = packedIndex(order, order - 1, order - 1);
  for (let i = 0; i + 1 < order; i++) own[packedIndex(order, i, order - 1)] = 0;
  own[last] = Math.max(Math.abs(own[last] ?? 0), 1e-8 * (own[0] ?? 1));
  return own;
}

/** The basis with log θ as a further column that it leaves alone. */
function withUnit(basis: readonly number[], order: number): readonly number[] {
  const inner = order - 1;
  return Array.from({ length: order * order }, (_, cell) => {
    const [i, j] = [Math.floor(cell / order), cell % order];
    return i < inner && j < inner ? (basis[i * inner + j] ?? Number.NaN) : Number(i === j);
  });
}
