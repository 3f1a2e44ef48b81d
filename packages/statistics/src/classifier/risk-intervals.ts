/**
 * Rows counted by interval of predicted risk, and which of the cuts between intervals may be told.
 *
 * Counts on either side of a cut tell the counts between any two cuts. So a cut is kept only where every interval between kept cuts
 * holds at least k rows of either class, in every group that is counted: no subtraction of what is told then gives a smaller cell.
 */

import { logistic } from "@dure/numerics";

/** Of the rows with a risk from one cut (included) up to the next: 0 up to the first cut, and so on, up to 1. One more than the cuts. */
export interface RiskCounts {
  readonly negatives: readonly number[];
  readonly positives: readonly number[];
}

/**
 * @param eta     shape (n,), linear predictor of log-odds, finite
 * @param outcome shape (n,), 0 or 1
 * @param cuts    risks between 0 and 1, ascending
 * Numerics: O(n log cuts); a risk equal to a cut counts above it.
 */
export function countByRisk(eta: ArrayLike<number>, outcome: ArrayLike<number>, cuts: readonly number[]): RiskCounts {
  const negatives = new Array<number>(cuts.length + 1).fill(0);
  const positives = new Array<number>(cuts.length + 1).fill(0);
  for (let i = 0; i < eta.length; i++) {
    const counts = outcome[i] === 1 ? positives : negatives;
    const interval = intervalOf(logistic(eta[i] ?? 0), cuts);
    counts[interval] = (counts[interval] ?? 0) + 1;
  }
  return { negatives, positives };
}

/**
 * The same from histograms of risk with bins of equal width over 0 to 1, for cuts that are edges of bins; others count at the edge nearest.
 *
 * @param negatives rows of class 0 by bin
 * @param positives rows of class 1 by bin
 */
export function countByRiskOfHistograms(negatives: ArrayLike<number>, positives: ArrayLike<number>, cuts: readonly number[]): RiskCounts {
  const edges = [0, ...cuts.map((cut) => Math.round(cut * negatives.length)), negatives.length];
  const between = (bins: ArrayLike<number>): readonly number[] =>
    edges.slice(1).map((to, i) => {
      let total = 0;
      for (let bin = edges[i] ?? 0; bin < to; bin++) total += bins[bin] ?? 0;
      return total;
    });
  return { negatives: between(negatives), positives: between(positives) };
}

/**
 * @param groups     counts of each group over the same cuts
 * @param cellMin    least rows of either class between kept cuts; 0: every cut is kept
 * @param candidates cuts by their number, in order of importance where not ascending; without it all
 * @param kept       cuts that were kept before: the others are kept between them
 * @returns kept cuts by number, ascending
 * Numerics: O(candidates × kept × groups).
 */
export function keepCuts(
  groups: readonly RiskCounts[],
  cellMin: number,
  { candidates, kept = [] }: { readonly candidates: readonly number[]; readonly kept?: readonly number[] },
): readonly number[] {
  const totals = groups.flatMap(({ negatives, positives }) => [runningTotals(negatives), runningTotals(positives)]);
  const isFilled = (from: number, to: number): boolean => totals.every((total) => (total[to] ?? 0) - (total[from] ?? 0) >= cellMin);
  const last = (totals[0]?.length ?? 1) - 1;
  const chosen = new Set(kept);
  // Cut number c stands behind interval c, so that its running total is at c + 1.
  for (const cut of candidates) {
    const below = Math.max(0, ...[...chosen].filter((other) => other < cut).map((other) => other + 1));
    const above = Math.min(last, ...[...chosen].filter((other) => other > cut).map((other) => other + 1));
    if (isFilled(below, cut + 1) && isFilled(cut + 1, above)) chosen.add(cut);
  }
  return [...chosen].sort((a, b) => a - b);
}

const runningTotals = (counts: readonly number[]): readonly number[] => {
  let total = 0;
  return [0, ...counts.map((count) => (total += count))];
};

function intervalOf(risk: number, cuts: readonly number[]): number {
  let [low, high] = [0, cuts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (risk >= (cuts[middle] ?? 1)) low = middle + 1;
    else high = middle;
  }
  return low;
}
