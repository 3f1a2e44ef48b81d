/** The logarithm of the gamma and beta functions, and Stirling's error, on which the distributions stand. */

/** ζ(n) − 1 for n = 2, 3, …: Abramowitz & Stegun 1964, table 23.3. */
const ZETA_MINUS_ONE = [
  0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914, 0.008349277381922827,
  0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853, 0.0004941886041194645, 0.0002460865533080483, 0.00012271334757848915,
  6.124813505870483e-5, 3.058823630702049e-5, 1.528225940865187e-5, 7.637197637899763e-6, 3.81729326499984e-6, 1.908212716553939e-6,
  9.539620338727962e-7, 4.769329867878064e-7, 2.38450502727733e-7, 1.1921992596531106e-7, 5.960818905125948e-8, 2.980350351465228e-8,
  1.4901554828365043e-8, 7.45071178983543e-9,
] as const;
const ONE_MINUS_EULER = 0.42278433509846713;
const HALF_LOG_TWO_PI = 0.9189385332046728;
/** Stirling's series: B₂ₙ / (2n (2n − 1)). */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400] as const;
/** From here the last term of the series above is below 3e-17. */
const STIRLING_FROM = 10;

/**
 * log Γ(x).
 *
 * Around its zeros 1 and 2 the series in ζ(n) − 1; below 10 it is reached by recurrence; from 10 on Stirling's series.
 *
 * @param x > 0, finite
 * Fails: throws outside this range.
 * Numerics: relative error of a few units in the last place, also near the zeros at 1 and 2.
 * Source: Abramowitz & Stegun 1964, 6.1.33, 6.1.15 and 6.1.41.
 */
export function logGamma(x: number): number {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) throw new RangeError(`the gamma function of ${x}; it must be finite and greater than 0`);
  if (x >= STIRLING_FROM) return (x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI + stirlingSeries(x);
  if (x < 0.5) return logGammaOnePlus(x) - Math.log(x);
  if (x <= 1.5) return logGammaOnePlus(x - 1);
  let product = 1;
  let rest = x;
  for (; rest > 2.5; rest--) product *= rest - 1;
  return Math.log(product) + logGammaTwoPlus(rest - 2);
}

/** log Γ(1 + z) with relative accuracy around 0; z > −1. */
export function logGammaOnePlus(z: number): number {
  return Math.abs(z) <= 0.5 ? logGammaTwoPlus(z) - Math.log1p(z) : logGamma(1 + z);
}

/**
 * δ(x) = log Γ(x) − ((x − ½) log x − x + ½ log 2π): what Stirling's formula leaves out; x > 0.
 *
 * Numerics: absolute error below 1e-14 (x log x cancels below 10).
 * Source: Loader 2000, "Fast and accurate computation of binomial probabilities"; DLMF 5.11.1.
 */
export function stirlingError(x: number): number {
  if (x >= STIRLING_FROM) return stirlingSeries(x);
  if (x < 1) return logGammaOnePlus(x) - ((x + 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI);
  return logGamma(x) - ((x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI);
}

/**
 * log B(a, b) = log Γ(a) + log Γ(b) − log Γ(a + b); a, b > 0.
 *
 * With a large argument the three logarithms cancel; there Stirling's formula is subtracted by hand.
 *
 * Numerics: absolute error below 1e-14 × max(1, |log B|).
 * Source: Didonato & Morris 1992, ACM Trans Math Softw 18:360 (algorithm 708), section on the complete beta function.
 */
export function logBeta(a: number, b: number): number {
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  if (large < STIRLING_FROM) return logGamma(small) + (logGamma(large) - logGamma(small + large));
  const correction = stirlingSeries(large) - stirlingSeries(small + large);
  const largePart = (large - 0.5) * Math.log1p(-small / (small + large));
  if (small < STIRLING_FROM) return logGamma(small) + correction + small - small * Math.log(small + large) + largePart;
  const ratio = small / (small + large);
  const rest = HALF_LOG_TWO_PI - 0.5 * Math.log(large) + stirlingSeries(small) + correction;
  return rest + (small - 0.5) * Math.log(ratio) + large * Math.log1p(-ratio);
}

/** log Γ(2 + z) for |z| ≤ ½: terms fall by a factor of 4. */
function logGammaTwoPlus(z: number): number {
  let total = 0;
  for (let n = ZETA_MINUS_ONE.length + 1; n >= 2; n--) total = total * -z + (ZETA_MINUS_ONE[n - 2] ?? 0) / n;
  return z * (ONE_MINUS_EULER + z * total);
}

function stirlingSeries(x: number): number {
  const inverseSquare = 1 / (x * x);
  return STIRLING.reduceRight<number>((total, coefficient) => total * inverseSquare + coefficient, 0) / x;
}
