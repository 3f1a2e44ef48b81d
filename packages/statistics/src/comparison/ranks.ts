/**
 * Rank tests from histograms: values of one bin are ties.
 *
 * Ranks need the order of all patients of all hospitals, which nobody may have. Counts by bin of a public grid give each bin's mid-rank;
 * the tests are those of the binned values, ties corrected, and those of the values themselves where no bin holds two different ones.
 *
 * Source: Wilcoxon 1945, Biometrics Bull 1:80; Mann & Whitney 1947, Ann Math Stat 18:50; Kruskal & Wallis 1952, J Am Stat Assoc 47:583;
 * R's wilcox.test(exact = FALSE) and kruskal.test.
 */

import { chiSquaredUpperTail, twoSidedP } from "@dure/numerics";

export type RankTest =
  | { readonly kind: "wilcoxon"; readonly w: number; readonly z: number; readonly p: number }
  | { readonly kind: "kruskal-wallis"; readonly chisq: number; readonly df: number; readonly p: number };

/**
 * Two groups: Wilcoxon's rank sum test with continuity correction; more: Kruskal and Wallis's.
 *
 * @param histograms a histogram a group, of equally many bins, in ascending order of the values; each group with at least one value
 * @returns undefined for fewer than two groups, or where all values lie in one bin
 */
export function rankTest(histograms: readonly ArrayLike<number>[]): RankTest | undefined {
  const { rankSums, sizes, n, tieSum } = rankSumsOf(histograms);
  if (sizes.length < 2 || sizes.some((size) => size === 0) || tieSum === n ** 3 - n) return undefined;
  const [sizeOfFirst = 0, sizeOfSecond = 0] = sizes;
  if (sizes.length === 2) {
    const w = (rankSums[0] ?? 0) - (sizeOfFirst * (sizeOfFirst + 1)) / 2;
    const excess = w - (sizeOfFirst * sizeOfSecond) / 2;
    const variance = ((sizeOfFirst * sizeOfSecond) / 12) * (n + 1 - tieSum / (n * (n - 1)));
    const z = (excess - 0.5 * Math.sign(excess)) / Math.sqrt(variance);
    return { kind: "wilcoxon", w, z, p: Math.min(1, twoSidedP(z)) };
  }
  const squares = rankSums.reduce((sum, rankSum, group) => sum + rankSum ** 2 / (sizes[group] ?? 0), 0);
  const uncorrected = (12 * squares) / (n * (n + 1)) - 3 * (n + 1);
  const chisq = Math.max(0, uncorrected / (1 - tieSum / (n ** 3 - n)));
  return { kind: "kruskal-wallis", chisq, df: sizes.length - 1, p: chiSquaredUpperTail(chisq, sizes.length - 1) };
}

function rankSumsOf(histograms: readonly ArrayLike<number>[]) {
  const binCount = histograms[0]?.length ?? 0;
  const rankSums = histograms.map(() => 0);
  const sizes = histograms.map(() => 0);
  let n = 0;
  let tieSum = 0;
  for (let bin = 0; bin < binCount; bin++) {
    const counts = histograms.map((histogram) => histogram[bin] ?? 0);
    const tied = counts.reduce((sum, count) => sum + count, 0);
    const midRank = n + (tied + 1) / 2;
    counts.forEach((count, group) => {
      rankSums[group] = (rankSums[group] ?? 0) + count * midRank;
      sizes[group] = (sizes[group] ?? 0) + count;
    });
    tieSum += tied ** 3 - tied;
    n += tied;
  }
  return { rankSums, sizes, n, tieSum };
}
