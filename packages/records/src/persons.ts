/** Whose rows a table holds, where a person may have several. */

import type { StudyDocument } from "@dure/study";
import type { AnalysisTable } from "./analysis-table.ts";

export interface Persons {
  readonly count: number;
  /** By row: a person's number, 0 and on in the order of their first rows. */
  readonly ofRow: Uint32Array;
  /** By person: their first row. */
  readonly firstRows: Uint32Array;
}

/** @param values by row, equal for the rows of one person. O(rows). */
export function personsOf(values: Float64Array): Persons {
  const numbers = new Map<number, number>();
  const firstRows: number[] = [];
  const ofRow = new Uint32Array(values.length);
  for (const [row, value] of values.entries()) {
    const person = numbers.get(value) ?? numbers.size;
    if (person === numbers.size) firstRows.push(row);
    numbers.set(value, person);
    ofRow[row] = person;
  }
  return { count: firstRows.length, ofRow, firstRows: Uint32Array.from(firstRows) };
}

/** Undefined where the study has no variable with the role person: every row is then a person's. */
export function personsOfStudy(study: StudyDocument, table: AnalysisTable): Persons | undefined {
  const variable = study.data.variables.find(({ role }) => role === "person");
  const values = variable === undefined ? undefined : table.columns.get(variable.name);
  return values === undefined ? undefined : personsOf(values);
}

/** By person, the keys of all their rows as one text: equal in two tables where the person has the same rows in both. O(rows). */
export function personKeys(table: AnalysisTable, { count, ofRow }: Persons): readonly string[] {
  const keys: string[][] = Array.from({ length: count }, () => []);
  for (const [row, person] of ofRow.entries()) keys[person]?.push(table.rowKeys[row] ?? "");
  return keys.map((own) => JSON.stringify(own));
}
