/**
 * The rounds of the weighted Cox regressions, one a weighting and one a level of a subgroup, on the treatment alone. Each hospital is a stratum, so that no time leaves it.
 *
 * Bounds: as for the totals; nothing public bounds a weight.
 */

import type { Sum, SumLayout } from "@dure/privacy";
import { absorbCox, beginCox } from "@dure/statistics";
import type { Absorbed, AnalysisRefusal } from "../../analysis.ts";
import type { TreatmentEffectResult } from "../../treatment-effect-result.ts";
import { momentsBound } from "../standardisation.ts";
import { entry, readVector } from "../sum-reading.ts";
import { type Block, blocksOf, type Target } from "./blocks.ts";
import type { TreatmentDesign } from "./design.ts";
import type { BlockTotals, HazardFit, TreatmentCounts, TreatmentPhase, TreatmentState } from "./state.ts";

interface HazardTarget {
  /** Of its vector. */
  readonly name: string;
  readonly block: Block;
  readonly target: Target;
}

/** In the order of the state's fits. */
export const hazardTargets = (design: TreatmentDesign, counts: TreatmentCounts): readonly HazardTarget[] =>
  blocksOf(design, counts).flatMap((block) =>
    block.kind === "hazard"
      ? block.targets.map((target, i) => ({
          name: `${block.name}${block.subgroup === undefined ? "" : ` level ${i + 1}`}/hazard`,
          block,
          target,
        }))
      : [],
  );

export const startHazards = (design: TreatmentDesign, counts: TreatmentCounts): readonly HazardFit[] =>
  hazardTargets(design, counts).map(() => ({ newton: beginCox(1), information: 0 }));

export function hazardsLayout(design: TreatmentDesign, { counts, hazards }: TreatmentPhase<"hazards">): SumLayout {
  const running = hazardTargets(design, counts).filter((_, i) => hazards[i]?.newton.kind === "running");
  return { vectors: running.map(({ name }) => ({ name, length: 3, encoding: "wide", bound: momentsBound })) };
}

/** A regression of all patients decides the outcome; one of a level that ends without an answer only leaves its subgroup out. */
export function absorbHazards(
  design: TreatmentDesign,
  state: TreatmentPhase<"hazards">,
  sum: Sum,
): Absorbed<TreatmentState, TreatmentEffectResult> {
  const targets = hazardTargets(design, state.counts);
  const hazards = state.hazards.map((fit, i) => advance(fit, { name: targets[i]?.name ?? "", sum }));
  const failed = targets.filter((_, i) => hasFailed(hazards[i]));
  const ofAll = hazards.find((fit, i) => hasFailed(fit) && targets[i]?.target.level === undefined);
  if (ofAll !== undefined) return { kind: "refused", refusal: refusalOf(design, ofAll) };
  if (hazards.some(({ newton }) => newton.kind === "running")) return { kind: "continue", state: { ...state, hazards } };
  const lost = new Set(failed.flatMap(({ block }) => (block.kind === "hazard" && block.subgroup !== undefined ? [block.subgroup] : [])));
  const counts = { ...state.counts, subgroups: state.counts.subgroups.filter((subgroup) => !lost.has(subgroup)) };
  const known = new Map(blocksOf(design, state.counts).map(({ name }, i) => [name, state.totals.blocks[i]]));
  const blocks = blocksOf(design, counts).map((block): BlockTotals => {
    if (block.kind !== "hazard") return known.get(block.name) ?? { denominators: [], means: [] };
    const own = hazards.filter((_, i) => targets[i]?.block.name === block.name);
    return {
      denominators: own.map(({ information }) => information),
      means: own.map(({ newton }) => (newton.kind === "converged" ? entry(newton.params, 0) : Number.NaN)),
    };
  });
  const { hazards: _, ...rest } = state;
  return { kind: "continue", state: { ...rest, phase: "slopes", counts, totals: { ...state.totals, blocks } } };
}

function advance(fit: HazardFit, { name, sum }: { readonly name: string; readonly sum: Sum }): HazardFit {
  if (fit.newton.kind !== "running") return fit;
  const [logLikelihood = 0, score = 0, information = 0] = readVector(sum, name, 3);
  const next = absorbCox(fit.newton, { logLikelihood, gradient: [score], information: [information], extremeCounts: [0, 0] });
  if (next.kind !== "converged") return { newton: next, information };
  const start = { errors: [], logLikelihood: next.logLikelihoodNull, scoreTest: next.scoreTest };
  return { newton: { ...next, start }, information };
}

const hasFailed = (fit: HazardFit | undefined): boolean =>
  fit !== undefined && fit.newton.kind !== "running" && fit.newton.kind !== "converged";

const refusalOf = ({ treatment }: TreatmentDesign, fit: HazardFit | undefined): AnalysisRefusal => ({
  code: fit?.newton.kind === "not-converged" ? "not-converged" : "monotone-likelihood",
  columns: [treatment],
});
