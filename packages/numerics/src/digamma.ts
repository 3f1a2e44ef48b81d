/** The first and second derivative of log Γ. */

/** Bernoulli numbers B₂ₙ over 2n: the tail of digamma. */
const DIGAMMA_TAIL = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12] as const;
/** Bernoulli numbers B₂ₙ: the tail of trigamma. */
const TRIGAMMA_TAIL = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6] as const;
/** From here the first term left out of either series is below 3e-17 of the value. */
const ASYMPTOTIC_FROM = 15;

/**
 * ψ(x) = d/dx log Γ(x), by recurrence up to where the asymptotic series holds.
 *
 * @param x > 0, finite
 * Fails: throws outside this range.
 * Numerics: absolute error near 1e-15 × max(1, |ψ|, log x); O(1).
 * Source: Abramowitz & Stegun 1964, 6.3.5 and 6.3.18.
 */
export function digamma(x: number): number {
  assertPositive(x);
  let below = 0;
  let z = x;
  for (; z < ASYMPTOTIC_FROM; z++) below += 1 / z;
  return Math.log(z) - 1 / (2 * z) - tail(DIGAMMA_TAIL, z) - below;
}

/**
 * ψ′(x), by recurrence up to where the asymptotic series holds.
 *
 * @param x > 0, finite
 * Fails: throws outside this range.
 * Numerics: relative error near 1e-15; O(1).
 * Source: Abramowitz & Stegun 1964, 6.4.6 and 6.4.12.
 */
export function trigamma(x: number): number {
  assertPositive(x);
  let below = 0;
  let z = x;
  for (; z < ASYMPTOTIC_FROM; z++) below += 1 / (z * z);
  return 1 / z + 1 / (2 * z * z) + tail(TRIGAMMA_TAIL, z) / z + below;
}

/** Σ cₙ z⁻²ⁿ, n from 1. */
function tail(coefficients: readonly number[], z: number): number {
  const inverseSquare = 1 / (z * z);
  return inverseSquare * coefficients.reduceRight((total, coefficient) => total * inverseSquare + coefficient, 0);
}

function assertPositive(x: number): void {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) throw new RangeError(`digamma and trigamma need a finite number above 0, not ${x}`);
}
