/**
 * One file of an export, from disk into a staging table of typed values, set-wise in the SQL engine. Every problem of the file is
 * collected; nothing is written to the store yet. Staging tables are temporary: they vanish with the connection.
 */

import { findValue, type Mapping, type MappingFile, type ResolvedValue, referencesOf } from "@dure/clinical";
import { assert, DureError, type Problem, type Sha256 } from "@dure/kernel";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, join, type Sql, sql } from "../store/clinical-sql.ts";
import { conditionsSql } from "./condition-sql.ts";
import { andMore, duplicateColumn, isValueFault, missingColumn, PROBLEMS_PER_FILE_MAX, type ValueFault, valueProblem } from "./problems.ts";
import { type BrokenRows, findBrokenRows, type Problems, readCsvSql, rowInFile } from "./read-csv-sql.ts";
import { type ReadExport, readExport } from "./read-export.ts";
import type { StagingNames } from "./staging-names.ts";
import { columnOf, columnsOf, hasFault, hasSeveralUnits, parsedColumn, valueColumns } from "./value-sql.ts";

export interface StagePlan {
  readonly session: SqlSession;
  readonly mapping: Mapping;
  readonly names: StagingNames;
  readonly parameters: Readonly<Record<string, string>>;
  readonly directory: string;
  /** Without the persons file's values the other files are checked as far as their rows go. */
  readonly personsAreStaged: boolean;
  /** Prefix of decoded copies, beside the store. */
  readonly scratchPath: string;
  readonly signal?: AbortSignal;
}

export interface StagedFile {
  readonly file: string;
  readonly path: string;
  readonly sha256: Sha256;
  readonly rowsIn: number;
  /** By index: why a row with that number in `x` is excluded; 0 is kept. */
  readonly reasons: readonly string[];
  readonly problems: readonly Problem[];
}

const DELIMITERS = { comma: ",", tab: "\t", semicolon: ";", pipe: "|" } as const;

/** Stages one file; problems are in the result, except a file that cannot be opened or decoded at all. */
export async function stageFile(plan: StagePlan, file: string, scratch: string[]): Promise<StagedFile> {
  const definition = fileOf(plan.mapping, file);
  const decodedPath = `${plan.scratchPath}.${scratch.length}.csv`;
  scratch.push(decodedPath);
  const source = await readExport({
    name: definition.path,
    path: `${plan.directory}/${definition.path}`,
    encoding: definition.encoding,
    delimiter: DELIMITERS[definition.delimiter],
    decodedPath,
    ...(plan.signal ? { signal: plan.signal } : {}),
  });
  const headerProblems = checkHeader(definition, source);
  if (headerProblems.length > 0) return { ...emptyStage(file, definition, source), problems: headerProblems };
  const broken = await readRaw(plan, file, definition, source);
  if (!plan.personsAreStaged && file !== plan.mapping.persons)
    return { ...emptyStage(file, definition, source), problems: limited(definition.path, [broken]) };
  const reasons = await stageValues(plan, file, definition, source);
  const faults = await findFaults(plan, file, broken.rows);
  const rowsIn = await plan.session.count(sql`SELECT count(*) FROM ${plan.names.rawTable(file)}`);
  await plan.session.run(sql`DROP TABLE ${plan.names.rawTable(file)}`);
  return { file, path: definition.path, sha256: source.sha256, rowsIn, reasons, problems: limited(definition.path, [broken, faults]) };
}

const emptyStage = (file: string, definition: MappingFile, source: ReadExport) => ({
  file,
  path: definition.path,
  sha256: source.sha256,
  rowsIn: 0,
  reasons: [],
});

function checkHeader(definition: MappingFile, source: ReadExport): readonly Problem[] {
  return neededColumns(definition).flatMap((column) => {
    const count = source.header.filter((name) => name === column).length;
    if (count === 0) return [missingColumn(definition.path, column, source.header.length)];
    return count > 1 ? [duplicateColumn(definition.path, column)] : [];
  });
}

/** Cells as text. Rows that are no rows of a table are the problems. */
async function readRaw(plan: StagePlan, file: string, definition: MappingFile, source: ReadExport): Promise<BrokenRows> {
  const { session, mapping, names } = plan;
  const selected = join(neededColumns(definition).map((column) => rawColumn(source, column)));
  const csv = {
    path: source.path,
    columnCount: source.header.length,
    delimiter: DELIMITERS[definition.delimiter],
    rejects: `rejects_${Object.keys(mapping.files).indexOf(file)}`,
  };
  await session.run(sql`CREATE TEMP TABLE ${names.rawTable(file)} AS SELECT ${selected} FROM ${readCsvSql(csv)}`);
  return findBrokenRows(session, csv, definition.path);
}

const neededColumns = (definition: MappingFile): readonly string[] => [
  ...new Set([definition.person, ...Object.values(definition.values).flatMap(columnsOf)]),
];

function fileOf(mapping: Mapping, file: string): MappingFile {
  const definition = mapping.files[file];
  assert(definition !== undefined, "the mapping was checked");
  return definition;
}

const rawColumn = (source: ReadExport, column: string): Sql => identifier(`c${source.header.indexOf(column)}`);

/**
 * The typed table, with why each row is excluded; returns the reasons by number.
 * Row ids follow the file's order; inside a transaction the engine counts them from a large number of its own.
 */
async function stageValues(plan: StagePlan, file: string, definition: MappingFile, source: ReadExport): Promise<readonly string[]> {
  const { session, mapping, names } = plan;
  const isPersons = file === mapping.persons;
  const clean = neededColumns(definition).map(
    (column) => sql`${withoutTokens(rawColumn(source, column), definition.missing)} AS ${rawColumn(source, column)}`,
  );
  const cell = (column: string): Sql => sql`cells.${rawColumn(source, column)}`;
  const ordered = inOrder(mapping, file, definition);
  const parsed = ordered.flatMap((resolved) => parsedColumn(resolved, { mapping, names, cell }));
  const values = ordered.flatMap((resolved) => valueColumns(resolved, { mapping, names, cell }));
  const excluded = exclusions(plan, file, definition, cell(definition.person));
  const cases = excluded.map(({ holds }, i) => sql`WHEN ${holds} THEN ${integer(i + 1)}`);
  const shared = isPersons ? [] : personValues(mapping, names, definition);
  const person = isPersons ? sql`NULL::BIGINT` : sql`p.person_id`;
  await session.run(sql`
    CREATE TEMP TABLE ${names.table(file)} AS
    WITH cells AS (SELECT rowid - (SELECT min(rowid) FROM ${names.rawTable(file)}) + 1 AS source_row, ${join(clean)} FROM ${names.rawTable(file)})
    SELECT cells.source_row AS source_row, ${cell(definition.person)} AS person_key, ${person} AS person_id, ${join([...shared, ...values, sql`CASE ${join(cases, " ")} ELSE 0 END::UTINYINT AS x`])}
    FROM (SELECT ${join([sql`cells.*`, ...parsed])} FROM cells) cells ${isPersons ? sql`` : sql`LEFT JOIN ${names.table(mapping.persons)} p ON p.person_key = ${cell(definition.person)} AND p.x = 0`}`);
  return ["", ...excluded.map(({ reason }) => reason)];
}

/** The trimmed cell; NULL where it is empty or one of the tokens that mean so. */
function withoutTokens(column: Sql, missing: readonly string[]): Sql {
  const cell = sql`nullif(trim(${column}), '')`;
  const tokens = missing.map((token) => token.trim()).filter((token) => token !== "");
  return tokens.length === 0
    ? cell
    : sql`CASE WHEN trim(${column}) NOT IN (${join(tokens.map((token) => sql`${token}`))}) THEN ${cell} END`;
}

/** Why a row takes no part at all, in the order in which reasons are counted. */
function exclusions(
  plan: StagePlan,
  file: string,
  definition: MappingFile,
  person: Sql,
): readonly { readonly reason: string; readonly holds: Sql }[] {
  const { mapping, names, parameters } = plan;
  const find = (reference: string) => findValue(mapping, file, reference);
  const declared = definition.exclude.map((rule) => {
    const context = { names, parameters, find };
    return {
      reason: rule.reason,
      holds: "when" in rule ? conditionsSql(rule.when, context) : sql`NOT ${conditionsSql(rule.unless, context)}`,
    };
  });
  const optOut = { reason: "opted out", holds: sql`${person} IN (SELECT hospital_number FROM opt_out)` };
  if (file !== mapping.persons) {
    return [
      optOut,
      ...declared,
      { reason: `not a person of file ${mapping.persons}`, holds: sql`${person} IS NOT NULL AND p.person_id IS NULL` },
    ];
  }
  const rule = definition.rows.find((row) => row.to === "person");
  assert(rule !== undefined, "the mapping was checked");
  const needed = [rule.gender, ...Object.values(rule.yearOfBirth)];
  return [
    optOut,
    ...declared,
    ...needed.flatMap((reference) => {
      const resolved = find(reference);
      const fault =
        resolved !== undefined && hasFault(resolved.value) && columnOf(resolved.value) !== undefined
          ? sql` AND ${names.fault(resolved)} = 0`
          : sql``;
      return resolved === undefined
        ? []
        : [{ reason: `${reference}: missing, which PERSON requires`, holds: sql`${names.value(resolved)} IS NULL${fault}` }];
    }),
  ];
}

/** The file's values, each after those that it refers to. */
function inOrder(mapping: Mapping, file: string, definition: MappingFile): readonly ResolvedValue[] {
  const ordered = new Map<string, ResolvedValue>();
  const visit = (resolved: ResolvedValue): void => {
    if (resolved.file !== file || ordered.has(resolved.name)) return;
    for (const { reference } of referencesOf(resolved.value)) {
      const target = findValue(mapping, file, reference);
      if (target !== undefined) visit(target);
    }
    ordered.set(resolved.name, resolved);
  };
  for (const [name, value] of Object.entries(definition.values)) visit({ file, name, value });
  return [...ordered.values()];
}

/** Columns of the persons file that this file's values, rows and conditions speak of, copied beside its own. */
function personValues(mapping: Mapping, names: StagingNames, definition: MappingFile): readonly Sql[] {
  const references = new Set(stringsIn([definition.values, definition.exclude, definition.rows, mapping.observationPeriod]));
  return [...references].flatMap((reference) => {
    if (!reference.startsWith(`${mapping.persons}.`)) return [];
    const resolved = findValue(mapping, mapping.persons, reference);
    if (resolved === undefined) return [];
    const columns = [names.value(resolved)];
    if ("codeConcept" in resolved.value || "codeNumber" in resolved.value) columns.push(names.code(resolved));
    if (hasSeveralUnits(resolved, mapping)) columns.push(names.unit(resolved));
    return columns.map((column) => sql`p.${column} AS ${column}`);
  });
}

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

/** Faults of values and persons in rows that are not excluded. */
async function findFaults(plan: StagePlan, file: string, broken: readonly number[]): Promise<Problems> {
  const definition = fileOf(plan.mapping, file);
  const { session, names } = plan;
  const table = names.table(file);
  const checks = Object.entries(definition.values).flatMap(([name, value]) => {
    const column = columnOf(value);
    return hasFault(value) && column !== undefined ? [{ column, fault: names.fault({ file, name, value }) }] : [];
  });
  const isPersons = file === plan.mapping.persons;
  const doubled = sql`CASE WHEN row_number() OVER (PARTITION BY person_key, x = 0 ORDER BY source_row) > 1 THEN 7 ELSE 0 END`;
  const person = sql`CASE WHEN person_key IS NULL THEN 6 ELSE ${isPersons ? doubled : sql`0`} END`;
  const queries = [{ column: definition.person, fault: person }, ...checks];
  const counts = await session.rows(sql`
    SELECT ${join(queries.map((_, i) => sql`count(*) FILTER (fault_${integer(i)} <> 0)`))}
    FROM (SELECT x, ${join(queries.map(({ fault }, i) => sql`${fault} AS fault_${integer(i)}`))} FROM ${table}) WHERE x = 0`);
  const listed: Problem[] = [];
  let count = 0;
  for (const [i, { column, fault }] of queries.entries()) {
    const found = Number(counts[0]?.[i] ?? 0);
    count += found;
    if (found === 0) continue;
    const rows = await session.rows(sql`
      SELECT source_row, fault FROM (SELECT source_row, x, ${fault} AS fault FROM ${table}) WHERE x = 0 AND fault <> 0 ORDER BY source_row LIMIT ${integer(PROBLEMS_PER_FILE_MAX)}`);
    for (const [row, kind] of rows)
      listed.push(valueProblem(toFault(Number(kind)), { file: definition.path, row: rowInFile(Number(row), broken), column }));
  }
  return { listed, count };
}

function toFault(kind: number): ValueFault {
  assert(isValueFault(kind), "a fault is a key of VALUE_FAULTS");
  return kind;
}

function limited(file: string, groups: readonly Problems[]): readonly Problem[] {
  const all = groups.flatMap(({ listed }) => listed).sort((a, b) => (a.place.row ?? 0) - (b.place.row ?? 0));
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  const listed = all.slice(0, PROBLEMS_PER_FILE_MAX);
  return count > listed.length ? [...listed, andMore(file, count - listed.length)] : listed;
}

/** Problems of a file that could not be staged at all. */
export const problemsOf = (cause: unknown): readonly Problem[] => {
  if (cause instanceof DureError) return cause.problems;
  throw cause;
};
