/**
 * Meta-analysis over hospitals, the public half: counts → scales → means → spread → between (as many sums as the search of τ² takes).
 *
 * For hospitals that cannot stay online for a whole fit: each fits the study's model on its own rows and is asked for a few short sums. The
 * answer is not the one of the rows put together: where events are rare a hospital's own coefficients are biased, a hospital without
 * events has none, and both pass into what is pooled. The result carries the study's reason for accepting that.
 */

import { unreachable } from "@dure/kernel";
import type { Sum, SumLayout } from "@dure/privacy";
import type { StudyDocument } from "@dure/study";
import type { Absorbed, AnalysisRefusal, CoordinatorPart } from "../../analysis.ts";
import type { MetaAnalysis, MetaAnalysisResult } from "../../meta-analysis-result.ts";
import { coordinatorPartFor } from "../registry.ts";
import { absorbCounts, countsLayout } from "./counts.ts";
import { type MetaAnalysisDesign, metaAnalysisDesign, ownStudy } from "./design.ts";
import {
  absorbBetween,
  absorbMeans,
  absorbScales,
  absorbSpread,
  betweenLayout,
  meansLayout,
  scalesLayout,
  spreadLayout,
} from "./pooling.ts";
import { refusedMetaAnalysis } from "./results.ts";
import type { MetaAnalysisState } from "./state.ts";

/** Fails: DureError `federation/analysis-not-available` where the hospitals' own model is not. */
export function metaAnalysisCoordinator(study: StudyDocument): CoordinatorPart<MetaAnalysisState, MetaAnalysisResult> {
  const design = metaAnalysisDesign(study);
  coordinatorPartFor(ownStudy(study));
  return {
    exact: true,
    begin: (siteIds) => ({ phase: "counts", alone: siteIds.length === 0 }),
    layout: (state) => layoutOf(design, state),
    absorb: (state, sum) => absorb(design, state, sum),
  };
}

export function refusedMetaAnalysisOf(study: StudyDocument, state: MetaAnalysisState, refusal: AnalysisRefusal): MetaAnalysis {
  return refusedMetaAnalysis(metaAnalysisDesign(study), state, refusal);
}

function layoutOf(design: MetaAnalysisDesign, state: MetaAnalysisState): SumLayout {
  switch (state.phase) {
    case "counts":
      return countsLayout(design);
    case "scales":
      return scalesLayout(design);
    case "means":
      return meansLayout(design);
    case "spread":
      return spreadLayout(design);
    case "between":
      return betweenLayout(state);
    default:
      return unreachable(state);
  }
}

function absorb(design: MetaAnalysisDesign, state: MetaAnalysisState, sum: Sum): Absorbed<MetaAnalysisState, MetaAnalysisResult> {
  switch (state.phase) {
    case "counts":
      return absorbCounts(design, state, sum);
    case "scales":
      return absorbScales(design, state, sum);
    case "means":
      return absorbMeans(design, state, sum);
    case "spread":
      return absorbSpread(design, state, sum);
    case "between":
      return absorbBetween(design, state, sum);
    default:
      return unreachable(state);
  }
}
