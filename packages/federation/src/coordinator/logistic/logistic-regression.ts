/**
 * Logistic regression over hospitals, the public half: counts → moments → centred → newton (as many sums as it takes) → scores.
 *
 * The likelihood is a sum over rows, so its value, gradient and information are sums over hospitals and the fit equals that of the rows
 * put together (design.md section 3). Every step is a function of the last sum alone.
 */

import { unreachable } from "@dure/kernel";
import type { Sum, SumLayout } from "@dure/privacy";
import type { StudyDocument } from "@dure/study";
import type { Absorbed, AnalysisRefusal, CoordinatorPart } from "../../analysis.ts";
import type { LogisticAnalysis, LogisticRegressionResult } from "../../result.ts";
import { centredLayout, momentsLayout } from "../standardisation.ts";
import { absorbCounts, countsLayout } from "./counts.ts";
import { type LogisticDesign, logisticDesign } from "./design.ts";
import { absorbNewtonRound, newtonLayout } from "./fits.ts";
import { absorbCentred, absorbMoments, summedColumns } from "./moments.ts";
import { absorbScores, describeRows, scoresLayout } from "./scores.ts";
import type { LogisticState } from "./state.ts";

export function logisticRegressionCoordinator(study: StudyDocument): CoordinatorPart<LogisticState, LogisticRegressionResult> {
  const design = logisticDesign(study);
  return {
    exact: true,
    begin: () => ({ phase: "counts" }),
    layout: (state) => layoutOf(design, state),
    absorb: (state, sum) => absorb(design, state, sum),
  };
}

/** What is known of a study that ended without a model: the counts, the moments if they were taken, and why. */
export function refusedLogisticAnalysis(study: StudyDocument, state: LogisticState, refusal: AnalysisRefusal): LogisticAnalysis {
  const design = logisticDesign(study);
  const known =
    state.phase === "counts"
      ? ({ kind: "logistic-regression", n: 0, events: 0, excluded: [], logLikelihoodNull: 0, description: [] } as const)
      : describeRows(design, state.counts, "standardisation" in state ? state.standardisation : undefined);
  const outcome = refusal.code === "separated" || refusal.code === "not-converged" ? refusal.code : "refused";
  const full = state.phase === "newton" ? state.fits[0]?.newton : undefined;
  return { ...known, iterations: full?.iterations ?? 0, outcome, refusal, terms: [], logLikelihood: known.logLikelihoodNull };
}

function layoutOf(design: LogisticDesign, state: LogisticState): SumLayout {
  switch (state.phase) {
    case "counts":
      return countsLayout(design);
    case "moments":
      return momentsLayout(design.features.length);
    case "centred":
      return centredLayout(summedColumns(design, state.counts.n));
    case "newton":
      return newtonLayout(design, state);
    case "scores":
      return scoresLayout(design, state);
    default:
      return unreachable(state);
  }
}

function absorb(design: LogisticDesign, state: LogisticState, sum: Sum): Absorbed<LogisticState, LogisticRegressionResult> {
  switch (state.phase) {
    case "counts":
      return absorbCounts(design, sum);
    case "moments":
      return absorbMoments(design, state, sum);
    case "centred":
      return absorbCentred(design, state, sum);
    case "newton":
      return absorbNewtonRound(design, state, sum);
    case "scores":
      return absorbScores(design, state, sum);
    default:
      return unreachable(state);
  }
}
