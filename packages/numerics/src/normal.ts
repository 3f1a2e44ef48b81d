/**
 * The standard normal distribution, accurate in both tails.
 *
 * A p-value of 1e-200 is still a number with a relative accuracy: it is taken from erfc, never from 1 − Φ, which is 0 beyond 8.3.
 */

const SQRT_PI = Math.sqrt(Math.PI);
/** Beyond this erfc is below the smallest double. */
const ERFC_ZERO_FROM = 27.3;

/**
 * Complementary error function, erfc(x) = 2/√π ∫ from x to ∞ of exp(−t²) dt.
 *
 * Below 1 the series of erf with positive terms only, erf(x) = 2/√π · x exp(−x²) Σ (2x²)ⁿ / (1·3·…·(2n+1)); from 1 on the
 * even part of Laplace's continued fraction, which converges faster the larger x is. exp(−x²) is computed with x² split in two
 * parts: rounding x² alone would cost a relative error of x² ε.
 *
 * @param x any number but NaN; ±∞ gives 0 and 2
 * Numerics: relative error of a few units in the last place, subnormal results apart.
 * Fails: throws on NaN.
 * Source: Abramowitz & Stegun 1964, formulas 7.1.6 and 7.1.14.
 */
export function erfc(x: number): number {
  if (Number.isNaN(x)) throw new RangeError("erfc of NaN");
  if (x < 0) return 2 - erfc(-x);
  if (x < 1) return 1 - erfSeries(x);
  return x > ERFC_ZERO_FROM ? 0 : (expMinusSquare(x, 1) / SQRT_PI) * erfcFraction(x);
}

/** Φ(z), the lower tail. Relative accuracy in the lower tail, absolute in the upper one; there take `normalUpperTail`. */
export const normalCdf = (z: number): number => normalUpperTail(-z);

/**
 * 1 − Φ(z) with relative accuracy however small. Not erfc(z / √2) / 2 in the tail: rounding z / √2 costs z² ε, 1e-13 at 37.
 *
 * @param z any number but NaN
 */
export function normalUpperTail(z: number): number {
  const x = z / Math.SQRT2;
  if (!(x >= 1)) return erfc(x) / 2;
  return x > ERFC_ZERO_FROM ? 0 : (expMinusSquare(z, 0.5) / (2 * SQRT_PI)) * erfcFraction(x);
}

/** P(|Z| ≥ |z|), the two-sided p-value of a z statistic. */
export const twoSidedP = (z: number): number => 2 * normalUpperTail(Math.abs(z));

/**
 * The z with Φ(z) = p.
 *
 * A rational start with error below 4.5e-4, then Halley's iteration on the accurate tail; each step triples the correct digits.
 *
 * @param p in [0, 1]; 0 and 1 give −∞ and ∞
 * Fails: throws outside [0, 1] and on NaN.
 * Numerics: relative error below 1e-14.
 * Source: Abramowitz & Stegun 1964, formula 26.2.23 for the start.
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`probability is ${p}; it must be 0 to 1`);
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 0.5) return 0;
  let x = upperTailStart(p);
  for (let i = 0; i < 4; i++) {
    const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
    if (density === 0) break;
    const error = (normalUpperTail(x) - p) / density;
    x += error / (1 - (x * error) / 2);
  }
  return -x;
}

function upperTailStart(p: number): number {
  const t = Math.sqrt(-2 * Math.log(p));
  return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

function erfSeries(x: number): number {
  let term = 1;
  let total = 1;
  for (let n = 1; term > total * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / SQRT_PI) * x * Math.exp(-x * x) * total;
}

/**
 * √π exp(x²) erfc(x) by Lentz's method on the even part of the fraction:
 * 2x / (2x² + 1 − 1·2/(2x² + 5 − 3·4/(2x² + 9 − …))).
 */
function erfcFraction(x: number): number {
  const b0 = 2 * x * x + 1;
  let f = b0;
  let c = b0;
  let d = 0;
  for (let n = 1; n < 500; n++) {
    const a = -(2 * n - 1) * (2 * n);
    const b = b0 + 4 * n;
    d = 1 / (b + a * d);
    c = b + a / c;
    const factor = c * d;
    f *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  return (2 * x) / f;
}

/** exp(−f x²) = exp(−f h²) exp(−f (x − h)(x + h)) for f = 1 or ½, where h has few enough bits that h² is exact. */
function expMinusSquare(x: number, f: 1 | 0.5): number {
  const high = Math.round(x * 16) / 16;
  return Math.exp(-f * high * high) * Math.exp(-f * (x - high) * (x + high));
}
