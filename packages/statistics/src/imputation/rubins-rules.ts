/** One answer from several completed data sets: Rubin's rules, with the degrees of freedom of Barnard and Rubin. */

import { studentT } from "@dure/numerics";

export interface CompletedEstimate {
  readonly estimate: number;
  readonly standardError: number;
}

export interface PooledEstimate extends CompletedEstimate {
  readonly t: number;
  readonly df: number;
  readonly p: number;
  readonly ci95: readonly [number, number];
  /** Ū: mean squared standard error. */
  readonly withinVariance: number;
  /** B: variance of the estimates, m − 1 in the denominator. */
  readonly betweenVariance: number;
  /** λ = (1 + 1/m) B / T. */
  readonly varianceShare: number;
  /** (r + 2 / (df + 3)) / (1 + r) with r = (1 + 1/m) B / Ū. */
  readonly fractionMissingInformation: number;
}

/**
 * Q̄ = mean of the estimates, T = Ū + (1 + 1/m) B, compared with Student's t on
 *
 *   df = 1 / (1/ν + 1/ν′),  ν = (m − 1) / λ²,  ν′ = (1 − λ) ν₀ (ν₀ + 1) / (ν₀ + 3)
 *
 * @param estimates m ≥ 2, one a completed data set; standard errors > 0
 * @param completeDf ν₀, degrees of freedom that the analysis has of complete data; > 0
 * Numerics: where the estimates agree to the last digit, B = 0 and df = ν′ with λ = 0.
 * Source: Rubin 1987, Multiple Imputation for Nonresponse in Surveys, section 3.3; Barnard & Rubin 1999, Biometrika 86:948; van Buuren
 * 2018, Flexible Imputation of Missing Data, 2nd ed., section 2.3.
 */
export function poolByRubin(estimates: readonly CompletedEstimate[], completeDf: number): PooledEstimate {
  const m = estimates.length;
  if (m < 2) throw new RangeError(`${m} completed data sets; two at least are pooled`);
  const mean = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / m;
  const estimate = mean(estimates.map((of) => of.estimate));
  const withinVariance = mean(estimates.map((of) => of.standardError ** 2));
  const betweenVariance = (mean(estimates.map((of) => (of.estimate - estimate) ** 2)) * m) / (m - 1);
  const inflated = (1 + 1 / m) * betweenVariance;
  const total = withinVariance + inflated;
  const varianceShare = inflated / total;
  const observedDf = ((1 - varianceShare) * completeDf * (completeDf + 1)) / (completeDf + 3);
  const df = 1 / (varianceShare ** 2 / (m - 1) + 1 / observedDf);
  const standardError = Math.sqrt(total);
  const distribution = studentT(df);
  const t = estimate / standardError;
  const reach = distribution.quantile(0.975) * standardError;
  const riseOfVariance = inflated / withinVariance;
  return {
    estimate,
    standardError,
    t,
    df,
    p: 2 * distribution.tails(Math.abs(t)).upper,
    ci95: [estimate - reach, estimate + reach],
    withinVariance,
    betweenVariance,
    varianceShare,
    fractionMissingInformation: (riseOfVariance + 2 / (df + 3)) / (1 + riseOfVariance),
  };
}
