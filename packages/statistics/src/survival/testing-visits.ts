/** For tests only: start-stop rows with several causes, alike on any machine, so that an oracle's values and the rows they are of stay together. */

import { SeededRandom } from "@dure/kernel";
import { type CoxRows, sortCoxRows } from "./cox-rows.ts";
import type { GeneratedSurvival } from "./testing-cox.ts";

const visitsSeed = 20260404;
export const visitFeatures = ["age", "female", "treated", "marker"] as const;
const ends = [0, 1, 2] as const;

/**
 * 400 persons of three centres, some of whom enter late, with a row a visit: `treated` begins for some at a visit, `marker` changes at each.
 * Days are whole and coarse, so that events share them; `cause` is 0 (none), 1 or 2 and stands in a person's last row.
 */
export function generateVisits(seed: number = visitsSeed, personCount = 400): GeneratedSurvival {
  const random = new SeededRandom(seed);
  const names = ["person", "entry", "days", "cause", ...visitFeatures, "centre"];
  const rows: Record<string, number>[] = [];
  for (let person = 0; person < personCount; person++) {
    const age = Math.round((60 + 11 * random.normal()) * 10) / 10;
    const female = random.below(2);
    const centre = 1 + random.below(3);
    const start = random.uniform() < 0.4 ? 10 * random.below(20) : 0;
    const end = start + 10 + 10 * random.below(70);
    const treatedFrom = random.uniform() < 0.5 ? start + 10 * random.below(40) : Number.POSITIVE_INFINITY;
    for (let day = start; day < end; ) {
      const treated = day >= treatedFrom ? 1 : 0;
      const marker = Math.round((5 + random.normal() + 0.5 * female) * 100) / 100;
      const next = Math.min(end, day + 20 + 10 * random.below(12));
      const risk = Math.exp(0.02 * (age - 60) - 0.6 * treated + 0.3 * (marker - 5) + 0.1 * centre);
      const days = day + 10 * Math.ceil(-Math.log(1 - random.uniform()) / (0.012 * risk));
      const cause = days <= next ? 1 + (random.uniform() < 0.35 + 0.2 * female ? 1 : 0) : 0;
      rows.push({ person, entry: day, days: Math.min(days, next), cause, age, female, treated, marker, centre });
      if (cause !== 0) break;
      day = next;
    }
  }
  const columns = new Map(names.map((name) => [name, Float64Array.from(rows, (row) => row[name] ?? Number.NaN)]));
  return { rowCount: rows.length, columns };
}

/** One part a centre, features less their mean; the event is that cause. */
export function visitStrata(
  { columns, rowCount }: GeneratedSurvival,
  cause: (typeof ends)[number],
  isStratified: boolean,
): readonly CoxRows[] {
  const of = (name: string): Float64Array => columns.get(name) ?? new Float64Array();
  const mean = (name: string): number => of(name).reduce((total, value) => total + value, 0) / rowCount;
  return [1, 2, 3].slice(0, isStratified ? 3 : 1).map((centre) => {
    const rows = Array.from({ length: rowCount }, (_, i) => i).filter((i) => !isStratified || of("centre")[i] === centre);
    const pick = (name: string): readonly number[] => rows.map((i) => of(name)[i] ?? Number.NaN);
    return sortCoxRows({
      times: Float64Array.from(pick("days")),
      entries: Float64Array.from(pick("entry")),
      persons: pick("person"),
      events: pick("cause").map((value) => (value === cause ? 1 : 0)),
      features: Float64Array.from(visitFeatures.flatMap((name) => pick(name).map((value) => value - mean(name)))),
      featureCount: visitFeatures.length,
    });
  });
}
