/**
 * What an exported file is, before it has a mapping: its form, its encoding confirmed over every byte, its columns and what they hold.
 * Nothing of a cell leaves this file: names of columns, counts and kinds only.
 */

import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { DureError } from "@dure/kernel";
import { findForeignFormat } from "../ingest/foreign-format.ts";
import { emptyFile, missingFile } from "../ingest/problems.ts";
import { findBrokenRows, readCsvSql } from "../ingest/read-csv-sql.ts";
import { type ReadExport, readExport } from "../ingest/read-export.ts";
import { duckdbSession, type SqlSession } from "../store/clinical-session.ts";
import { sql, textLiteral } from "../store/clinical-sql.ts";
import { withParquet } from "./parquet.ts";
import { type SniffedColumns, sniffColumns } from "./sniff-columns.ts";
import { DELIMITERS, sniffText, type TextForm } from "./sniff-text.ts";
import { unknownEncoding } from "./source-problems.ts";
import { TableCopy } from "./table-copy.ts";
import { lookAtWorkbook } from "./xlsx.ts";

export interface SniffedFile extends SniffedColumns {
  /** Without its folder. */
  readonly name: string;
  readonly form: SniffedForm;
  /** Names that stand in the header more than once; a mapping cannot use them. */
  readonly doubledColumns: readonly string[];
  /** False where the first line looks like data. */
  readonly hasHeader: boolean;
  /** Rows with more or fewer cells than the header, or with a quote that never ends. */
  readonly brokenRowCount: number;
}

export type SniffedForm =
  | (TextForm & { readonly format: "delimited"; readonly encoding: "utf-8" | "utf-8-bom" | "cp949" })
  | { readonly format: "xlsx"; readonly sheets: readonly string[]; readonly sheet: string; readonly headerRow: number }
  | { readonly format: "parquet"; readonly zonedColumns: readonly string[] };

export interface SniffOptions {
  /** Of a workbook: name or number; the first where none is given. */
  readonly sheet?: string | number;
  readonly signal?: AbortSignal;
}

/** Enough for the first lines of a wide table. */
const START_BYTES = 2 ** 20;
const MEMORY_MAX = "512MB";

/**
 * @throws DureError where the file is none that can be read: `ingest/missing-file`, `empty-file`, `foreign-format` (a web page, UTF-16),
 * `unknown-encoding`, `bad-workbook`, `bad-parquet`, …
 * Time: three passes over the bytes; memory of a few chunks (a workbook: of its sheet). A file that is not UTF-8 text is copied to the
 * system's temporary folder meanwhile, readable by its owner only.
 */
export async function sniffFile(path: string, options: SniffOptions = {}): Promise<SniffedFile> {
  const name = basename(path);
  const start = await readStart(path, name);
  const foreign = findForeignFormat(start);
  if (start.toString("latin1", 0, 4) === "PAR1") return sniffParquet(path, name);
  const scratch = await mkdtemp(join(tmpdir(), "dure-sniff-"));
  try {
    return foreign === "excel"
      ? await sniffWorkbook(path, { name, copyPath: join(scratch, "copy.csv"), sheet: options.sheet })
      : await sniffDelimited(path, { name, copyPath: join(scratch, "copy.csv"), start, signal: options.signal });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function readStart(path: string, name: string): Promise<Buffer> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) throw new DureError(missingFile(name));
  try {
    if (!(await file.stat()).isFile()) throw new DureError(missingFile(name));
    const { buffer, bytesRead } = await file.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0);
    if (bytesRead === 0) throw new DureError(emptyFile(name));
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function sniffParquet(path: string, name: string): Promise<SniffedFile> {
  return withParquet(path, name, async (session, table, columns) => {
    const header = columns.map((column) => column.name);
    const zonedColumns = columns.flatMap((column) => (column.isZoned ? [column.name] : []));
    const found = await sniffColumns(session, table, header);
    return { ...found, name, form: { format: "parquet", zonedColumns }, ...headerFacts(header), hasHeader: true, brokenRowCount: 0 };
  });
}

interface Scratch {
  readonly name: string;
  readonly copyPath: string;
}

async function sniffDelimited(
  path: string,
  { name, copyPath, start, signal }: Scratch & { readonly start: Buffer; readonly signal: AbortSignal | undefined },
): Promise<SniffedFile> {
  const form = sniffText(start.toString("latin1"));
  const delimiter = DELIMITERS[form.delimiter];
  const { source, isCp949 } = await readInItsEncoding({ name, path, delimiter, decodedPath: copyPath, ...(signal ? { signal } : {}) });
  const encoding = isCp949 ? "cp949" : form.hasByteOrderMark ? "utf-8-bom" : "utf-8";
  const { found, brokenRowCount } = await sniffCopy({ name, path: source.path, header: source.header, delimiter });
  return { ...found, name, form: { ...form, format: "delimited", encoding }, ...headerFacts(source.header), brokenRowCount };
}

/** UTF-8 first: it is told by every byte, whereas much UTF-8 could also be CP949. */
async function readInItsEncoding(
  options: Omit<Parameters<typeof readExport>[0], "encoding">,
): Promise<{ readonly source: ReadExport; readonly isCp949: boolean }> {
  try {
    return { source: await readExport({ ...options, encoding: "utf-8" }), isCp949: false };
  } catch (cause) {
    if (!(cause instanceof DureError) || !ENCODING_CODES.includes(cause.code)) throw cause;
    await rm(options.decodedPath, { force: true });
  }
  try {
    return { source: await readExport({ ...options, encoding: "cp949" }), isCp949: true };
  } catch (cause) {
    if (!(cause instanceof DureError) || !ENCODING_CODES.includes(cause.code)) throw cause;
    throw new DureError(unknownEncoding(options.name, cause.problems[0]?.place.row ?? 0));
  }
}

const ENCODING_CODES = ["ingest/wrong-encoding", "ingest/cut-short"];

async function sniffWorkbook(
  path: string,
  { name, copyPath, sheet }: Scratch & { readonly sheet: string | number | undefined },
): Promise<SniffedFile> {
  const { sheets, sheetIndex, rows } = await lookAtWorkbook(path, name, sheet);
  const headerIndex = findHeader(rows);
  const header = (rows[headerIndex] ?? []).map((cell) => cell.trim().normalize("NFC"));
  if (header.length === 0) throw new DureError(emptyFile(name));
  const copy = await TableCopy.create(copyPath, header.length);
  try {
    for (const row of rows.slice(headerIndex + 1)) {
      if (row.some((cell) => cell !== "")) copy.add(header.map((_, i) => row[i] ?? ""));
      if (copy.isFull) await copy.flush();
    }
    await copy.close();
  } catch (cause) {
    await copy.discard();
    throw cause;
  }
  const { found, brokenRowCount } = await sniffCopy({ name, path: copyPath, header, delimiter: "," });
  const form = { format: "xlsx" as const, sheets, sheet: sheets[sheetIndex] ?? "", headerRow: headerIndex + 1 };
  return { ...found, name, form, ...headerFacts(header), brokenRowCount };
}

/** Titles stand above many a table: the header is the first of the first rows that is nearly as wide as the widest. */
function findHeader(rows: readonly (readonly string[])[]): number {
  const widths = rows.slice(0, 20).map((row) => row.filter((cell) => cell !== "").length);
  const widest = Math.max(0, ...widths);
  return Math.max(
    0,
    widths.findIndex((width) => width >= 0.8 * widest),
  );
}

interface TextTable {
  readonly name: string;
  readonly path: string;
  readonly header: readonly string[];
  readonly delimiter: string;
}

async function sniffCopy({ name, path, header, delimiter }: TextTable) {
  return withEngine(path, async (session) => {
    const csv = { path, columnCount: header.length, delimiter, rejects: "rejects_0" };
    await session.run(sql`CREATE TEMP TABLE cells AS SELECT * FROM ${readCsvSql(csv)}`);
    const { count } = await findBrokenRows(session, csv, name);
    return { found: await sniffColumns(session, sql`cells`, header), brokenRowCount: count };
  });
}

/** Rows are kept in the engine's own file, which spills to disk, because the text is looked at twice. */
async function withEngine<Result>(path: string, work: (session: SqlSession) => Promise<Result>): Promise<Result> {
  const scratch = await mkdtemp(join(tmpdir(), "dure-sniff-"));
  const instance = await DuckDBInstance.create(join(scratch, "sniff.duckdb"), { memory_limit: MEMORY_MAX });
  try {
    const session = duckdbSession(await instance.connect());
    await session.run(sql`SET allowed_paths = [${textLiteral(path)}]`);
    await session.run(sql`SET enable_external_access = false`);
    await session.run(sql`SET lock_configuration = true`);
    return await work(session);
  } finally {
    instance.closeSync();
    await rm(scratch, { recursive: true, force: true });
  }
}

function headerFacts(header: readonly string[]): Pick<SniffedFile, "doubledColumns" | "hasHeader"> {
  const doubledColumns = [...new Set(header.filter((name, i) => name !== "" && header.indexOf(name) !== i))];
  const looksLikeData = header.filter((name) => /^[-+]?[\d.,]+$|^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}/.test(name)).length;
  return { doubledColumns, hasHeader: looksLikeData * 4 <= header.length };
}
