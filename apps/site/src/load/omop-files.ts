/**
 * The files of another OMOP database: a folder or a zip of CSV (comma and quotes, or tabs without quotes as Athena writes) or Parquet,
 * one file a table, named after it in either case.
 *
 * A zip is unpacked beside the store before the load, within limits: a small file that unpacks without end must not fill a hospital's
 * disk. Only files named after a table are unpacked, under names of our own, so no path of the archive is ever followed.
 */

import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { basename, extname, join as joinPath } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isOmopTable, type OmopTable } from "@dure/clinical";
import { DureError } from "@dure/kernel";
import { type Entry, openPromise } from "yauzl";
import { readExport } from "../ingest/read-export.ts";
import { brokenArchive, noTables, notAnOmopSource, tableTwice, unreadableHeader, zipTooLarge } from "./omop-problems.ts";

export interface OmopFile {
  readonly table: OmopTable;
  /** As the source names it; shown in problems and reports. */
  readonly name: string;
  readonly path: string;
  readonly form: CsvForm | { readonly kind: "parquet" };
}

export interface CsvForm {
  readonly kind: "csv";
  readonly delimiter: "," | "\t";
  /** Athena's tab-separated files have none: a quotation mark there is part of a name. */
  readonly hasQuotes: boolean;
  /** Lower-case names of the header line, in its order. */
  readonly columns: readonly string[];
}

const GIB = 2 ** 30;
/** The records of a large hospital; the disk itself is checked by writing. */
export const UNPACKED_BYTES_MAX = 256 * GIB;
/** Tables of codes and dates shrink to a tenth or a thirtieth; a zip bomb to a thousandth. */
export const UNPACKED_RATIO_MAX = 200;
/** Below this size the ratio says nothing: a table without rows is all header. */
const RATIO_FROM_BYTES = 16 * 2 ** 20;
const HEADER_BYTES_MAX = 64 * 2 ** 10;
const ENDINGS: readonly string[] = [".csv", ".tsv", ".txt", ".parquet"];

/**
 * @param scratchPath folder for what a zip unpacks to and for copies; made anew, and removed by the caller.
 * @throws DureError for a source without a table, a table twice, an archive that is broken or too large, a file that is no UTF-8 text
 * with a header line.
 */
export async function findOmopFiles(path: string, scratchPath: string, signal?: AbortSignal): Promise<readonly OmopFile[]> {
  const entry = await stat(path).catch(() => undefined);
  if (entry === undefined) throw new DureError(notAnOmopSource(path));
  await rm(scratchPath, { recursive: true, force: true });
  await mkdir(scratchPath, { recursive: true, mode: 0o700 });
  const files = entry.isDirectory() ? await filesOfFolder(path) : await filesOfZip(path, scratchPath, signal);
  if (files.length === 0) throw new DureError(noTables(path));
  const doubled = files.filter(({ table }, i) => files.findIndex((other) => other.table === table) !== i);
  if (doubled.length > 0) throw new DureError(doubled.map(({ name, table }) => tableTwice(name, table)));
  const opened: OmopFile[] = [];
  for (const [i, file] of files.entries()) opened.push(await openFile(file, joinPath(scratchPath, `copy-${i}.csv`), signal));
  return opened;
}

type FoundFile = Omit<OmopFile, "form">;

async function filesOfFolder(folder: string): Promise<readonly FoundFile[]> {
  const names = (await readdir(folder)).sort();
  return names.flatMap((name) => {
    const table = tableOf(name);
    return table === undefined ? [] : [{ table, name, path: joinPath(folder, name) }];
  });
}

function tableOf(fileName: string): OmopTable | undefined {
  const name = basename(fileName);
  const ending = extname(name).toLowerCase();
  const table = name.slice(0, name.length - ending.length).toLowerCase();
  return ENDINGS.includes(ending) && isOmopTable(table) ? table : undefined;
}

async function filesOfZip(path: string, scratchPath: string, signal?: AbortSignal): Promise<readonly FoundFile[]> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false }).catch((cause: unknown) => {
    throw new DureError(brokenArchive(path), { cause });
  });
  try {
    const entries: Entry[] = [];
    for await (const entry of zip.eachEntry()) if (tableOf(entry.fileName) !== undefined) entries.push(entry);
    checkSizes(path, entries);
    const files: FoundFile[] = [];
    for (const [i, entry] of entries.entries()) {
      const table = tableOf(entry.fileName);
      if (table === undefined) continue;
      const target = joinPath(scratchPath, `${i}-${table}${extname(entry.fileName).toLowerCase()}`);
      const limited = notBeyond(entry.uncompressedSize, () => new DureError(zipTooLarge(path)));
      await pipeline(await zip.openReadStreamPromise(entry), limited, createWriteStream(target, { mode: 0o600 }), signal ? { signal } : {});
      files.push({ table, name: basename(entry.fileName), path: target });
    }
    return files;
  } catch (cause) {
    if (cause instanceof DureError || isFault(cause)) throw cause;
    throw new DureError(brokenArchive(path), { cause });
  } finally {
    zip.close();
  }
}

/** What the archive states is checked here, and that it keeps to it while it is unpacked. */
function checkSizes(path: string, entries: readonly Entry[]): void {
  const total = entries.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
  const isBomb = entries.some(
    ({ uncompressedSize, compressedSize }) => uncompressedSize > RATIO_FROM_BYTES && uncompressedSize > UNPACKED_RATIO_MAX * compressedSize,
  );
  if (isBomb || total > UNPACKED_BYTES_MAX) throw new DureError(zipTooLarge(path));
}

function notBeyond(bytesMax: number, tooMany: () => Error): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      if (bytes > bytesMax) done(tooMany());
      else done(null, chunk);
    },
  });
}

/** An abort, or what the file system says, is told as it is. */
const isFault = (cause: unknown): boolean => cause instanceof Error && (cause.name === "AbortError" || "errno" in cause);

/** One pass over a text file: its encoding, and its header line. A file with the line ends of an old Mac is read from a copy. */
async function openFile(file: FoundFile, copyPath: string, signal?: AbortSignal): Promise<OmopFile> {
  if (extname(file.path).toLowerCase() === ".parquet") return { ...file, form: { kind: "parquet" } };
  const delimiter = (await hasTab(file.path)) ? "\t" : ",";
  const { name, path } = file;
  const read = await readExport({ name, path, encoding: "utf-8", delimiter, decodedPath: copyPath, ...(signal ? { signal } : {}) });
  const columns = read.header.map((column) => column.toLowerCase());
  if (columns.some((column, i) => column === "" || columns.indexOf(column) !== i)) throw new DureError(unreadableHeader(name));
  return { ...file, path: read.path, form: { kind: "csv", delimiter, hasQuotes: delimiter === ",", columns } };
}

async function hasTab(path: string): Promise<boolean> {
  const chunks: Buffer[] = [];
  // A stream without an encoding gives Buffers.
  for await (const chunk of createReadStream(path, { end: HEADER_BYTES_MAX - 1 }) as AsyncIterable<Buffer>) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const end = bytes.findIndex((byte) => byte === 0x0a || byte === 0x0d);
  return bytes.subarray(0, end < 0 ? bytes.length : end).includes(0x09);
}
