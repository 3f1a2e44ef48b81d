/** Poisson, binomial and the hypergeometric distributions: both tails, quantiles and single probabilities. */

import { regularisedBeta } from "./incomplete-beta.ts";
import { regularisedGamma, type Tails } from "./incomplete-gamma.ts";
import { checkProbability, type Tail, wholeQuantile } from "./quantile.ts";
import { binomialMass, poissonMass } from "./saddle-point.ts";

export interface DiscreteDistribution {
  /** P(X = k) for a whole k; 0 outside the support. */
  mass(k: number): number;
  /** P(X ≤ k) and P(X > k) for a whole k. */
  tails(k: number): Tails;
  /**
   * The least k with P(X ≤ k) ≥ p; for the upper tail the least k with P(X > k) ≤ p.
   *
   * @param p in [0, 1]
   */
  quantile(p: number, tail?: Tail): number;
}

/** Poisson with mean ≥ 0. P(X ≤ k) = Q(k + 1, mean): DLMF 8.4.10. */
export function poisson(mean: number): DiscreteDistribution {
  if (!(mean >= 0 && mean < Number.POSITIVE_INFINITY)) throw new RangeError(`mean is ${mean}; it must be finite and at least 0`);
  const tails = (k: number): Tails => (k < 0 ? { lower: 0, upper: 1 } : mirrored(regularisedGamma(whole(k) + 1, mean)));
  return {
    mass: (k) => (whole(k) < 0 ? 0 : poissonMass(k, mean)),
    tails,
    quantile: (p, tail = "lower") => {
      checkProbability(p);
      if (p === (tail === "lower" ? 1 : 0)) return mean === 0 ? 0 : Number.POSITIVE_INFINITY;
      return wholeQuantile(tails, p, { tail, first: 0, last: Number.MAX_SAFE_INTEGER, start: mean });
    },
  };
}

/** Binomial of n ≥ 0 draws with success probability in [0, 1]. P(X ≤ k) = I_(1−p)(n − k, k + 1): DLMF 8.17.5. */
export function binomial(n: number, probability: number): DiscreteDistribution {
  checkProbability(probability);
  if (!(Number.isSafeInteger(n) && n >= 0)) throw new RangeError(`number of draws is ${n}; a whole number from 0 is needed`);
  const chances = { x: probability, y: 1 - probability };
  const tails = (k: number): Tails => {
    if (whole(k) < 0) return { lower: 0, upper: 1 };
    return k >= n ? { lower: 1, upper: 0 } : mirrored(regularisedBeta(k + 1, n - k, chances));
  };
  return {
    mass: (k) => (whole(k) < 0 || k > n ? 0 : binomialMass(k, n - k, chances)),
    tails,
    quantile: (p, tail = "lower") => {
      checkProbability(p);
      return wholeQuantile(tails, p, { tail, first: 0, last: n, start: n * probability });
    },
  };
}

/** A 2 × 2 table with its margins held: `drawn` of `successes` + `failures` are in the first column. */
export interface HypergeometricMargins {
  readonly successes: number;
  readonly failures: number;
  readonly drawn: number;
  /** Fisher's noncentral distribution with this odds ratio, in [0, ∞]; 1 is the hypergeometric distribution itself. */
  readonly oddsRatio?: number;
}

export interface Hypergeometric extends DiscreteDistribution {
  /** Ends of the support. */
  readonly first: number;
  readonly last: number;
  readonly mean: number;
}

/** Two doubles a value: 32 MB, and a margin of two million in both directions. */
const SUPPORT_MAX = 2_000_000;

/**
 * The number of successes among those drawn. Probabilities follow from the mode outwards by the ratio of neighbours, which are positive
 * and multiply without cancelling; so no logarithm of a factorial is taken.
 *
 *   P(x + 1) / P(x) = (successes − x)(drawn − x) / ((x + 1)(failures − drawn + x + 1)) · odds ratio
 *
 * @param margins whole, ≥ 0, drawn ≤ successes + failures
 * Fails: throws outside these ranges, and where the support holds more than 2,000,000 values.
 * Numerics: relative error below 1e-12 for a support up to 1e5, probabilities down to 1e-290. O(support) once.
 * Source: Johnson, Kemp & Kotz 2005, Univariate Discrete Distributions, 6.11; Fisher 1935, J R Stat Soc 98:39.
 */
export function hypergeometric(margins: HypergeometricMargins): Hypergeometric {
  const { successes, failures, drawn, oddsRatio = 1 } = margins;
  for (const value of [successes, failures, drawn])
    if (!(Number.isSafeInteger(value) && value >= 0)) throw new RangeError(`a margin is ${value}; a whole number from 0 is needed`);
  if (drawn > successes + failures) throw new RangeError(`${drawn} drawn of ${successes + failures}`);
  if (!(oddsRatio >= 0)) throw new RangeError(`odds ratio is ${oddsRatio}; it must be at least 0`);
  const first = Math.max(0, drawn - failures);
  const last = Math.min(drawn, successes);
  if (last - first >= SUPPORT_MAX) throw new RangeError(`the support holds more than ${SUPPORT_MAX} values`);
  const masses = probabilitiesFromMode(margins, { first, last, oddsRatio });
  const { lower, upper, mean } = accumulated(masses, first);
  const tails = (k: number): Tails => {
    if (whole(k) < first) return { lower: 0, upper: 1 };
    return k >= last ? { lower: 1, upper: 0 } : { lower: lower[k - first] ?? 0, upper: upper[k - first + 1] ?? 0 };
  };
  return {
    first,
    last,
    mean,
    mass: (k) => masses[whole(k) - first] ?? 0,
    tails,
    quantile: (p, tail = "lower") => {
      checkProbability(p);
      return wholeQuantile(tails, p, { tail, first, last, start: mean });
    },
  };
}

function probabilitiesFromMode(
  { successes, failures, drawn }: HypergeometricMargins,
  { first, last, oddsRatio }: { first: number; last: number; oddsRatio: number },
): Float64Array {
  const ratio = (x: number): number => ((successes - x) / (x + 1)) * ((drawn - x) / (failures - drawn + x + 1)) * oddsRatio;
  // Ratios fall with x: the mode is the first x from which they are at most 1.
  let low = first;
  let high = last;
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    if (ratio(middle) > 1) low = middle + 1;
    else high = middle;
  }
  const masses = new Float64Array(last - first + 1);
  masses[low - first] = 1;
  for (let x = low; x < last; x++) masses[x + 1 - first] = (masses[x - first] ?? 0) * ratio(x);
  for (let x = low; x > first; x--) masses[x - 1 - first] = (masses[x - first] ?? 0) / ratio(x - 1);
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  return masses.map((mass) => mass / total);
}

/** Tails from their own ends, so that the small terms are added first. */
function accumulated(masses: Float64Array, first: number): { lower: Float64Array; upper: Float64Array; mean: number } {
  const lower = new Float64Array(masses.length);
  const upper = new Float64Array(masses.length);
  let mean = 0;
  for (let i = 0; i < masses.length; i++) {
    lower[i] = Math.min(1, (lower[i - 1] ?? 0) + (masses[i] ?? 0));
    mean += (first + i) * (masses[i] ?? 0);
  }
  for (let i = masses.length - 1; i >= 0; i--) upper[i] = Math.min(1, (upper[i + 1] ?? 0) + (masses[i] ?? 0));
  return { lower, upper, mean };
}

const mirrored = ({ lower, upper }: Tails): Tails => ({ lower: upper, upper: lower });

function whole(k: number): number {
  if (!Number.isSafeInteger(k)) throw new RangeError(`${k} is no whole number`);
  return k;
}
