/** What a result tells of one group, read off its merged risk sets. */

import type { MergedTimeBins } from "@dure/privacy";
import { aalenJohansen, binEndDays, incidenceAt } from "@dure/statistics";
import type { IncidenceAtTime, IncidenceGroup } from "../../cumulative-incidence-result.ts";
import type { GroupLevels } from "../groups.ts";
import { atRiskAt, riskTicks } from "../kaplan-meier/estimates.ts";
import { type RiskPoint, riskPoints } from "../kaplan-meier/group-bins.ts";
import type { CumulativeIncidenceDesign } from "./design.ts";

export { riskTicks };

export interface GroupCounts {
  readonly group: GroupLevels;
  readonly n: number;
  /** By bin, of any cause; and by cause and bin. */
  readonly events: readonly number[];
  readonly byCause: readonly (readonly number[])[];
  readonly others: readonly number[];
  readonly remaining: number;
}

interface CountedGroup {
  readonly counts: GroupCounts;
  readonly merged: MergedTimeBins;
}

/** Disclosure: made of merged intervals only: no figure tells less than the minimum cell of patients apart. */
export function describeGroup(design: CumulativeIncidenceDesign, group: CountedGroup, ticks: readonly number[]): IncidenceGroup {
  const { counts, merged } = group;
  const points = riskPoints({ ...counts, eventCount: sumOf(counts.events) }, merged, design.minimumCell);
  const curves = aalenJohansen(
    {
      timesDays: points.map(({ end }) => binEndDays(design.grid, end)),
      atRisk: points.map(({ atRisk }) => atRisk),
      events: counts.byCause.map((ofCause) => inIntervals(ofCause, points)),
    },
    design.intervals,
  );
  const lastDay = followedDays(design, group);
  return {
    group: counts.group,
    n: counts.n,
    causes: design.causes.map(({ label }, c) => {
      const curve = curves[c] ?? [];
      const at = design.at.flatMap((time): readonly IncidenceAtTime[] => {
        if (time > lastDay && !hasNobodyLeft(points)) return [];
        const lastStep = curve.findLast((step) => step.time <= time)?.time ?? 0;
        const merging = design.minimumCell === 0 ? {} : { lastStep };
        return [{ time, ...incidenceAt(curve, time), atRisk: atRiskAt(design, points, time), ...merging }];
      });
      return { cause: label, events: sumOf(counts.byCause[c] ?? []), at, curve: curve.filter(({ events }) => events > 0) };
    }),
    numbersAtRisk: ticks.map((time) => ({ time, atRisk: atRiskAt(design, points, time) })),
    followedDays: lastDay,
  };
}

/** Until when the curves are known; as for Kaplan-Meier, nothing is told of the last day of a few. */
export function followedDays({ grid, minimumCell }: CumulativeIncidenceDesign, { counts, merged }: CountedGroup): number {
  if (counts.remaining > 0 && counts.remaining >= minimumCell && merged.remaining > 0) return grid.horizonDays;
  if (minimumCell > 0) return binEndDays(grid, merged.intervals.at(-1)?.end ?? 0);
  return binEndDays(
    grid,
    Math.max(
      0,
      counts.others.findLastIndex((count, bin) => count + (counts.events[bin] ?? 0) > 0),
    ),
  );
}

/** The last event was that of the last ones followed: the curves are known for ever. */
function hasNobodyLeft(points: readonly RiskPoint[]): boolean {
  const last = points.findLast(({ events }) => events > 0);
  return last !== undefined && last.events === last.atRisk;
}

function inIntervals(ofBins: readonly number[], points: readonly RiskPoint[]): readonly number[] {
  let bin = 0;
  return points.map(({ end }) => {
    let count = 0;
    for (; bin <= end; bin++) count += ofBins[bin] ?? 0;
    return count;
  });
}

const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
