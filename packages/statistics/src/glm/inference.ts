/** What follows from the sums at a fitted generalised linear model: dispersion, covariance, likelihood, tests. */

import {
  chiSquaredUpperTail,
  factorCholesky,
  fisherF,
  invertCholesky,
  logGamma,
  packedIndex,
  packedLength,
  solveCholesky,
  studentT,
  transformSymmetric,
} from "@dure/numerics";
import { type WaldStatistics, waldStatistics } from "../wald.ts";
import { type Glm, glmFamily } from "./families.ts";

/** Against which distribution an estimate over its standard error is held: t where the dispersion is estimated. */
export type Reference = { readonly kind: "normal" } | { readonly kind: "t"; readonly df: number };

export interface DispersionSums {
  /** Σ a (y − μ)² / V(μ). */
  readonly pearson: number;
  readonly residualDf: number;
}

/**
 * 1 of the logistic, Poisson and negative binomial families; Pearson's χ² over its degrees of freedom of the others, as R's summary.glm has it:
 * for the linear model the residual variance.
 */
export const glmDispersion = (model: Glm, { pearson, residualDf }: DispersionSums): number =>
  glmFamily(model, 1).hasDispersion ? pearson / residualDf : 1;

/**
 * A⁻¹ M A⁻¹ from the packed bread A (expected information) and middle M, both of order p: Huber's sandwich, without a correction (HC0) where
 * M is Σ (a s)² x xᵀ.
 *
 * @returns packed; undefined where A has no inverse
 * Source: Huber 1967; White 1980, Econometrica 48:817; Zeileis 2006, J Stat Softw 16(9).
 */
export function sandwichCovariance(bread: ArrayLike<number>, middle: ArrayLike<number>, order: number): Float64Array | undefined {
  const factored = factorCholesky(bread, order);
  if (factored.kind === "dependent") return undefined;
  const inverse = invertCholesky(factored);
  const square = Float64Array.from({ length: order * order }, (_, cell) => {
    const [i, j] = [Math.floor(cell / order), cell % order];
    return inverse[i <= j ? packedIndex(order, i, j) : packedIndex(order, j, i)] ?? Number.NaN;
  });
  return transformSymmetric(middle, square, order);
}

/** G / (G − 1): the correction for a variance between few clusters that R's `vcovCL(type = "HC0", cadjust = TRUE)` makes. */
export const clusterFactor = (clusterCount: number): number => clusterCount / (clusterCount - 1);

/** As `waldStatistics`; `z` holds t where the reference is t. */
export function coefficientStatistics(estimate: number, standardError: number, reference: Reference): WaldStatistics {
  const wald = waldStatistics(estimate, standardError);
  if (reference.kind === "normal") return wald;
  const t = studentT(reference.df);
  const reach = t.quantile(0.975) * standardError;
  return { z: wald.z, p: 2 * t.tails(Math.abs(wald.z)).upper, ci95: [estimate - reach, estimate + reach] };
}

/** χ² with `df` degrees of freedom; with `denominatorDf` p is that of F = χ² / df. */
export type ChiSquaredOrF = { readonly chisq: number; readonly df: number; readonly p: number; readonly denominatorDf?: number };

export function chiSquaredOrF(chisq: number, df: number, reference: Reference): ChiSquaredOrF {
  if (reference.kind === "normal") return { chisq, df, p: chiSquaredUpperTail(Math.max(0, chisq), df) };
  return { chisq, df, p: fisherF(df, reference.df).tails(Math.max(0, chisq / df)).upper, denominatorDf: reference.df };
}

/**
 * bᵀ V⁻¹ b of some coefficients with their block of the covariance.
 *
 * @param columns indices into the coefficients
 * @returns undefined where the block has no inverse
 */
export function waldChiSquared(
  estimates: readonly number[],
  covariance: ArrayLike<number>,
  columns: readonly number[],
): number | undefined {
  const order = estimates.length;
  const block = new Float64Array(packedLength(columns.length));
  columns.forEach((row, i) => {
    columns.slice(i).forEach((column, k) => {
      const [low, high] = row <= column ? [row, column] : [column, row];
      block[packedIndex(columns.length, i, i + k)] = covariance[packedIndex(order, low, high)] ?? Number.NaN;
    });
  });
  return quadraticInverse(
    block,
    columns.map((column) => estimates[column] ?? Number.NaN),
  );
}

/** uᵀ I⁻¹ u: the score test of a model at a fit that holds some of its coefficients at 0. Undefined where I has no inverse. */
export function quadraticInverse(information: ArrayLike<number>, score: readonly number[]): number | undefined {
  const factored = factorCholesky(information, score.length);
  if (factored.kind === "dependent") return undefined;
  const solved = solveCholesky(factored, score);
  return score.reduce((total, value, j) => total + value * (solved[j] ?? Number.NaN), 0);
}

export interface LikelihoodParts {
  readonly n: number;
  readonly weight: number;
  readonly deviance: number;
  /** As `GlmFitSums` has it. */
  readonly logLikelihood: number;
  /** `glmConstant` over all rows. */
  readonly constant: number;
  /** Coefficients, own intercepts of hospitals included, without dispersion and θ. */
  readonly parameterCount: number;
}

/** What of a row's log-likelihood no coefficient touches: to be summed once. @param y the outcome as it is, not scaled */
export function glmConstant({ family }: Glm, y: number, weight: number): number {
  switch (family) {
    case "linear":
      return Math.log(weight);
    case "poisson":
      return y === 0 ? 0 : weight * (y * Math.log(y) - y - logGamma(y + 1));
    case "gamma":
      return weight * Math.log(y);
    default:
      return 0;
  }
}

/**
 * The log-likelihood and AIC as R's logLik and AIC give them: dispersion by maximum likelihood (deviance over rows), counted as a parameter, as
 * is θ.
 *
 * @param parts deviance of the outcome on its own scale
 */
export function glmLikelihood(model: Glm, parts: LikelihoodParts): { readonly logLikelihood: number; readonly aic: number } {
  const logLikelihood = totalLogLikelihood(model, parts);
  const hasOneMore = model.family !== "logistic" && model.family !== "poisson";
  return { logLikelihood, aic: -2 * logLikelihood + 2 * (parts.parameterCount + Number(hasOneMore)) };
}

function totalLogLikelihood({ family }: Glm, { n, weight, deviance, logLikelihood, constant }: LikelihoodParts): number {
  switch (family) {
    case "linear":
      return -(n * (Math.log((2 * Math.PI * deviance) / n) + 1) - constant) / 2;
    case "poisson":
      return constant - deviance / 2;
    case "gamma": {
      const dispersion = deviance / weight;
      const shape = 1 / dispersion;
      return shape * (-deviance / 2 - weight) - constant - weight * (shape * Math.log(dispersion) + logGamma(shape));
    }
    default:
      return logLikelihood;
  }
}
