/**
 * A research table as one flat file, CSV or Parquet, for `dure simulate` and for trying a study out.
 *
 * The row key is the row's number from 0, written with leading zeros so that keys sort as the rows lie in the file; a file that deals
 * rows to sites by number means the same numbers. An empty cell is missing.
 */

import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { ResearchTable } from "@dure/clinical";
import { assert, DureError, type Problem, text } from "@dure/kernel";
import type { SourceColumn, SourceTable } from "@dure/records";
import { duplicateColumn, missingColumn, missingFile, PROBLEMS_PER_FILE_MAX } from "../ingest/problems.ts";
import { findBrokenRows, readCsvSql } from "../ingest/read-csv-sql.ts";
import { readExport } from "../ingest/read-export.ts";
import { type Cell, duckdbSession, type SqlSession } from "./clinical-session.ts";
import { identifier, integer, join, type Sql, sql, textLiteral } from "./clinical-sql.ts";

const ROW_KEY_DIGITS = 9;
/** As much as the clinical store has for reading, in whose place the file stands. */
const MEMORY_MAX = "1GB";
/** More rows than keys have digits for. */
const ROWS_MAX = 10 ** ROW_KEY_DIGITS;
const CSV_DELIMITERS = [",", "\t", ";", "|"] as const;

/**
 * @param table where given, its columns must be there and hold what their type says; other columns of the file come along.
 * A column without a declared type is a number if every filled cell is one, else text.
 * @throws DureError with every problem found, by row and column.
 */
export async function readFlatTable(path: string, table?: ResearchTable): Promise<SourceTable> {
  const instance = await DuckDBInstance.create(":memory:", { memory_limit: MEMORY_MAX });
  try {
    const connection = await instance.connect();
    const session = duckdbSession(connection);
    await session.run(sql`SET allowed_paths = [${textLiteral(path)}]`);
    await session.run(sql`SET enable_external_access = false`);
    const names = /\.parquet$/i.test(path) ? await stageParquet(session, path) : await stageCsv(session, path);
    const result = await readStaged(session, { file: basename(path), names, table });
    connection.closeSync();
    return result;
  } finally {
    instance.closeSync();
  }
}

/** Row keys of a flat file with so many rows. */
const flatRowKeys = (rowCount: number): readonly string[] =>
  Array.from({ length: rowCount }, (_, i) => String(i).padStart(ROW_KEY_DIGITS, "0"));

async function stageCsv(session: SqlSession, path: string): Promise<readonly string[]> {
  const file = basename(path);
  const delimiter = await findDelimiter(path, file);
  const source = await readExport({ name: file, path, encoding: "utf-8", delimiter, decodedPath: "" });
  const doubled = source.header.filter((name, i) => source.header.indexOf(name) !== i);
  if (doubled.length > 0) throw new DureError(doubled.map((name) => duplicateColumn(file, name)));
  const csv = { path, columnCount: source.header.length, delimiter, rejects: "rejects" };
  const cells = join(source.header.map((_, i) => sql`nullif(trim(${identifier(`c${i}`)}), '') AS ${identifier(`c${i}`)}`));
  await session.run(sql`CREATE TEMP TABLE flat AS SELECT ${cells} FROM ${readCsvSql(csv)}`);
  const broken = await findBrokenRows(session, csv, file);
  if (broken.count > 0) throw new DureError(broken.listed);
  return source.header;
}

async function stageParquet(session: SqlSession, path: string): Promise<readonly string[]> {
  const described = await session.rows(sql`SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet(${textLiteral(path)}))`);
  const names = described.map(([name]) => String(name));
  const cells = join(names.map((name, i) => sql`${identifier(name)}::VARCHAR AS ${identifier(`c${i}`)}`));
  await session.run(sql`CREATE TEMP TABLE flat AS SELECT ${cells} FROM read_parquet(${textLiteral(path)})`);
  return names;
}

/** The delimiter that the header line has most of. */
async function findDelimiter(path: string, file: string): Promise<string> {
  let head = "";
  try {
    for await (const chunk of createReadStream(path, { encoding: "utf8", end: 65535 })) head += String(chunk);
  } catch {
    throw new DureError(missingFile(file));
  }
  const line = head.split(/\r?\n/, 1)[0] ?? "";
  const counts = CSV_DELIMITERS.map((delimiter) => ({ delimiter, count: line.split(delimiter).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

interface Staged {
  readonly file: string;
  readonly names: readonly string[];
  readonly table: ResearchTable | undefined;
}

async function readStaged(session: SqlSession, staged: Staged): Promise<SourceTable> {
  const { file, names, table } = staged;
  const declared = Object.keys(table?.columns ?? {}).filter((name) => !names.includes(name));
  if (declared.length > 0) throw new DureError(declared.map((name) => missingColumn(file, name, names.length)));
  const numbers = names.map((_, i) => numberSql(i, typeOf(staged, i)));
  const bad = join(numbers.map((number, i) => sql`count(*) FILTER (${identifier(`c${i}`)} IS NOT NULL AND ${number} IS NULL)`));
  const counts = ((await session.rows(sql`SELECT ${bad}, count(*) FROM flat`))[0] ?? []).map(Number);
  const rowCount = counts.at(-1) ?? 0;
  assert(rowCount <= ROWS_MAX, "a flat file has no more rows than there are row keys");
  const problems: Problem[] = [];
  for (const [i, name] of names.entries()) {
    const type = typeOf(staged, i);
    if ((counts[i] ?? 0) > 0 && (type === "number" || type === "boolean"))
      problems.push(...(await badCells(session, staged, { i, name, type })));
  }
  if (problems.length > 0) throw new DureError(problems.slice(0, PROBLEMS_PER_FILE_MAX));
  const isNumber = names.map((_, i) => typeOf(staged, i) !== "text" && (counts[i] ?? 0) === 0);
  const selected = join(numbers.map((number, i) => (isNumber[i] === true ? number : identifier(`c${i}`))));
  const cells = await session.columns(sql`SELECT ${selected} FROM flat ORDER BY rowid`);
  const columns = new Map(names.map((name, i) => [name, isNumber[i] === true ? numberColumn(cells[i] ?? []) : textColumn(cells[i] ?? [])]));
  return { rowKeys: flatRowKeys(rowCount), columns };
}

const typeOf = ({ names, table }: Staged, index: number) => table?.columns[names[index] ?? ""]?.type;

/** The cell as a finite number; a boolean column takes 0, 1, true and false only. */
function numberSql(index: number, type: string | undefined): Sql {
  const cell = identifier(`c${index}`);
  if (type === "boolean")
    return sql`CASE lower(${cell}) WHEN '0' THEN 0.0::DOUBLE WHEN '1' THEN 1.0::DOUBLE WHEN 'false' THEN 0.0::DOUBLE WHEN 'true' THEN 1.0::DOUBLE
    ELSE CASE WHEN try_cast(${cell} AS DOUBLE) IN (0, 1) THEN try_cast(${cell} AS DOUBLE) END END`;
  return sql`CASE WHEN isfinite(try_cast(${cell} AS DOUBLE)) THEN try_cast(${cell} AS DOUBLE) END`;
}

async function badCells(
  session: SqlSession,
  { file }: Staged,
  column: { readonly i: number; readonly name: string; readonly type: "number" | "boolean" },
): Promise<readonly Problem[]> {
  const cell = identifier(`c${column.i}`);
  const rows = await session.rows(sql`
    SELECT rowid - (SELECT min(rowid) FROM flat) + 1 AS row_number FROM flat
    WHERE ${cell} IS NOT NULL AND ${numberSql(column.i, column.type)} IS NULL ORDER BY 1 LIMIT ${integer(PROBLEMS_PER_FILE_MAX)}`);
  return rows.map(([row]) => badCell(file, Number(row), column));
}

const badCell = (file: string, row: number, column: { readonly name: string; readonly type: "number" | "boolean" }): Problem => ({
  code: "table/bad-cell",
  severity: "error",
  place: { file, row, column: column.name },
  what: column.type === "number" ? text("not a number.", "숫자가 아닙니다.") : text("neither 0 nor 1.", "0도 1도 아닙니다."),
  remedy: text("Correct the cell, or leave it empty if the value is missing.", "셀을 고치거나 값이 없으면 비워 두십시오."),
});

function numberColumn(cells: readonly Cell[]): SourceColumn {
  const missing = Uint8Array.from(cells, (cell) => (cell === null ? 1 : 0));
  return { kind: "number", values: Float64Array.from(cells, (cell) => (cell === null ? 0 : Number(cell))), missing };
}

function textColumn(cells: readonly Cell[]): SourceColumn {
  const missing = Uint8Array.from(cells, (cell) => (cell === null ? 1 : 0));
  return { kind: "text", values: cells.map((cell) => (cell === null ? "" : String(cell))), missing };
}
