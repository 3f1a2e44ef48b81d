/**
 * Quartiles by counting: round after round each bracket is cut into 32 bins, and the bin with the wanted rank is the next one.
 *
 * What is opened are plain counts of patients by bin, near the quartiles only. What is told is one number of a bracket that holds at least
 * the minimum cell of patients (see `quantile-search.ts` in statistics).
 */

import type { Sum, SumLayout } from "@dure/privacy";
import { BIN_COUNT, type Bracket, firstBracket, isNarrow, narrowBracket, quantileRanks, roundestIn } from "@dure/statistics";
import type { QuantileEstimate } from "../../describe-result.ts";
import { countVector } from "../count-vectors.ts";
import { readVector } from "../sum-reading.ts";
import type { FoundRank, Moments, PhaseState, Search } from "./state.ts";

const PROBABILITIES = [0.25, 0.5, 0.75];

/** Below the bracket, and in each of its bins. */
export const ENTRIES_A_SEARCH = 1 + BIN_COUNT;

/** A part whose values are all equal needs no search. */
export function startSearches(moments: readonly Moments[]): readonly Search[] {
  return moments.flatMap((part, index): readonly Search[] => {
    if (!(part.standardDeviation > 0)) return [];
    const ranks = [...new Set(PROBABILITIES.flatMap((p) => quantileRanks(part.n, p).ranks))];
    const { low, high } = firstBracket(part);
    return [{ part: index, ranks, low, high }];
  });
}

export function quartilesLayout({ searches }: PhaseState<"quartiles">): SumLayout {
  return {
    vectors: [countVector("valuesByBin", searches.length * ENTRIES_A_SEARCH)],
  };
}

export function absorbQuartiles(
  { moments, searches, found }: PhaseState<"quartiles">,
  { sum, minimumCell }: { readonly sum: Sum; readonly minimumCell: number },
): Pick<PhaseState<"quartiles">, "searches" | "found"> {
  const bins = readVector(sum, "valuesByBin", searches.length * ENTRIES_A_SEARCH);
  const settled: FoundRank[] = [...found];
  const next = searches.flatMap((search, i): readonly Search[] => {
    const counts = bins.slice(i * ENTRIES_A_SEARCH, (i + 1) * ENTRIES_A_SEARCH);
    const narrower = new Map<string, Search>();
    for (const rank of search.ranks) {
      const answer = narrowBracket(search, { counts, rank, minimumCell });
      if (answer.kind === "lost") continue;
      const { bracket } = answer;
      const { part } = search;
      if (answer.kind === "final" || isNarrow(bracket, moments[part]?.standardDeviation ?? 0)) settled.push({ part, rank, bracket });
      else {
        const key = String(bracket.low);
        narrower.set(key, { part, low: bracket.low, high: bracket.high, ranks: [...(narrower.get(key)?.ranks ?? []), rank] });
      }
    }
    return [...narrower.values()];
  });
  return { searches: next, found: settled };
}

/** Undefined where a rank was lost. */
export function quartilesOf(moments: Moments, found: readonly FoundRank[]): readonly QuantileEstimate[] | undefined {
  const estimates = PROBABILITIES.flatMap((probability): readonly QuantileEstimate[] => {
    if (!(moments.standardDeviation > 0)) return [{ probability, value: moments.mean, tolerance: 0 }];
    const { ranks, share } = quantileRanks(moments.n, probability);
    const brackets = ranks.flatMap((rank) => found.find((candidate) => candidate.rank === rank)?.bracket ?? []);
    return brackets.length < ranks.length ? [] : [{ probability, ...interpolated(brackets, share) }];
  });
  return estimates.length === PROBABILITIES.length ? estimates : undefined;
}

/** x₍ⱼ₎ + g (x₍ⱼ₊₁₎ − x₍ⱼ₎) of the roundest numbers of the two brackets, and how far the true one may be from it. */
function interpolated(brackets: readonly Bracket[], share: number): { readonly value: number; readonly tolerance: number } {
  const [low = { value: Number.NaN, tolerance: 0 }, high = low] = brackets.map((bracket) => {
    const value = roundestIn(bracket);
    return { value, tolerance: Math.max(value - bracket.low, bracket.high - value) };
  });
  const mixed = (of: "value" | "tolerance"): number => low[of] + share * (high[of] - low[of]);
  return { value: mixed("value"), tolerance: mixed("tolerance") };
}
