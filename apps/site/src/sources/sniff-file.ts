/**
 * What an exported file is, before it has a mapping: its form, its encoding confirmed over every byte, its columns and what they hold.
 * Nothing of a cell leaves this file: names of columns, counts and kinds only.
 */

import { open, rm } from "node:fs/promises";
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
import { withScratchFolder } from "./scratch-folder.ts";
import { type SniffedColumns, sniffColumns } from "./sniff-columns.ts";
import { copySheet } from "./sniff-sheet.ts";
import { DELIMITERS, sniffText, type TextForm } from "./sniff-text.ts";
import { unknownEncoding } from "./source-problems.ts";
import { openSheet } from "./xlsx.ts";

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
 * Time: three passes over the bytes; memory of a few chunks. Its rows are copied meanwhile, to a folder that only the owner enters: see
 * `withScratchFolder`.
 */
export async function sniffFile(path: string, options: SniffOptions = {}): Promise<SniffedFile> {
  const name = basename(path);
  const start = await readStart(path, name);
  const foreign = findForeignFormat(start);
  if (start.toString("latin1", 0, 4) === "PAR1") return sniffParquet(path, name);
  return withScratchFolder(path, async (folder) => {
    const scratch = { name, folder, signal: options.signal };
    const sniffed =
      foreign === "excel"
        ? await sniffWorkbook(path, { ...scratch, sheet: options.sheet ?? 1 })
        : await sniffDelimited(path, { ...scratch, start });
    return sniffed.hasHeader ? sniffed : withoutCells(sniffed);
  });
}

/** A first line that is data is a patient's: columns are numbered instead, from 1. */
const withoutCells = (file: SniffedFile): SniffedFile => ({
  ...file,
  columns: file.columns.map((column, i) => ({ ...column, name: String(i + 1) })),
  doubledColumns: [],
});

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
  /** For the copy and the engine's own file. */
  readonly folder: string;
  readonly signal: AbortSignal | undefined;
}

const copyIn = (folder: string): string => join(folder, "copy.csv");

async function sniffDelimited(path: string, { name, folder, signal, start }: Scratch & { readonly start: Buffer }): Promise<SniffedFile> {
  const form = sniffText(start.toString("latin1"));
  const delimiter = DELIMITERS[form.delimiter];
  const { source, isCp949 } = await readInItsEncoding({
    name,
    path,
    delimiter,
    decodedPath: copyIn(folder),
    ...(signal ? { signal } : {}),
  });
  const encoding = isCp949 ? "cp949" : form.hasByteOrderMark ? "utf-8-bom" : "utf-8";
  const { found, brokenRowCount } = await sniffCopy({ name, folder, path: source.path, header: source.header, delimiter });
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
  { name, folder, signal, sheet }: Scratch & { readonly sheet: string | number },
): Promise<SniffedFile> {
  const copyPath = copyIn(folder);
  const opened = await openSheet(path, { name, sheet, copyPath });
  try {
    const { header, headerRow } = await copySheet(opened.rows, { name, copyPath, signal });
    const { found, brokenRowCount } = await sniffCopy({ name, folder, path: copyPath, header, delimiter: "," });
    const form = { format: "xlsx" as const, sheets: opened.sheets, sheet: opened.sheets[opened.sheetIndex] ?? "", headerRow };
    return { ...found, name, form, ...headerFacts(header), brokenRowCount };
  } finally {
    opened.close();
  }
}

interface TextTable {
  readonly name: string;
  readonly folder: string;
  readonly path: string;
  readonly header: readonly string[];
  readonly delimiter: string;
}

async function sniffCopy({ name, folder, path, header, delimiter }: TextTable) {
  return withEngine({ path, folder }, async (session) => {
    const csv = { path, columnCount: header.length, delimiter, rejects: "rejects_0" };
    await session.run(sql`CREATE TEMP TABLE cells AS SELECT * FROM ${readCsvSql(csv)}`);
    const { count } = await findBrokenRows(session, csv, name);
    return { found: await sniffColumns(session, sql`cells`, header), brokenRowCount: count };
  });
}

/** Rows are kept in the engine's own file, which spills to disk, because the text is looked at twice. */
async function withEngine<Result>(
  { path, folder }: Pick<TextTable, "path" | "folder">,
  work: (session: SqlSession) => Promise<Result>,
): Promise<Result> {
  const instance = await DuckDBInstance.create(join(folder, "sniff.duckdb"), { memory_limit: MEMORY_MAX });
  try {
    const session = duckdbSession(await instance.connect());
    await session.run(sql`SET allowed_paths = [${textLiteral(path)}]`);
    await session.run(sql`SET enable_external_access = false`);
    await session.run(sql`SET lock_configuration = true`);
    return await work(session);
  } finally {
    instance.closeSync();
  }
}

function headerFacts(header: readonly string[]): Pick<SniffedFile, "doubledColumns" | "hasHeader"> {
  const doubledColumns = [...new Set(header.filter((name, i) => name !== "" && header.indexOf(name) !== i))];
  const looksLikeData = header.filter((name) => /^[-+]?[\d.,]+$|^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}/.test(name)).length;
  return { doubledColumns, hasHeader: looksLikeData * 4 <= header.length };
}
