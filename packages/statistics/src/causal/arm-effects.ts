/**
 * Differences and ratios of two arms' means, with standard errors by the delta method from the covariance of the means.
 *
 *   difference μ₁ − μ₀;   ratio μ₁ / μ₀, on log μ;   odds ratio, on log(μ / (1 − μ)).   Intervals of ratios are symmetric on the log scale.
 */

import { waldStatistics } from "../wald.ts";

export interface ArmMeans {
  /** Untreated, treated. */
  readonly means: readonly [number, number];
  /** Variance of the untreated mean, covariance, variance of the treated. */
  readonly covariance: readonly [number, number, number];
}

export type Contrast = "difference" | "ratio" | "odds-ratio";

/** Of a ratio: on the log scale. */
export interface ContrastEstimate {
  readonly estimate: number;
  readonly standardError: number;
}

/** @returns undefined where the contrast has no finite value or no error: a mean of 0, or of 1 for odds */
export function contrastOf(
  { means: [untreated, treated], covariance: [v0, c, v1] }: ArmMeans,
  contrast: Contrast,
): ContrastEstimate | undefined {
  const [link, slope] = SCALES[contrast];
  const estimate = link(treated) - link(untreated);
  const [a, b] = [slope(untreated), slope(treated)];
  const standardError = Math.sqrt(Math.max(0, a * a * v0 - 2 * a * b * c + b * b * v1));
  return Number.isFinite(estimate) && standardError > 0 && Number.isFinite(standardError) ? { estimate, standardError } : undefined;
}

/** d contrast / d (untreated mean, treated mean). */
export function contrastGradient([untreated, treated]: ArmMeans["means"], contrast: Contrast): readonly [number, number] {
  const [, slope] = SCALES[contrast];
  return [-slope(untreated), slope(treated)];
}

export interface EffectStatistics {
  /** A ratio as such, not its logarithm. */
  readonly estimate: number;
  readonly ci95: readonly [number, number];
  readonly z: number;
  readonly p: number;
}

export function effectStatistics({ estimate, standardError }: ContrastEstimate, contrast: Contrast | "hazard-ratio"): EffectStatistics {
  const { z, p, ci95 } = waldStatistics(estimate, standardError);
  if (contrast === "difference") return { estimate, ci95, z, p };
  return { estimate: Math.exp(estimate), ci95: [Math.exp(ci95[0]), Math.exp(ci95[1])], z, p };
}

type Scale = readonly [link: (mean: number) => number, slope: (mean: number) => number];

const SCALES: Readonly<Record<Contrast, Scale>> = {
  difference: [(mean) => mean, () => 1],
  ratio: [Math.log, (mean) => 1 / mean],
  "odds-ratio": [(mean) => Math.log(mean / (1 - mean)), (mean) => 1 / (mean * (1 - mean))],
};
