/**
 * One file of an export, from disk into a staging table of typed values, set-wise in the SQL engine. Every problem of the file is
 * collected; nothing is written to the store yet. Staging tables are temporary: they vanish with the connection.
 */

import { findValue, keepsRows, type Mapping, type MappingFile, type ResolvedValue, referencesOf, usesOf } from "@dure/clinical";
import { assert, DureError, type Problem, type Sha256 } from "@dure/kernel";
import { type OpenedExport, openExport } from "../sources/open-export.ts";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, join, type Sql, sql } from "../store/clinical-sql.ts";
import { conditionsSql } from "./condition-sql.ts";
import { birthOf, findFaults, limitProblems } from "./find-faults.ts";
import { keepRows } from "./kept-rows.ts";
import type { DeliveryReport, SensitiveCells } from "./load-report.ts";
import { applyMerges, MERGED_REASON, supersededPerson } from "./merges.ts";
import { linkSalt, type PersonKeyTable } from "./person-keys.ts";
import { duplicateColumn, missingColumn, noRows, PROBLEMS_PER_FILE_MAX, valueProblem } from "./problems.ts";
import { type BrokenRows, type Problems, rowInFile } from "./read-csv-sql.ts";
import { linkSql } from "./source-cell-sql.ts";
import type { StagingNames } from "./staging-names.ts";
import { columnOf, columnsOf, hasFault, hasSeveralUnits, parsedColumns, parsedNames, textColumnsOf, valueColumns } from "./value-sql.ts";

export interface StagePlan {
  readonly session: SqlSession;
  readonly mapping: Mapping;
  readonly names: StagingNames;
  readonly parameters: Readonly<Record<string, string>>;
  readonly sensitive: readonly SensitiveCells[];
  readonly keyTable: PersonKeyTable;
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
  /** Rows left out by `onFault: exclude`: where they are and what to do. */
  readonly setAside: readonly Problem[];
  readonly delivery?: DeliveryReport;
}

/** Stages one file; problems are in the result, except a file that cannot be opened or decoded at all. */
export async function stageFile(plan: StagePlan, file: string, scratch: string[]): Promise<StagedFile> {
  const definition = fileOf(plan.mapping, file);
  const decodedPath = `${plan.scratchPath}.${scratch.length}.csv`;
  scratch.push(decodedPath);
  const source = await openExport({
    definition,
    directory: plan.directory,
    columns: neededColumns(definition, sensitiveOf(plan, file)),
    copyPath: decodedPath,
    rejects: `rejects_${Object.keys(plan.mapping.files).indexOf(file)}`,
    ...(plan.signal ? { signal: plan.signal } : {}),
  });
  const headerProblems = checkHeader(definition, source, sensitiveOf(plan, file));
  if (headerProblems.length > 0) return { ...emptyStage(file, definition, source), problems: headerProblems };
  const broken = await readRaw(plan, file, definition, source);
  const unkeyed = await rowsWithoutKey(plan, file, definition, broken);
  const delivery = await keepDelivery(plan, file, definition, source);
  if (!plan.personsAreStaged && file !== plan.mapping.persons)
    return { ...emptyStage(file, definition, source), problems: limitProblems(definition.path, [broken]) };
  const reasons = await stageValues(plan, file, definition, source);
  const faults = await findFaults(plan, file, broken.rows, reasons.length);
  const isExcluding = plan.mapping.onFault === "exclude";
  const rowsIn = await plan.session.count(sql`SELECT count(*) FROM ${plan.names.rawTable(file)}`);
  await plan.session.run(sql`DROP TABLE ${plan.names.rawTable(file)}`);
  const isHeaderOnly = rowsIn === 0 && delivery === undefined && broken.count === 0 && !definition.mayBeEmpty;
  return {
    file,
    path: definition.path,
    sha256: source.sha256,
    rowsIn,
    reasons: [...reasons, ...faults.reasons],
    problems: isHeaderOnly
      ? [noRows(definition.path)]
      : limitProblems(definition.path, isExcluding ? [broken, unkeyed] : [broken, unkeyed, faults]),
    ...(delivery === undefined ? {} : { delivery }),
    setAside: isExcluding ? limitProblems(definition.path, [faults]).map((problem) => ({ ...problem, severity: "warning" as const })) : [],
  };
}

const emptyStage = (file: string, definition: MappingFile, source: OpenedExport) => ({
  file,
  path: definition.path,
  sha256: source.sha256,
  rowsIn: 0,
  reasons: [],
  setAside: [],
});

function checkHeader(definition: MappingFile, source: OpenedExport, sensitive: readonly SensitiveCells[]): readonly Problem[] {
  return neededColumns(definition, sensitive).flatMap((column) => {
    const count = source.header.filter((name) => name === column).length;
    if (count === 0) return [missingColumn(definition.path, column, source.header.length)];
    return count > 1 ? [duplicateColumn(definition.path, column)] : [];
  });
}

/**
 * What the engine reads of the file, each cell trimmed, and parsed where its value is a date or a number. Rows that are no rows of a
 * table are the problems.
 */
async function readRaw(plan: StagePlan, file: string, definition: MappingFile, source: OpenedExport): Promise<BrokenRows> {
  const { session, mapping, names } = plan;
  const column = (name: string): Sql => identifier(`c${source.header.indexOf(name)}`);
  const sensitive = sensitiveOf(plan, file);
  const cells = neededColumns(definition, sensitive).map(
    (name) => sql`${withoutTokens(column(name), definition.missing)} AS ${column(name)}`,
  );
  const salt = keepsRows(mapping) ? { linkSalt: linkSalt(plan.keyTable) } : {};
  const parsed = Object.entries(definition.values).flatMap(([name, value]) =>
    parsedColumns({ file, name, value }, { mapping, names, cell: column, ...salt }),
  );
  const columns = [...textsOf(mapping, file).map(column), ...parsed, ...deliveryColumns(plan, file, column)];
  await session.run(sql`
    CREATE TEMP TABLE ${names.rawTable(file)} AS
    SELECT ${join(columns)}, ${isSensitive(sensitive, column)} AS is_sensitive, false AS was_merged FROM (SELECT ${join(cells)} FROM ${source.table})`);
  if (mapping.merges !== undefined) await session.run(applyMerges(names.rawTable(file), column(definition.person)));
  return source.brokenRows(session);
}

/** Columns that are needed as text: the person's first. */
function textsOf(mapping: Mapping, file: string): readonly string[] {
  const { person } = fileOf(mapping, file);
  return [...new Set([person, ...Object.values(stagedValues(mapping, file)).flatMap(textColumnsOf)])];
}

/** The digest of a row's key, and whether the row says that it is deleted. */
function deliveryColumns(plan: StagePlan, file: string, column: (name: string) => Sql): readonly Sql[] {
  const { mapping, names, parameters } = plan;
  const { key, deletedWhen } = fileOf(mapping, file);
  if (key === undefined) return [];
  const cellOf = (value: ResolvedValue): Sql => column(columnOf(value.value) ?? "");
  const find = (reference: string) => findValue(mapping, file, reference);
  const isDeleted =
    deletedWhen === undefined
      ? sql`false`
      : conditionsSql(deletedWhen, { names: { ...names, value: cellOf, code: cellOf }, parameters, find });
  return [sql`${linkSql(key.map(column), linkSalt(plan.keyTable))} AS row_key`, sql`${isDeleted} AS is_deleted`];
}

/** A row without its whole key cannot be corrected later: it is told before it is kept. */
async function rowsWithoutKey(plan: StagePlan, file: string, definition: MappingFile, broken: BrokenRows): Promise<Problems> {
  if (definition.key === undefined) return { listed: [], count: 0 };
  const raw = plan.names.rawTable(file);
  const column = definition.key.join(", ");
  const rows = await plan.session.rows(sql`
    SELECT n FROM (SELECT row_key, row_number() OVER () AS n FROM ${raw}) WHERE row_key IS NULL ORDER BY n LIMIT ${integer(PROBLEMS_PER_FILE_MAX)}`);
  return {
    listed: rows.map(([row]) => valueProblem(11, { file: definition.path, row: rowInFile(Number(row), broken.rows), column })),
    count: await plan.session.count(sql`SELECT count(*) FROM ${raw} WHERE row_key IS NULL`),
  };
}

/** Of a file with a key: the rows of all deliveries so far take the place of this one's. */
async function keepDelivery(
  plan: StagePlan,
  file: string,
  definition: MappingFile,
  source: OpenedExport,
): Promise<DeliveryReport | undefined> {
  if (definition.key === undefined) return undefined;
  const { session, mapping, names, keyTable } = plan;
  const column = (name: string): Sql => identifier(`c${source.header.indexOf(name)}`);
  const texts = textsOf(mapping, file).filter((name) => name !== definition.person);
  const parsed = Object.entries(definition.values).flatMap(([name, value]) =>
    parsedNames({ file, name, value }, names).map((parsedName, i) => ({ name: `${name}/${i}`, column: parsedName })),
  );
  return keepRows({
    ...{ session, mapping, keyTable, file, definition, raw: names.rawTable(file), person: column(definition.person) },
    columns: [...texts.map((name) => ({ name, column: column(name) })), ...parsed],
    sensitive: sensitiveOf(plan, file).map(({ column: name, startsWith }) => [name, [...startsWith]]),
  });
}

const sensitiveOf = (plan: StagePlan, file: string): readonly SensitiveCells[] => plan.sensitive.filter((cells) => cells.file === file);

/** Codes are compared without regard to case: a category must not slip through as `b20`. */
function isSensitive(sensitive: readonly SensitiveCells[], column: (name: string) => Sql): Sql {
  const tests = sensitive.flatMap((cells) =>
    cells.startsWith.map((code) => sql`coalesce(starts_with(upper(${column(cells.column)}), upper(${code})), false)`),
  );
  return tests.length === 0 ? sql`false` : sql`(${join(tests, " OR ")})`;
}

const neededColumns = (definition: MappingFile, sensitive: readonly SensitiveCells[]): readonly string[] => [
  ...new Set([...declaredColumns(definition), ...sensitive.map(({ column }) => column)]),
];

const declaredColumns = (definition: MappingFile): readonly string[] => [
  ...new Set([definition.person, ...(definition.key ?? []), ...Object.values(definition.values).flatMap(columnsOf)]),
];

/** All but the texts that nothing speaks of: they can be neither wrong nor of use. */
function stagedValues(mapping: Mapping, file: string): MappingFile["values"] {
  const uses = usesOf(mapping, file);
  const values = fileOf(mapping, file).values;
  const spokenOf = new Set(Object.values(values).flatMap((value) => referencesOf(value).map(({ reference }) => reference)));
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => !("text" in value) || uses.get(name) !== "nowhere" || spokenOf.has(name)),
  );
}

function fileOf(mapping: Mapping, file: string): MappingFile {
  const definition = mapping.files[file];
  assert(definition !== undefined, "the mapping was checked");
  return definition;
}

/**
 * The typed table, with why each row is excluded; returns the reasons by number.
 * Row ids follow the file's order; inside a transaction the engine counts them from a large number of its own.
 */
async function stageValues(plan: StagePlan, file: string, definition: MappingFile, source: OpenedExport): Promise<readonly string[]> {
  const { session, mapping, names } = plan;
  const isPersons = file === mapping.persons;
  const cell = (column: string): Sql => sql`cells.${identifier(`c${source.header.indexOf(column)}`)}`;
  const values = inOrder(mapping, file).flatMap((resolved) => valueColumns(resolved, { mapping, names, cell }));
  const personColumn = identifier(`c${source.header.indexOf(definition.person)}`);
  const excluded = exclusions(plan, file, definition, personColumn);
  const cases = excluded.map(({ holds }, i) => sql`WHEN ${holds} THEN ${integer(i + 1)}`);
  const shared = isPersons ? [] : personValues(mapping, names, definition);
  const person = isPersons ? sql`NULL::BIGINT` : sql`p.person_id`;
  const [first] = await session.rows(sql`SELECT coalesce(min(rowid), 0) FROM ${names.rawTable(file)}`);
  const rowsBefore = integer(BigInt(String(first?.[0] ?? 0)) - 1n); // beyond 2^53
  await session.run(sql`
    CREATE TEMP TABLE ${names.table(file)} AS
    SELECT cells.rowid - ${rowsBefore} AS source_row, ${keepsRows(mapping) ? sql`cells.arrived_row + 1 AS arrived_row, ` : sql``}${cell(definition.person)} AS person_key, ${person} AS person_id, ${join([...shared, ...values, sql`CASE ${join(cases, " ")} ELSE 0 END::USMALLINT AS x`])}
    FROM ${names.rawTable(file)} cells ${isPersons ? sql`` : sql`LEFT JOIN ${names.table(mapping.persons)} p ON p.person_key = ${cell(definition.person)} AND p.x = 0`}`);
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
  personColumn: Sql,
): readonly { readonly reason: string; readonly holds: Sql }[] {
  const { mapping, names, parameters } = plan;
  const person = sql`cells.${personColumn}`;
  const find = (reference: string) => findValue(mapping, file, reference);
  const declared = definition.exclude.map((rule) => {
    const context = { names, parameters, find };
    return {
      reason: rule.reason,
      holds: "when" in rule ? conditionsSql(rule.when, context) : sql`NOT ${conditionsSql(rule.unless, context)}`,
    };
  });
  const never = [
    { reason: "opted out", holds: sql`${person} IN (SELECT hospital_number FROM opt_out)` },
    ...(sensitiveOf(plan, file).length === 0 ? [] : [{ reason: "sensitive category", holds: sql`cells.is_sensitive` }]),
  ];
  if (file !== mapping.persons) {
    return [
      ...never,
      ...declared,
      { reason: `not a person of file ${mapping.persons}`, holds: sql`${person} IS NOT NULL AND p.person_id IS NULL` },
    ];
  }
  const rule = definition.rows.find((row) => row.to === "person");
  assert(rule !== undefined, "the mapping was checked");
  const needed = [rule.gender, ...Object.values(rule.yearOfBirth)];
  return [
    ...never,
    ...(mapping.merges === undefined || keepsRows(mapping)
      ? []
      : [{ reason: MERGED_REASON, holds: supersededPerson(names.rawTable(file), personColumn, sql`cells`) }]),
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
function inOrder(mapping: Mapping, file: string): readonly ResolvedValue[] {
  const ordered = new Map<string, ResolvedValue>();
  const visit = (resolved: ResolvedValue): void => {
    if (resolved.file !== file || ordered.has(resolved.name)) return;
    for (const { reference } of referencesOf(resolved.value)) {
      const target = findValue(mapping, file, reference);
      if (target !== undefined) visit(target);
    }
    ordered.set(resolved.name, resolved);
  };
  for (const [name, value] of Object.entries(stagedValues(mapping, file))) visit({ file, name, value });
  return [...ordered.values()];
}

/** Columns of the persons file that this file's values, rows and conditions speak of, copied beside its own. */
function personValues(mapping: Mapping, names: StagingNames, definition: MappingFile): readonly Sql[] {
  const birth = birthOf(mapping);
  const born = birth === undefined ? [] : [`${birth.file}.${birth.name}`];
  const references = new Set(stringsIn([born, definition.values, definition.exclude, definition.rows, mapping.observationPeriod]));
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

/** Problems of a file that could not be staged at all. */
export const problemsOf = (cause: unknown): readonly Problem[] => {
  if (cause instanceof DureError) return cause.problems;
  throw cause;
};
