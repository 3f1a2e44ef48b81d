/** One group's counts on the public grid, merged by the gate, as risk sets. */

import type { MergedTimeBins, TimeBins } from "@dure/privacy";
import type { SurvivalCounts } from "@dure/statistics";

export interface GroupBins extends TimeBins {
  readonly n: number;
  readonly eventCount: number;
}

/** Number at risk at the start of an interval of bins. */
export interface RiskPoint {
  /** Last bin of the interval. */
  readonly end: number;
  readonly atRisk: number;
  readonly events: number;
}

/** Cuts one group out of vectors that hold all groups one behind the other. */
export function groupBins(counts: Pick<SurvivalCounts, "events" | "censored" | "beyond">, group: number, binCount: number): GroupBins {
  const cut = (values: Float64Array): Float64Array => values.subarray(group * binCount, (group + 1) * binCount);
  const [events, others, remaining] = [cut(counts.events), cut(counts.censored), counts.beyond[group] ?? 0];
  const eventCount = total(events);
  return { events, others, remaining, eventCount, n: eventCount + total(others) + remaining };
}

/** All groups together. */
export function pooledBins(groups: readonly GroupBins[], binCount: number): GroupBins {
  const add = (of: (group: GroupBins) => ArrayLike<number>): readonly number[] =>
    Array.from({ length: binCount }, (_, bin) => groups.reduce((sum, group) => sum + (of(group)[bin] ?? 0), 0));
  const sum = (of: (group: GroupBins) => number): number => groups.reduce((all, group) => all + of(group), 0);
  return {
    events: add(({ events }) => events),
    others: add(({ others }) => others),
    remaining: sum(({ remaining }) => remaining),
    eventCount: sum(({ eventCount }) => eventCount),
    n: sum(({ n }) => n),
  };
}

/**
 * Risk sets of the merged intervals, and then those of whoever remains: as one interval that reaches to the grid's end, or, where nothing
 * is hidden, bin by bin.
 */
export function riskPoints(bins: GroupBins, merged: MergedTimeBins, minimumCell: number): readonly RiskPoint[] {
  const points: RiskPoint[] = [];
  let atRisk = bins.n;
  for (const { end, events, others } of merged.intervals) {
    points.push({ end, atRisk, events });
    atRisk -= events + others;
  }
  const lastBin = bins.others.length - 1;
  const start = (merged.intervals.at(-1)?.end ?? -1) + 1;
  for (let bin = minimumCell === 0 ? start : Math.max(start, lastBin); bin <= lastBin; bin++) {
    points.push({ end: bin, atRisk, events: 0 });
    atRisk -= bins.others[bin] ?? 0;
  }
  return points;
}

/** Events and numbers at risk of one group in intervals that others were merged by too. */
export function riskSetsIn(
  bins: GroupBins,
  ends: readonly number[],
): { readonly atRisk: readonly number[]; readonly events: readonly number[] } {
  const atRisk: number[] = [];
  const events: number[] = [];
  let followed = bins.n;
  let bin = 0;
  for (const end of ends) {
    atRisk.push(followed);
    let inInterval = 0;
    for (; bin <= end; bin++) {
      inInterval += bins.events[bin] ?? 0;
      followed -= (bins.events[bin] ?? 0) + (bins.others[bin] ?? 0);
    }
    events.push(inInterval);
  }
  return { atRisk, events };
}

const total = (counts: Float64Array): number => counts.reduce((sum, count) => sum + count, 0);
