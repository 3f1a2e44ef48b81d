/** For tests only: rows as intervals of time make them, the slow and plain way: a line a person and interval. */

import { type GeneratedSurvival, generateSurvival } from "./testing-cox.ts";
import { generateVisits } from "./testing-visits.ts";

/** On these days intervals end where the gate merges bins of the generated rows of the same name, with a minimum cell of 5. */
export const binnedEnds = {
  "rows from 0": [60, 120, 180, 300, 420, 570, 750, 1080, 1800],
  visits: [70, 154, 273, 686],
} as const;

type BinnedName = keyof typeof binnedEnds;

/**
 * Columns of the generated rows, `from` and `to`, the interval's numbers, and `isEvent`. A person is in an interval with the last row that
 * reaches into it.
 */
export function binnedRows(name: BinnedName): GeneratedSurvival {
  const ends: readonly number[] = binnedEnds[name];
  const { columns, rowCount } = name === "visits" ? generateVisits() : generateSurvival();
  const of = (column: string, row: number): number => columns.get(column)?.[row] ?? (column === "person" ? row : 0);
  const cause = (row: number): number => (name === "visits" ? of("cause", row) : of("event", row));
  const persons = new Map<number, number[]>();
  for (let row = 0; row < rowCount; row++) persons.set(of("person", row), [...(persons.get(of("person", row)) ?? []), row]);
  const lines = [...persons.values()].flatMap((rows) =>
    ends.flatMap((end, k) => {
      const start = k === 0 ? Number.NEGATIVE_INFINITY : (ends[k - 1] ?? 0);
      const reaching = rows.filter((row) => (name === "visits" ? of("entry", row) : -1) < end && of("days", row) > start);
      const row = reaching.toSorted((a, b) => of("days", a) - of("days", b)).at(-1);
      if (row === undefined) return [];
      return [{ row, from: k, to: k + 1, isEvent: cause(row) === 1 && of("days", row) <= end ? 1 : 0 }];
    }),
  );
  const own = [...columns.keys()].map((column): [string, Float64Array] => [column, Float64Array.from(lines, ({ row }) => of(column, row))]);
  const added = (["from", "to", "isEvent"] as const).map((column): [string, Float64Array] => [
    column,
    Float64Array.from(lines, (line) => line[column]),
  ]);
  return { rowCount: lines.length, columns: new Map([...own, ...added]) };
}
