/** How each kind of value of a mapping is computed from the cells of its row, and what can be wrong with it. */

import { findConcept, findValue, type Mapping, type MappingValue, type ResolvedValue, unitsOf } from "@dure/clinical";
import { assert, unreachable } from "@dure/kernel";
import { emptySql, integer, join, type Sql, sql } from "../store/clinical-sql.ts";
import type { ValueFault } from "./problems.ts";
import { linkSql, residentBirthSql, residentSexSql, resultNumberSql, resultSignSql, resultUnitSql } from "./source-cell-sql.ts";
import type { StagingNames } from "./staging-names.ts";

export interface ValueContext {
  readonly mapping: Mapping;
  readonly names: StagingNames;
  /** The trimmed cell of a column that is needed as text, NULL where the cell means that nothing is there. */
  readonly cell: (column: string) => Sql;
  /** Mixed into the keys that link rows, where rows are kept in the store; else the keys stand in temporary tables only. */
  readonly linkSalt?: string;
}

/**
 * The cell of a date or a number parsed, NULL where it is none, and whether anything stood there. This is done while the file is read:
 * the engine then parses on all processors, once, and need not keep the text.
 */
export function parsedColumns(resolved: ResolvedValue, context: ValueContext): readonly Sql[] {
  const { value } = resolved;
  if ("link" in value) return [sql`${linkSql(value.link.map(context.cell), context.linkSalt)} AS ${context.names.parsed(resolved)}`];
  const column = columnOf(value);
  if (column === undefined) return [];
  const cell = context.cell(column);
  const parse = (parsed: Sql): readonly Sql[] => [
    sql`${parsed} AS ${context.names.parsed(resolved)}`,
    sql`${cell} IS NOT NULL AS ${context.names.filled(resolved)}`,
  ];
  if ("date" in value) return parse(sql`try_strptime(${cell}, ${value.format})${hasTime(value.format) ? sql`` : sql`::DATE`}`);
  if ("result" in value) return [...parse(resultNumberSql(cell)), sql`${resultSignSql(cell)} AS ${context.names.sign(resolved)}`];
  if ("residentBirth" in value) {
    const seventh = value.seventhDigit === undefined ? undefined : context.cell(value.seventhDigit);
    return parse(residentBirthSql(cell, seventh));
  }
  if ("residentSex" in value) return parse(residentSexSql(cell));
  if ("anchorDate" in value && typeof value.anchorDate === "object") {
    return parse(sql`try_strptime(${cell} || '-' || ${value.anchorDate.monthDay}, '%Y-%m-%d')::DATE`);
  }
  if ("offset" in value) return parse(sql`try_cast(${cell} AS DOUBLE)`);
  if ("number" in value) return parse(sql`try_cast(${value.decimal === "," ? sql`replace(${cell}, ',', '.')` : cell} AS DOUBLE)`);
  return [];
}

/** The columns of `parsedColumns`, in its order. */
export function parsedNames(resolved: ResolvedValue, names: StagingNames): readonly Sql[] {
  const { value } = resolved;
  if ("link" in value) return [names.parsed(resolved)];
  const isParsed =
    "date" in value ||
    "number" in value ||
    "offset" in value ||
    "result" in value ||
    "residentBirth" in value ||
    "residentSex" in value ||
    ("anchorDate" in value && typeof value.anchorDate === "object");
  if (!isParsed) return [];
  return [names.parsed(resolved), names.filled(resolved), ...("result" in value ? [names.sign(resolved)] : [])];
}

/** Whether a date's format has the time of day. */
export const hasTime = (format: string): boolean => format.includes("%H");

/** Select-list entries for one value: itself, and where it has them its code, its unit and its fault. */
export function valueColumns(resolved: ResolvedValue, context: ValueContext): readonly Sql[] {
  const { value } = resolved;
  const { names } = context;
  const columns = [sql`${valueSql(resolved, context)} AS ${names.value(resolved)}`];
  const code = codeCell(value, context);
  if (code !== undefined) columns.push(sql`${code} AS ${names.code(resolved)}`);
  if ("result" in value) {
    columns.push(
      sql`${names.sign(resolved)}`,
      sql`${names.filled(resolved)}`,
      sql`${resultUnitSql(value.unit, context)} AS ${names.unit(resolved)}`,
    );
  }
  if ("date" in value && hasTime(value.format)) {
    columns.push(sql`CASE WHEN ${names.value(resolved)} IS NOT NULL THEN ${names.parsed(resolved)} END AS ${names.time(resolved)}`);
  }
  if (hasSeveralUnits(resolved, context.mapping)) columns.push(sql`${unitSql(resolved, context)} AS ${names.unit(resolved)}`);
  const fault = faultSql(resolved, context);
  if (fault !== undefined) columns.push(sql`${fault}::UTINYINT AS ${names.fault(resolved)}`);
  return columns;
}

export const hasFault = (value: MappingValue): boolean =>
  !(
    "default" in value ||
    "firstOf" in value ||
    "text" in value ||
    "yearsBetween" in value ||
    "lookUp" in value ||
    "code" in value ||
    "link" in value ||
    ("anchorDate" in value && typeof value.anchorDate === "string")
  );

export const hasSeveralUnits = (resolved: ResolvedValue, mapping: Mapping): boolean => unitsOf(mapping, resolved).length > 1;

/** The column whose cell a problem of this value is shown under. */
export function columnOf(value: MappingValue): string | undefined {
  if ("date" in value) return value.date;
  if ("number" in value) return value.number;
  if ("codeConcept" in value) return value.codeConcept;
  if ("codeNumber" in value) return value.codeNumber;
  if ("text" in value) return value.text;
  if ("lookUp" in value) return value.column;
  if ("result" in value) return value.result;
  if ("residentBirth" in value) return value.residentBirth;
  if ("residentSex" in value) return value.residentSex;
  if ("offset" in value) return value.offset;
  if ("anchorDate" in value && typeof value.anchorDate === "object") return value.anchorDate.yearColumn;
  return undefined;
}

/** Columns whose cells a value needs as text. */
export function textColumnsOf(value: MappingValue): readonly string[] {
  if ("number" in value || "result" in value) return typeof value.unit === "object" ? [value.unit.column] : [];
  return "codes" in value || "text" in value || "lookUp" in value ? columnsOf(value) : [];
}

/** Every column of the file that a value reads. */
export function columnsOf(value: MappingValue): readonly string[] {
  if ("link" in value) return value.link;
  if ("residentBirth" in value) return [value.residentBirth, ...(value.seventhDigit === undefined ? [] : [value.seventhDigit])];
  const own = columnOf(value);
  const unit = ("number" in value || "result" in value) && typeof value.unit === "object" ? [value.unit.column] : [];
  return own === undefined ? unit : [own, ...unit];
}

function valueSql(resolved: ResolvedValue, context: ValueContext): Sql {
  const { value } = resolved;
  const reference = (name: string): Sql => referenceSql(name, resolved, context);
  const parsed = context.names.parsed(resolved);
  if ("date" in value) return plausibleDate(hasTime(value.format) ? sql`${parsed}::DATE` : parsed);
  if ("residentBirth" in value) return plausibleDate(parsed);
  if ("residentSex" in value || "link" in value) return parsed;
  if ("lookUp" in value) return context.cell(value.column);
  if ("code" in value) return sql`${value.code}::VARCHAR`;
  if ("number" in value || "result" in value) return inRange(finite(parsed), value);
  if ("codeConcept" in value) {
    return lookUp(value, context, resolved, (means) => integer(findConcept(means).id), sql`::INTEGER`);
  }
  if ("codeNumber" in value) return lookUp(value, context, resolved, (means) => sql`${means}::DOUBLE`, sql`::DOUBLE`);
  if ("text" in value) return context.cell(value.text);
  if ("anchorDate" in value) {
    if (typeof value.anchorDate === "string") return sql`${value.anchorDate}::DATE`;
    return plausibleDate(parsed);
  }
  if ("offset" in value) return sql`(${reference(value.after)} + ${offsetDays(value, parsed)})`;
  if ("yearsBetween" in value) {
    const [from, to] = value.yearsBetween;
    return sql`(date_diff('day', ${reference(from)}, ${reference(to)}) / 365.25::DOUBLE)`;
  }
  if ("default" in value) return sql`${integer(findConcept(value.default).id)}::INTEGER`;
  if ("firstOf" in value) return sql`coalesce(${join(value.firstOf.map(reference))})`;
  return unreachable(value);
}

function codeCell(value: MappingValue, context: ValueContext): Sql | undefined {
  if ("codeConcept" in value) return context.cell(value.codeConcept);
  if ("codeNumber" in value) return context.cell(value.codeNumber);
  if ("lookUp" in value) return context.cell(value.column);
  return undefined; // a `text` value is its own code
}

function unitSql(resolved: ResolvedValue, context: ValueContext): Sql {
  const { value } = resolved;
  if ("number" in value && typeof value.unit === "object") {
    const unit = value.unit;
    const cases = Object.entries(unit.units).map(([token, name]) => sql`WHEN ${token} THEN ${name}`);
    return sql`CASE ${context.cell(unit.column)} ${join(cases, " ")} END`;
  }
  assert("firstOf" in value, "only a unit column or a choice of values has several units");
  const parts = value.firstOf.map((name) => {
    const part = findValue(context.mapping, resolved.file, name);
    assert(part !== undefined, "the mapping was checked");
    const unit = hasSeveralUnits(part, context.mapping) ? context.names.unit(part) : sql`${unitsOf(context.mapping, part)[0] ?? "1"}`;
    return sql`CASE WHEN ${context.names.value(part)} IS NOT NULL THEN ${unit} END`;
  });
  return sql`coalesce(${join(parts)})`;
}

/** 0 where the cell is empty or good. */
function faultSql(resolved: ResolvedValue, context: ValueContext): Sql | undefined {
  const { value } = resolved;
  const column = columnOf(value);
  if (!hasFault(value) || column === undefined) return undefined;
  const isFilled = "codes" in value ? sql`${context.cell(column)} IS NOT NULL` : context.names.filled(resolved);
  const missing = (what: Sql, fault: ValueFault): Sql => sql`CASE WHEN ${isFilled} AND ${what} IS NULL THEN ${integer(fault)} ELSE 0 END`;
  const itself = context.names.value(resolved);
  if ("date" in value || "anchorDate" in value || "residentBirth" in value) return missing(itself, 1);
  if ("residentSex" in value) return missing(itself, 5);
  if ("result" in value)
    return sql`CASE WHEN ${finite(context.names.parsed(resolved))} IS NOT NULL AND ${itself} IS NULL THEN 3 ELSE 0 END`;
  if ("offset" in value) return missing(offsetDays(value, context.names.parsed(resolved)), 2);
  if ("codeConcept" in value || "codeNumber" in value) {
    return sql`CASE WHEN ${isFilled} AND NOT coalesce(${join(
      value.codes.map((entry) => entryHolds(entry, value, context, resolved)),
      " OR ",
    )}, false) THEN 5 ELSE 0 END`;
  }
  assert("number" in value, "the kinds above have their own faults");
  const unit = typeof value.unit === "object" ? sql`WHEN ${isFilled} AND ${unitIsUnknown(value.unit, context)} THEN 4` : emptySql;
  const number = finite(context.names.parsed(resolved));
  return sql`CASE WHEN ${isFilled} AND ${number} IS NULL THEN 2 WHEN ${isFilled} AND ${itself} IS NULL THEN 3 ${unit} ELSE 0 END`;
}

function unitIsUnknown(unit: { readonly column: string; readonly units: Readonly<Record<string, string>> }, context: ValueContext): Sql {
  const known = Object.keys(unit.units).map((token) => sql`${token}`);
  return sql`NOT coalesce(${context.cell(unit.column)} IN (${join(known)}), false)`;
}

type OffsetValue = Extract<MappingValue, { readonly offset: string }>;
type CodeValue = Extract<MappingValue, { readonly codes: unknown }>;

/** NaN and infinities are no numbers of a record. */
const finite = (number: Sql): Sql => sql`CASE WHEN isfinite(${number}) THEN ${number} END`;

function inRange(number: Sql, range: { readonly minimum?: number | undefined; readonly maximum?: number | undefined }): Sql {
  const bounds = [
    ...(range.minimum === undefined ? [] : [sql`${number} >= ${range.minimum}::DOUBLE`]),
    ...(range.maximum === undefined ? [] : [sql`${number} <= ${range.maximum}::DOUBLE`]),
  ];
  return bounds.length === 0 ? number : sql`CASE WHEN ${join(bounds, " AND ")} THEN ${number} END`;
}

/** A two-digit year reads as the year 23: no record is that old. */
const plausibleDate = (date: Sql): Sql => sql`CASE WHEN ${date} BETWEEN DATE '1850-01-01' AND DATE '2199-12-31' THEN ${date} END`;

/** Whole days, halves away from zero; more than 200 years is no follow-up. */
function offsetDays(value: OffsetValue, parsed: Sql): Sql {
  const days = sql`round(${finite(parsed)} * ${value.daysPerUnit ?? 1}::DOUBLE)`;
  return sql`CASE WHEN abs(${days}) < 73050 THEN ${days}::INTEGER END`;
}

function lookUp<Meaning>(
  value: CodeValue & { readonly codes: readonly { readonly code: string; readonly means: Meaning | "missing" }[] },
  context: ValueContext,
  resolved: ResolvedValue,
  write: (means: Exclude<Meaning, "missing">) => Sql,
  cast: Sql,
): Sql {
  const cases = value.codes.flatMap((entry) => {
    if (entry.means === "missing") return [];
    const means = entry.means as Exclude<Meaning, "missing">; // the other case returned just above
    return [sql`WHEN ${entryHolds(entry, value, context, resolved)} THEN ${write(means)}`];
  });
  return cases.length === 0 ? sql`NULL${cast}` : sql`CASE ${join(cases, " ")} END${cast}`;
}

/** Whether the cell is this code, at a date at which the code was valid. */
function entryHolds(
  entry: { readonly code: string; readonly from?: string | undefined; readonly to?: string | undefined },
  value: CodeValue,
  context: ValueContext,
  resolved: ResolvedValue,
): Sql {
  const cell = codeCell(value, context) ?? sql`NULL`;
  const tests = [sql`${cell} = ${entry.code}`];
  if (value.asOf !== undefined) {
    const date = referenceSql(value.asOf, resolved, context);
    if (entry.from !== undefined) tests.push(sql`${date} >= ${entry.from}::DATE`);
    if (entry.to !== undefined) tests.push(sql`${date} <= ${entry.to}::DATE`);
  }
  return sql`(${join(tests, " AND ")})`;
}

function referenceSql(reference: string, from: ResolvedValue, context: ValueContext): Sql {
  const target = findValue(context.mapping, from.file, reference);
  assert(target !== undefined, "the mapping was checked");
  return context.names.value(target);
}
