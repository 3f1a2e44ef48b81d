/**
 * Events per person-time: rates, their ratio and difference, and their standardisation.
 *
 * Events are Poisson with mean rate × person-time. Intervals are exact (Garwood), the ratio's is exact given the total of both groups'
 * events, and beside it the mid-P interval, which is shorter; the difference's is Wald's. A directly standardised rate is a weighted sum of
 * Poisson counts; its interval is Fay and Feuer's, which stays right with few events.
 *
 * Source: Garwood 1936, Biometrika 28:437; Przyborowski & Wilenski 1940, Biometrika 31:313 (conditional ratio); Berry & Armitage 1995,
 * The Statistician 44:417 (mid-P); Fay & Feuer 1997, Stat Med 16:791; Breslow & Day 1987, IARC 82, chapter 2.
 */

import { betaDistribution, binomial, chiSquared, gammaDistribution, normalQuantile, twoSidedP } from "@dure/numerics";

const ALPHA = 0.05;
const Z = -normalQuantile(ALPHA / 2);

export interface EventsAndTime {
  /** Whole, ≥ 0. */
  readonly events: number;
  /** > 0. */
  readonly personTime: number;
}

export type RateEstimate = { readonly estimate: number; readonly ci95: readonly [number, number] };

/** Events per unit of person-time. Interval: Garwood's, equal tails; R's poisson.test. */
export function incidenceRate({ events, personTime }: EventsAndTime): RateEstimate {
  const [low, high] = poissonInterval(events);
  return { estimate: events / personTime, ci95: [low / personTime, high / personTime] };
}

/** Observed over expected events, a standardised mortality (or incidence) ratio. Interval: Garwood's; expected > 0 is taken as known. */
export const standardisedRatio = (events: number, expected: number): RateEstimate => incidenceRate({ events, personTime: expected });

/** 95 % interval of a Poisson mean of which `events` were seen. */
export function poissonInterval(events: number): readonly [number, number] {
  const low = events === 0 ? 0 : chiSquared(2 * events).quantile(ALPHA / 2) / 2;
  return [low, chiSquared(2 * events + 2).quantile(ALPHA / 2, "upper") / 2];
}

export type RateRatio = {
  readonly estimate: number;
  /** Exact given all events; null for infinity. */
  readonly ci95: readonly [number, number | null];
  /** Two-sided: all splits of the events that are at most as probable. */
  readonly p: number;
  readonly midP: { readonly ci95: readonly [number, number | null]; readonly p: number };
};

/**
 * First rate / second rate. Given the total, the first's events are binomial with chance r T₁ / (r T₁ + T₂).
 *
 * @returns undefined where neither group has an event, or the second has none and the ratio no finite estimate
 * R: poisson.test(c(d1, d2), c(T1, T2)) for estimate, exact interval and p.
 */
export function rateRatio(first: EventsAndTime, second: EventsAndTime): RateRatio | undefined {
  const total = first.events + second.events;
  if (second.events === 0) return undefined;
  const toRatio = (chance: number): number | null =>
    chance >= 1 ? null : ((chance / (1 - chance)) * second.personTime) / first.personTime;
  const d = first.events;
  const low = d === 0 ? 0 : betaDistribution(d, total - d + 1).quantile(ALPHA / 2);
  const high = betaDistribution(d + 1, total - d).quantile(ALPHA / 2, "upper");
  const shareOfTime = first.personTime / (first.personTime + second.personTime);
  const midLow = d === 0 ? 0 : chanceWhere((chance) => midUpper(d, total, chance) - ALPHA / 2);
  const midHigh = chanceWhere((chance) => ALPHA / 2 - midLower(d, total, chance));
  return {
    estimate: d / first.personTime / (second.events / second.personTime),
    ci95: [toRatio(low) ?? 0, toRatio(high)],
    p: binomialP(d, total, shareOfTime),
    midP: {
      ci95: [toRatio(midLow) ?? 0, toRatio(midHigh)],
      p: Math.min(1, 2 * Math.min(midUpper(d, total, shareOfTime), midLower(d, total, shareOfTime))),
    },
  };
}

/** P(X > d) + ½ P(X = d), and the same of the lower side. */
const midUpper = (d: number, total: number, chance: number): number => {
  const distribution = binomial(total, chance);
  return distribution.tails(d).upper + distribution.mass(d) / 2;
};
const midLower = (d: number, total: number, chance: number): number => {
  const distribution = binomial(total, chance);
  return distribution.tails(d - 1).lower + distribution.mass(d) / 2;
};

/** Where an increasing function of a probability is 0: bisection to the last digit. */
function chanceWhere(increasing: (chance: number) => number): number {
  let [low, high] = [0, 1];
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (increasing(middle) < 0) low = middle;
    else high = middle;
  }
}

/** All outcomes that are at most as probable as d; R's allowance for rounding. */
function binomialP(d: number, total: number, chance: number): number {
  const distribution = binomial(total, chance);
  const limit = distribution.mass(d) * (1 + 1e-7);
  const mean = total * chance;
  if (d === mean) return 1;
  const tails = distribution.tails;
  if (d < mean)
    return Math.min(1, tails(d).lower + tails(firstAtMost(Math.ceil(mean), total, (k) => distribution.mass(k) <= limit) - 1).upper);
  // Mirrored: the last outcome below the mean that is at most as probable.
  const last = Math.floor(mean) - firstAtMost(0, Math.floor(mean) + 1, (k) => distribution.mass(Math.floor(mean) - k) <= limit);
  return Math.min(1, tails(d - 1).upper + (last < 0 ? 0 : tails(last).lower));
}

/** Least k from `first` on for which it holds, `last + 1` where it holds for none; it holds for all k behind one for which it does. */
function firstAtMost(first: number, last: number, holds: (k: number) => boolean): number {
  let [low, high] = [first, last + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

export type RateDifference = RateEstimate & { readonly standardError: number };

/** First rate − second rate. Interval: Wald's, variance d₁/T₁² + d₂/T₂². */
export function rateDifference(first: EventsAndTime, second: EventsAndTime): RateDifference {
  const estimate = first.events / first.personTime - second.events / second.personTime;
  const standardError = Math.sqrt(first.events / first.personTime ** 2 + second.events / second.personTime ** 2);
  return { estimate, standardError, ci95: [estimate - Z * standardError, estimate + Z * standardError] };
}

export interface StandardStratum extends EventsAndTime {
  /** Of the standard population; ≥ 0, not all 0. */
  readonly weight: number;
}

export type StandardisedRate = RateEstimate & { readonly variance: number };

/**
 * Σ wᵢ dᵢ / Tᵢ with weights that add up to 1, and Fay and Feuer's gamma interval.
 *
 *   v = Σ (wᵢ/Tᵢ)² dᵢ;  low = gamma(shape y²/v, scale v/y) at 2.5 %;  high the same with y + m and v + m², m = max wᵢ/Tᵢ, at 97.5 %
 *
 * @param strata personTime > 0 wherever the weight is
 */
export function directlyStandardisedRate(strata: readonly StandardStratum[]): StandardisedRate {
  const weighted = strata.filter(({ weight }) => weight > 0);
  const total = weighted.reduce((sum, { weight }) => sum + weight, 0);
  const cells = weighted.map(({ events, personTime, weight }) => ({ events, factor: weight / total / personTime }));
  const estimate = cells.reduce((sum, { events, factor }) => sum + factor * events, 0);
  const variance = cells.reduce((sum, { events, factor }) => sum + factor * factor * events, 0);
  const largest = cells.reduce((most, { factor }) => Math.max(most, factor), 0);
  const gamma = (mean: number, spread: number) => gammaDistribution({ shape: (mean * mean) / spread, scale: spread / mean });
  const low = estimate === 0 ? 0 : gamma(estimate, variance).quantile(ALPHA / 2);
  const high = gamma(estimate + largest, variance + largest * largest).quantile(ALPHA / 2, "upper");
  return { estimate, variance, ci95: [low, high] };
}

export type StandardisedRateRatio = RateEstimate & { readonly p: number };

/** First / second, Wald's interval on the log scale with variance v₁/y₁² + v₂/y₂² (delta method); undefined where either is 0. */
export function standardisedRateRatio(first: StandardisedRate, second: StandardisedRate): StandardisedRateRatio | undefined {
  if (!(first.estimate > 0 && second.estimate > 0)) return undefined;
  const logRatio = Math.log(first.estimate / second.estimate);
  const error = Math.sqrt(first.variance / first.estimate ** 2 + second.variance / second.estimate ** 2);
  const ci95 = [Math.exp(logRatio - Z * error), Math.exp(logRatio + Z * error)] as const;
  return { estimate: first.estimate / second.estimate, ci95, p: twoSidedP(logRatio / error) };
}
