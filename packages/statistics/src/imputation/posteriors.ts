/**
 * Draws of the parameters of an imputation model from their posterior, given sums over rows: the public half of chained equations.
 *
 * Every party draws the same parameters, for the generator's seed is part of the study. What is drawn for a patient is drawn at the hospital.
 */

import type { SeededRandom } from "@dure/kernel";
import { factorCholesky, invertCholesky, packedIndex, packedLength, solveCholesky } from "@dure/numerics";
import { extremeAt, type LikelihoodSums } from "../newton.ts";

/** Σ over rows of (1, x, y)(1, x, y)ᵀ, packed; the last column is what is imputed. */
export interface LinearPosterior {
  readonly coefficients: readonly number[];
  /** Packed (XᵀX)⁻¹. */
  readonly unscaledCovariance: readonly number[];
  /** Σ (y − ŷ)². */
  readonly residualSquares: number;
  readonly df: number;
}

/**
 * Least squares from the products of the columns. Where a column follows from those before it, a ridge of 1e-5 of the diagonal is added, as
 * mice does; without such a column none is.
 *
 * @param products packed, of order p + 2: intercept, p columns, the variable
 * @returns undefined with fewer rows than coefficients + 1
 * Numerics: columns are standardised, so the normal equations lose no more than the condition number of their correlations.
 */
export function linearPosterior(products: ArrayLike<number>, order: number): LinearPosterior | undefined {
  const p = order - 1;
  const at = (i: number, j: number): number => products[packedIndex(order, i, j)] ?? Number.NaN;
  const rowCount = at(0, 0);
  const df = rowCount - p;
  if (!(df > 0)) return undefined;
  const gram = new Float64Array(packedLength(p));
  for (let i = 0; i < p; i++) for (let j = i; j < p; j++) gram[packedIndex(p, i, j)] = at(i, j);
  const right = Float64Array.from({ length: p }, (_, i) => at(i, p));
  const plain = factorCholesky(gram, p);
  const factored = plain.kind === "factor" ? plain : factorCholesky(withRidge(gram, p), p);
  if (factored.kind === "dependent") return undefined;
  const coefficients = [...solveCholesky(factored, right)];
  const explained = coefficients.reduce((total, value, j) => total + value * (right[j] ?? Number.NaN), 0);
  return { coefficients, unscaledCovariance: [...invertCholesky(factored)], residualSquares: Math.max(0, at(p, p) - explained), df };
}

const RIDGE = 1e-5;

function withRidge(gram: Float64Array, order: number): Float64Array {
  const ridged = gram.slice();
  for (let j = 0; j < order; j++) {
    const cell = packedIndex(order, j, j);
    ridged[cell] = (gram[cell] ?? 0) * (1 + RIDGE) + Number.MIN_VALUE;
  }
  return ridged;
}

/** Coefficients and, behind them, σ. */
export type LinearDraw = readonly number[];

/**
 * σ*² = residual squares / χ²(df), β* = β̂ + σ* L z with L Lᵀ = (XᵀX)⁻¹.
 *
 * Source: van Buuren & Groothuis-Oudshoorn 2011, J Stat Softw 45(3), `norm`; Rubin 1987, p. 167.
 */
export function drawLinear(posterior: LinearPosterior, random: SeededRandom): LinearDraw {
  const sigma = Math.sqrt(posterior.residualSquares / drawChiSquared(posterior.df, random));
  return [...drawNormal(posterior.coefficients, posterior.unscaledCovariance, { scale: sigma, random }), sigma];
}

/** β* = mean + scale × L z with L Lᵀ = the packed covariance. */
export function drawNormal(
  mean: readonly number[],
  covariance: ArrayLike<number>,
  { scale, random }: { readonly scale: number; readonly random: SeededRandom },
): readonly number[] {
  const order = mean.length;
  const z = mean.map(() => random.normal());
  const factored = factorCholesky(covariance, order);
  if (factored.kind === "dependent") return mean; // a covariance of rounding alone: nothing to draw
  return mean.map((value, i) => {
    let step = 0;
    for (let j = 0; j <= i; j++) step += (factored.lower[i * order + j] ?? 0) * (z[j] ?? 0);
    return value + scale * (factored.scale[i] ?? 0) * step;
  });
}

/** As Γ(df / 2) doubled. Source: Marsaglia & Tsang 2000, ACM Trans Math Softw 26:363; df ≥ 2, or the square of a normal added below. */
export function drawChiSquared(df: number, random: SeededRandom): number {
  if (df < 2) return drawChiSquared(df + 2, random) * random.uniform() ** (2 / df);
  const d = df / 2 - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return 2 * d * v;
  }
}

/**
 * What a few invented rows add to a logistic model's sums, so that no level is split off by a column: for each of the p standardised columns one row half a
 * standard deviation below the mean and one above, once with the outcome and once without, with a weight of (p + 1) / (4 p) each.
 *
 * @param params intercept first
 * Source: White, Daniel & Royston 2010, Comput Stat Data Anal 54:2267; as `augment` of the R package mice.
 */
export function augmentationSums(params: readonly number[]): LikelihoodSums {
  const p = params.length - 1;
  const order = p + 1;
  const gradient = new Float64Array(order);
  const information = new Float64Array(packedLength(order));
  let logLikelihood = 0;
  const extremeCounts: [number, number] = [0, 0];
  const weight = (p + 1) / (4 * p);
  for (let j = 1; j <= p; j++) {
    for (const x of [-0.5, 0.5]) {
      const eta = (params[0] ?? 0) + x * (params[j] ?? 0);
      const probability = 1 / (1 + Math.exp(-eta));
      // With and without the outcome: Σ y − 2 p = 1 − 2 p, Σ log-likelihood = η − 2 log(1 + exp η).
      const residual = weight * (1 - 2 * probability);
      const spread = 2 * weight * probability * (1 - probability);
      logLikelihood += weight * (eta - 2 * (Math.max(0, eta) + Math.log1p(Math.exp(-Math.abs(eta)))));
      add(gradient, 0, residual);
      add(gradient, j, residual * x);
      add(information, packedIndex(order, 0, 0), spread);
      add(information, packedIndex(order, 0, j), spread * x);
      add(information, packedIndex(order, j, j), spread * x * x);
      extremeAt.forEach((mark, i) => {
        if (Math.abs(eta) > mark) extremeCounts[i] = (extremeCounts[i] ?? 0) + 1;
      });
    }
  }
  return { logLikelihood, gradient, information, extremeCounts };
}

function add(values: Float64Array, index: number, value: number): void {
  values[index] = (values[index] ?? 0) + value;
}
