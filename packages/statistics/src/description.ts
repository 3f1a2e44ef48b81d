/** Mean and standard deviation. */

import { sum } from "@dure/numerics";

export interface Description {
  readonly n: number;
  readonly mean: number;
  /** n − 1 in the denominator; absent for fewer than two values. */
  readonly standardDeviation?: number;
}

/**
 * Mean and standard deviation in two passes, with the second corrected for the rounding of the first.
 *
 *   S = Σ (x − m)² − (Σ (x − m))² / n
 *
 * Σ x² − n m² would lose all digits where the mean is large against the spread.
 *
 * @param values shape (n,), n ≥ 1; finite
 * Numerics: O(n). Relative error of the standard deviation near 1e-15 × (1 + |mean| / sd).
 * Source: Chan, Golub & LeVeque 1983, Am Stat 37:242, equation 1.7.
 */
export function describe(values: Float64Array): Description {
  const n = values.length;
  if (n === 0) throw new RangeError("a mean needs at least one value");
  const mean = sum(values) / n;
  const centred = values.map((value) => value - mean);
  return { n, ...momentsFromCentred({ n, mean, sum: sum(centred), sumOfSquares: sum(centred.map((value) => value * value)) }) };
}

export interface CentredSums {
  readonly n: number;
  /** The centre that was subtracted, near the mean. */
  readonly mean: number;
  readonly sum: number;
  readonly sumOfSquares: number;
}

/** The same from sums of x − centre: these travel, and add over hospitals. */
export function momentsFromCentred(sums: CentredSums): { readonly mean: number; readonly standardDeviation?: number } {
  const { n } = sums;
  const mean = sums.mean + sums.sum / n;
  if (n < 2) return { mean };
  return { mean, standardDeviation: Math.sqrt(Math.max(0, sums.sumOfSquares - (sums.sum * sums.sum) / n) / (n - 1)) };
}
