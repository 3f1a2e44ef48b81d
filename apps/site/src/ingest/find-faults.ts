/**
 * What is wrong with the staged values of a file. A value is held to its declaration in the rows in which something uses it: in a
 * laboratory's one long table each test has its own unit, and the rows of other tests are nobody's concern.
 */

import {
  findValue,
  keepsRows,
  type Mapping,
  type MappingFile,
  type MappingRow,
  type MappingValue,
  type ResolvedValue,
  usesOf,
  type ValueUse,
} from "@dure/clinical";
import { assert, type Problem } from "@dure/kernel";
import type { SqlSession } from "../store/clinical-session.ts";
import { integer, join, type Sql, sql } from "../store/clinical-sql.ts";
import { conditionsSql } from "./condition-sql.ts";
import { andMore, isValueFault, PROBLEMS_PER_FILE_MAX, VALUE_FAULTS, type ValueFault, valueProblem } from "./problems.ts";
import { type Problems, rowInFile } from "./read-csv-sql.ts";
import type { StagingNames } from "./staging-names.ts";
import { unfitUnitSql } from "./unit-sql.ts";
import { columnOf, hasFault } from "./value-sql.ts";

export interface FaultPlan {
  readonly session: SqlSession;
  readonly mapping: Mapping;
  readonly names: StagingNames;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface Faults extends Problems {
  /** Where the mapping leaves out rows with a fault: the reasons, numbered after those of before. */
  readonly reasons: readonly string[];
}

/**
 * @param broken numbers of the rows that were set aside, ascending.
 * @param reasonCount reasons that rows are excluded for so far. Under `onFault: exclude` rows with a fault get the next numbers in `x`.
 */
export async function findFaults(plan: FaultPlan, file: string, broken: readonly number[], reasonCount: number): Promise<Faults> {
  const definition = plan.mapping.files[file];
  assert(definition !== undefined, "the mapping was checked");
  const { session, names } = plan;
  const checks = [
    personCheck(plan, file, definition),
    ...valueChecks(plan, file, definition),
    ...unitChecks(plan, file, definition),
    ...orderChecks(plan, file, definition),
  ];
  const table = names.table(file);
  const fileRow = keepsRows(plan.mapping) ? sql`arrived_row` : sql`source_row`; // a row kept from before is in no file of today
  const counts = await session.rows(sql`
    SELECT ${join(checks.map((_, i) => sql`count(*) FILTER (fault_${integer(i)} <> 0)`))}
    FROM (SELECT x, ${join(checks.map(({ fault }, i) => sql`${fault} AS fault_${integer(i)}`))} FROM ${table}) WHERE x = 0`);
  const listed: Problem[] = [];
  const reasons: string[] = [];
  const isExcluding = plan.mapping.onFault === "exclude";
  let count = 0;
  for (const [i, check] of checks.entries()) {
    const { column, fault, declared } = check;
    const found = Number(counts[0]?.[i] ?? 0);
    count += found;
    if (found === 0) continue;
    const rows = await session.rows(sql`
      SELECT ${fileRow} AS file_row, fault FROM (SELECT *, ${fault} AS fault FROM ${table}) WHERE x = 0 AND fault <> 0 ORDER BY file_row NULLS LAST LIMIT ${integer(PROBLEMS_PER_FILE_MAX)}`);
    for (const [row, kind] of rows) {
      const place = {
        file: definition.path,
        ...(row === null || row === undefined ? {} : { row: rowInFile(Number(row), broken) }),
        column,
      };
      listed.push(valueProblem(toFault(Number(kind)), place, declared));
    }
    if (isExcluding) reasons.push(...(await excludeRows(plan, table, check, reasonCount + reasons.length)));
  }
  return { listed, count, reasons };
}

/** Gives the rows of a check's faults the next numbers; a row that has another fault already keeps that one. */
async function excludeRows({ session }: FaultPlan, table: Sql, { column, fault }: Check, reasonCount: number): Promise<readonly string[]> {
  const faulty = sql`SELECT source_row, fault FROM (SELECT source_row, x, ${fault} AS fault FROM ${table}) WHERE x = 0 AND fault <> 0`;
  const kinds = await session.rows(sql`SELECT DISTINCT fault FROM (${faulty}) ORDER BY fault`);
  await session.run(sql`CREATE TEMP TABLE faulty_rows AS ${faulty}`);
  const reasons = kinds.map(([kind]) => `${column}: ${VALUE_FAULTS[toFault(Number(kind))][0]}`);
  for (const [i, [kind]] of kinds.entries()) {
    await session.run(sql`
      UPDATE ${table} SET x = ${integer(reasonCount + i)} WHERE x = 0 AND source_row IN (SELECT source_row FROM faulty_rows WHERE fault = ${integer(Number(kind))})`);
  }
  await session.run(sql`DROP TABLE faulty_rows`);
  return reasons;
}

/** The first problems by row, and how many more there are. */
export function limitProblems(file: string, groups: readonly Problems[]): readonly Problem[] {
  const all = groups.flatMap(({ listed }) => listed).sort((a, b) => (a.place.row ?? 0) - (b.place.row ?? 0));
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  const listed = all.slice(0, PROBLEMS_PER_FILE_MAX);
  return count > listed.length ? [...listed, andMore(file, count - listed.length)] : listed;
}

/** A fault number of a row, 0 where there is none, and the column that it is shown under. */
interface Check {
  readonly column: string;
  readonly fault: Sql;
  readonly declared?: MappingValue;
}

function personCheck({ mapping }: FaultPlan, file: string, definition: MappingFile): Check {
  const doubled = sql`CASE WHEN row_number() OVER (PARTITION BY person_key, x = 0 ORDER BY source_row) > 1 THEN 7 ELSE 0 END`;
  const fault = sql`CASE WHEN person_key IS NULL THEN 6 ELSE ${file === mapping.persons ? doubled : sql`0`} END`;
  return { column: definition.person, fault };
}

/** A declared value that nothing uses is checked in every row: who declared it wants to know. */
function valueChecks(plan: FaultPlan, file: string, definition: MappingFile): readonly Check[] {
  const uses = usesOf(plan.mapping, file);
  return Object.entries(definition.values).flatMap(([name, value]) => {
    const column = columnOf(value);
    if (!hasFault(value) || column === undefined) return [];
    const fault = plan.names.fault({ file, name, value });
    const rows = rowsOf(uses.get(name) ?? "nowhere", plan, file);
    return [{ column, declared: value, fault: rows === undefined ? fault : sql`CASE WHEN ${rows} THEN ${fault} ELSE 0 END` }];
  });
}

/** In a rule of many concepts and units, a unit may fit the one concept and not the other. */
function unitChecks(plan: FaultPlan, file: string, definition: MappingFile): readonly Check[] {
  const find = (reference: string) => findValue(plan.mapping, file, reference);
  return definition.rows.flatMap((row: MappingRow) => {
    if ((row.to !== "measurement" && row.to !== "observation") || row.value === undefined) return [];
    const value = find(row.value);
    const isUnfit = unfitUnitSql({ ...row, value: row.value }, { ...plan, file });
    if (value === undefined || isUnfit === undefined) return [];
    const taken = row.when === undefined ? sql`true` : conditionsSql(row.when, { ...plan, find });
    return [{ column: columnOf(value.value) ?? row.value, fault: sql`CASE WHEN ${taken} AND ${isUnfit} THEN 8 ELSE 0 END` }];
  });
}

/** What ends before it starts, and what happened before its person was born. */
function orderChecks(plan: FaultPlan, file: string, definition: MappingFile): readonly Check[] {
  const find = (reference: string) => findValue(plan.mapping, file, reference);
  const birth = file === plan.mapping.persons ? undefined : birthOf(plan.mapping);
  return definition.rows.flatMap((row: MappingRow): readonly Check[] => {
    if (!("date" in row)) return [];
    const [date, end] = [find(row.date), "end" in row && row.end !== undefined ? find(row.end) : undefined];
    if (date === undefined || date.file !== file) return [];
    const taken = row.when === undefined ? sql`true` : conditionsSql(row.when, { ...plan, find });
    const check = (value: ResolvedValue, isWrong: Sql, kind: 9 | 10): Check => ({
      column: columnOf(value.value) ?? value.name,
      fault: sql`CASE WHEN ${taken} AND coalesce(${isWrong}, false) THEN ${integer(kind)} ELSE 0 END`,
    });
    const [start, born] = [plan.names.value(date), birth === undefined ? undefined : plan.names.value(birth)];
    return [
      ...(end === undefined || end.file !== file ? [] : [check(end, sql`${plan.names.value(end)} < ${start}`, 9)]),
      ...(born === undefined ? [] : [check(date, sql`year(${start}) < year(${born})`, 10)]),
    ];
  });
}

/** The persons' birth date, where the mapping has one. */
export function birthOf(mapping: Mapping): ResolvedValue | undefined {
  const row = mapping.files[mapping.persons]?.rows.find((each) => each.to === "person");
  return row !== undefined && "date" in row.yearOfBirth ? findValue(mapping, mapping.persons, row.yearOfBirth.date) : undefined;
}

/** The rows in which a value is used; undefined for all. */
function rowsOf(use: ValueUse, plan: FaultPlan, file: string): Sql | undefined {
  if (typeof use === "string") return undefined;
  const find = (reference: string) => findValue(plan.mapping, file, reference);
  return sql`(${join(
    use.map((conditions) => conditionsSql(conditions, { ...plan, find })),
    " OR ",
  )})`;
}

function toFault(kind: number): ValueFault {
  assert(isValueFault(kind), "a fault is a key of VALUE_FAULTS");
  return kind;
}
