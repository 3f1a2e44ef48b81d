/**
 * The rounds of the weighted Cox regressions, one a weighting, on the treatment alone. Each hospital is a stratum, so that no time leaves it.
 *
 * Bounds: as for the totals; nothing public bounds a weight.
 */

import type { Sum, SumLayout } from "@dure/privacy";
import { absorbCox, beginCox } from "@dure/statistics";
import type { Absorbed, AnalysisRefusal } from "../../analysis.ts";
import type { TreatmentEffectResult } from "../../treatment-effect-result.ts";
import { entry, readVector } from "../logistic/sum-reading.ts";
import { momentsBound } from "../standardisation.ts";
import { blocksOf } from "./blocks.ts";
import type { TreatmentDesign } from "./design.ts";
import type { HazardFit, TreatmentPhase, TreatmentState } from "./state.ts";

export const startHazards = ({ weightings }: TreatmentDesign): readonly HazardFit[] =>
  weightings.map(() => ({ newton: beginCox(1), information: 0 }));

export function hazardsLayout({ weightings }: TreatmentDesign, { hazards }: TreatmentPhase<"hazards">): SumLayout {
  const running = weightings.filter((_, i) => hazards[i]?.newton.kind === "running");
  return { vectors: running.map((weighting) => ({ name: `${weighting}/hazard`, length: 3, encoding: "wide", bound: momentsBound })) };
}

export function absorbHazards(
  design: TreatmentDesign,
  state: TreatmentPhase<"hazards">,
  sum: Sum,
): Absorbed<TreatmentState, TreatmentEffectResult> {
  const hazards = state.hazards.map((fit, i): HazardFit => {
    if (fit.newton.kind !== "running") return fit;
    const [logLikelihood = 0, score = 0, information = 0] = readVector(sum, `${design.weightings[i]}/hazard`, 3);
    const next = absorbCox(fit.newton, { logLikelihood, gradient: [score], information: [information], extremeCounts: [0, 0] });
    return {
      newton:
        next.kind === "converged"
          ? { ...next, start: { errors: [], logLikelihood: next.logLikelihoodNull, scoreTest: next.scoreTest } }
          : next,
      information,
    };
  });
  const refusal = refusalOf(design, hazards);
  if (refusal !== undefined) return { kind: "refused", refusal };
  if (hazards.some(({ newton }) => newton.kind === "running")) return { kind: "continue", state: { ...state, hazards } };
  const blocks = blocksOf(design, state.counts).map((block, i) => {
    const own = block.kind === "hazard" ? hazards[design.weightings.indexOf(block.weighting)] : undefined;
    const empty = { denominators: [], means: [] };
    if (own?.newton.kind !== "converged") return state.totals.blocks[i] ?? empty;
    return { denominators: [own.information], means: [entry(own.newton.params, 0)] };
  });
  const { hazards: _, ...known } = state;
  return { kind: "continue", state: { ...known, phase: "slopes", totals: { ...state.totals, blocks } } };
}

function refusalOf({ treatment }: TreatmentDesign, hazards: readonly HazardFit[]): AnalysisRefusal | undefined {
  const failed = hazards.map(({ newton }) => newton).find(({ kind }) => kind !== "running" && kind !== "converged");
  if (failed === undefined) return undefined;
  return { code: failed.kind === "not-converged" ? "not-converged" : "monotone-likelihood", columns: [treatment] };
}
