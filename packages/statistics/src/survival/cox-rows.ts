/** Rows of one stratum as the Cox likelihood reads them: last time first, so that a risk set is what has been read so far. */

export interface SurvivalColumns {
  /** Follow-up, any unit; finite, ≥ 0. */
  readonly times: Float64Array;
  /** A row is at risk after its entry, up to and with its time: (entry, time]; finite, ≥ 0, below the time. Without it from the start. */
  readonly entries?: Float64Array;
  /** Whose row it is, 0 and on; no two rows of a person overlap. Without it every row is a person's. */
  readonly persons?: ArrayLike<number>;
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
  /** Where rows enter late: the end before which a row is not at risk, and the rows by it, the latest first. */
  readonly entries?: Float64Array;
  readonly byEntry?: Uint32Array;
  /** Whose row each is. */
  readonly persons?: Uint32Array;
}

/**
 * Sorts rows by time, descending; rows of one time keep their order.
 *
 * Fails: throws on a time that is not finite or below 0, on an entry that is not before its time, on an event that is not 0 or 1, and on
 * unequal lengths, naming the first index.
 * Numerics: O(n p).
 */
export function sortCoxRows(columns: SurvivalColumns): CoxRows {
  checkColumns(columns);
  const { times, events, features, featureCount, entries, persons } = columns;
  const order = descending(times);
  const late = entries === undefined ? undefined : pickInto(new Float64Array(order.length), entries, order);
  return {
    rowCount: times.length,
    features: permuteColumns(features, order),
    featureCount,
    times: pickInto(new Float64Array(order.length), times, order),
    events: pickInto(new Uint8Array(order.length), events, order),
    order,
    ...(late === undefined ? {} : { entries: late, byEntry: descending(late) }),
    ...(persons === undefined ? {} : { persons: pickInto(new Uint32Array(order.length), persons, order) }),
  };
}

/** A loop: `from` would hold every value once more, as an object. */
function pickInto<Out extends Float64Array | Uint32Array | Uint8Array>(out: Out, values: ArrayLike<number>, order: Uint32Array): Out {
  for (let i = 0; i < order.length; i++) out[i] = values[order[i] ?? 0] ?? Number.NaN;
  return out;
}

function checkColumns({ times, events, features, featureCount, entries = times, persons = times }: SurvivalColumns): void {
  const rowCount = times.length;
  const lengths = [events.length, entries.length, persons.length];
  if (features.length !== rowCount * featureCount || lengths.some((length) => length !== rowCount))
    throw new RangeError("columns of unequal length");
  for (let i = 0; i < rowCount; i++) {
    const time = times[i] ?? Number.NaN;
    if (!(time >= 0 && time < Number.POSITIVE_INFINITY)) throw new RangeError(`time ${i} is not a finite number from 0`);
    if (events[i] !== 0 && events[i] !== 1) throw new RangeError(`event ${i} is not 0 or 1`);
    const entry = entries[i] ?? Number.NaN;
    if (entries !== times && !(entry >= 0 && entry < time)) throw new RangeError(`entry ${i} is not from 0 and before its time`);
  }
}

/** Rows a bucket: 32 KiB of doubles, the first cache. */
const BUCKET_BITS = 12;

/**
 * Every column in another order of rows. Taken one by one, a million rows in a random order miss the cache twenty million times for
 * twenty columns; so rows are first dealt to the bucket of neighbouring places that theirs is in, and then put right within it.
 */
function permuteColumns(columns: Float64Array, order: Uint32Array): Float64Array {
  const rowCount = order.length;
  const place = new Uint32Array(rowCount);
  for (let i = 0; i < rowCount; i++) place[order[i] ?? 0] = i;
  // Places are a permutation, so bucket b holds exactly places b × 2^12 and on.
  const next = Uint32Array.from({ length: (rowCount >>> BUCKET_BITS) + 1 }, (_, bucket) => bucket << BUCKET_BITS);
  const dealt = new Uint32Array(rowCount);
  const final = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const at = place[row] ?? 0;
    const bucket = at >>> BUCKET_BITS;
    const slot = next[bucket] ?? 0;
    next[bucket] = slot + 1;
    dealt[row] = slot;
    final[slot] = at;
  }
  const out = new Float64Array(columns.length);
  const held = new Float64Array(rowCount);
  for (let start = 0; start < columns.length; start += rowCount) {
    for (let row = 0; row < rowCount; row++) held[dealt[row] ?? 0] = columns[start + row] ?? Number.NaN;
    for (let slot = 0; slot < rowCount; slot++) out[start + (final[slot] ?? 0)] = held[slot] ?? Number.NaN;
  }
  return out;
}

const DIGIT_BITS = 16;
const DIGITS = 4;
const DIGIT_MASK = 2 ** DIGIT_BITS - 1;

/**
 * Radix sort, latest time first. The bits of doubles from 0 on are ordered as the numbers are, so they are counted into place sixteen at a
 * time, from the last; a digit in which all times agree, as whole days do in their last two, is passed over. O(n), stable.
 */
function descending(times: Float64Array): Uint32Array {
  // -0 has a sign bit; adding 0 takes it away.
  const digits = new Uint16Array(times.map((time) => time + 0).buffer);
  let order = new Uint32Array(times.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  let next = new Uint32Array(times.length);
  for (let digit = 0; digit < DIGITS; digit++) {
    const starts = digitStarts(digits, digit);
    if (starts === undefined) continue;
    for (const row of order) {
      const place = DIGIT_MASK - (digits[row * DIGITS + digit] ?? 0);
      const at = starts[place] ?? 0;
      next[at] = row;
      starts[place] = at + 1;
    }
    [order, next] = [next, order];
  }
  return order;
}

/** Where the rows of each value of a digit begin, the highest value first; undefined where all have the same. Little-endian. */
function digitStarts(digits: Uint16Array, digit: number): Uint32Array | undefined {
  const starts = new Uint32Array(DIGIT_MASK + 2);
  for (let i = digit; i < digits.length; i += DIGITS) {
    const after = DIGIT_MASK - (digits[i] ?? 0) + 1;
    starts[after] = (starts[after] ?? 0) + 1;
  }
  if (starts.includes(digits.length / DIGITS)) return undefined;
  for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
  return starts;
}
