/**
 * One export of a mapping, whatever its format, as a relation of text cells: the engine's columns `c0`, `c1`, … in the order of the header.
 *
 * Delimited text and Parquet are read by the engine where they lie. A workbook and a database's table are first copied, the needed columns
 * only, to delimited text beside the store: the engine then reads every format the same way, in order and on all processors, and memory
 * stays flat. The copy is readable by its owner only, and the caller removes it.
 */

import { open } from "node:fs/promises";
import type { MappingFile } from "@dure/clinical";
import { DureError, type Sha256, unreachable } from "@dure/kernel";
import { type BrokenRows, type CsvSource, findBrokenRows, readCsvSql } from "../ingest/read-csv-sql.ts";
import { readExport } from "../ingest/read-export.ts";
import type { SqlSession } from "../store/clinical-session.ts";
import type { Sql } from "../store/clinical-sql.ts";
import { openParquet } from "./parquet.ts";
import { openPostgresql } from "./postgresql.ts";
import { DELIMITERS, type DelimiterName, sniffText } from "./sniff-text.ts";
import { wrongDelimiter } from "./source-problems.ts";
import { openXlsx } from "./xlsx.ts";

export interface ExportRequest {
  readonly definition: MappingFile;
  /** Where the files lie. */
  readonly directory: string;
  /** Columns that will be read; others need not be in the relation. */
  readonly columns: readonly string[];
  /** Where a copy may be written. */
  readonly copyPath: string;
  /** Name of the temporary table of broken rows; made of letters, digits and underscores. */
  readonly rejects: string;
  readonly signal?: AbortSignal;
}

export interface OpenedExport {
  /** Of the file's bytes; of a database's table, of the rows read. */
  readonly sha256: Sha256;
  readonly header: readonly string[];
  /** Column `c<i>` for the i-th of the header, at least for those asked for that the header has once. */
  readonly table: Sql;
  /** To be asked after the table was read: what was set aside. */
  readonly brokenRows: (session: SqlSession) => Promise<BrokenRows>;
}

/** @throws DureError with a problem of the export as a whole; what is wrong with single rows is told by `brokenRows`. */
export async function openExport(request: ExportRequest): Promise<OpenedExport> {
  const { definition } = request;
  switch (definition.format) {
    case "delimited":
      return openDelimited(definition, request);
    case "parquet":
      return openParquet(definition, request);
    case "xlsx":
      return openXlsx(definition, request);
    case "postgresql":
      return openPostgresql(definition, request);
    default:
      return unreachable(definition);
  }
}

async function openDelimited(
  definition: Extract<MappingFile, { readonly format: "delimited" }>,
  { directory, columns, copyPath, rejects, signal }: ExportRequest,
): Promise<OpenedExport> {
  const [path, delimiter] = [`${directory}/${definition.path}`, DELIMITERS[definition.delimiter]];
  const options = { name: definition.path, path, encoding: definition.encoding, delimiter, decodedPath: copyPath };
  const source = await readExport({ ...options, ...(signal ? { signal } : {}) });
  const { sha256, header } = source;
  if (header.length === 1 && columns.length > 1) await checkDelimiter(path, definition);
  const csv: CsvSource = { path: source.path, columnCount: header.length, delimiter, rejects };
  return { sha256, header, table: readCsvSql(csv), brokenRows: (session) => findBrokenRows(session, csv, definition.path) };
}

/** A table of one column, where several are needed, was cut with the wrong knife. */
async function checkDelimiter(path: string, { path: name, delimiter }: { readonly path: string; readonly delimiter: DelimiterName }) {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0);
    const found = sniffText(buffer.toString("latin1", 0, bytesRead));
    if (found.isDivided && found.delimiter !== delimiter) throw new DureError(wrongDelimiter(name, delimiter, found.delimiter));
  } finally {
    await file.close();
  }
}

/** Holds the first lines of the widest table. */
const START_BYTES = 2 ** 18;
