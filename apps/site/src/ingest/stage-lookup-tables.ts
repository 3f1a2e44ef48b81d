/** The hospital's own tables of codes, read before the files whose codes they explain. */

import type { LookupTable, Mapping } from "@dure/clinical";
import type { Problem } from "@dure/kernel";
import { openExport } from "../sources/open-export.ts";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, join, type Sql, sql } from "../store/clinical-sql.ts";
import { limitProblems } from "./find-faults.ts";
import { duplicateColumn, missingColumn, PROBLEMS_PER_FILE_MAX, valueProblem } from "./problems.ts";
import { type Problems, rowInFile } from "./read-csv-sql.ts";
import { FIRST_DAY, LAST_DAY, lookupTable } from "./stage-lookups.ts";

export interface TablePlan {
  readonly session: SqlSession;
  readonly mapping: Mapping;
  readonly directory: string;
  /** Prefix of decoded copies; each table takes the next one and adds its path to `scratch`. */
  readonly scratchPath: string;
  readonly signal?: AbortSignal;
}

/** Creates `lookupTable(name)` (code, gives, first_day, last_day) for every look-up with a table; the problems of all are given back. */
export async function stageLookupTables(plan: TablePlan, scratch: string[]): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const [name, { table }] of Object.entries(plan.mapping.lookups ?? {})) {
    if (table !== undefined) problems.push(...(await stageLookupTable(plan, table, lookupTable(name, plan.mapping), scratch)));
  }
  return problems;
}

async function stageLookupTable(plan: TablePlan, table: LookupTable, into: Sql, scratch: string[]): Promise<readonly Problem[]> {
  const { from, to } = table;
  const columns = [table.code, table.gives, ...[from, to].flatMap((column) => column ?? [])];
  const staged = await stageColumns(plan, { definition: table, columns, into: sql`lookup_cells` }, scratch);
  if (staged.headerProblems.length > 0) return staged.headerProblems;
  const { session } = plan;
  const day = (column: string | undefined, otherwise: string): Sql => {
    if (column === undefined) return sql`${otherwise}::DATE`;
    const cell = identifier(`c${columns.indexOf(column)}`);
    return sql`CASE WHEN ${cell} IS NULL THEN ${otherwise}::DATE ELSE try_strptime(${cell}, ${table.dateFormat ?? "%Y-%m-%d"})::DATE END`;
  };
  await session.run(sql`
    CREATE TEMP TABLE ${into} AS SELECT n AS source_row, c0 AS code, c1 AS gives, ${day(from, FIRST_DAY)} AS first_day, ${day(to, LAST_DAY)} AS last_day FROM lookup_cells`);
  await session.run(sql`DROP TABLE lookup_cells`);
  const faults = await Promise.all(
    (
      [
        [from, sql`first_day IS NULL`],
        [to, sql`last_day IS NULL`],
      ] as const
    ).map(([column, isBad]) => badDates(session, { table, into, column, isBad, broken: staged.broken.rows })),
  );
  return limitProblems(table.path, [staged.broken, ...faults]);
}

async function badDates(
  session: SqlSession,
  options: {
    readonly table: LookupTable;
    readonly into: Sql;
    readonly column: string | undefined;
    readonly isBad: Sql;
    readonly broken: readonly number[];
  },
): Promise<Problems> {
  const { table, into, column, isBad, broken } = options;
  if (column === undefined) return { listed: [], count: 0 };
  const rows = await session.rows(
    sql`SELECT source_row FROM ${into} WHERE ${isBad} ORDER BY source_row LIMIT ${integer(PROBLEMS_PER_FILE_MAX)}`,
  );
  const declared = { date: column, format: table.dateFormat ?? "%Y-%m-%d" };
  return {
    listed: rows.map(([row]) => valueProblem(1, { file: table.path, row: rowInFile(Number(row), broken), column }, declared)),
    count: await session.count(sql`SELECT count(*) FROM ${into} WHERE ${isBad}`),
  };
}

type Definition = Parameters<typeof openExport>[0]["definition"];

/** The trimmed cells of some columns: `c0`, `c1`, … in the order asked for, and the row's number `n` from 1. */
export async function stageColumns(
  plan: TablePlan,
  request: { readonly definition: Omit<LookupTable, "code" | "gives">; readonly columns: readonly string[]; readonly into: Sql },
  scratch: string[],
): Promise<{ readonly headerProblems: readonly Problem[]; readonly broken: Problems & { readonly rows: readonly number[] } }> {
  const { definition, columns, into } = request;
  const copyPath = `${plan.scratchPath}.${scratch.length}.csv`;
  const rejects = `rejects_table_${scratch.length}`;
  scratch.push(copyPath);
  const source = await openExport({
    // A table of codes is read as a file without rows of persons.
    definition: { ...definition, person: "", values: {}, exclude: [], rows: [] } as unknown as Definition,
    ...{ directory: plan.directory, columns, copyPath, rejects },
    ...(plan.signal ? { signal: plan.signal } : {}),
  });
  const headerProblems = columns.flatMap((column) => {
    const count = source.header.filter((name) => name === column).length;
    if (count === 0) return [missingColumn(definition.path, column, source.header.length)];
    return count > 1 ? [duplicateColumn(definition.path, column)] : [];
  });
  const none = { listed: [], count: 0, rows: [] };
  if (headerProblems.length > 0) return { headerProblems, broken: none };
  const tokens = definition.missing.map((token) => token.trim()).filter((token) => token !== "");
  const cells = columns.map((column, i) => {
    const cell = sql`nullif(trim(${identifier(`c${source.header.indexOf(column)}`)}), '')`;
    const known =
      tokens.length === 0 ? cell : sql`CASE WHEN ${cell} NOT IN (${join(tokens.map((token) => sql`${token}`))}) THEN ${cell} END`;
    return sql`${known} AS ${identifier(`c${i}`)}`;
  });
  await plan.session.run(sql`CREATE TEMP TABLE ${into} AS SELECT row_number() OVER () AS n, ${join(cells)} FROM ${source.table}`);
  return { headerProblems, broken: await source.brokenRows(plan.session) };
}
