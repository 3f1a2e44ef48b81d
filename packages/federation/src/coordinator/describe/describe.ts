/**
 * A description of the patients of all hospitals, the public half: counts, then the numbers' means and deviations in two sums, then their
 * quartiles in a few rounds of counts, then the counts behind the rank tests.
 */

import { unreachable } from "@dure/kernel";
import type { Sum, SumLayout } from "@dure/privacy";
import type { StudyDocument } from "@dure/study";
import type { Absorbed, AnalysisRefusal, CoordinatorPart } from "../../analysis.ts";
import type { DescribeAnalysis, DescribeResult } from "../../describe-result.ts";
import { countsLayout, readCounts } from "./counts.ts";
import { type DescribeDesign, describeDesign } from "./design.ts";
import { centredLayout, centresOf, momentsLayout, momentsOf, summedParts } from "./moments.ts";
import { absorbQuartiles, quartilesLayout, startSearches } from "./quartiles.ts";
import { rankedNumbers, ranksLayout, readRanks } from "./ranks.ts";
import type { DescribeCounts, DescribeState, PhaseState } from "./state.ts";
import { describeFindings, emptyAnalysis, type Findings } from "./summaries.ts";

type Step = Absorbed<DescribeState, DescribeResult>;

export function describeCoordinator(study: StudyDocument): CoordinatorPart<DescribeState, DescribeResult> {
  const design = describeDesign(study);
  return {
    exact: true,
    begin: () => ({ phase: "counts" }),
    layout: (state) => layoutOf(design, state),
    absorb: (state, sum) => absorb(design, state, sum),
  };
}

/** Of a refused study nothing is told but why: its counts may be the very reason. */
export function refusedDescribeAnalysis(study: StudyDocument, _state: DescribeState, refusal: AnalysisRefusal): DescribeAnalysis {
  return { ...emptyAnalysis(describeDesign(study)), refusal };
}

function layoutOf(design: DescribeDesign, state: DescribeState): SumLayout {
  switch (state.phase) {
    case "counts":
      return countsLayout(design);
    case "moments":
      return momentsLayout(summedParts(design, state.counts));
    case "centred":
      return centredLayout(summedParts(design, state.counts));
    case "quartiles":
      return quartilesLayout(state);
    case "ranks":
      return ranksLayout(design, state);
    default:
      return unreachable(state);
  }
}

function absorb(design: DescribeDesign, state: DescribeState, sum: Sum): Step {
  switch (state.phase) {
    case "counts":
      return absorbCounts(design, sum);
    case "moments": {
      const centres = centresOf(summedParts(design, state.counts), sum);
      return { kind: "continue", state: { phase: "centred", counts: state.counts, centres } };
    }
    case "centred":
      return absorbCentred(design, state, sum);
    case "quartiles": {
      const { searches, found } = absorbQuartiles(state, { sum, minimumCell: design.minimumCell });
      if (searches.length > 0) return { kind: "continue", state: { ...state, searches, found } };
      return afterQuartiles(design, { counts: state.counts, moments: state.moments, found });
    }
    case "ranks":
      return done(design, { ...state, ranks: readRanks(design, { ...state, sum }) });
    default:
      return unreachable(state);
  }
}

function absorbCounts(design: DescribeDesign, sum: Sum): Step {
  const read = readCounts(design, sum);
  if (read.kind === "refused") return read;
  const counts = read.value;
  if (summedParts(design, counts).length === 0) return done(design, { counts, moments: [], found: [], ranks: new Map() });
  return { kind: "continue", state: { phase: "moments", counts } };
}

function absorbCentred(design: DescribeDesign, { counts, centres }: PhaseState<"centred">, sum: Sum): Step {
  const moments = momentsOf(summedParts(design, counts), { centres, sum });
  const searches = design.quartiles ? startSearches(moments) : [];
  if (searches.length > 0) return { kind: "continue", state: { phase: "quartiles", counts, moments, searches, found: [] } };
  return afterQuartiles(design, { counts, moments, found: [] });
}

function afterQuartiles(design: DescribeDesign, known: Pick<PhaseState<"ranks">, "counts" | "moments" | "found">): Step {
  if (design.tests && rankedNumbers(design, known.moments).length > 0 && hasTwoGroups(known.counts))
    return { kind: "continue", state: { phase: "ranks", ...known } };
  return done(design, { ...known, ranks: new Map() });
}

const hasTwoGroups = ({ rows }: DescribeCounts): boolean => rows.filter((count) => count > 0).length >= 2;

const done = (design: DescribeDesign, findings: Findings): Step => ({
  kind: "done",
  result: { analysis: describeFindings(design, findings) },
});
