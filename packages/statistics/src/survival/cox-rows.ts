/** Rows of one stratum as the Cox likelihood reads them: last time first, so that a risk set is what has been read so far. */

export interface SurvivalColumns {
  /** Follow-up, any unit; finite, ≥ 0. */
  readonly times: Float64Array;
  /** 1 = event at that time, 0 = censored then. */
  readonly events: ArrayLike<number>;
  /** Column-major, `times.length` rows a column. */
  readonly features: Float64Array;
  readonly featureCount: number;
}

export interface CoxRows {
  readonly rowCount: number;
  /** Column-major: feature j of row i at j × rowCount + i. */
  readonly features: Float64Array;
  readonly featureCount: number;
  /** Descending. */
  readonly times: Float64Array;
  readonly events: Uint8Array;
  /** Where each row stood in the columns that it came from. */
  readonly order: Uint32Array;
}

/**
 * Sorts rows by time, descending; rows of one time keep their order.
 *
 * Fails: throws on a time that is not finite or below 0, on an event that is not 0 or 1, and on unequal lengths, naming the first index.
 * Numerics: O(n log n + n p).
 */
export function sortCoxRows({ times, events, features, featureCount }: SurvivalColumns): CoxRows {
  const rowCount = times.length;
  if (events.length !== rowCount || features.length !== rowCount * featureCount) throw new RangeError("columns of unequal length");
  for (let i = 0; i < rowCount; i++) {
    const time = times[i] ?? Number.NaN;
    if (!(time >= 0 && time < Number.POSITIVE_INFINITY)) throw new RangeError(`time ${i} is not a finite number from 0`);
    if (events[i] !== 0 && events[i] !== 1) throw new RangeError(`event ${i} is not 0 or 1`);
  }
  const order = descending(times);
  const sorted = new Float64Array(features.length);
  for (let j = 0; j < featureCount; j++) {
    const start = j * rowCount;
    for (let i = 0; i < rowCount; i++) sorted[start + i] = features[start + (order[i] ?? 0)] ?? Number.NaN;
  }
  return {
    rowCount,
    features: sorted,
    featureCount,
    times: Float64Array.from(order, (row) => times[row] ?? Number.NaN),
    events: Uint8Array.from(order, (row) => events[row] ?? 0),
    order,
  };
}

/** Whole times in a narrow range, days as a rule, are counted into place; others are compared. Stable either way. */
const COUNTED_RANGE_MAX = 2 ** 17;

function descending(times: Float64Array): Uint32Array {
  let max = 0;
  let isWhole = true;
  for (const time of times) {
    if (time > max) max = time;
    if (isWhole && !Number.isInteger(time)) isWhole = false;
  }
  if (isWhole && max < COUNTED_RANGE_MAX) return countedOrder(times, max);
  const order = Uint32Array.from(times, (_, i) => i);
  return order.sort((a, b) => (times[b] ?? 0) - (times[a] ?? 0) || a - b);
}

function countedOrder(times: Float64Array, max: number): Uint32Array {
  const next = new Uint32Array(max + 2);
  for (const time of times) next[max - time + 1] = (next[max - time + 1] ?? 0) + 1;
  for (let i = 1; i < next.length; i++) next[i] = (next[i] ?? 0) + (next[i - 1] ?? 0);
  const order = new Uint32Array(times.length);
  for (let i = 0; i < times.length; i++) {
    const place = max - (times[i] ?? 0);
    const at = next[place] ?? 0;
    order[at] = i;
    next[place] = at + 1;
  }
  return order;
}
