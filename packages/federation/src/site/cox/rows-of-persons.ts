/** Rows of one person follow one another in time, and the event ends them. */

import type { CoxDesign } from "../../coordinator/cox/design.ts";
import { overlappingRows, rowsAfterTheEvent } from "../unusable-rows.ts";

export interface PersonTimes {
  readonly times: Float64Array;
  /** Without them every row begins at 0. */
  readonly entries: Float64Array | undefined;
  /** 1 where the row ends with an event, of whatever cause. */
  readonly isOver: Float64Array;
  readonly persons: Uint32Array;
}

/** Rows by person and, of each person, by time. O(n log n). */
export function rowsByPerson({ times, persons }: Pick<PersonTimes, "times" | "persons">): Uint32Array {
  const order = Uint32Array.from(times, (_, row) => row);
  return order.sort((a, b) => (persons[a] ?? 0) - (persons[b] ?? 0) || (times[a] ?? 0) - (times[b] ?? 0));
}

/**
 * Fails: DureError `federation/overlapping-rows` where two rows of a person share a day at risk, `federation/rows-after-the-event` where one
 * follows an event.
 */
export function checkRowsOfPersons({ time, person }: CoxDesign, rows: PersonTimes): void {
  const order = rowsByPerson(rows);
  for (let place = 1; place < order.length; place++) {
    const [before = 0, row = 0] = [order[place - 1], order[place]];
    if (rows.persons[before] !== rows.persons[row]) continue;
    if ((rows.entries?.[row] ?? 0) < (rows.times[before] ?? 0) || rows.entries === undefined) throw overlappingRows(person ?? time);
    if (rows.isOver[before] === 1) throw rowsAfterTheEvent(person ?? time);
  }
}
