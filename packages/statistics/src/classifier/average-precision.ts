/** Average precision, the area under the precision-recall curve as a sum of steps, and the Brier score. */

import { logistic, sum } from "@dure/numerics";
import { roundScore } from "../discrimination.ts";

/**
 * Σ over distinct scores, descending, of (recall − recall before) × precision: no interpolation, ties are one step.
 *
 * @param scores  shape (n,), finite; any increasing scale; rounded to 1e-10, as for the AUC
 * @param outcome shape (n,), 0 or 1
 * @returns undefined where a class is empty
 * Numerics: O(n log n).
 * Source: Davis & Goadrich 2006, ICML, 233; the estimator of scikit-learn's average_precision_score.
 */
export function averagePrecision(scores: Float64Array, outcome: Float64Array): number | undefined {
  const rounded = scores.map(roundScore);
  const order = Uint32Array.from(rounded, (_, i) => i).sort((a, b) => (rounded[b] ?? 0) - (rounded[a] ?? 0));
  const steps: { positives: number; rows: number }[] = [];
  let before = Number.NaN;
  for (const row of order) {
    const score = rounded[row] ?? 0;
    if (score !== before) steps.push({ positives: 0, rows: 0 });
    before = score;
    const step = steps.at(-1);
    if (step === undefined) continue;
    step.rows++;
    step.positives += outcome[row] ?? 0;
  }
  return ofSteps(steps);
}

/** From histograms of the score by class: rows of one bin are one step. As near as the bins are narrow. */
export function averagePrecisionOfHistograms(negatives: ArrayLike<number>, positives: ArrayLike<number>): number | undefined {
  const steps = Array.from(positives, (count, bin) => ({ positives: count, rows: count + (negatives[bin] ?? 0) })).reverse();
  return ofSteps(steps.filter(({ rows }) => rows > 0));
}

function ofSteps(steps: readonly { readonly positives: number; readonly rows: number }[]): number | undefined {
  const all = steps.reduce((total, step) => total + step.positives, 0);
  const rows = steps.reduce((total, step) => total + step.rows, 0);
  if (all === 0 || all === rows) return undefined;
  let [found, called, area] = [0, 0, 0];
  for (const step of steps) {
    found += step.positives;
    called += step.rows;
    area += (step.positives / all) * (found / called);
  }
  return area;
}

/**
 * Mean of (risk − outcome)²: 0 is perfect.
 *
 * @param eta shape (n,), linear predictor of log-odds
 * Source: Brier 1950, Mon Weather Rev 78:1.
 */
export const brierScore = (eta: Float64Array, outcome: Float64Array): number => sum(squaredErrors(eta, outcome)) / eta.length;

/** (risk − outcome)² of every row, below 1. */
export const squaredErrors = (eta: Float64Array, outcome: Float64Array): Float64Array =>
  eta.map((value, i) => (logistic(value) - (outcome[i] ?? 0)) ** 2);
