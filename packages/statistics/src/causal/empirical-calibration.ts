/**
 * What a study finds where there is nothing to find: the distribution of its error, from outcomes that the treatment cannot cause.
 *
 * Each negative control's log ratio θᵢ, with standard error τᵢ, is taken as bias and chance: θᵢ ~ N(μ, σ² + τᵢ²). μ and σ are those of the
 * greatest likelihood. A log ratio θ with error τ is then held against N(μ, σ² + τ²), not N(0, τ²): its calibrated p. Its calibrated
 * interval, θ − μ ± 1.96 √(σ² + τ²), takes the bias to be the same whatever the true effect.
 *
 * Source: Schuemie, Ryan, DuMouchel, Suchard & Madigan 2014, Stat Med 33:209; Schuemie et al. 2018, PNAS 115:2571 (the interval).
 */

import { normalQuantile, normalUpperTail } from "@dure/numerics";
import type { ContrastEstimate } from "./arm-effects.ts";

export interface NullDistribution {
  readonly mean: number;
  readonly standardDeviation: number;
}

export interface Calibrated {
  /** On the log scale. */
  readonly estimate: number;
  readonly standardError: number;
  readonly ci95: readonly [number, number];
  /** Two-sided. */
  readonly p: number;
}

/** σ is looked for on a grid first, for its likelihood may have two peaks, then about the best point of it. */
const GRID_STEPS = 400;
const Z_975 = normalQuantile(0.975);

/**
 * @param controls at least 2, standard errors > 0
 * Numerics: μ is the weighted mean at each σ², so that the search has one dimension; then bisection of its derivative to a relative 1e-16.
 * A likelihood that falls from σ² = 0 on has its greatest value there.
 */
export function fitNullDistribution(controls: readonly ContrastEstimate[]): NullDistribution {
  if (controls.length < 2) throw new RangeError("a null distribution needs at least two negative controls");
  const largest = Math.max(...controls.map(({ estimate }) => estimate)) - Math.min(...controls.map(({ estimate }) => estimate));
  const variances = Array.from({ length: GRID_STEPS + 1 }, (_, i) => (largest * (i / GRID_STEPS)) ** 2);
  const values = variances.map((variance) => profile(controls, variance));
  const best = values.indexOf(Math.max(...values));
  const [low, high] = [variances[Math.max(0, best - 1)] ?? 0, variances[Math.min(GRID_STEPS, best + 1)] ?? 0];
  const variance = best === 0 && score(controls, 0) <= 0 ? 0 : bisect(controls, low, high);
  return { mean: meanAt(controls, variance), standardDeviation: Math.sqrt(variance) };
}

/** @param effect on the log scale */
export function calibrate({ estimate, standardError }: ContrastEstimate, { mean, standardDeviation }: NullDistribution): Calibrated {
  const calibrated = estimate - mean;
  const error = Math.hypot(standardDeviation, standardError);
  return {
    estimate: calibrated,
    standardError: error,
    ci95: [calibrated - Z_975 * error, calibrated + Z_975 * error],
    p: Math.min(1, 2 * normalUpperTail(Math.abs(calibrated) / error)),
  };
}

function meanAt(controls: readonly ContrastEstimate[], variance: number): number {
  const weights = controls.map(({ standardError }) => 1 / (variance + standardError ** 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return controls.reduce((sum, { estimate }, i) => sum + (weights[i] ?? 0) * estimate, 0) / total;
}

/** log-likelihood at σ² and its best μ, without constants. */
function profile(controls: readonly ContrastEstimate[], variance: number): number {
  const mean = meanAt(controls, variance);
  return controls.reduce((total, { estimate, standardError }) => {
    const all = variance + standardError ** 2;
    return total - Math.log(all) / 2 - (estimate - mean) ** 2 / (2 * all);
  }, 0);
}

/** d profile / dσ²: μ's own part vanishes at its best. */
function score(controls: readonly ContrastEstimate[], variance: number): number {
  const mean = meanAt(controls, variance);
  return controls.reduce((total, { estimate, standardError }) => {
    const all = variance + standardError ** 2;
    return total + ((estimate - mean) ** 2 / all - 1) / (2 * all);
  }, 0);
}

function bisect(controls: readonly ContrastEstimate[], from: number, to: number): number {
  let [low, high] = [from, to];
  for (let i = 0; i < 200 && high - low > 1e-16 * high; i++) {
    const middle = (low + high) / 2;
    if (score(controls, middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
