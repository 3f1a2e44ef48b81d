/**
 * A view definition over a hospital's FHIR resources, into one file for the hospital's own use: Parquet or CSV, made by the SQL engine
 * from rows that pass through one at a time. The table holds patients' data, so only its owner can read it.
 */

import { createWriteStream } from "node:fs";
import { chmod, rename, rm } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import type { FhirResource } from "@dure/clinical/fhir";
import {
  type CompiledView,
  compileView,
  type ViewCell,
  type ViewColumn,
  type ViewDefinition,
  type ViewRow,
} from "@dure/clinical/view-definition";
import { DureError, text } from "@dure/kernel";
import { diskFull } from "@dure/machine";
import { duckdbSession } from "../store/clinical-session.ts";
import { identifier, join, renderSql, type Sql, sql, textLiteral } from "../store/clinical-sql.ts";

export interface ViewRun {
  readonly view: ViewDefinition;
  readonly resources: AsyncIterable<FhirResource>;
  /** Ends in `.parquet` or `.csv`. Written whole or not at all. */
  readonly outPath: string;
  readonly onProgress?: (resourceCount: number) => void;
  readonly signal?: AbortSignal;
}

export interface ViewRunReport {
  readonly resourcesIn: number;
  /** Of the view's type. */
  readonly resourcesOfType: number;
  readonly rowsOut: number;
}

const FORMATS: Readonly<Record<string, Sql>> = { ".parquet": sql`FORMAT parquet, COMPRESSION zstd`, ".csv": sql`FORMAT csv, HEADER true` };
const OWNER_ONLY = 0o600;
const MEMORY_MAX = "512MB";
const PROGRESS_EVERY = 1000;

/** @throws DureError `view/unknown-format`, `view/wrong-type`, what a path of the view cannot do, `store/disk-full`; nothing is left behind. */
export async function runView(run: ViewRun): Promise<ViewRunReport> {
  const outPath = resolve(run.outPath);
  const format = FORMATS[extname(outPath).toLowerCase()];
  if (format === undefined) throw new DureError(unknownFormat(Object.keys(FORMATS)));
  const rowsPath = `${outPath}.rows`;
  const unfinishedPath = `${outPath}.unfinished`;
  const compiled = compileView(run.view);
  const counts = { resourcesIn: 0, resourcesOfType: 0, rowsOut: 0 };
  try {
    const lines = Readable.from(linesOf(run, compiled, counts));
    await pipeline(lines, createWriteStream(rowsPath, { mode: OWNER_ONLY }), run.signal ? { signal: run.signal } : {});
    await writeTable({ rowsPath, unfinishedPath, outPath, format, columns: compiled.columns, isEmpty: counts.rowsOut === 0 });
    return counts;
  } catch (cause) {
    throw cause instanceof Error && /ENOSPC|no space left|file too large/i.test(cause.message) ? diskFull(cause) : cause;
  } finally {
    await Promise.all([rowsPath, unfinishedPath].map((path) => rm(path, { force: true })));
  }
}

async function* linesOf(
  { resources, onProgress, signal }: ViewRun,
  view: CompiledView,
  counts: { -readonly [Name in keyof ViewRunReport]: number },
): AsyncGenerator<string> {
  for await (const resource of resources) {
    signal?.throwIfAborted();
    counts.resourcesIn++;
    if (counts.resourcesIn % PROGRESS_EVERY === 0) onProgress?.(counts.resourcesIn);
    if (resource.resourceType !== view.resource) continue;
    counts.resourcesOfType++;
    const rows = view.rowsOf(resource);
    counts.rowsOut += rows.length;
    for (const row of rows) {
      for (const column of view.columns) refuseMisfit(column, row[column.name] ?? null);
      yield `${JSON.stringify(asTexts(row))}\n`;
    }
  }
}

/** The engine would refuse it too, but by quoting the value. */
function refuseMisfit({ name, path, type }: ViewColumn, cell: ViewCell): void {
  if (cell === null) return;
  const fits = FITS[sqlType(type)];
  if ((Array.isArray(cell) ? cell : [cell]).every((value) => value === null || fits(String(value)))) return;
  throw new DureError({
    code: "view/wrong-type",
    severity: "error",
    place: { path, column: name },
    what: text(`This column found a value that is no ${type}.`, `이 열에서 ${type} 형식이 아닌 값이 나왔습니다.`),
    remedy: text(
      "Declare the type that the path gives (or none: the column is then text), or convert the value in the path.",
      "경로의 결과에 맞는 type을 적거나 type을 지워 글자 열로 만들고, 필요하면 경로에서 값을 변환해 주십시오.",
    ),
  });
}

const FITS: Readonly<Record<SqlType, (value: string) => boolean>> = {
  BOOLEAN: (value) => value === "true" || value === "false",
  BIGINT: (value) => /^[-+]?\d{1,18}$/.test(value), // integer64 is a text in JSON
  DOUBLE: (value) => value.trim() !== "" && Number.isFinite(Number(value)),
  VARCHAR: () => true,
};

/** Complex values have no column type of their own: they are kept as JSON text. */
const asTexts = (row: ViewRow): object =>
  Object.fromEntries(
    Object.entries(row).map(([name, cell]) => [
      name,
      typeof cell === "object" && cell !== null && !Array.isArray(cell) ? JSON.stringify(cell) : cell,
    ]),
  );

interface Table {
  readonly rowsPath: string;
  readonly unfinishedPath: string;
  readonly outPath: string;
  readonly format: Sql;
  readonly columns: readonly ViewColumn[];
  readonly isEmpty: boolean;
}

async function writeTable({ rowsPath, unfinishedPath, outPath, format, columns, isEmpty }: Table): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:", { memory_limit: MEMORY_MAX });
  const connection = await instance.connect();
  try {
    const types = columns.map(
      ({ name, type, collection }) => sql`${identifier(name)}: ${textLiteral(`${sqlType(type)}${collection ? "[]" : ""}`)}`,
    );
    const rows = isEmpty
      ? sql`SELECT ${join(columns.map(({ name }) => sql`NULL::VARCHAR AS ${identifier(name)}`))} WHERE false`
      : sql`SELECT * FROM read_json(${textLiteral(rowsPath)}, format = 'newline_delimited', columns = {${join(types)}})`;
    await duckdbSession(connection).run(sql`SET preserve_insertion_order = true`);
    const { text: statement } = renderSql(sql`COPY (${rows}) TO ${textLiteral(unfinishedPath)} (${format})`);
    await connection.run(statement);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  await chmod(unfinishedPath, OWNER_ONLY);
  await rename(unfinishedPath, outPath);
}

type SqlType = "BOOLEAN" | "BIGINT" | "DOUBLE" | "VARCHAR";

/** FHIR's primitive types. Dates keep their precision (`2024-03` is a date there), so they stay text. */
function sqlType(type: string | undefined): SqlType {
  if (type === "boolean") return "BOOLEAN";
  if (type === "integer" || type === "positiveInt" || type === "unsignedInt" || type === "integer64") return "BIGINT";
  return type === "decimal" ? "DOUBLE" : "VARCHAR";
}

const unknownFormat = (allowed: readonly string[]) => ({
  code: "view/unknown-format",
  severity: "error" as const,
  place: {},
  what: text(
    `The result's file name must end in ${allowed.join(" or ")}.`,
    `결과 파일 이름은 ${allowed.join(" 또는 ")}(으)로 끝나야 합니다.`,
  ),
  remedy: text("Give --out such a name.", "--out에 그런 이름을 적어 주십시오."),
});
