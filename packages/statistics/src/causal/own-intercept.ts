/**
 * A regression in which every hospital has an intercept of its own, without any intercept leaving its hospital.
 *
 * The model is that of a column of 0 and 1 for each hospital beside the columns x. Such a column's sums would be one hospital's alone, so each
 * hospital takes its intercept out before anything is summed: for given coefficients β it finds the intercept α(β) that fits its own rows best,
 * and gives the likelihood there. That profile likelihood is a sum over hospitals, has its maximum at the β of the whole model, and
 *
 *   gradient Σ (y − μ) x,   information Σ w (x − x̄)(x − x̄)ᵀ,   x̄ = Σ w x / Σ w over the hospital's rows,   dα/dβ = −x̄
 *
 * The information is the Schur complement of the hospitals' entries in that of the whole model, so its inverse is the covariance of β there.
 *
 *   logistic: μ = 1 / (1 + exp(−η)), w = μ (1 − μ);   poisson: μ = exp(η), w = μ;   linear: μ = η, w = 1
 *
 * Source: Murphy & van der Vaart 2000, J Am Stat Assoc 95:449 (profile likelihood); McCullagh & Nelder 1989.
 */

import { log1pExp, logistic, sum } from "@dure/numerics";
import { sumColumns, sumProducts } from "@dure/numerics/kernels";
import { fitInterceptWithOffset } from "../logistic-fit.ts";
import { extremeAt, type LikelihoodSums, type NewtonRules } from "../newton.ts";

export type MeanModel = "linear" | "logistic" | "poisson";

/** All columns of the model, one of ones among them where hospitals share an intercept. */
export interface ModelRows {
  readonly rowCount: number;
  /** Column-major: column j of row i at j × rowCount + i. */
  readonly features: Float64Array;
  readonly featureCount: number;
  readonly outcome: Float64Array;
}

/** One hospital's rows at given coefficients. */
export interface RowMeans {
  readonly eta: Float64Array;
  readonly mean: Float64Array;
  /** dμ/dη. */
  readonly weight: Float64Array;
  /** 0 where hospitals share an intercept. */
  readonly intercept: number;
}

export interface OwnInterceptSums extends LikelihoodSums {
  readonly gradient: Float64Array;
  readonly information: Float64Array;
  /** Σ w and Σ w², for the gate. */
  readonly weightSum: number;
  readonly weightSquareSum: number;
  readonly linearPredictorMax: number;
}

export interface ModelForm {
  readonly model: MeanModel;
  readonly ownIntercept: boolean;
}

/**
 * @param params one a column; finite
 * @returns undefined where no intercept fits: all outcomes alike in a logistic model, all 0 in a Poisson one
 * Numerics: O(n p), and O(n) for each of the few steps to a logistic intercept.
 */
export function rowMeans(rows: ModelRows, params: ArrayLike<number>, { model, ownIntercept }: ModelForm): RowMeans | undefined {
  const eta = predict(rows, params);
  const intercept = ownIntercept ? bestIntercept(rows.outcome, eta, model) : 0;
  return intercept === undefined ? undefined : meansOf(eta, intercept, model);
}

/** What the model says of other columns at an intercept that was found: of the same rows under another treatment. O(n p). */
export const meansAt = (
  rows: Omit<ModelRows, "outcome">,
  params: ArrayLike<number>,
  { model, intercept }: { readonly model: MeanModel; readonly intercept: number },
): RowMeans => meansOf(predict(rows, params), intercept, model);

function meansOf(offset: Float64Array, intercept: number, model: MeanModel): RowMeans {
  const eta = offset.map((value) => value + intercept);
  const mean = model === "linear" ? eta : eta.map(model === "logistic" ? logistic : Math.exp);
  const weight = model === "linear" ? new Float64Array(eta.length).fill(1) : model === "poisson" ? mean : mean.map((p) => p * (1 - p));
  return { eta, mean, weight, intercept };
}

/** What one hospital adds. O(n p²). Disclosure: a single hospital's sums; pass the gate. */
export function ownInterceptSums(rows: ModelRows, { eta, mean, weight }: RowMeans, form: ModelForm): OwnInterceptSums {
  const { features: values, featureCount: columnCount, rowCount, outcome } = rows;
  const table = { values, columnCount, stride: rowCount };
  const residual = outcome.map((y, i) => y - (mean[i] ?? 0));
  const centred = form.ownIntercept ? centreColumns(rows, columnCentres(rows, weight)) : table;
  const magnitudes = eta.map(Math.abs);
  // A large count is no sign of separation; a mean of almost 0 is.
  const signs = form.model === "poisson" ? eta.map((value) => -value) : magnitudes;
  const above = (mark: number): number => signs.reduce((count, value) => count + Number(value > mark), 0);
  return {
    logLikelihood: logLikelihood(outcome, eta, form.model),
    gradient: sumColumns(table, { from: 0, to: rowCount, weight: residual }),
    information: sumProducts(centred, { from: 0, to: rowCount, weight }),
    extremeCounts: form.model === "linear" ? [0, 0] : extremeAt.map(above),
    weightSum: sum(weight),
    weightSquareSum: sum(weight.map((w) => w * w)),
    linearPredictorMax: form.model === "linear" ? 0 : magnitudes.reduce((most, value) => Math.max(most, value), 0),
  };
}

/** x̄ by column, shape (p,). */
export function columnCentres({ features: values, featureCount, rowCount }: ModelRows, weight: Float64Array): Float64Array {
  const total = sum(weight);
  return sumColumns({ values, columnCount: featureCount, stride: rowCount }, { from: 0, to: rowCount, weight }).map(
    (value) => value / total,
  );
}

function centreColumns({ features, featureCount, rowCount }: ModelRows, centres: Float64Array) {
  const values = new Float64Array(features.length);
  for (let j = 0; j < featureCount; j++) {
    const centre = centres[j] ?? 0;
    for (let i = j * rowCount; i < (j + 1) * rowCount; i++) values[i] = (features[i] ?? 0) - centre;
  }
  return { values, columnCount: featureCount, stride: rowCount };
}

/** What Newton's method has to know of each model; see newton.ts and logistic-newton.ts. A linear fit is there after one step. */
export const meanModelRules = ({ model, ownIntercept }: ModelForm): NewtonRules => ({
  hasIntercept: !ownIntercept,
  separatedAbove: model === "logistic" ? -Math.LN2 : Number.POSITIVE_INFINITY,
  stepLengthMax: model === "poisson" ? 2 : Number.POSITIVE_INFINITY,
  lengtheningShareMax: 0.2,
  convergence: "quadratic",
});

function predict({ features, featureCount, rowCount }: Omit<ModelRows, "outcome">, params: ArrayLike<number>): Float64Array {
  if (params.length !== featureCount) throw new RangeError(`${params.length} coefficients for ${featureCount} columns`);
  const eta = new Float64Array(rowCount);
  for (let j = 0; j < featureCount; j++) {
    const slope = params[j] ?? 0;
    if (slope === 0) continue;
    for (let i = 0; i < rowCount; i++) eta[i] = (eta[i] ?? 0) + slope * (features[j * rowCount + i] ?? 0);
  }
  return eta;
}

function bestIntercept(outcome: Float64Array, offset: Float64Array, model: MeanModel): number | undefined {
  if (model === "logistic") return fitInterceptWithOffset(outcome, offset);
  if (model === "linear") return (sum(outcome) - sum(offset)) / outcome.length;
  const largest = offset.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const [events, expected] = [sum(outcome), sum(offset.map((value) => Math.exp(value - largest)))];
  return events > 0 ? Math.log(events / expected) - largest : undefined;
}

/** Logistic: log P(y). Poisson and linear: minus half the deviance, at dispersion 1. All at most 0. */
function logLikelihood(outcome: Float64Array, eta: Float64Array, model: MeanModel): number {
  const term = {
    logistic: (y: number, h: number): number => y * h - log1pExp(h),
    linear: (y: number, h: number): number => -((y - h) ** 2) / 2,
    poisson: (y: number, h: number): number => (y > 0 ? y * (h - Math.log(y)) : 0) - (Math.exp(h) - y),
  }[model];
  return sum(outcome.map((y, i) => term(y, eta[i] ?? 0)));
}
