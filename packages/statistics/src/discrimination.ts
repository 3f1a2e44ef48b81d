/**
 * Discrimination: the area under the ROC curve (AUC) and its variance.
 *
 * AUC is the probability that a row with the outcome scores higher than one without, ties counted half. Scores are rounded to 1e-10
 * before they are compared: two rows with the same features differ in the last digit when the additions run in another order, and a
 * tie must stay a tie on every machine.
 */

import { sum } from "@dure/numerics";

export interface AucEstimate {
  readonly auc: number;
  /** Absent where a class has fewer than two rows: a variance over n − 1 is then undefined. */
  readonly se?: number;
}

export interface PairedDifference {
  /** First AUC − second AUC. */
  readonly estimate: number;
  readonly se: number;
}

/** The two models' scores of the same rows. */
export interface PairedScores {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

const SCORE_DECIMALS = 1e10;

/** The score that ties are decided on: rounded to 1e-10. */
export const roundScore = (score: number): number => Math.round(score * SCORE_DECIMALS) / SCORE_DECIMALS;

/**
 * AUC with DeLong's variance.
 *
 *   V₁₀(i) = share of rows of class 0 that row i of class 1 outscores; V₀₁(j) likewise; AUC = mean V₁₀
 *   Var AUC = S₁₀ / m + S₀₁ / n;  S = sample variances with m − 1 and n − 1
 *
 * @param scores  shape (n,), finite; any increasing scale; rounded to 1e-10 first
 * @param outcome shape (n,); 0 or 1
 * @returns undefined where a class is empty
 * Fails: throws on unequal lengths, a score that is not finite and an outcome that is not 0 or 1.
 * Numerics: O(n log n) by midranks.
 * Disclosure: an AUC of a few rows can tell single rows; pass the gate before release.
 * Source: DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44:837; Sun & Xu 2014, IEEE Signal Process Lett 21:1389 (midranks).
 */
export function aucDeLong(scores: Float64Array, outcome: Float64Array): AucEstimate | undefined {
  const placed = placementValues(scores, outcome);
  if (placed === undefined) return undefined;
  const { auc, positive, negative } = placed;
  if (positive.length < 2 || negative.length < 2) return { auc };
  return { auc, se: Math.sqrt(covariance(positive, positive) / positive.length + covariance(negative, negative) / negative.length) };
}

/**
 * The difference of two AUCs on the same rows with its standard error, correlation between the models included.
 *
 * @returns undefined where a class has fewer than two rows
 * Numerics: O(n log n). An se of 0 (the models rank alike) stays 0; what it means for a test is the caller's question.
 * Source: as `aucDeLong`.
 */
export function pairedDeLong(scores: PairedScores, outcome: Float64Array): PairedDifference | undefined {
  const first = placementValues(scores.first, outcome);
  const second = placementValues(scores.second, outcome);
  if (first === undefined || second === undefined || first.positive.length < 2 || first.negative.length < 2) return undefined;
  const positive = first.positive.map((value, i) => value - (second.positive[i] ?? 0));
  const negative = first.negative.map((value, i) => value - (second.negative[i] ?? 0));
  // The variance of a difference is the variance of the differences: one sum less to cancel.
  const variance = covariance(positive, positive) / positive.length + covariance(negative, negative) / negative.length;
  return { estimate: first.auc - second.auc, se: Math.sqrt(variance) };
}

/**
 * AUC from histograms of the score by class, and how far it can be from the AUC of the rows.
 *
 * Rows in different bins are ranked exactly; a pair in the same bin counts half and may in truth count 0 or 1, so the
 * error is at most half the share of pairs that share a bin.
 *
 * @param positives rows of class 1 by bin, ascending score
 * @param negatives rows of class 0 by the same bins
 * @returns undefined where a class is empty
 * Numerics: O(bins); exact up to rounding for whole counts.
 */
export function aucFromHistograms(positives: ArrayLike<number>, negatives: ArrayLike<number>): { auc: number; bound: number } | undefined {
  if (positives.length !== negatives.length) throw new RangeError(`${positives.length} bins against ${negatives.length}`);
  let below = 0;
  let concordant = 0;
  let shared = 0;
  let positiveCount = 0;
  for (let bin = 0; bin < positives.length; bin++) {
    const one = positives[bin] ?? 0;
    const zero = negatives[bin] ?? 0;
    concordant += one * below;
    shared += one * zero;
    below += zero;
    positiveCount += one;
  }
  const pairs = positiveCount * below;
  return pairs > 0 ? { auc: (concordant + shared / 2) / pairs, bound: shared / 2 / pairs } : undefined;
}

interface Placements {
  readonly auc: number;
  /** By row of class 1, in row order: V₁₀. */
  readonly positive: Float64Array;
  readonly negative: Float64Array;
}

/**
 * V₁₀(i) = (rank of i among all − rank of i within class 1) / n, and V₀₁(j) = 1 − (rank among all − rank within class 0) / m:
 * a midrank counts the rows below plus half the ties, so the difference of two counts only the other class.
 */
function placementValues(scores: Float64Array, outcome: Float64Array): Placements | undefined {
  assertScores(scores, outcome);
  const rounded = scores.map(roundScore);
  const isOne = (i: number): boolean => outcome[i] === 1;
  const all = midranks(rounded);
  const ones = rounded.filter((_, i) => isOne(i));
  const zeros = rounded.filter((_, i) => !isOne(i));
  if (ones.length === 0 || zeros.length === 0) return undefined;
  const onesRanks = midranks(ones);
  const zerosRanks = midranks(zeros);
  const positive = all.filter((_, i) => isOne(i)).map((rank, i) => (rank - (onesRanks[i] ?? 0)) / zeros.length);
  const negative = all.filter((_, i) => !isOne(i)).map((rank, i) => 1 - (rank - (zerosRanks[i] ?? 0)) / ones.length);
  return { auc: sum(positive) / positive.length, positive, negative };
}

function midranks(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Float64Array(values.length);
  let start = 0;
  while (start < order.length) {
    let end = start + 1;
    while (end < order.length && values[order[end] ?? 0] === values[order[start] ?? 0]) end++;
    for (let i = start; i < end; i++) ranks[order[i] ?? 0] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}

function covariance(a: Float64Array, b: Float64Array): number {
  const meanA = sum(a) / a.length;
  const meanB = sum(b) / b.length;
  return sum(a.map((value, i) => (value - meanA) * ((b[i] ?? 0) - meanB))) / (a.length - 1);
}

function assertScores(scores: Float64Array, outcome: Float64Array): void {
  if (scores.length !== outcome.length) throw new RangeError(`${scores.length} scores for ${outcome.length} outcomes`);
  const badScore = scores.findIndex((score) => !Number.isFinite(score));
  if (badScore >= 0) throw new RangeError(`score ${badScore} is not finite`);
  const badOutcome = outcome.findIndex((value) => value !== 0 && value !== 1);
  if (badOutcome >= 0) throw new RangeError(`outcome ${badOutcome} is not 0 or 1`);
}
