/**
 * The one sum that carries an analysis of cumulative incidence: events by cause and ends of follow-up, by group and bin of the public grid.
 *
 * Plain counts, so the coordinator may open them; what is shown is made of bins that the gate has merged, group by group, until each interval
 * holds enough events and of every cause nobody or enough, as the curves of the causes tell them apart.
 */

import { mergeTimeBins, type Sum, type SumLayout, type TimeBins } from "@dure/privacy";
import type { Absorbed, AnalysisRefusal } from "../../analysis.ts";
import type { CumulativeIncidenceAnalysis, CumulativeIncidenceResult } from "../../cumulative-incidence-result.ts";
import { countVector } from "../count-vectors.ts";
import { reportedExclusions } from "../excluded-reasons.ts";
import { groupAtOneSite, tooFewEvents } from "../group-refusals.ts";
import { groupLabel } from "../groups.ts";
import { entry, readVector } from "../sum-reading.ts";
import type { CumulativeIncidenceDesign } from "./design.ts";
import { describeGroup, followedDays, type GroupCounts, riskTicks } from "./estimates.ts";
import type { CumulativeIncidenceState } from "./state.ts";

export function countsLayout(design: CumulativeIncidenceDesign): SumLayout {
  const groupCount = design.groups.length;
  return {
    vectors: [
      countVector("causesByDay", groupCount * design.causes.length * design.binCount),
      countVector("censoredByDay", groupCount * design.binCount),
      countVector("followedToEnd", groupCount),
      countVector("hospitalsByGroup", groupCount, 1),
      countVector("excluded", design.reasons.length),
    ],
  };
}

/** The frame of a result: what the study asked for, and nothing found. */
export function emptyAnalysis({ grid, intervals, causes }: CumulativeIncidenceDesign): CumulativeIncidenceAnalysis {
  return {
    kind: "cumulative-incidence",
    n: 0,
    events: 0,
    excluded: [],
    outcome: "refused",
    timeBinDays: grid.binWidthDays,
    horizonDays: grid.horizonDays,
    intervals,
    causes: causes.map(({ label }) => label),
    groups: [],
  };
}

export function absorbCounts(design: CumulativeIncidenceDesign, sum: Sum): Absorbed<CumulativeIncidenceState, CumulativeIncidenceResult> {
  const groups = readGroups(design, sum);
  const n = total(groups.map((group) => group.n));
  const events = total(groups.map((group) => total(group.events)));
  const sizes = { labels: design.groups.map(groupLabel), sizes: groups.map((group) => group.n) };
  const refusal = tooFewEvents(design, { n, events }) ?? groupAtOneSite(sizes, sum) ?? underfilled(design, groups);
  if (refusal !== undefined) return { kind: "refused", refusal };
  const shown = groups.flatMap((counts) => {
    const merged = counts.n === 0 ? undefined : mergeTimeBins(binsOf(counts), design.minimumCell);
    return merged === undefined ? [] : [{ counts, merged }];
  });
  const ticks = riskTicks(Math.max(...shown.map((group) => followedDays(design, group))));
  const analysis: CumulativeIncidenceAnalysis = {
    ...emptyAnalysis(design),
    n,
    events,
    excluded: reportedExclusions(design, readVector(sum, "excluded", design.reasons.length)),
    outcome: "estimated",
    groups: shown.map((group) => describeGroup(design, group, ticks)),
  };
  return { kind: "done", result: { analysis } };
}

/** All that the gate asks of one group's bins. */
const binsOf = ({ events, others, remaining, byCause }: GroupCounts): TimeBins => ({ events, others, remaining, further: byCause });

function readGroups(design: CumulativeIncidenceDesign, sum: Sum): readonly GroupCounts[] {
  const { binCount, causes, groups } = design;
  const causesByDay = readVector(sum, "causesByDay", groups.length * causes.length * binCount);
  const censored = readVector(sum, "censoredByDay", groups.length * binCount);
  const beyond = readVector(sum, "followedToEnd", groups.length);
  return groups.map((group, g): GroupCounts => {
    const byCause = causes.map((_, c) => causesByDay.slice((g * causes.length + c) * binCount, (g * causes.length + c + 1) * binCount));
    const others = censored.slice(g * binCount, (g + 1) * binCount);
    const events = others.map((_, bin) => total(byCause.map((counts) => entry(counts, bin))));
    const remaining = entry(beyond, g);
    return { group, events, byCause, others, remaining, n: total(events) + total(others) + remaining };
  });
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** Groups of which no curve could be shown. */
function underfilled({ event, minimumCell }: CumulativeIncidenceDesign, groups: readonly GroupCounts[]): AnalysisRefusal | undefined {
  if (minimumCell === 0) return undefined;
  const hidden = groups.filter((group) => group.n > 0 && mergeTimeBins(binsOf(group), minimumCell) === undefined);
  if (hidden.length === 0) return undefined;
  const columns = hidden.map(({ group }) => groupLabel(group)).filter((label) => label !== "");
  return columns.length > 0 ? { code: "unsupported-group", columns } : { code: "unsupported-cause", columns: [event] };
}
