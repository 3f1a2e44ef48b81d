/**
 * Rows on a time grid: in which bins, and then in which intervals of merged bins, each is at risk.
 *
 * A row (entry, time] is at risk in the bins that end after its entry, up to the bin of its time. On an interval of merged bins a person is
 * one row: whose row changes within it is the later one there, and whoever is there on some of its days is there on all. So a person is at
 * most once in every risk set, and a row that shares its only interval with a later one of the person is in none.
 */

import { binCount, binOf, type TimeGrid } from "@dure/statistics";
import type { RiskIntervals } from "../../coordinator/cox-pooled/state.ts";
import { renumber, type SurvivalRows } from "../cox/rows.ts";
import { rowsByPerson } from "../cox/rows-of-persons.ts";

/** By row: at risk after step `entered`, −1 from the first on, up to and with step `left`; nowhere if that is at most `entered`. */
export interface PlacedRows {
  readonly entered: Int32Array;
  readonly left: Int32Array;
  /** 1 where the row reaches beyond the last step. */
  readonly isBeyond: Uint8Array;
}

/** Bins of the grid as steps. */
export function placeOnBins(rows: SurvivalRows, grid: TimeGrid): PlacedRows {
  const last = binCount(grid) - 1;
  return place(rows, (time) => ({
    // The bin that ends at the entry, or before it.
    entered: (entry) => Math.min(binsEnded(entry, grid), last, binOfTime(time, grid, last) - 1),
    left: binOfTime(time, grid, last),
    isBeyond: time > grid.horizonDays,
  }));
}

/** Intervals of merged bins as steps. */
export function placeOnIntervals(
  rows: SurvivalRows,
  grid: TimeGrid,
  { ends, isExact }: Pick<RiskIntervals, "ends" | "isExact">,
): PlacedRows {
  const bins = binCount(grid);
  const upTo = new Int32Array(bins); // the last interval that ends at or before the bin
  const within = new Int32Array(bins); // the interval that the bin lies in
  for (let bin = 0, k = 0; bin < bins; bin++) {
    while (k < ends.length && (ends[k] ?? 0) < bin) k++;
    within[bin] = Math.min(k, ends.length - 1);
    upTo[bin] = (ends[k] ?? Number.POSITIVE_INFINITY) <= bin ? k : k - 1;
  }
  const last = bins - 1;
  return place(rows, (time) => {
    const bin = binOfTime(time, grid, last);
    return {
      entered: (entry) => upTo[Math.min(binsEnded(entry, grid), last, bin - 1)] ?? -1,
      left: (isExact ? upTo[bin] : within[bin]) ?? -1,
      isBeyond: bin > (ends.at(-1) ?? 0) || time > grid.horizonDays,
    };
  });
}

const binOfTime = (time: number, { binWidthDays, horizonDays }: TimeGrid, last: number): number =>
  time >= horizonDays ? last : binOf(time, binWidthDays);

/** Index of the last bin that has ended at that time. A time within 1e-9 of an end is at it, as for `binOf`. */
function binsEnded(time: number, { binWidthDays }: TimeGrid): number {
  const bin = binOf(time, binWidthDays);
  return Math.abs(bin * binWidthDays - time) <= 1e-9 * Math.max(binWidthDays, time) ? bin : bin - 1;
}

interface Steps {
  readonly entered: (entry: number) => number;
  readonly left: number;
  readonly isBeyond: boolean;
}

function place(rows: SurvivalRows, stepsOf: (time: number) => Steps): PlacedRows {
  const entered = new Int32Array(rows.rowCount);
  const left = new Int32Array(rows.rowCount);
  const isBeyond = new Uint8Array(rows.rowCount);
  for (let i = 0; i < rows.rowCount; i++) {
    const steps = stepsOf(rows.times[i] ?? 0);
    const entry = rows.entries?.[i];
    entered[i] = entry === undefined ? -1 : steps.entered(entry);
    left[i] = steps.left;
    isBeyond[i] = steps.isBeyond ? 1 : 0;
  }
  if (rows.persons !== undefined)
    giveWayToLater({ entered, left }, rows.persons, rowsByPerson({ times: rows.times, persons: rows.persons }));
  return { entered, left, isBeyond };
}

function giveWayToLater({ entered, left }: Pick<PlacedRows, "entered" | "left">, persons: Uint32Array, order: Uint32Array): void {
  for (let position = order.length - 1; position > 0; position--) {
    const [row = 0, before = 0] = [order[position], order[position - 1]];
    if (persons[row] === persons[before]) left[before] = Math.min(left[before] ?? 0, entered[row] ?? 0);
  }
}

export interface RowsAtRisk {
  readonly rows: SurvivalRows;
  readonly placed: PlacedRows;
}

/** The rows that are in a risk set, in the same order. O(n p). */
export function keepAtRisk(rows: SurvivalRows, placed: PlacedRows): RowsAtRisk {
  const all = Uint32Array.from(rows.times, (_, row) => row);
  const kept = all.filter((row) => (placed.left[row] ?? -1) > (placed.entered[row] ?? -1));
  if (kept.length === rows.rowCount) return { rows, placed };
  const pick = (values: Float64Array): Float64Array => Float64Array.from(kept, (row) => values[row] ?? 0);
  const { entries, persons, stride } = rows;
  const pickColumns = (columns: Float64Array): Float64Array => {
    const columnCount = stride === 0 ? 0 : columns.length / stride;
    const picked = new Float64Array(kept.length * columnCount);
    for (let j = 0; j < columnCount; j++) picked.set(pick(columns.subarray(j * stride, (j + 1) * stride)), j * kept.length);
    return picked;
  };
  const keptPersons = persons === undefined ? undefined : renumber(kept.map((row) => persons[row] ?? 0));
  return {
    rows: {
      rowCount: kept.length,
      features: pickColumns(rows.features),
      featureCount: rows.featureCount,
      subgroups: pickColumns(rows.subgroups),
      stride: kept.length,
      times: pick(rows.times),
      events: pick(rows.events),
      ...(entries === undefined ? {} : { entries: pick(entries) }),
      ...(keptPersons === undefined ? {} : { persons: keptPersons }),
      personCount: keptPersons === undefined ? kept.length : new Set(keptPersons).size,
    },
    placed: {
      entered: Int32Array.from(kept, (row) => placed.entered[row] ?? -1),
      left: Int32Array.from(kept, (row) => placed.left[row] ?? -1),
      isBeyond: Uint8Array.from(kept, (row) => placed.isBeyond[row] ?? 0),
    },
  };
}

export interface Moves {
  readonly events: Float64Array;
  readonly left: Float64Array;
  readonly entered: Float64Array;
  /** Still there after the last step. */
  readonly beyond: number;
}

/**
 * Persons by step: who had the event there, who is not there in the next, who was not there, or with other columns, in the one before.
 * O(n log n).
 */
export function countMoves(rows: SurvivalRows, { entered, left, isBeyond }: PlacedRows, stepCount: number): Moves {
  const [events, leaving, entering] = [0, 1, 2].map(() => new Float64Array(stepCount)) as [Float64Array, Float64Array, Float64Array]; // three of three
  let beyond = 0;
  const { persons } = rows;
  const order = persons === undefined ? undefined : rowsByPerson({ times: rows.times, persons });
  // From a person's last row back to the first: where the row after begins, and whether the person is followed beyond the last step.
  let [person, after, isFollowed] = [-1, -1, false];
  for (let position = rows.rowCount - 1; position >= 0; position--) {
    const row = order?.[position] ?? position;
    const who = persons?.[row] ?? row;
    if (who !== person) [person, after, isFollowed] = [who, -1, false];
    isFollowed ||= isBeyond[row] === 1;
    const [first, last] = [(entered[row] ?? 0) + 1, left[row] ?? -1];
    if (last < first) continue;
    if (first > 0) entering[first] = (entering[first] ?? 0) + 1;
    if (rows.events[row] === 1) events[last] = (events[last] ?? 0) + 1;
    else if (after !== last && isFollowed && last === stepCount - 1) beyond++;
    else if (after !== last) leaving[last] = (leaving[last] ?? 0) + 1;
    after = first - 1;
  }
  return { events, left: leaving, entered: entering, beyond };
}
