/**
 * Kaplan-Meier over hospitals, the public half: one sum of counts, and one more where a test compares groups within hospitals.
 *
 * A risk set on a grid that was public before is a sum of hospitals' risk sets, so curves and test equal those of the rows put together.
 */

import { unreachable } from "@dure/kernel";
import type { StudyDocument } from "@dure/study";
import type { AnalysisRefusal, CoordinatorPart } from "../../analysis.ts";
import type { KaplanMeierAnalysis, KaplanMeierResult } from "../../kaplan-meier-result.ts";
import { absorbCounts, countsLayout, emptyAnalysis } from "./counts.ts";
import { kaplanMeierDesign } from "./design.ts";
import type { KaplanMeierState } from "./state.ts";
import { absorbStrata, strataLayout } from "./strata.ts";

export function kaplanMeierCoordinator(study: StudyDocument): CoordinatorPart<KaplanMeierState, KaplanMeierResult> {
  const design = kaplanMeierDesign(study);
  return {
    exact: true,
    begin: () => ({ phase: "counts" }),
    layout: (state) => {
      switch (state.phase) {
        case "counts":
          return countsLayout(design);
        case "strata":
          return strataLayout(design, state);
        default:
          return unreachable(state);
      }
    },
    absorb: (state, sum) => {
      switch (state.phase) {
        case "counts":
          return absorbCounts(design, sum);
        case "strata":
          return { kind: "done", result: absorbStrata(design, state, sum) };
        default:
          return unreachable(state);
      }
    },
  };
}

/** Of a refused study nothing is told but why: its counts may be the very reason. */
export function refusedKaplanMeierAnalysis(study: StudyDocument, _state: KaplanMeierState, refusal: AnalysisRefusal): KaplanMeierAnalysis {
  return { ...emptyAnalysis(kaplanMeierDesign(study)), refusal };
}
