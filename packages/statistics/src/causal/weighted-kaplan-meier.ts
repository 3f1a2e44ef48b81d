/**
 * The Kaplan-Meier curve of one arm whose patients are weighted.
 *
 *   S(t) = ∏ over u ≤ t of (1 − d(u) / Y(u)),   d = Σ w over the events at u, Y = Σ w over those at risk
 *   Var S(t) = S(t)² Σ over u ≤ t of (1 − s(u)) / (M(u) s(u)),   s = 1 − d / Y,   M = (Σ w)² / Σ w² over those at risk
 *
 * M is how many unweighted patients would say as much. The variance takes the weights as given.
 * Source: Xie & Liu 2005, Stat Med 24:3089.
 */

import { normalQuantile } from "@dure/numerics";

/** At one time, ascending. */
export interface WeightedRiskSet {
  readonly timeDays: number;
  readonly events: number;
  readonly atRisk: number;
  /** Σ w² over those at risk. */
  readonly squaresAtRisk: number;
}

export interface WeightedSurvivalStep {
  readonly time: number;
  readonly survival: number;
  /** Absent where S is 0. */
  readonly standardError?: number;
  /** exp(log S ± 1.96 SE / S), cut at 1. */
  readonly ci95?: readonly [number, number];
}

const Z_975 = normalQuantile(0.975);

/** O(k). */
export function weightedKaplanMeier(sets: readonly WeightedRiskSet[]): readonly WeightedSurvivalStep[] {
  const steps: WeightedSurvivalStep[] = [];
  let [survival, sum] = [1, 0];
  for (const { timeDays: time, events, atRisk, squaresAtRisk } of sets) {
    if (!(events > 0)) continue;
    const kept = 1 - events / atRisk;
    // The last patients' weights leave a rounding of 0.
    survival = kept <= 1e-12 ? 0 : survival * kept;
    sum += events / atRisk / ((atRisk * atRisk) / squaresAtRisk) / kept;
    if (survival === 0) {
      steps.push({ time, survival });
      break;
    }
    const standardError = survival * Math.sqrt(sum);
    const reach = (Z_975 * standardError) / survival;
    steps.push({ time, survival, standardError, ci95: [survival * Math.exp(-reach), Math.min(1, survival * Math.exp(reach))] });
  }
  return steps;
}
