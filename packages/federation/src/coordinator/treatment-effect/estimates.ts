/** Effects and their errors from means, their covariance, and what the study calls its measure. */

import { packedIndex } from "@dure/numerics";
import { type ArmMeans, type Contrast, type ContrastEstimate, contrastOf, effectStatistics } from "@dure/statistics";
import type { EffectMeasure, EffectStatistics, MeasuredEffect, TreatmentEffectEstimate } from "../../treatment-effect-result.ts";
import { entry } from "../sum-reading.ts";
import { type Block, blocksOf } from "./blocks.ts";
import { estimandOf, type TreatmentDesign } from "./design.ts";
import type { Finished, OutcomeScale } from "./state.ts";

export function estimatesOf(
  design: TreatmentDesign,
  state: Finished,
  influence: readonly (readonly number[])[],
): readonly TreatmentEffectEstimate[] {
  return blocksOf(design, state.counts).flatMap((block, index): readonly TreatmentEffectEstimate[] => {
    const estimand = estimandOf(design, block.estimator);
    const known = { estimator: block.estimator, estimand, errors: block.model === "none" ? "influence-function" : "stacked" } as const;
    const products = { influence: influence[index] ?? [], fixed: state.slopes[index]?.fixed ?? [] };
    if (block.kind === "hazard") {
      if (block.subgroup !== undefined) return [];
      const effect = hazardRatio(state, { index, target: 0, order: 1, ...products });
      return effect === undefined ? [] : [{ ...known, effects: [effect] }];
    }
    if (block.kind !== "outcome") return [];
    const arms = blockMeans(state, { block, index, ...products });
    const [pair] = arms;
    if (pair === undefined) return [];
    const means = ([0, 1] as const).map((arm) => ({
      estimate: pair.means[arm],
      standardError: Math.sqrt(pair.covariance[arm === 0 ? 0 : 2]),
    }));
    const [untreated, treated] = means;
    if (untreated === undefined || treated === undefined) return [];
    return [
      {
        ...known,
        means: [untreated, treated],
        effects: measuresOf(design).flatMap((contrast) => measuredEffect(design, { pair, contrast }) ?? []),
      },
    ];
  });
}

/** What the study asks for first, and what else the means tell. */
export function measuresOf({ outcomeModel, outcome }: TreatmentDesign): readonly Contrast[] {
  if (outcomeModel === "linear") return outcome?.isBoolean === true ? ["difference", "ratio"] : ["difference"];
  if (outcomeModel === "poisson") return ["ratio", "difference"];
  return ["odds-ratio", "ratio", "difference"];
}

/** Of two arms, with the covariance that takes the weights as known beside the other. */
export interface MeanPair extends ArmMeans {
  readonly fixed: ArmMeans["covariance"] | undefined;
}

export interface BlockSums {
  readonly block: Block;
  readonly index: number;
  readonly influence: readonly number[];
  readonly fixed: readonly number[];
}

/** Pairs of targets, untreated and treated: one of an estimator, one a level of a subgroup. In the outcome's own units. */
export function blockMeans({ counts, scale, totals }: Finished, { block, index, influence, fixed }: BlockSums): readonly MeanPair[] {
  const n = counts.arms[0] + counts.arms[1];
  const { means } = totals.blocks[index] ?? { means: [] };
  const order = block.targets.length;
  const unit: OutcomeScale = block.kind === "control" ? { mean: 0, deviation: 1 } : scale;
  const cells = (packed: readonly number[], first: number, factor: number): ArmMeans["covariance"] => {
    const cell = (i: number, j: number): number => ((factor * unit.deviation ** 2) / n ** 2) * entry(packed, packedIndex(order, i, j));
    return [cell(first, first), cell(first, first + 1), cell(first + 1, first + 1)];
  };
  return Array.from({ length: order / 2 }, (_, pair): MeanPair => {
    const first = 2 * pair;
    const mean = (target: number): number => unit.mean + unit.deviation * entry(means, target);
    return {
      means: [mean(first), mean(first + 1)],
      covariance: cells(influence, first, 1),
      // survey's linearisation divides by n − 1 patients.
      fixed: fixed.length === 0 || block.model === "outcome" ? undefined : cells(fixed, first, n / (n - 1)),
    };
  });
}

/** Of a yes/no outcome a mean is a risk. */
export function measureName(
  { outcome }: Pick<TreatmentDesign, "outcome">,
  contrast: Contrast,
  isBoolean: boolean = outcome?.isBoolean === true,
): EffectMeasure {
  if (contrast === "odds-ratio") return "odds-ratio";
  return `${isBoolean ? "risk" : "mean"}-${contrast}`;
}

export function measuredEffect(
  design: TreatmentDesign,
  { pair, contrast }: { readonly pair: MeanPair; readonly contrast: Contrast },
): MeasuredEffect | undefined {
  const found = contrastOf(pair, contrast);
  if (found === undefined) return undefined;
  const { fixed } = pair;
  const known = fixed === undefined ? undefined : contrastOf({ means: pair.means, covariance: fixed }, contrast);
  const { estimate: _, ...weightsFixed } = known === undefined ? { estimate: 0 } : statistics(known, contrast);
  return {
    measure: measureName(design, contrast),
    ...statistics(found, contrast),
    ...(known === undefined ? {} : { weightsFixed: weightsFixed as Omit<EffectStatistics, "estimate"> }), // made by `statistics` where `known` is
  };
}

export function statistics(found: ContrastEstimate, contrast: Contrast | "hazard-ratio"): EffectStatistics {
  const { estimate, ci95, p } = effectStatistics(found, contrast);
  return { estimate, standardError: found.standardError, ci95, p };
}

interface OfHazard {
  readonly index: number;
  readonly target: number;
  /** Targets of the block. */
  readonly order: number;
  readonly influence: readonly number[];
  readonly fixed: readonly number[];
}

export function hazardRatio(
  { counts, totals }: Finished,
  { index, target, order, influence, fixed }: OfHazard,
): MeasuredEffect | undefined {
  const estimate = totals.blocks[index]?.means[target];
  if (estimate === undefined) return undefined;
  const n = counts.arms[0] + counts.arms[1];
  const error = (packed: readonly number[]): number => Math.sqrt(entry(packed, packedIndex(order, target, target))) / n;
  const { estimate: _, ...weightsFixed } = statistics({ estimate, standardError: error(fixed) }, "hazard-ratio");
  return { measure: "hazard-ratio", ...statistics({ estimate, standardError: error(influence) }, "hazard-ratio"), weightsFixed };
}
