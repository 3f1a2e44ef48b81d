/**
 * A quantile by a search on counts: a bracket is cut into bins, the bin that holds the wanted rank is the next bracket.
 *
 * No value is needed, only how many lie where. The first bracket is known without any: by Cantelli's inequality for the empirical
 * distribution, the order statistic with a share of at least ¼ of the values on its own side and beyond lies within √3 standard deviations
 * of the mean. The quantile is R's type 7, x₍ⱼ₎ + g (x₍ⱼ₊₁₎ − x₍ⱼ₎) with j + g = (n − 1) p, so two ranks are searched.
 *
 * Privacy: with a minimum cell k no bracket is entered that holds fewer than k values, and what is told is the roundest number in it: at
 * least k patients' values lie as close to it as its tolerance.
 *
 * Source: Hyndman & Fan 1996, Am Stat 50:361 (types of quantiles); Cantelli 1928.
 */

/** A half-open interval of values with the number of those below it and in it. */
export type Bracket = { readonly low: number; readonly high: number; readonly below: number; readonly inside: number };

/** Bins a round: 5 bits of the answer. */
export const BIN_COUNT = 32;
/** A bracket narrower than this share of the standard deviation is told as it is. */
const WIDTH_MIN = 2 ** -40;
/** √3 with room for the rounding of mean and standard deviation. */
const REACH = 1.75;

/** Zero-based ranks j and j + 1 (one where g is 0) and g. */
export function quantileRanks(n: number, p: number): { readonly ranks: readonly number[]; readonly share: number } {
  const position = (n - 1) * p;
  const rank = Math.floor(position);
  const share = position - rank;
  return share === 0 ? { ranks: [rank], share } : { ranks: [rank, rank + 1], share };
}

/** Where every quantile from ¼ to ¾ of n values lies. */
export const firstBracket = ({ mean, standardDeviation, n }: { mean: number; standardDeviation: number; n: number }): Bracket => ({
  low: mean - REACH * standardDeviation,
  high: mean + REACH * standardDeviation,
  below: Number.NaN,
  inside: n,
});

/** Ends of the bins: BIN_COUNT + 1 ascending numbers, the bracket's own at both ends; equal at every party. */
export function binEdges({ low, high }: Pick<Bracket, "low" | "high">): Float64Array {
  return Float64Array.from({ length: BIN_COUNT + 1 }, (_, i) => (i === BIN_COUNT ? high : low + ((high - low) * i) / BIN_COUNT));
}

export type Narrowed =
  | { readonly kind: "narrower"; readonly bracket: Bracket }
  /** Its bins are too small to be entered: told. */
  | { readonly kind: "final"; readonly bracket: Bracket }
  /** The rank lies in none of the bins: the counts are not those of one set of values. */
  | { readonly kind: "lost" };

/**
 * @param counts values below the bracket, then in each of its bins
 * @param rank zero-based rank that is looked for
 */
export function narrowBracket(
  bracket: Pick<Bracket, "low" | "high">,
  { counts, rank, minimumCell }: { readonly counts: readonly number[]; readonly rank: number; readonly minimumCell: number },
): Narrowed {
  const edges = binEdges(bracket);
  const [before = 0, ...bins] = counts;
  let below = before;
  let bin = 0;
  while (bin < bins.length && below + (bins[bin] ?? 0) <= rank) below += bins[bin++] ?? 0;
  if (bin >= bins.length || before > rank) return { kind: "lost" };
  const inside = bins[bin] ?? 0;
  const entered: Bracket = { low: edges[bin] ?? 0, high: edges[bin + 1] ?? 0, below, inside };
  if (inside >= minimumCell) return { kind: "narrower", bracket: entered };
  return { kind: "final", bracket: widened(entered, { bins, edges, bin, minimumCell }) };
}

/** Joined with the neighbour that holds fewer, until k are in it. */
function widened(
  bracket: Bracket,
  { bins, edges, bin, minimumCell }: { bins: readonly number[]; edges: Float64Array; bin: number; minimumCell: number },
): Bracket {
  let [first, last] = [bin, bin];
  let { below, inside } = bracket;
  while (inside < minimumCell && (first > 0 || last < bins.length - 1)) {
    const [left, right] = [first > 0 ? (bins[first - 1] ?? 0) : Infinity, last < bins.length - 1 ? (bins[last + 1] ?? 0) : Infinity];
    if (left <= right) {
      first--;
      below -= left;
      inside += left;
    } else {
      last++;
      inside += right;
    }
  }
  return { low: edges[first] ?? 0, high: edges[last + 1] ?? 0, below, inside };
}

/** Nothing is gained by cutting it again. */
export const isNarrow = ({ low, high }: Bracket, standardDeviation: number): boolean =>
  high - low <= WIDTH_MIN * standardDeviation || (high - low) / BIN_COUNT <= Math.max(Math.abs(low), Math.abs(high)) * 2 ** -52;

/** The number with the fewest decimal digits that lies in [low, high); where several have as few, the one nearest to the middle. */
export function roundestIn({ low, high }: Pick<Bracket, "low" | "high">): number {
  const middle = low + (high - low) / 2;
  if (low <= 0 && high > 0 && Math.abs(middle) <= (high - low) / 4) return 0;
  for (let digits = 1; digits <= 17; digits++) {
    const rounded = Number(middle.toPrecision(digits));
    if (rounded >= low && rounded < high) return rounded;
  }
  return middle;
}
