/** How many patients stand behind each column, before anything of it is summed. */

import { supportedColumns } from "../../coordinator/column-support.ts";
import type { CoxDesign } from "../../coordinator/cox/design.ts";
import { featureColumn } from "../feature-rows.ts";
import { countOffMode, type Range } from "../row-counts.ts";
import type { SurvivalRows } from "./rows.ts";

/**
 * For a boolean the persons with either level in any row, and those with it in the row of their event; for a number the persons who are not
 * in all their rows at the most frequent value of those who keep one.
 */
export function countSupport(design: Pick<CoxDesign, "features" | "impliedCells">, rows: SurvivalRows, range: Range): readonly number[] {
  return supportedColumns(design).flatMap(({ type }, j) => {
    const column = featureColumn(rows, j);
    if (type === "boolean") return countLevels(column, rows, range);
    return [rows.persons === undefined ? countOffMode(column, range) : personsOffMode(column, rows.persons, range)];
  });
}

/** Persons and events of level 0, then of level 1. */
function countLevels(column: Float64Array, { events, persons }: SurvivalRows, { from, to }: Range): readonly number[] {
  const cells: [number, number, number, number] = [0, 0, 0, 0];
  const met = new Set<number>();
  for (let i = from; i < to; i++) {
    const level = column[i] === 1 ? 1 : 0;
    const who = 2 * (persons?.[i] ?? i) + level;
    if (persons === undefined || !met.has(who)) cells[level === 1 ? 2 : 0]++;
    if (persons !== undefined) met.add(who);
    cells[level === 1 ? 3 : 1] += events[i] ?? 0;
  }
  return cells;
}

/** Persons whose value changes are off whatever mode; of the others, those off the mode. A lower bound over hospitals, as for rows. */
function personsOffMode(column: Float64Array, persons: Uint32Array, { from, to }: Range): number {
  const only = new Map<number, number>();
  for (let i = from; i < to; i++) {
    const [person, value] = [persons[i] ?? 0, column[i] ?? Number.NaN];
    only.set(person, !only.has(person) || only.get(person) === value ? value : Number.NaN);
  }
  const counts = new Map<number, number>();
  for (const value of only.values()) if (!Number.isNaN(value)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return only.size - [...counts.values()].reduce((largest, count) => Math.max(largest, count), 0);
}
