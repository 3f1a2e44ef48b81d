/**
 * Generalised linear models over hospitals, the public half: counts → moments → centred → newton (as many sums as it takes) → summary. With a
 * penalty: counts → moments → centred → path → penalised → judged.
 *
 * The likelihood is a sum over rows, so its value, gradient and information are sums over hospitals and the fit equals that of the rows
 * put together (design.md section 3). Every step is a function of the last sum alone.
 */

import { unreachable } from "@dure/kernel";
import type { Sum, SumLayout } from "@dure/privacy";
import type { StudyDocument } from "@dure/study";
import type { Absorbed, AnalysisRefusal, CoordinatorPart } from "../../analysis.ts";
import type { GlmAnalysis, GlmResult } from "../../glm-result.ts";
import { absorbCounts, countsLayout } from "./counts.ts";
import { type GlmDesign, glmDesign } from "./design.ts";
import { absorbNewtonRound, newtonLayout } from "./fits.ts";
import { absorbJudged, absorbPath, absorbPenalisedRound, judgedLayout, pathLayout, penalisedLayout } from "./penalised.ts";
import { absorbSummary, knownAnalysis } from "./result.ts";
import type { GlmState } from "./state.ts";
import { summaryLayout } from "./summary.ts";
import { absorbCentred, absorbMoments, centredTotalsLayout, outcomeMomentsLayout } from "./totals.ts";

export function glmCoordinator(study: StudyDocument): CoordinatorPart<GlmState, GlmResult> {
  const design = glmDesign(study);
  return {
    exact: true,
    begin: () => ({ phase: "counts" }),
    layout: (state) => layoutOf(design, state),
    absorb: (state, sum) => absorb(design, state, sum),
  };
}

/** What is known of a study that ended without a model: the counts, the moments if they were taken, and why. */
export function refusedGlmAnalysis(study: StudyDocument, state: GlmState, refusal: AnalysisRefusal): GlmAnalysis {
  const design = glmDesign(study);
  const known =
    state.phase === "counts"
      ? ({ kind: "generalised-linear-model", model: design.model, n: 0, excluded: [], description: [] } as const)
      : knownAnalysis(design, state);
  const outcome = refusal.code === "separated" || refusal.code === "not-converged" ? refusal.code : "refused";
  const newton = state.phase === "newton" ? state.fits[0]?.newton : undefined;
  return { ...known, iterations: newton?.iterations ?? 0, outcome, refusal, terms: [], errors: { kind: design.errors } };
}

function layoutOf(design: GlmDesign, state: GlmState): SumLayout {
  switch (state.phase) {
    case "counts":
      return countsLayout(design);
    case "moments":
      return outcomeMomentsLayout(design);
    case "centred":
      return centredTotalsLayout(design, state);
    case "newton":
      return newtonLayout(design, state);
    case "summary":
      return summaryLayout(design, state);
    case "path":
      return pathLayout(design, state);
    case "penalised":
      return penalisedLayout(design, state);
    case "judged":
      return judgedLayout(design, state);
    default:
      return unreachable(state);
  }
}

function absorb(design: GlmDesign, state: GlmState, sum: Sum): Absorbed<GlmState, GlmResult> {
  switch (state.phase) {
    case "counts":
      return absorbCounts(design, sum);
    case "moments":
      return absorbMoments(design, state, sum);
    case "centred":
      return absorbCentred(design, state, sum);
    case "newton":
      return absorbNewtonRound(design, state, sum);
    case "summary":
      return absorbSummary(design, state, sum);
    case "path":
      return absorbPath(design, state, sum);
    case "penalised":
      return absorbPenalisedRound(design, state, sum);
    case "judged":
      return absorbJudged(design, state, sum);
    default:
      return unreachable(state);
  }
}
