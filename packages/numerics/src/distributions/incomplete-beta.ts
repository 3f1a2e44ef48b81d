/** The regularised incomplete beta function, both tails with relative accuracy. */

import { nonZero, type Tails } from "./incomplete-gamma.ts";
import { binomialMass, type Complements } from "./saddle-point.ts";

/**
 * I_x(a, b) as `lower`, 1 − I_x(a, b) = I_y(b, a) as `upper`.
 *
 * The continued fraction converges fast below the mean, so the tail on that side of the mean is computed and the other is what it lacks.
 *
 * @param a, b > 0, finite
 * @param at x in [0, 1] with y = 1 − x given apart
 * Fails: throws outside these ranges and on NaN.
 * Numerics: relative error below 1e-12 for a, b from 1e-2 to 1e6, in both tails down to 1e-300. O(√max(a, b)).
 * Source: Didonato & Morris 1992, ACM Trans Math Softw 18:360, their continued fraction of BFRAC; DLMF 8.17.4; Lentz 1976, Appl Opt 15:668.
 */
export function regularisedBeta(a: number, b: number, at: Complements): Tails {
  for (const shape of [a, b])
    if (!(shape > 0 && shape < Number.POSITIVE_INFINITY)) throw new RangeError(`shape is ${shape}; it must be finite and greater than 0`);
  const { x, y } = at;
  if (!(x >= 0 && y >= 0 && Math.abs(x + y - 1) < 1e-15)) throw new RangeError(`the incomplete beta function at ${x}; it must be 0 to 1`);
  if (x === 0) return { lower: 0, upper: 1 };
  if (y === 0) return { lower: 1, upper: 0 };
  if (x * (a + b + 2) <= a + 1) {
    const lower = fraction(a, b, at);
    return { lower, upper: 1 - lower };
  }
  const upper = fraction(b, a, { x: y, y: x });
  return { lower: 1 - upper, upper };
}

/** x^a y^b / B(a, b) over β₀ + α₁/(β₁ + α₂/(β₂ + …)). Its terms hold a y − b x, which keeps its digits where x is near 1, as 1 − (a + b) x does not. */
function fraction(a: number, b: number, { x, y }: Complements): number {
  const front = binomialMass(a, b, { x, y }) * ((a / (a + b)) * b);
  if (front === 0) return 0;
  const denominator = (m: number): number =>
    m + (m === 0 ? 0 : (m * (b - m) * x) / (a + 2 * m - 1)) + ((a + m) / (a + 2 * m + 1)) * (a * y - b * x + 1 + m * (1 + y));
  let f = nonZero(denominator(0));
  let c = f;
  let d = 0;
  for (let m = 1; ; m++) {
    const numerator = ((a + m - 1) / (a + 2 * m - 1)) * ((a + b + m - 1) / (a + 2 * m - 1)) * m * (b - m) * x * x;
    const next = denominator(m);
    d = 1 / nonZero(next + numerator * d);
    c = nonZero(next + numerator / c);
    f *= c * d;
    if (!(Math.abs(c * d - 1) > 3e-16)) return front / f;
  }
}
