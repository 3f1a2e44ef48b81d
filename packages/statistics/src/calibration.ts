/** Calibration: do as many rows have the outcome as the model says, over the range of predicted risk? */

import { logistic, sum } from "@dure/numerics";
import { describe } from "./description.ts";
import { fitInterceptWithOffset, fitLogisticRegression } from "./logistic-fit.ts";

export interface RiskBin {
  readonly n: number;
  readonly events: number;
  readonly meanPredicted: number;
}

export interface Recalibration {
  /** The a of logit P = a + η: calibration in the large; 0 is perfect, below 0 the model says too much. */
  readonly intercept: number;
  /** The b of logit P = a' + b η; 1 is perfect, below 1 the model is too extreme. */
  readonly slope: number;
}

/** Deciles, as calibration plots of clinical prediction models use. */
const BINS_MAX = 10;

/**
 * Bins of ascending predicted risk, of nearly equal size, each with at least `minimumCell` rows of either class.
 *
 * Neighbours are merged until every bin has as many; rows with equal risk stay in one bin, so that the bins do not depend on
 * the order of the rows.
 *
 * @param eta     shape (n,), linear predictor, finite
 * @param outcome shape (n,), 0 or 1
 * @returns at most 10 bins; none where the rows together do not fill one
 * Numerics: O(n log n).
 * Disclosure: every count of a bin is at least minimumCell, which is what the gate asks of a figure.
 */
export function calibrationBins(eta: Float64Array, outcome: Float64Array, minimumCell: number): readonly RiskBin[] {
  const order = Uint32Array.from(eta, (_, i) => i).sort((a, b) => (eta[a] ?? 0) - (eta[b] ?? 0) || a - b);
  const cellMin = Math.max(1, minimumCell);
  const bins: { from: number; to: number }[] = [];
  let from = 0;
  for (let bin = 1; bin <= BINS_MAX; bin++) {
    const to = afterTies(eta, order, Math.round((bin * order.length) / BINS_MAX));
    if (to > from && isFilled(outcome, order.subarray(from, to), cellMin)) {
      bins.push({ from, to });
      from = to;
    }
  }
  const last = bins.at(-1);
  if (last === undefined) return [];
  last.to = order.length; // what is left over joins its neighbour
  return bins.map((bin) => summarise(eta, outcome, order.subarray(bin.from, bin.to)));
}

/**
 * Calibration intercept and slope (logistic recalibration).
 *
 * @param eta     shape (n,), linear predictor, finite
 * @param outcome shape (n,), 0 or 1
 * @returns undefined where either fit has no answer: one class, equal predictions, or predictions that split the classes
 * Numerics: two Newton fits, O(n) a step.
 * Source: Cox 1958, Biometrika 45:562; Van Calster et al. 2019, BMC Med 17:230 (intercept with the slope held at 1).
 */
export function recalibrate(eta: Float64Array, outcome: Float64Array): Recalibration | undefined {
  const { mean, standardDeviation } = describe(eta);
  if (standardDeviation === undefined || !(standardDeviation > 1e-10 * Math.max(1, Math.abs(mean)))) return undefined;
  const scaled = eta.map((value) => (value - mean) / standardDeviation);
  const fit = fitLogisticRegression({ rowCount: eta.length, features: scaled, featureCount: 1, stride: eta.length, outcome });
  const intercept = fitInterceptWithOffset(outcome, eta);
  const slope = fit.kind === "converged" ? fit.params[1] : undefined;
  if (slope === undefined || intercept === undefined) return undefined;
  return { intercept, slope: slope / standardDeviation };
}

function afterTies(eta: Float64Array, order: Uint32Array, position: number): number {
  let end = position;
  while (end > 0 && end < order.length && eta[order[end] ?? 0] === eta[order[end - 1] ?? 0]) end++;
  return end;
}

function isFilled(outcome: Float64Array, rows: Uint32Array, cellMin: number): boolean {
  const events = rows.reduce((total, row) => total + (outcome[row] ?? 0), 0);
  return events >= cellMin && rows.length - events >= cellMin;
}

function summarise(eta: Float64Array, outcome: Float64Array, rows: Uint32Array): RiskBin {
  const events = rows.reduce((total, row) => total + (outcome[row] ?? 0), 0);
  const predicted = Float64Array.from(rows, (row) => logistic(eta[row] ?? 0));
  return { n: rows.length, events, meanPredicted: sum(predicted) / rows.length };
}

/**
 * As `calibrationBins`, with bins that end only at given risks: what is told at those risks and in the bins then has no rows between.
 *
 * @param cuts risks, ascending, with at least the minimum cell of rows of either class between each two
 * Numerics: O(n log n).
 */
export function calibrationBinsBetween(eta: Float64Array, outcome: Float64Array, cuts: readonly number[]): readonly RiskBin[] {
  const order = Uint32Array.from(eta, (_, i) => i).sort((a, b) => (eta[a] ?? 0) - (eta[b] ?? 0) || a - b);
  const risks = Float64Array.from(order, (row) => logistic(eta[row] ?? 0));
  const ends = [...cuts.map((cut) => risks.findIndex((risk) => risk >= cut)).filter((end) => end > 0), order.length];
  const bins: RiskBin[] = [];
  let from = 0;
  for (const [i, to] of ends.entries()) {
    const isLast = i === ends.length - 1;
    if (!isLast && (to - from) * BINS_MAX < order.length) continue;
    if (to > from) bins.push(summarise(eta, outcome, order.subarray(from, to)));
    from = to;
  }
  return bins;
}
