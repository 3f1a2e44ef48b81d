/** What deciding by a threshold of predicted risk would have meant: the four cells, and what is told from them. */

import type { RiskCounts } from "./risk-intervals.ts";

/** Patients with a risk of at least `threshold` count as called. */
export interface Decision {
  readonly threshold: number;
  /** Of the patients with the outcome, so many were called. */
  readonly sensitivity: number;
  /** Of those without, so many were not. */
  readonly specificity: number;
  /** Of the called, so many have the outcome; absent where nobody was called. */
  readonly positivePredictiveValue?: number;
  /** Of those not called, so many do not have it; absent where everybody was called. */
  readonly negativePredictiveValue?: number;
  /** Share of all patients who were called. */
  readonly called: number;
}

/**
 * Net benefit of deciding at a threshold t, in true positives per patient: TP/n − FP/n × t / (1 − t).
 *
 * Source: Vickers & Elkin 2006, Med Decis Making 26:565.
 */
export interface NetBenefit {
  readonly threshold: number;
  readonly model: number;
  /** Of calling everybody; calling nobody has 0. */
  readonly everybody: number;
}

/**
 * @param counts rows by interval of risk
 * @param cuts   the thresholds between the intervals
 * @param cut    which of them
 * @returns undefined where a class is empty
 */
export function decisionAt(counts: RiskCounts, cuts: readonly number[], cut: number): Decision | undefined {
  const { truePositives, falsePositives, positives, negatives } = cellsAt(counts, cut);
  if (positives === 0 || negatives === 0) return undefined;
  const [called, notCalled] = [truePositives + falsePositives, positives + negatives - truePositives - falsePositives];
  return {
    threshold: cuts[cut] ?? Number.NaN,
    sensitivity: truePositives / positives,
    specificity: 1 - falsePositives / negatives,
    ...(called === 0 ? {} : { positivePredictiveValue: truePositives / called }),
    ...(notCalled === 0 ? {} : { negativePredictiveValue: (negatives - falsePositives) / notCalled }),
    called: called / (positives + negatives),
  };
}

/** As `decisionAt`; of no rows it is 0. */
export function netBenefitAt(counts: RiskCounts, cuts: readonly number[], cut: number): NetBenefit {
  const { truePositives, falsePositives, positives, negatives } = cellsAt(counts, cut);
  const threshold = cuts[cut] ?? Number.NaN;
  const harm = threshold / (1 - threshold);
  const n = Math.max(1, positives + negatives);
  return { threshold, model: (truePositives - falsePositives * harm) / n, everybody: (positives - negatives * harm) / n };
}

function cellsAt({ negatives, positives }: RiskCounts, cut: number) {
  const total = (counts: readonly number[], from: number): number => counts.slice(from).reduce((sum, count) => sum + count, 0);
  return {
    truePositives: total(positives, cut + 1),
    falsePositives: total(negatives, cut + 1),
    positives: total(positives, 0),
    negatives: total(negatives, 0),
  };
}
