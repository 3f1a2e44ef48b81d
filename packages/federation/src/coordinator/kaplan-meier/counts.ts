/**
 * The sum that carries a Kaplan-Meier analysis: events and ends of follow-up by group and bin of the public grid.
 *
 * Plain counts, so the coordinator may open them; what is shown of them is made of bins that the gate has merged. Every group is counted at
 * every hospital, and in how many hospitals it has a row: a curve of one hospital alone would be that hospital's own.
 */

import { mergeTimeBins, type Sum, type SumLayout } from "@dure/privacy";
import { logRankSums, logRankTest } from "@dure/statistics";
import type { Absorbed, AnalysisRefusal } from "../../analysis.ts";
import type { KaplanMeierAnalysis, KaplanMeierResult } from "../../kaplan-meier-result.ts";
import { countVector } from "../count-vectors.ts";
import { reportedExclusions } from "../excluded-reasons.ts";
import { type GroupSizes, groupAtOneSite, tooFewEvents } from "../group-refusals.ts";
import { groupLabel } from "../groups.ts";
import { readVector } from "../sum-reading.ts";
import type { KaplanMeierDesign } from "./design.ts";
import { type CountedGroup, describeGroups } from "./estimates.ts";
import { type GroupBins, groupBins, pooledBins, riskSetsIn } from "./group-bins.ts";
import type { KaplanMeierState } from "./state.ts";
import { ofShownGroups } from "./test-groups.ts";

type Step = Absorbed<KaplanMeierState, KaplanMeierResult>;

export function countsLayout(design: KaplanMeierDesign): SumLayout {
  const groupCount = design.groups.length;
  return {
    vectors: [
      countVector("eventsByDay", groupCount * design.binCount),
      countVector("censoredByDay", groupCount * design.binCount),
      countVector("followedToEnd", groupCount),
      countVector("hospitalsByGroup", groupCount, 1),
      countVector("excluded", design.reasons.length),
    ],
  };
}

export function absorbCounts(design: KaplanMeierDesign, sum: Sum): Step {
  const excluded = readVector(sum, "excluded", design.reasons.length);
  const bins = readGroups(design, sum);
  const pooled = pooledBins(bins, design.binCount);
  const refusal =
    tooFewEvents(design, { n: pooled.n, events: pooled.eventCount }) ??
    groupAtOneSite(sizesOf(design, bins), sum) ??
    underfilled(design, bins);
  if (refusal !== undefined) return { kind: "refused", refusal };
  const groups = countedGroups(design, bins);
  const analysis: KaplanMeierAnalysis = {
    ...emptyAnalysis(design),
    n: pooled.n,
    events: pooled.eventCount,
    excluded: reportedExclusions(design, excluded),
    outcome: "estimated",
    groups: describeGroups(design, groups),
  };
  const ends = mergeTimeBins(pooled, design.minimumCell)?.intervals.map(({ end }) => end) ?? [];
  return withTest(design, analysis, { bins, ends });
}

/** The frame of a result: what the study asked for, and nothing found. */
export function emptyAnalysis(design: KaplanMeierDesign): KaplanMeierAnalysis {
  const { grid, intervals } = design;
  return {
    kind: "kaplan-meier",
    n: 0,
    events: 0,
    excluded: [],
    outcome: "refused",
    timeBinDays: grid.binWidthDays,
    horizonDays: grid.horizonDays,
    intervals,
    groups: [],
  };
}

interface TestInput {
  readonly bins: readonly GroupBins[];
  readonly ends: readonly number[];
}

/** A test within hospitals needs their own risk sets: one more sum. */
function withTest(design: KaplanMeierDesign, analysis: KaplanMeierAnalysis, { bins, ends }: TestInput): Step {
  if (design.test === "none") return { kind: "done", result: { analysis } };
  const sets = bins.map((group) => riskSetsIn(group, ends));
  const atRisk = sets.flatMap((group) => group.atRisk);
  const sums = logRankSums({ groupCount: bins.length, timeCount: ends.length, atRisk, events: sets.flatMap(({ events }) => events) });
  if (design.test === "by-site") return { kind: "continue", state: { phase: "strata", analysis, ends, observed: [...sums.observed] } };
  const test = logRankTest(sums);
  return {
    kind: "done",
    result: { analysis: test === undefined ? analysis : { ...analysis, test: ofShownGroups(design, analysis, test) } },
  };
}

function readGroups(design: KaplanMeierDesign, sum: Sum): readonly GroupBins[] {
  const length = design.groups.length * design.binCount;
  const read = (name: string, count: number): Float64Array => Float64Array.from(readVector(sum, name, count));
  const counts = {
    events: read("eventsByDay", length),
    censored: read("censoredByDay", length),
    beyond: read("followedToEnd", design.groups.length),
  };
  return design.groups.map((_, group) => groupBins(counts, group, design.binCount));
}

const sizesOf = ({ groups }: KaplanMeierDesign, bins: readonly GroupBins[]): GroupSizes => ({
  labels: groups.map(groupLabel),
  sizes: bins.map(({ n }) => n),
});

/** Groups of which no curve could be shown; with a minimum cell that is every group without enough events. */
function underfilled({ groups, minimumCell }: KaplanMeierDesign, bins: readonly GroupBins[]): AnalysisRefusal | undefined {
  if (minimumCell === 0) return undefined;
  const isHidden = (group: GroupBins | undefined): boolean =>
    group !== undefined && group.n > 0 && mergeTimeBins(group, minimumCell) === undefined;
  const columns = groups.filter((_, i) => isHidden(bins[i])).map(groupLabel);
  return columns.length > 0 ? { code: "unsupported-group", columns } : undefined;
}

function countedGroups({ groups, minimumCell }: KaplanMeierDesign, bins: readonly GroupBins[]): readonly CountedGroup[] {
  return groups.flatMap((group, i): readonly CountedGroup[] => {
    const own = bins[i];
    const merged = own === undefined || own.n === 0 ? undefined : mergeTimeBins(own, minimumCell);
    return own === undefined || merged === undefined ? [] : [{ group, bins: own, merged }];
  });
}
