/** Cells of the hospital's own rows that hold fewer patients than the minimum cell: named, never counted out. */

import type { SiteRole } from "@dure/identity";
import { type AnalysisTable, designColumnValues, personsOfStudy } from "@dure/records";
import { type DesignColumn, designMatrix, type StudyDocument, type Variable } from "@dure/study";

export type SmallCell =
  /** `least` where it is more than the minimum cell. */
  | { readonly kind: "class"; readonly variable: string; readonly level: 0 | 1; readonly least?: number }
  /** A level, or a cell of a product, among the rows of one outcome class; without one where the outcome has no classes. */
  | {
      readonly kind: "level";
      readonly variable: string;
      readonly level: string;
      readonly outcomeClass?: 0 | 1;
      readonly treatment?: string;
    }
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
  // Classes are of an outcome that patients have or have not; a number has none.
  const outcome = classVariable(study);
  const classOf = outcome === undefined ? undefined : table.columns.get(outcome.name);
  const cells: SmallCell[] = [];
  if (outcome !== undefined && classOf !== undefined) {
    for (const level of [0, 1] as const) {
      const count = countWhere(rows, (row) => classOf[row] === level);
      const least = classRowsMin(study, minimumCell);
      if (count >= least || (count === 0 && mayLackClass(study))) continue;
      cells.push({ kind: "class", variable: outcome.name, level, ...(least === minimumCell ? {} : { least }) });
    }
  }
  const persons = personsOfStudy(study, table)?.ofRow;
  const personCount = persons === undefined ? rows.length : new Set(rows.map((row) => persons[row] ?? row)).size;
  const obstacle = personCount < minimumCell ? "too-few-rows" : cells.length > 0 ? "too-few-in-a-class" : undefined;
  if (role === "training") cells.push(...featureCells(study, { table, rows, classOf, minimumCell }));
  return { cells, obstacle };
}

/** Weighted sums of an arm ask for more patients than plain ones: federation's site/treatment-effect/rows.ts. */
const classRowsMin = ({ analysis }: StudyDocument, minimumCell: number): number =>
  analysis.kind === "treatment-effect" ? 2 * minimumCell : minimumCell;

/** Hospitals that share an intercept may give one treatment only. */
const mayLackClass = ({ analysis }: StudyDocument): boolean => analysis.kind === "treatment-effect" && !analysis.siteTerms;

/** Where a treatment is studied its arms are the classes. */
function classVariable({ analysis, data: { variables } }: StudyDocument): Variable | undefined {
  const role = analysis.kind === "treatment-effect" ? "treatment" : "outcome";
  return variables.find((variable) => variable.role === role && variable.type === "boolean");
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

/** Of the columns of the model and of the cells that they give away. Values that the study imputes are at no level. */
function featureCells(study: StudyDocument, { table, rows, classOf, minimumCell }: Counting): readonly SmallCell[] {
  const { columns, impliedCells } = designMatrix(study);
  const treatment = study.analysis.kind === "treatment-effect" ? classVariable(study)?.name : undefined;
  const classes: readonly (0 | 1 | undefined)[] = classOf === undefined ? [undefined] : [0, 1];
  const isFew = (holds: (row: number) => boolean): boolean => countWhere(rows, holds) < minimumCell;
  return [...columns, ...impliedCells].flatMap((column): readonly SmallCell[] => {
    const values = designColumnValues(table, column);
    if (column.type === "number") {
      const [factor, ...others] = column.factors;
      const isPlain = factor?.kind === "value" && others.length === 0;
      return isPlain && countOffMode(values, rows) < minimumCell ? [{ kind: "off-mode", variable: column.name }] : [];
    }
    const [variable, label] = nameAndLevel(column);
    // A yes or no is looked at from both sides; a level is its own side, and the others have theirs.
    const sides = label === undefined ? [0, 1] : [1];
    return sides.flatMap((side) =>
      classes
        .filter((of) => isFew((row) => values[row] === side && (of === undefined || classOf?.[row] === of)))
        .map((outcomeClass) => ({
          kind: "level",
          variable,
          level: label ?? String(side),
          ...(outcomeClass === undefined ? {} : { outcomeClass }),
          ...(treatment === undefined ? {} : { treatment }),
        })),
    );
  });
}

/** `stage=II` apart; the column of a yes or no has no level in its name. */
function nameAndLevel({ name, factors }: DesignColumn): readonly [string, string | undefined] {
  const [factor, ...others] = factors;
  if (others.length > 0) return [name, "1"];
  return factor?.kind === "level" ? [factor.variable, name.slice(factor.variable.length + 1)] : [name, undefined];
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
