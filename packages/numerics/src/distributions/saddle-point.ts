/**
 * Poisson and binomial probabilities, for whole and other arguments, that keep their digits when the arguments are large.
 *
 * e^−m m^x / Γ(x + 1) taken through log Γ loses as many digits as x log x has before the point. Loader writes the same as Stirling's
 * error and a deviance, both small where the probability is not. Every incomplete gamma and beta function below starts from one of these.
 *
 * Source: Loader 2000, "Fast and accurate computation of binomial probabilities", Bell Laboratories.
 */

import { stirlingError } from "./log-gamma.ts";

/** e^−mean mean^x / Γ(x + 1); x ≥ 0, mean ≥ 0, both finite. Relative error about 1e-16 × (10 − log of the result). */
export function poissonMass(x: number, mean: number): number {
  if (mean === 0) return x === 0 ? 1 : 0;
  if (x === 0) return Math.exp(-mean);
  return Math.exp(-stirlingError(x) - deviance(x, mean)) / Math.sqrt(2 * Math.PI * x);
}

/**
 * Γ(a + b + 1) / (Γ(a + 1) Γ(b + 1)) · x^a y^b with x + y = 1; a, b ≥ 0.
 *
 * @param y 1 − x, given apart so that neither loses digits when the other is near 1
 */
export function binomialMass(a: number, b: number, { x, y }: Complements): number {
  if (x === 0) return a === 0 ? 1 : 0;
  if (y === 0) return b === 0 ? 1 : 0;
  const n = a + b;
  if (a === 0) return Math.exp(b * logOf(y, x));
  if (b === 0) return Math.exp(a * logOf(x, y));
  const exponent = stirlingError(n) - stirlingError(a) - stirlingError(b) - deviance(a, n * x) - deviance(b, n * y);
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * a)) * Math.sqrt(1 / b);
}

export interface Complements {
  readonly x: number;
  /** 1 − x. */
  readonly y: number;
}

/** log x where 1 − x may be the more exact of the two. */
const logOf = (x: number, complement: number): number => (x > 0.5 ? Math.log1p(-complement) : Math.log(x));

/** x log(x / m) + m − x ≥ 0: by its series in (x − m) / (x + m) while x and m are within a factor of 3. */
function deviance(x: number, m: number): number {
  const v = (x - m) / (x + m);
  if (Math.abs(v) > 0.5) return x * Math.log(x / m) + m - x;
  let total = (x - m) * v;
  let power = 2 * x * v;
  for (let j = 3; ; j += 2) {
    power *= v * v;
    const next = total + power / j;
    if (next === total) return total;
    total = next;
  }
}
