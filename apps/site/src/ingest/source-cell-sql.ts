/** Cells that need more than a parser: laboratory results, Korean resident registration numbers, keys that link rows. */

import type { MappingValue } from "@dure/clinical";
import { CONCEPTS } from "@dure/clinical";
import { integer, join, type Sql, sql } from "../store/clinical-sql.ts";

/** The number of `<5`, `≥ 1,200` or `0.35`; NULL for words. A comma stands between thousands. */
export const resultNumberSql = (cell: Sql): Sql =>
  sql`try_cast(replace(nullif(regexp_extract(${cell}, ${RESULT}, 2), ''), ',', '') AS DOUBLE)`;

export const resultSignSql = (cell: Sql): Sql => sql`CASE regexp_extract(${cell}, ${RESULT}, 1)
  WHEN '<' THEN '<' WHEN '＜' THEN '<' WHEN '<=' THEN '<=' WHEN '≤' THEN '<=' WHEN '=<' THEN '<='
  WHEN '>' THEN '>' WHEN '＞' THEN '>' WHEN '>=' THEN '>=' WHEN '≥' THEN '>=' WHEN '=>' THEN '>=' END`;

const RESULT = "^\\s*(<=|>=|=<|=>|<|>|≤|≥|＜|＞)?\\s*([-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]*)(?:\\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)\\s*$";

type ResultUnit = Extract<MappingValue, { readonly result: string }>["unit"];

/** The unit as the source wrote it, or as the mapping says for all rows or for those without. */
export function resultUnitSql(unit: ResultUnit, context: { readonly cell: (column: string) => Sql }): Sql {
  if (typeof unit === "string") return sql`${unit}::VARCHAR`;
  const cell = context.cell(unit.column);
  return unit.otherwise === undefined ? cell : sql`coalesce(${cell}, ${unit.otherwise.unit})`;
}

/**
 * Six digits of the birth date, and the century and sex from the seventh: 9, 0 for 1800; 1, 2, 5, 6 for 1900; 3, 4, 7, 8 for 2000; odd
 * for men. 5 to 8 are foreigners. The other six digits are never read.
 */
export function residentBirthSql(cell: Sql, seventh: Sql | undefined): Sql {
  const digit = seventhDigit(seventh ?? cell, seventh !== undefined);
  const century = sql`CASE WHEN ${digit} IN ('9', '0') THEN '18' WHEN ${digit} IN ('1', '2', '5', '6') THEN '19' WHEN ${digit} IN ('3', '4', '7', '8') THEN '20' END`;
  // A spreadsheet drops the zeros before 1 February 2001.
  const day = seventh === undefined ? digits(cell) : sql`lpad(${digits(cell)}, 6, '0')`;
  return sql`try_strptime(${century} || left(${day}, 6), '%Y%m%d')::DATE`;
}

/** The column of the seventh digit alone, of the last seven, or of all thirteen. */
export function residentSexSql(cell: Sql): Sql {
  const digit = sql`CASE WHEN length(${digits(cell)}) = 13 THEN substr(${digits(cell)}, 7, 1) ELSE left(${digits(cell)}, 1) END`;
  return sql`CASE WHEN ${digit} IN ('1', '3', '5', '7', '9') THEN ${integer(CONCEPTS.male.id)} WHEN ${digit} IN ('2', '4', '6', '8', '0') THEN ${integer(CONCEPTS.female.id)} END`;
}

const digits = (cell: Sql): Sql => sql`regexp_replace(${cell}, '[^0-9]', '', 'g')`;
const seventhDigit = (cell: Sql, isOwnColumn: boolean): Sql =>
  isOwnColumn ? sql`left(${digits(cell)}, 1)` : sql`substr(${digits(cell)}, 7, 1)`;

/** NULL where a part is missing: half a key links nothing. */
export function linkSql(cells: readonly Sql[], salt: string | undefined): Sql {
  const whole = join(
    cells.flatMap((cell, i) => (i === 0 ? [cell] : [sql`|| chr(31) ||`, cell])),
    " ",
  );
  return salt === undefined ? sql`(${whole})` : sql`sha256(${salt} || (${whole}))`;
}
