/** Incidence rates over hospitals, the public half: a sum of counts, then one of person-time. Both are sums, so rates equal those of the rows put together. */

import { unreachable } from "@dure/kernel";
import type { Sum, SumLayout } from "@dure/privacy";
import type { StudyDocument } from "@dure/study";
import type { Absorbed, AnalysisRefusal, CoordinatorPart } from "../../analysis.ts";
import type { IncidenceAnalysis, IncidenceResult } from "../../incidence-rates-result.ts";
import { momentsBound } from "../standardisation.ts";
import { readVector } from "../sum-reading.ts";
import { cellCount, countsLayout, ofGroup, readCounts } from "./counts.ts";
import { cellLabel, type IncidenceDesign, incidenceDesign } from "./design.ts";
import { emptyAnalysis, estimateRates } from "./estimates.ts";
import type { IncidenceState, TimeState } from "./state.ts";

export function incidenceCoordinator(study: StudyDocument): CoordinatorPart<IncidenceState, IncidenceResult> {
  const design = incidenceDesign(study);
  return {
    exact: true,
    begin: () => ({ phase: "counts" }),
    layout: (state) => {
      switch (state.phase) {
        case "counts":
          return countsLayout(design);
        case "time":
          return timeLayout(design, state);
        default:
          return unreachable(state);
      }
    },
    absorb: (state, sum) => {
      switch (state.phase) {
        case "counts": {
          const read = readCounts(design, sum);
          return read.kind === "refused" ? read : { kind: "continue", state: read.value };
        }
        case "time":
          return absorbTime(design, state, sum);
        default:
          return unreachable(state);
      }
    },
  };
}

/** Of a refused study nothing is told but why: its counts may be the very reason. */
export function refusedIncidenceAnalysis(study: StudyDocument, _state: IncidenceState, refusal: AnalysisRefusal): IncidenceAnalysis {
  return { ...emptyAnalysis(incidenceDesign(study)), refusal };
}

const timeCells = (design: IncidenceDesign, { opens }: TimeState): number => (opens === "strata" ? cellCount(design) : design.groupCount);

/** Days of follow-up. Nothing is known of them before, so their bound is that of any first sum of numbers. */
function timeLayout(design: IncidenceDesign, state: TimeState): SumLayout {
  return { vectors: [{ name: "personTime", length: timeCells(design, state), encoding: "wide", bound: momentsBound }] };
}

function absorbTime(design: IncidenceDesign, state: TimeState, sum: Sum): Absorbed<IncidenceState, IncidenceResult> {
  const days = readVector(sum, "personTime", timeCells(design, state));
  const columns = withoutTime(design, state, days);
  if (columns.length > 0) return { kind: "refused", refusal: { code: "no-person-time", columns } };
  return { kind: "done", result: { analysis: estimateRates(design, state, days) } };
}

/** Groups that have patients and no follow-up, and strata that have events and none, or carry weight and nobody was followed in them. */
function withoutTime(design: IncidenceDesign, { counts, opens }: TimeState, days: readonly number[]): readonly string[] {
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
  const isFollowed = (group: number): boolean => total(ofGroup(design, counts.patients, group)) > 0;
  if (opens === "groups" || design.standardisation === undefined) {
    const ofGroups = opens === "groups" ? days : Array.from({ length: design.groupCount }, (_, i) => total(ofGroup(design, days, i)));
    return ofGroups.flatMap((time, i) => (isFollowed(i) && !(time > 0) ? [groupLabel(design, i)] : []));
  }
  return days.flatMap((time, cell) => {
    const { weight = 0 } = design.strata[cell % design.strata.length] ?? {};
    const needsTime = design.standardisation === "direct" ? weight > 0 : (counts.events[cell] ?? 0) > 0;
    return isFollowed(Math.floor(cell / design.strata.length)) && needsTime && !(time > 0) ? [cellLabel(design, cell)] : [];
  });
}

const groupLabel = ({ group, time }: IncidenceDesign, index: number): string =>
  group === undefined ? time : `${group.variable} = ${group.levels[index]}`;
