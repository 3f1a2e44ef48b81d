/**
 * Rule (c) for a public time grid: bins are merged with their neighbours until each holds enough.
 *
 * Neighbouring steps of a survival curve give their difference away: the risk set of one less that of the next is whoever left in between,
 * with the day. So a released interval holds at least k events, and either nobody or at least k who left it without one; and so does what
 * follows the last one, which holds no event. The same is asked of whoever else tells two neighbouring risk sets apart: those who enter, and
 * each kind of event where there are several.
 */

export interface TimeBins {
  /** Events by bin. */
  readonly events: ArrayLike<number>;
  /** Whoever left otherwise, by bin; as long as `events`. */
  readonly others: ArrayLike<number>;
  /** Still at risk when the grid ends. */
  readonly remaining: number;
  /** Further counts by bin, each as long as `events`: 0 or at least k of each in an interval. */
  readonly further?: readonly ArrayLike<number>[];
}

/** One merged interval: the bins after the end of the one before, up to its own. */
export interface TimeInterval {
  /** Index of its last bin. */
  readonly end: number;
  readonly events: number;
  readonly others: number;
  /** As in the bins. */
  readonly further?: readonly number[];
}

export interface MergedTimeBins {
  /** Ascending; the last one ends at the last bin with an event. */
  readonly intervals: readonly TimeInterval[];
  /** Everybody who is in no interval: none has an event. */
  readonly remaining: number;
}

/**
 * @param minimumCell k; 0 (public data) leaves every bin as it is
 * @returns intervals of at least k events and either 0 or at least k others each, and 0 or at least k remaining; too few of whom remain are
 *   counted with the others of the last interval. Undefined where even all bins together do not hold that. Without an event and with k = 0
 *   there is no interval
 * Fails: RangeError on unequal lengths. Numerics: O(bins).
 * Disclosure: an interval's end says that somebody left in its last bin.
 */
export function mergeTimeBins(bins: TimeBins, minimumCell: number): MergedTimeBins | undefined {
  const { events, others, further = [] } = bins;
  for (const counts of [others, ...further]) {
    if (events.length !== counts.length) throw new RangeError(`${events.length} bins of events, ${counts.length} of others`);
  }
  const lastBin = lastWithEvent(events);
  const intervals = mergeForward(bins, lastBin, minimumCell);
  let remaining = bins.remaining;
  for (let bin = lastBin + 1; bin < others.length; bin++) remaining += others[bin] ?? 0;
  return minimumCell === 0 ? { intervals, remaining } : mergeBackward(intervals, { remaining, minimumCell });
}

interface Interval {
  end: number;
  events: number;
  others: number;
  further?: number[];
}

const isEnough = ({ events, others, further = [] }: Interval, minimumCell: number): boolean =>
  events >= minimumCell && [others, ...further].every((count) => count === 0 || count >= minimumCell);

/** From the first bin on, each closed as soon as it holds enough; the last one need not. */
function mergeForward({ events, others, further }: TimeBins, lastBin: number, minimumCell: number): Interval[] {
  const intervals: Interval[] = [];
  let open: Interval | undefined;
  for (let bin = 0; bin <= lastBin; bin++) {
    open ??= { end: bin, events: 0, others: 0, ...(further === undefined ? {} : { further: further.map(() => 0) }) };
    open.end = bin;
    open.events += events[bin] ?? 0;
    open.others += others[bin] ?? 0;
    if (further !== undefined) open.further = further.map((counts, i) => (open?.further?.[i] ?? 0) + (counts[bin] ?? 0));
    if (bin < lastBin && minimumCell > 0 && !isEnough(open, minimumCell)) continue;
    intervals.push(open);
    open = undefined;
  }
  return intervals;
}

/** The last interval takes in too few remaining, then the one before it until it holds enough, and at last whoever remains. */
function mergeBackward(
  intervals: Interval[],
  { remaining, minimumCell }: { readonly remaining: number; readonly minimumCell: number },
): MergedTimeBins | undefined {
  let last = intervals.pop();
  if (last === undefined) return undefined;
  const areTooFew = remaining < minimumCell;
  if (areTooFew) last.others += remaining;
  for (let before = intervals.pop(); before !== undefined; before = intervals.pop()) {
    if (isEnough(last, minimumCell)) {
      intervals.push(before);
      break;
    }
    last = joined(before, last);
  }
  if (isEnough(last, minimumCell)) return { intervals: [...intervals, last], remaining: areTooFew ? 0 : remaining };
  const all = { ...last, others: last.others + (areTooFew ? 0 : remaining) };
  return isEnough(all, minimumCell) ? { intervals: [all], remaining: 0 } : undefined;
}

function joined(before: Interval, last: Interval): Interval {
  const further = before.further?.map((count, i) => count + (last.further?.[i] ?? 0));
  const counts = { end: last.end, events: before.events + last.events, others: before.others + last.others };
  return further === undefined ? counts : { ...counts, further };
}

function lastWithEvent(events: ArrayLike<number>): number {
  for (let bin = events.length - 1; bin >= 0; bin--) if ((events[bin] ?? 0) > 0) return bin;
  return -1;
}
