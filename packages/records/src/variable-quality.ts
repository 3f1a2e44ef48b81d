/**
 * Whether a hospital's rows are good enough for a study, variable by variable, as the study itself states it.
 *
 * A requirement is met by evidence only. What cannot be shown, because there is no row, no value, or no record behind the variable that could
 * carry a concept or a unit, is not met: a hospital without data never passes for one without faults.
 */

import { checkExpression, compileColumn, compileExpression, type StudyDocument, type Variable, type VariableQuality } from "@dure/study";
import type { SourceTable } from "./analysis-table.ts";
import { boundTo } from "./bound-row.ts";
import { expressionType } from "./prepare.ts";

/** Of the records behind a column of the table. Absent: there are none that could carry it. */
export interface RecordEvidence {
  /** Share of the persons' records of this kind that have a standard concept, 0 to 1. */
  readonly mapped?: number;
  /** Share of the column's own records that carry the unit of its concept, 0 to 1. */
  readonly unit?: number;
}

export type QualityAspect = "complete" | "plausible" | "mapped" | "unit";

export interface QualityJudgement {
  readonly variable: string;
  readonly aspect: QualityAspect;
  /** Least share, 0 to 1. */
  readonly required: number;
  /** Undefined where nothing shows it. */
  readonly found: number | undefined;
  readonly isMet: boolean;
}

/**
 * In the order of the study. Time: rows × size of the expressions of the variables that require anything.
 * Shares of a hospital's own rows: they stay there.
 * @param evidence by column of the table
 */
export function judgeVariables(
  study: StudyDocument,
  source: SourceTable,
  evidence: ReadonlyMap<string, RecordEvidence>,
): readonly QualityJudgement[] {
  const judged = study.data.variables.filter(({ quality }) => quality !== undefined);
  if (judged.length === 0) return [];
  const rows = includedRows(study, source);
  return judged.flatMap((variable) => {
    const counts = countValues(variable, source, rows);
    const columns = columnsOf(variable, source).map((column) => evidence.get(column));
    return judge(variable.name, variable.quality ?? {}, {
      complete: shareOf(counts.present, rows.length),
      plausible: shareOf(counts.plausible, counts.present),
      mapped: least(columns.map((found) => found?.mapped)),
      unit: least(columns.map((found) => found?.unit)),
    });
  });
}

function judge(
  variable: string,
  quality: VariableQuality,
  found: Readonly<Record<QualityAspect, number | undefined>>,
): readonly QualityJudgement[] {
  const required: Readonly<Record<QualityAspect, number | undefined>> = {
    complete: quality.complete,
    plausible: quality.plausible?.share,
    mapped: quality.mapped,
    unit: quality.unit,
  };
  return ASPECTS.flatMap((aspect) => {
    const least = required[aspect];
    const share = found[aspect];
    return least === undefined ? [] : [{ variable, aspect, required: least, found: share, isMet: share !== undefined && share >= least }];
  });
}

const ASPECTS: readonly QualityAspect[] = ["complete", "plausible", "mapped", "unit"];

/** Row indices that `include` keeps. An `include` that the table cannot answer keeps none; freezing the table tells why. */
function includedRows({ data: { include } }: StudyDocument, source: SourceTable): readonly number[] {
  const all = source.rowKeys.map((_, row) => row);
  if (include === undefined) return all;
  const columns = new Map([...source.columns].map(([name, { kind }]) => [name, kind] as const));
  const options = { columns, expected: "boolean" as const };
  if (checkExpression(include, options).length > 0) return [];
  const holds = boundTo(compileExpression(include, options), source);
  return all.filter((row) => holds(row) === true);
}

function countValues(
  variable: Variable,
  source: SourceTable,
  rows: readonly number[],
): { readonly present: number; readonly plausible: number } {
  const expression = expressionOf(variable, source);
  if (expression === undefined) return { present: 0, plausible: 0 };
  const { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY } = variable.quality?.plausible ?? {};
  const valueAt = boundTo(expression, source);
  let present = 0;
  let plausible = 0;
  for (const row of rows) {
    const value = valueAt(row);
    if (typeof value === "object") continue;
    present++;
    const number = Number(value);
    if (number >= low && number <= high) plausible++;
  }
  return { present, plausible };
}

/** Undefined where the table does not have what the variable reads; freezing the table tells so. */
function expressionOf(variable: Variable, source: SourceTable) {
  const { name, type, from } = variable;
  if (type === "tensor") return undefined;
  const columns = new Map([...source.columns].map(([column, { kind }]) => [column, kind] as const));
  const expected = expressionType(variable, columns);
  if (from === undefined)
    return columns.get(name) === (expected === "text" ? "text" : "number") ? compileColumn(name, expected) : undefined;
  const options = { columns, expected };
  return checkExpression(from, options).length > 0 ? undefined : compileExpression(from, options);
}

/** What a variable reads of the table. */
const columnsOf = (variable: Variable, source: SourceTable): readonly string[] =>
  variable.from === undefined ? [variable.name] : (expressionOf(variable, source)?.columns ?? []);

const shareOf = (part: number, whole: number): number | undefined => (whole === 0 ? undefined : part / whole);

/** One column that shows nothing leaves the variable without evidence. */
function least(shares: readonly (number | undefined)[]): number | undefined {
  const shown = shares.filter((share) => share !== undefined);
  return shares.length === 0 || shown.length < shares.length ? undefined : Math.min(...shown);
}
