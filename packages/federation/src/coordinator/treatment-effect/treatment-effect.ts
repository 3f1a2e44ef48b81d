/**
 * The effect of a treatment over hospitals, the public half: counts → moments → centred → models (as many sums as they take) → totals →
 * hazards (of a Cox regression) → slopes → influence.
 *
 * One propensity model is fitted on all hospitals' patients; weights are functions of its coefficients and a patient's own row, so weighted
 * sums, and the sums that their standard errors are made of, are sums over hospitals: everything equals what the rows put together give.
 */

import { unreachable } from "@dure/kernel";
import type { Sum, SumLayout } from "@dure/privacy";
import type { StudyDocument } from "@dure/study";
import type { Absorbed, AnalysisRefusal, CoordinatorPart } from "../../analysis.ts";
import type { TreatmentEffectAnalysis, TreatmentEffectResult } from "../../treatment-effect-result.ts";
import { centredLayout, momentsLayout } from "../standardisation.ts";
import { absorbCounts, countsLayout } from "./counts.ts";
import { type TreatmentDesign, treatmentDesign } from "./design.ts";
import { asksForSlopes, influenceLayout, readInfluence, readSlopes, slopesLayout } from "./errors.ts";
import { absorbHazards, hazardsLayout, startHazards } from "./hazards.ts";
import { absorbCentred, absorbModels, absorbMoments, modelsLayout, summedColumns } from "./models.ts";
import { composeAnalysis, refusedTreatmentEffect } from "./result.ts";
import type { TreatmentPhase, TreatmentState } from "./state.ts";
import { readTotals, totalsLayout, totalsRefusal } from "./totals.ts";

type Step = Absorbed<TreatmentState, TreatmentEffectResult>;

export function treatmentEffectCoordinator(study: StudyDocument): CoordinatorPart<TreatmentState, TreatmentEffectResult> {
  const design = treatmentDesign(study);
  return {
    exact: true,
    begin: () => ({ phase: "counts" }),
    layout: (state) => layoutOf(design, state),
    absorb: (state, sum) => absorb(design, state, sum),
  };
}

/** What is known of a study that ended without a result. */
export const refusedTreatmentAnalysis = (study: StudyDocument, state: TreatmentState, refusal: AnalysisRefusal): TreatmentEffectAnalysis =>
  refusedTreatmentEffect(treatmentDesign(study), state, refusal);

function layoutOf(design: TreatmentDesign, state: TreatmentState): SumLayout {
  switch (state.phase) {
    case "counts":
      return countsLayout(design);
    case "moments":
      return momentsLayout(summedColumns(design, state.counts).names.length);
    case "centred":
      return centredLayout(summedColumns(design, state.counts));
    case "models":
      return modelsLayout(design, state);
    case "totals":
      return totalsLayout(design, state);
    case "hazards":
      return hazardsLayout(design, state);
    case "slopes":
      return slopesLayout(design, state);
    case "influence":
      return influenceLayout(design, state);
    default:
      return unreachable(state);
  }
}

function absorb(design: TreatmentDesign, state: TreatmentState, sum: Sum): Step {
  switch (state.phase) {
    case "counts":
      return absorbCounts(design, sum);
    case "moments":
      return absorbMoments(design, state, sum);
    case "centred":
      return absorbCentred(design, state, sum);
    case "models":
      return absorbModels(design, state, sum);
    case "totals":
      return absorbTotals(design, state, sum);
    case "hazards":
      return absorbHazards(design, state, sum);
    case "slopes":
      return { kind: "continue", state: { ...state, phase: "influence", slopes: readSlopes(design, state, sum) } };
    case "influence":
      return { kind: "done", result: { analysis: composeAnalysis(design, state, readInfluence(design, state, sum)) } };
    default:
      return unreachable(state);
  }
}

/** Weighted curves carry their own errors and end here; an influence function of its own needs no slopes. */
function absorbTotals(design: TreatmentDesign, state: TreatmentPhase<"totals">, sum: Sum): Step {
  const totals = readTotals(design, state, sum);
  const refusal = totalsRefusal(design, totals, sum);
  if (refusal !== undefined) return { kind: "refused", refusal };
  const known = { ...state, totals };
  if (design.outcomeModel === "kaplan-meier")
    return { kind: "done", result: { analysis: composeAnalysis(design, { ...known, slopes: [] }, []) } };
  if (design.outcomeModel === "cox")
    return { kind: "continue", state: { ...known, phase: "hazards", hazards: startHazards(design, state.counts) } };
  if (asksForSlopes(design, state.counts)) return { kind: "continue", state: { ...known, phase: "slopes" } };
  return { kind: "continue", state: { ...known, phase: "influence", slopes: totals.blocks.map(() => ({ directions: [], fixed: [] })) } };
}
