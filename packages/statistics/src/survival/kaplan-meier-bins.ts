/** Rows of survival data counted on a public time grid: everything that Kaplan-Meier and log-rank read of them. */

/** Bins are closed on the right: bin j > 0 holds the times in ((j − 1)·width, j·width], bin 0 only time 0. */
export interface TimeGrid {
  readonly binWidthDays: number;
  /** End of the grid; the last bin ends here, and is shorter where the width does not divide it. */
  readonly horizonDays: number;
}

export interface SurvivalRows {
  /** Shape (n,); days from the index date; finite. */
  readonly timesDays: Float64Array;
  /** Shape (n,); 1 = event, anything else = follow-up ended without one. */
  readonly events: Float64Array;
  /** Shape (n,); 0 to groupCount − 1. Without it all rows are group 0. */
  readonly groups?: Uint8Array;
  readonly groupCount: number;
}

/** Whole counts; vectors of all groups one behind the other. */
export interface SurvivalCounts {
  /** Shape (groups × bins,): events at or before the horizon. */
  readonly events: Float64Array;
  /** Shape (groups × bins,): follow-ups that ended without an event at or before the horizon. */
  readonly censored: Float64Array;
  /** Shape (groups,): still followed when the grid ends. */
  readonly beyond: Float64Array;
  /** Rows with a time below 0; they are in no other count. */
  readonly negativeCount: number;
}

/** Bins of a grid, with that of time 0. */
export const binCount = ({ binWidthDays, horizonDays }: TimeGrid): number => binOf(horizonDays, binWidthDays) + 1;

/** The day on which a bin ends. */
export const binEndDays = ({ binWidthDays, horizonDays }: TimeGrid, bin: number): number => Math.min(bin * binWidthDays, horizonDays);

/** A time within 1e-9 of a bin's end belongs to that bin: 2.1 / 0.3 is 7.000000000000001. */
const END_TOLERANCE = 1e-9;

/** @param timeDays ≥ 0 */
export function binOf(timeDays: number, binWidthDays: number): number {
  const position = timeDays / binWidthDays;
  const nearest = Math.round(position);
  return Math.abs(position - nearest) <= END_TOLERANCE * Math.max(1, nearest) ? nearest : Math.ceil(position);
}

/**
 * Counts rows by group and bin.
 *
 * Numerics: O(rows + groups × bins) time, no memory but the counts; exact.
 * Disclosure: plain counts on a fine grid; merge bins (`mergeTimeBins` of privacy) before anything of them is shown.
 */
export function countSurvival(rows: SurvivalRows, grid: TimeGrid): SurvivalCounts {
  const { timesDays, events: observed, groups, groupCount } = rows;
  if (observed.length !== timesDays.length || (groups !== undefined && groups.length !== timesDays.length))
    throw new RangeError(`${timesDays.length} times, ${observed.length} events and ${groups?.length ?? 0} groups`);
  const bins = binCount(grid);
  const { binWidthDays, horizonDays } = grid;
  const events = new Float64Array(groupCount * bins);
  const censored = new Float64Array(groupCount * bins);
  const beyond = new Float64Array(groupCount);
  let negativeCount = 0;
  for (let i = 0; i < timesDays.length; i++) {
    const time = timesDays[i] ?? Number.NaN;
    const group = groups === undefined ? 0 : (groups[i] ?? 0);
    if (time < 0) negativeCount++;
    else if (time > horizonDays) beyond[group] = (beyond[group] ?? 0) + 1;
    else {
      const cell = group * bins + binOf(time, binWidthDays);
      if (observed[i] === 1) events[cell] = (events[cell] ?? 0) + 1;
      else censored[cell] = (censored[cell] ?? 0) + 1;
    }
  }
  return { events, censored, beyond, negativeCount };
}
