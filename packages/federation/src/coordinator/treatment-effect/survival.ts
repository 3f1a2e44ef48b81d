/** Weighted survival curves of the two arms, from sums on intervals that the gate has merged. */

import { normalQuantile } from "@dure/numerics";
import { binEndDays, type WeightedSurvivalStep, weightedKaplanMeier } from "@dure/statistics";
import type { WeightedSurvival } from "../../treatment-effect-result.ts";
import { entry } from "../sum-reading.ts";
import type { TreatmentDesign } from "./design.ts";
import type { Finished } from "./state.ts";

const Z_975 = normalQuantile(0.975);

export function survivalOf(design: TreatmentDesign, { counts: { intervals }, totals }: Finished): readonly WeightedSurvival[] {
  const { grid, weightings, at } = design;
  if (grid === undefined || intervals === null) return [];
  return weightings.map((estimator, index): WeightedSurvival => {
    const curve = (arm: 0 | 1): WeightedSurvival["arms"][number] => {
      const sums = totals.curves[2 * index + arm] ?? { events: [], atRisk: [], squares: [] };
      const { ends: bins, numbersAtRisk, followedDays } = intervals[arm];
      const ends = bins.map((end) => binEndDays(grid, end));
      const steps = weightedKaplanMeier(
        ends.map((timeDays, k) => ({
          timeDays,
          events: entry(sums.events, k),
          atRisk: entry(sums.atRisk, k),
          squaresAtRisk: entry(sums.squares, k),
        })),
      );
      return { steps, followedDays, numbersAtRisk };
    };
    const arms = [curve(0), curve(1)] as const;
    return {
      estimator,
      arms,
      at: at.flatMap((time) => (arms.every(({ followedDays }) => followedDays >= time) ? [survivalAt(arms, time)] : [])),
    };
  });
}

function survivalAt(arms: WeightedSurvival["arms"], time: number): WeightedSurvival["at"][number] {
  const last = (steps: readonly WeightedSurvivalStep[]) => steps.findLast((step) => step.time <= time);
  const [untreated, treated] = [last(arms[0].steps), last(arms[1].steps)];
  const survival = [untreated?.survival ?? 1, treated?.survival ?? 1] as const;
  const errors = [untreated, treated].map((step) => (step === undefined ? 0 : step.standardError));
  const [a, b] = errors;
  if (a === undefined || b === undefined || a + b === 0) return { time, survival };
  const estimate = survival[1] - survival[0];
  const standardError = Math.hypot(a, b);
  return {
    time,
    survival,
    difference: { estimate, standardError, ci95: [estimate - Z_975 * standardError, estimate + Z_975 * standardError] },
  };
}
