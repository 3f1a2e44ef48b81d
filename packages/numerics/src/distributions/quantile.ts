/**
 * Quantiles: where a tail takes a given probability.
 *
 * On the logarithm of both sides a tail is nearly a straight line near its end, so Newton's method there needs a handful of steps even
 * for p = 1e-200; a bracket that halves (in the exponent) keeps it from leaving the range.
 */

import type { Tails } from "./incomplete-gamma.ts";

/** Which tail the probability is of: `upper` keeps its digits where 1 − p would not. */
export type Tail = "lower" | "upper";

export interface TailsAndDensity extends Tails {
  readonly density: number;
}

const LOG_LEAST = Math.log(Number.MIN_VALUE);
const LOG_MOST = Math.log(Number.MAX_VALUE);
/** Halvings of the exponent's range need 60, Newton's steps far fewer. */
const STEPS_MAX = 200;

export function checkProbability(p: number): void {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`probability is ${p}; it must be 0 to 1`);
}

/**
 * The x > 0 whose tail has the probability p; 0 or ∞ where it lies beyond the doubles.
 *
 * @param at    tails and density at x, the tails monotone
 * @param p     in (0, 1)
 * @param start > 0, a first guess
 * Numerics: relative error that of the tail divided by its elasticity, at best 4 units in the last place.
 */
export function positiveQuantile(at: (x: number) => TailsAndDensity, p: number, { tail, start }: { tail: Tail; start: number }): number {
  const sign = tail === "lower" ? 1 : -1;
  let low = LOG_LEAST;
  let high = LOG_MOST;
  let x = start;
  for (let step = 0; step < STEPS_MAX; step++) {
    const logX = Math.log(x);
    const { [tail]: probability, density } = at(x);
    const excess = Math.log(probability) - Math.log(p);
    if (excess === 0) return x;
    if (excess * sign < 0) low = logX;
    else high = logX;
    if (high - low < 4 * Number.EPSILON * Math.max(1, Math.abs(logX))) return x;
    const change = (-sign * excess * probability) / (x * density);
    const next = logX + change;
    if (next > low && next < high) {
      x *= Math.exp(change);
      if (Math.abs(change) < 4 * Number.EPSILON) return x;
    } else x = Math.exp((low + high) / 2);
  }
  return x;
}

/**
 * The least whole k in [first, last] with lower tail ≥ p (`lower`), or with upper tail P(X > k) ≤ p (`upper`); `last` where there is none.
 *
 * A tail that differs from p by rounding only counts as equal, as in R: 64 units in the last place.
 */
export function wholeQuantile(
  at: (k: number) => Tails,
  p: number,
  { tail, first, last, start }: { tail: Tail; first: number; last: number; start: number },
): number {
  const reached = (k: number): boolean =>
    tail === "lower" ? at(k).lower >= p * (1 - 64 * Number.EPSILON) : at(k).upper <= p * (1 + 64 * Number.EPSILON);
  const clamp = (k: number): number => Math.min(last, Math.max(first, k));
  let low = clamp(Math.floor(start));
  let high = low;
  let width = 1;
  if (reached(low)) {
    while (low > first && reached(clamp(low - width))) {
      high = low = clamp(low - width);
      width *= 2;
    }
    low = clamp(low - width);
    if (reached(low)) return low;
  } else {
    while (high < last && !reached(clamp(high + width))) {
      low = high = clamp(high + width);
      width *= 2;
    }
    high = clamp(high + width);
  }
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    if (reached(middle)) high = middle;
    else low = middle;
  }
  return high;
}
