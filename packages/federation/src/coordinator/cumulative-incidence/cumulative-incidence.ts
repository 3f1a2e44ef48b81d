/**
 * Cumulative incidence over hospitals, the public half: one sum of counts.
 *
 * Risk sets on a grid that was public before are sums of hospitals' risk sets, so the curves equal those of the rows put together.
 */

import type { StudyDocument } from "@dure/study";
import type { AnalysisRefusal, CoordinatorPart } from "../../analysis.ts";
import type { CumulativeIncidenceAnalysis, CumulativeIncidenceResult } from "../../cumulative-incidence-result.ts";
import { absorbCounts, countsLayout, emptyAnalysis } from "./counts.ts";
import { cumulativeIncidenceDesign } from "./design.ts";
import type { CumulativeIncidenceState } from "./state.ts";

export function cumulativeIncidenceCoordinator(study: StudyDocument): CoordinatorPart<CumulativeIncidenceState, CumulativeIncidenceResult> {
  const design = cumulativeIncidenceDesign(study);
  return {
    exact: true,
    begin: () => ({ phase: "counts" }),
    layout: () => countsLayout(design),
    absorb: (_state, sum) => absorbCounts(design, sum),
  };
}

/** Of a refused study nothing is told but why: its counts may be the very reason. */
export function refusedCumulativeIncidence(
  study: StudyDocument,
  _state: CumulativeIncidenceState,
  refusal: AnalysisRefusal,
): CumulativeIncidenceAnalysis {
  return { ...emptyAnalysis(cumulativeIncidenceDesign(study)), refusal };
}
