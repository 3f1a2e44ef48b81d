/** What a result tells of one group, read off its merged risk sets. */

import type { MergedTimeBins } from "@dure/privacy";
import { binEndDays, binOf, kaplanMeier, medianSurvival, restrictedMean, survivalAt, type TimeGrid } from "@dure/statistics";
import type { SurvivalGroup } from "../../kaplan-meier-result.ts";
import type { GroupLevels } from "../groups.ts";
import type { KaplanMeierDesign } from "./design.ts";
import { type GroupBins, type RiskPoint, riskPoints } from "./group-bins.ts";

export interface CountedGroup {
  readonly group: GroupLevels;
  readonly bins: GroupBins;
  readonly merged: MergedTimeBins;
}

/**
 * Curves and what follows from them, for every group.
 *
 * Disclosure: made of merged intervals only: no figure tells less than the minimum cell of patients apart.
 */
export function describeGroups(design: KaplanMeierDesign, groups: readonly CountedGroup[]): readonly SurvivalGroup[] {
  const followed = groups.map((group) => followedDays(design, group));
  const ticks = riskTicks(Math.max(...followed));
  return groups.map(({ group, bins, merged }, i): SurvivalGroup => {
    const points = riskPoints(bins, merged, design.minimumCell);
    const lastTimeDays = followed[i] ?? 0;
    const sets = {
      timesDays: points.map(({ end }) => binEndDays(design.grid, end)),
      atRisk: points.map(({ atRisk }) => atRisk),
      events: points.map(({ events }) => events),
    };
    const curve = kaplanMeier(sets, { interval: design.intervals, lastTimeDays });
    const untilDays = design.restrictedMeanDays;
    const mean = untilDays === undefined ? undefined : restrictedMean(curve, untilDays);
    return {
      group,
      n: bins.n,
      events: bins.eventCount,
      median: medianSurvival(curve),
      at: design.at.flatMap((time) => {
        const found = survivalAt(curve, time);
        const lastStep = curve.steps.findLast((step) => step.time <= time)?.time ?? 0;
        const merging = design.minimumCell === 0 ? {} : { lastStep };
        return found === undefined ? [] : [{ time, ...found, atRisk: atRiskAt(design, points, time), ...merging }];
      }),
      ...(mean === undefined || untilDays === undefined ? {} : { restrictedMean: { untilDays, ...mean } }),
      numbersAtRisk: ticks.map((time) => ({ time, atRisk: atRiskAt(design, points, time) })),
      followedDays: lastTimeDays,
      curve: curve.steps,
    };
  });
}

/**
 * Until when a curve is known. With a minimum cell the last day of follow-up of a few is not told: then it is that of the last step, or the
 * horizon where enough are followed to it.
 */
export function followedDays(
  { grid, minimumCell, binCount }: Pick<KaplanMeierDesign, "grid" | "minimumCell" | "binCount">,
  { bins, merged }: Pick<CountedGroup, "bins" | "merged">,
): number {
  if (bins.remaining > 0 && bins.remaining >= minimumCell && merged.remaining > 0) return grid.horizonDays;
  if (minimumCell > 0) return binEndDays(grid, merged.intervals.at(-1)?.end ?? 0);
  let bin = binCount - 1;
  while (bin > 0 && (bins.events[bin] ?? 0) + (bins.others[bin] ?? 0) === 0) bin--;
  return binEndDays(grid, bin);
}

/** Of the interval in which the time lies; 0 behind the last. */
export function atRiskAt({ grid }: { readonly grid: TimeGrid }, points: readonly RiskPoint[], timeDays: number): number {
  const bin = binOf(timeDays, grid.binWidthDays);
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((points[middle]?.end ?? 0) < bin) low = middle + 1;
    else high = middle;
  }
  return points[low]?.atRisk ?? 0;
}

/** Weeks, months, quarters and years that a reader expects under a curve. */
const TICK_DAYS = [1, 7, 14, 30, 60, 90, 180, 365, 730, 1825, 3650, 7300];
const TICKS_MAX = 8;

/** From 0 on, in the smallest of these steps that needs at most 8 of them. */
export function riskTicks(lastDay: number): readonly number[] {
  const step = TICK_DAYS.find((days) => lastDay / days < TICKS_MAX) ?? lastDay / TICKS_MAX;
  return Array.from({ length: Math.floor(lastDay / step) + 1 }, (_, i) => i * step);
}
