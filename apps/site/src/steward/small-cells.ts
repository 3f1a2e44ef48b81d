/** Cells of the hospital's own rows that hold fewer patients than the minimum cell: named, never counted out. */

import type { SiteRole } from "@dure/identity";
import type { AnalysisTable } from "@dure/records";
import type { StudyDocument, Variable } from "@dure/study";

export type SmallCell =
  | { readonly kind: "class"; readonly variable: string; readonly level: 0 | 1 }
  /** A level of a yes/no variable among the rows of one outcome class. */
  | { readonly kind: "level"; readonly variable: string; readonly level: 0 | 1; readonly outcomeClass: 0 | 1 }
  /** Rows that differ from a numeric column's most frequent value. */
  | { readonly kind: "off-mode"; readonly variable: string };

export interface SmallCells {
  readonly cells: readonly SmallCell[];
  readonly obstacle: "too-few-rows" | "too-few-in-a-class" | undefined;
}

/**
 * Only rows or a class below the minimum keep a hospital out. A level may be small here: what is asked is its total over all hospitals.
 *
 * @param options a hospital that only validates has its classes looked at, for no sum of its columns leaves
 */
export function smallCells(
  study: StudyDocument,
  table: AnalysisTable,
  options: { readonly role: SiteRole; readonly minimumCell: number },
): SmallCells {
  const { role, minimumCell } = options;
  const rows = role === "training" ? trainingRows(study, table) : Uint32Array.from({ length: table.rowCount }, (_, row) => row);
  const outcome = study.data.variables.find((variable) => variable.role === "outcome");
  const classOf = outcome === undefined ? undefined : table.columns.get(outcome.name);
  const cells: SmallCell[] = [];
  if (outcome !== undefined && classOf !== undefined) {
    for (const level of [0, 1] as const) {
      if (countWhere(rows, (row) => classOf[row] === level) < minimumCell) cells.push({ kind: "class", variable: outcome.name, level });
    }
  }
  const obstacle = rows.length < minimumCell ? "too-few-rows" : cells.length > 0 ? "too-few-in-a-class" : undefined;
  if (role === "training")
    cells.push(...study.data.variables.flatMap((variable) => featureCells(variable, { table, rows, classOf, minimumCell })));
  return { cells, obstacle };
}

/** Rows that a sum would be of: those that the study holds out leave none. */
export function trainingRows(study: StudyDocument, table: AnalysisTable): Uint32Array {
  const all = Uint32Array.from({ length: table.rowCount }, (_, row) => row);
  return study.data.split === undefined ? all : all.filter((row) => table.heldOut[row] !== 1);
}

interface Counting {
  readonly table: AnalysisTable;
  readonly rows: Uint32Array;
  readonly classOf: Float64Array | undefined;
  readonly minimumCell: number;
}

function featureCells({ name, role, type }: Variable, { table, rows, classOf, minimumCell }: Counting): readonly SmallCell[] {
  const column = table.columns.get(name);
  if (role !== "feature" || column === undefined) return [];
  if (type !== "boolean") return countOffMode(column, rows) < minimumCell ? [{ kind: "off-mode", variable: name }] : [];
  if (classOf === undefined) return [];
  const cells = [0, 1].flatMap((level) => [0, 1].map((outcomeClass) => ({ level, outcomeClass }) as { level: 0 | 1; outcomeClass: 0 | 1 })); // the four pairs of 0 and 1
  return cells
    .filter(({ level, outcomeClass }) => countWhere(rows, (row) => column[row] === level && classOf[row] === outcomeClass) < minimumCell)
    .map(({ level, outcomeClass }) => ({ kind: "level", variable: name, level, outcomeClass }));
}

function countWhere(rows: Uint32Array, holds: (row: number) => boolean): number {
  let count = 0;
  for (const row of rows) if (holds(row)) count++;
  return count;
}

function countOffMode(column: Float64Array, rows: Uint32Array): number {
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(column[row] ?? Number.NaN, (counts.get(column[row] ?? Number.NaN) ?? 0) + 1);
  return rows.length - [...counts.values()].reduce((largest, count) => Math.max(largest, count), 0);
}
