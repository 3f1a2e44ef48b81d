/** What the study finds on outcomes that the treatment cannot cause, and its own effect held against that. */

import { type Calibrated, type Contrast, type ContrastEstimate, calibrate, contrastOf, fitNullDistribution } from "@dure/statistics";
import type { EffectStatistics, NegativeControls, TreatmentEffectEstimate } from "../../treatment-effect-result.ts";
import { blocksOf } from "./blocks.ts";
import type { TreatmentDesign } from "./design.ts";
import { blockMeans, measureName, statistics } from "./estimates.ts";
import type { Finished } from "./state.ts";

/** An odds ratio is held against odds ratios; a ratio of risks, means or hazards against ratios of risks. */
export function controlsOf(
  design: TreatmentDesign,
  state: Finished,
  { influence, estimates }: { readonly influence: readonly (readonly number[])[]; readonly estimates: readonly TreatmentEffectEstimate[] },
): NegativeControls | undefined {
  const contrast: Contrast = design.outcomeModel === "logistic" ? "odds-ratio" : "ratio";
  const found = blocksOf(design, state.counts).flatMap((block, index): readonly (ContrastEstimate & { readonly name: string })[] => {
    if (block.kind !== "control") return [];
    const [pair] = blockMeans(state, { block, index, influence: influence[index] ?? [], fixed: [] });
    const effect = pair === undefined ? undefined : contrastOf(pair, contrast);
    return effect === undefined ? [] : [{ name: design.controls[block.control] ?? "", ...effect }];
  });
  const [estimator] = design.weightings;
  if (found.length === 0 || estimator === undefined) return undefined;
  const controls = found.map(({ name, ...effect }) => ({ name, ...statistics(effect, contrast) }));
  const known: NegativeControls = { estimator, measure: measureName(design, contrast, true), controls };
  if (found.length < 2) return known;
  const nullDistribution = fitNullDistribution(found);
  const own = estimates.find((estimate) => estimate.estimator === estimator)?.effects[0];
  if (own === undefined) return { ...known, nullDistribution };
  const calibrated = calibrate({ estimate: Math.log(own.estimate), standardError: own.standardError }, nullDistribution);
  return { ...known, nullDistribution, calibrated: asRatio(calibrated) };
}

const asRatio = ({ estimate, standardError, ci95: [low, high], p }: Calibrated): EffectStatistics => ({
  estimate: Math.exp(estimate),
  standardError,
  ci95: [Math.exp(low), Math.exp(high)],
  p,
});
