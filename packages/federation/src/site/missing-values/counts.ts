/** One site's plain counts of what is missing. */

import { packedIndex, packedLength } from "@dure/numerics";
import type { AnalysisTable } from "@dure/records";
import type { StudyDocument } from "@dure/study";
import { levelsLength } from "../../coordinator/missing-values/counts.ts";
import { levelCount, type MissingDesign } from "../../coordinator/missing-values/design.ts";
import { columnOf } from "../gathered-columns.ts";

/** Rows that the study does not hold out. */
export const analysedRows = ({ data }: StudyDocument, table: AnalysisTable): Uint32Array =>
  Uint32Array.from({ length: table.rowCount }, (_, row) => row).filter((row) => data.split === undefined || table.heldOut[row] !== 1);

export function countMissing(design: MissingDesign, table: AnalysisTable, rows: Uint32Array): ReadonlyMap<string, Float64Array> {
  const { features } = design;
  const isCase = caseTest(design, table);
  const columns = features.map(({ name }) => columnOf(table, name));
  const missing = new Float64Array(2 * features.length);
  const together = new Float64Array(packedLength(features.length));
  const levels = new Float64Array(2 * levelsLength(design));
  const levelStarts = startsOf(design);
  let cases = 0;
  for (const row of rows) {
    const of = isCase(row) ? 1 : 0;
    cases += of;
    const absent: number[] = [];
    for (const [j, column] of columns.entries()) {
      const value = column[row] ?? Number.NaN;
      const start = levelStarts[j];
      if (Number.isNaN(value)) absent.push(j);
      else if (start !== undefined) addTo(levels, 2 * (start + value), of);
    }
    for (const [i, j] of absent.entries()) {
      addTo(missing, 2 * j, of);
      for (const other of absent.slice(i)) addTo(together, packedIndex(features.length, j, other));
    }
  }
  const presence = features.flatMap((_, j) => {
    const lacking = missing[2 * j] ?? 0;
    return [lacking > 0 ? 1 : 0, lacking < rows.length ? 1 : 0];
  });
  return new Map([
    ["rowsAndCases", Float64Array.of(rows.length, cases)],
    ["missing", missing],
    ["missingTogether", together],
    ["hospitalsByPresence", Float64Array.from(presence)],
    ["hospitalsByKnownLevel", Float64Array.from({ length: levels.length / 2 }, (_, level) => ((levels[2 * level] ?? 0) > 0 ? 1 : 0))],
    ["levels", levels],
  ]);
}

export function caseTest({ cases }: MissingDesign, table: AnalysisTable): (row: number) => boolean {
  if (cases === undefined) return () => false;
  const column = columnOf(table, cases.variable);
  return (row) => column[row] === cases.value;
}

/** Where the levels of each feature begin; undefined of a number. */
function startsOf({ features }: MissingDesign): readonly (number | undefined)[] {
  let next = 0;
  return features.map((feature) => {
    const count = levelCount(feature);
    next += count;
    return count === 0 ? undefined : next - count;
  });
}

/** One row, and one case if it is one. */
function addTo(cells: Float64Array, index: number, ofCase?: number): void {
  cells[index] = (cells[index] ?? 0) + 1;
  if (ofCase !== undefined) cells[index + 1] = (cells[index + 1] ?? 0) + ofCase;
}
