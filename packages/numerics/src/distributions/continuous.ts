/**
 * χ², gamma, Student's t, F and beta: both tails and quantiles, relative error below 1e-12 also far out in a tail.
 *
 * Our own rather than a library: jstat is not accurate to 1e-12; @stdlib's ports of Boost would be, but bring a hundred packages
 * into what every hospital audits. Tested against R over a grid that reaches 1e-300.
 */

import { regularisedBeta } from "./incomplete-beta.ts";
import { regularisedGamma, type Tails } from "./incomplete-gamma.ts";
import { checkProbability, positiveQuantile, type Tail, type TailsAndDensity } from "./quantile.ts";
import { binomialMass, type Complements, poissonMass } from "./saddle-point.ts";

/** P(X ≤ x), P(X > x) and the x that has a given tail. Each throws on NaN and outside its range. */
export interface ContinuousDistribution {
  tails(x: number): Tails;
  /**
   * @param p    in [0, 1]
   * @param tail of which p is the probability; `lower` unless told
   */
  quantile(p: number, tail?: Tail): number;
}

/** χ² with df > 0 degrees of freedom, whole or not. */
export const chiSquared = (df: number): ContinuousDistribution => gammaDistribution({ shape: df / 2, scale: 2 });

/** P(X > x) for X of the χ² distribution; x ≥ 0, the p-value of a χ² statistic. Throws on a negative one and on NaN. */
export function chiSquaredUpperTail(x: number, df: number): number {
  if (!(x >= 0)) throw new RangeError(`chi-squared statistic is ${x}; it must be at least 0`);
  return chiSquared(df).tails(x).upper;
}

/** Gamma with mean shape × scale; both > 0. */
export function gammaDistribution({ shape, scale }: { readonly shape: number; readonly scale: number }): ContinuousDistribution {
  checkPositive("shape", shape);
  checkPositive("scale", scale);
  const standard = (x: number): TailsAndDensity => ({ ...regularisedGamma(shape, x), density: (poissonMass(shape, x) * shape) / x });
  return {
    tails: (x) => regularisedGamma(shape, checkNumber(x) <= 0 ? 0 : x / scale),
    quantile: (p, tail = "lower") => scale * onPositive(standard, p, { tail, start: shape }),
  };
}

/**
 * Student's t with df > 0 degrees of freedom, whole or not.
 *
 * P(T > t) = ½ I_x(df/2, ½) with x = df / (df + t²) for t ≥ 0. Source: Abramowitz & Stegun 1964, 26.7.1; DLMF 8.17.
 */
export function studentT(df: number): ContinuousDistribution {
  checkPositive("degrees of freedom", df);
  const half = (t: number): Tails => {
    const outside = regularisedBeta(df / 2, 0.5, shares(df, t * t)).lower / 2;
    return { lower: 1 - outside, upper: outside };
  };
  const density = (t: number): number => betaFront(df / 2, 0.5, shares(df, t * t)) / t;
  return {
    tails: (t) => (checkNumber(t) >= 0 ? half(t) : mirrored(half(-t))),
    quantile: (p, tail = "lower") => {
      checkProbability(p);
      if (p === 0.5) return 0;
      const outward = tail === "upper" ? 1 : -1;
      // Below ½ the probability is the one of the tail itself; above, of the other side.
      const magnitude = onPositive((t) => ({ ...half(t), density: density(t) }), Math.min(p, 1 - p), { tail: "upper", start: 1 });
      return p < 0.5 ? outward * magnitude : -outward * magnitude;
    },
  };
}

/**
 * F with df1, df2 > 0 degrees of freedom.
 *
 * P(F ≤ f) = I_x(df1/2, df2/2) with x = df1 f / (df1 f + df2). Source: Abramowitz & Stegun 1964, 26.6.2; DLMF 8.17.
 */
export function fisherF(df1: number, df2: number): ContinuousDistribution {
  checkPositive("degrees of freedom", df1);
  checkPositive("degrees of freedom", df2);
  const at = (f: number): Complements => shares(df1 * f, df2);
  const standard = (f: number): TailsAndDensity => ({
    ...regularisedBeta(df1 / 2, df2 / 2, at(f)),
    density: betaFront(df1 / 2, df2 / 2, at(f)) / f,
  });
  return {
    tails: (f) => regularisedBeta(df1 / 2, df2 / 2, checkNumber(f) <= 0 ? { x: 0, y: 1 } : at(f)),
    quantile: (p, tail = "lower") => onPositive(standard, p, { tail, start: 1 }),
  };
}

/** Beta on [0, 1] with shapes a, b > 0. */
export function betaDistribution(a: number, b: number): ContinuousDistribution {
  checkPositive("shape", a);
  checkPositive("shape", b);
  const tails = (x: number): Tails => {
    const inside = Math.min(1, Math.max(0, checkNumber(x)));
    return regularisedBeta(a, b, { x: inside, y: 1 - inside });
  };
  return {
    tails,
    quantile: (p, tail = "lower") => {
      checkProbability(p);
      if (p === 0 || p === 1) return (p === 0) === (tail === "lower") ? 0 : 1;
      const odds = (o: number): TailsAndDensity => {
        const at = shares(o, 1);
        return { ...regularisedBeta(a, b, at), density: betaFront(a, b, at) / o };
      };
      // Solved in x / (1 − x), which has as many digits near 1 as near 0.
      const { x } = shares(positiveQuantile(odds, p, { tail, start: a / b }), 1);
      return x;
    },
  };
}

/** first / (first + second) and second / (first + second), neither of them as 1 − the other. */
function shares(first: number, second: number): Complements {
  if (first === Number.POSITIVE_INFINITY) return { x: 1, y: 0 };
  if (second === Number.POSITIVE_INFINITY) return { x: 0, y: 1 };
  // The smaller ratio, so that neither overflows.
  const ratio = first < second ? first / second : second / first;
  const small = ratio / (1 + ratio);
  const large = 1 / (1 + ratio);
  return first < second ? { x: small, y: large } : { x: large, y: small };
}

/** x^a y^b / B(a, b): the density in t, f or the odds, times that variable, since each d log(x / y) is a share of it. */
const betaFront = (a: number, b: number, at: Complements): number => binomialMass(a, b, at) * ((a / (a + b)) * b);

function onPositive(at: (x: number) => TailsAndDensity, p: number, { tail, start }: { tail: Tail; start: number }): number {
  checkProbability(p);
  if (p === 0 || p === 1) return (p === 0) === (tail === "lower") ? 0 : Number.POSITIVE_INFINITY;
  return positiveQuantile(at, p, { tail, start });
}

const mirrored = ({ lower, upper }: Tails): Tails => ({ lower: upper, upper: lower });

function checkPositive(what: string, value: number): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) throw new RangeError(`${what}: ${value}; it must be finite and greater than 0`);
}

function checkNumber(x: number): number {
  if (Number.isNaN(x)) throw new RangeError("the tails at NaN");
  return x;
}
