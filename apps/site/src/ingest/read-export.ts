/**
 * One pass over an exported file before the SQL engine sees it: its hash, its header line, and whether every byte is in the declared
 * encoding. A Korean hospital's CP949 file read as UTF-8 must stop here with a row number, not become unreadable names in a store.
 *
 * In UTF-8 and in CP949 the byte 0x0A is only ever a line end (a CP949 trail byte is 0x41 or more), so blocks that end at a line end
 * can be checked and decoded by themselves.
 */

import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import type { MappingFile } from "@dure/clinical";
import { DureError, parseSha256, type Sha256 } from "@dure/kernel";
import { emptyFile, missingFile, wrongEncoding } from "./problems.ts";

export interface ReadExport {
  /** UTF-8, maybe with a byte order mark: the file itself, or a decoded copy at `decodedPath`. */
  readonly path: string;
  readonly sha256: Sha256;
  readonly header: readonly string[];
}

export interface ReadExportOptions {
  /** The name shown in problems. */
  readonly name: string;
  readonly path: string;
  readonly encoding: MappingFile["encoding"];
  readonly delimiter: string;
  /** Where a CP949 file is decoded to; the caller removes it. Owner-only. */
  readonly decodedPath: string;
  readonly signal?: AbortSignal;
}

const LINE_FEED = 0x0a;
/** A line longer than this is not a row of a table. */
const LINE_BYTES_MAX = 16 * 2 ** 20;
const CHUNK_BYTES = 2 ** 20;

/**
 * @throws DureError `ingest/missing-file`, `ingest/empty-file` or `ingest/wrong-encoding`.
 * Time: one pass over the bytes, memory of two chunks.
 */
export async function readExport(options: ReadExportOptions): Promise<ReadExport> {
  const isThere = await stat(options.path)
    .then((entry) => entry.isFile())
    .catch(() => false);
  if (!isThere) throw new DureError(missingFile(options.name));
  const hash = createHash("sha256");
  const output = options.encoding === "cp949" ? await open(options.decodedPath, "wx", 0o600) : undefined;
  let header: string | undefined;
  let rowsBefore = 0;
  let hasOnlyUtf8 = true;
  try {
    for await (const block of lineBlocks(options, (chunk) => hash.update(chunk))) {
      const decoded = decodeBlock(block, rowsBefore, options);
      hasOnlyUtf8 = hasOnlyUtf8 && output !== undefined && isUtf8(block);
      header ??= decoded.slice(0, lineEnd(decoded));
      if (output !== undefined) await output.writeFile(decoded);
      rowsBefore += countLines(block);
      if (hasOnlyUtf8 && hasKorean(block)) throw new DureError(wrongEncoding(options.name, 0, options.encoding, "utf-8"));
    }
  } finally {
    await output?.close();
  }
  if (header === undefined || header.trim() === "") throw new DureError(emptyFile(options.name));
  return {
    path: output === undefined ? options.path : options.decodedPath,
    sha256: parseSha256(hash.digest("hex")),
    header: splitHeader(header.replace(/^\uFEFF/, ""), options.delimiter),
  };
}

/** Chunks of the file cut after the last line end, so that no character is cut. */
async function* lineBlocks(options: ReadExportOptions, onChunk: (chunk: Uint8Array) => void): AsyncIterable<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  const stream = createReadStream(options.path, { highWaterMark: CHUNK_BYTES, ...(options.signal ? { signal: options.signal } : {}) });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    // a stream without an encoding gives Buffers
    onChunk(chunk);
    const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    rest = bytes.subarray(end);
    if (rest.length > LINE_BYTES_MAX) throw new DureError(emptyFile(options.name));
    if (end > 0) yield bytes.subarray(0, end);
  }
  if (rest.length > 0) yield rest;
}

function decodeBlock(block: Buffer, rowsBefore: number, options: ReadExportOptions): string {
  if (options.encoding !== "cp949") {
    if (isUtf8(block)) return rowsBefore === 0 ? block.toString("utf8", 0, Math.min(block.length, HEADER_BYTES_MAX)) : "";
    const row = rowsBefore + badLineIndex(block, isUtf8);
    throw new DureError(wrongEncoding(options.name, row, options.encoding, decodesAsCp949(block) ? "cp949" : undefined));
  }
  if (!decodesAsCp949(block)) {
    const row = rowsBefore + badLineIndex(block, decodesAsCp949);
    throw new DureError(wrongEncoding(options.name, row, options.encoding, isUtf8(block) ? "utf-8" : undefined));
  }
  return new TextDecoder("euc-kr").decode(block); // the Encoding Standard's euc-kr is Windows code page 949
}

const HEADER_BYTES_MAX = 2 ** 16;

/** Index of the first line that fails, counting the block's lines from 0; the header line is line 0 of the first block, so this is the row. */
function badLineIndex(block: Buffer, isGood: (line: Uint8Array) => boolean): number {
  let start = 0;
  for (let index = 0; start < block.length; index++) {
    const end = block.indexOf(LINE_FEED, start);
    const line = block.subarray(start, end < 0 ? block.length : end);
    if (!isGood(line)) return index;
    start = end < 0 ? block.length : end + 1;
  }
  return 0;
}

function decodesAsCp949(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("euc-kr", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Whether a block of valid UTF-8 has a byte that leads a Hangul syllable there: CP949 does not give that by chance. */
const hasKorean = (block: Buffer): boolean => block.some((byte) => byte >= 0xea && byte <= 0xed);

function countLines(block: Buffer): number {
  let count = 0;
  for (let at = block.indexOf(LINE_FEED); at >= 0; at = block.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}

const lineEnd = (value: string): number => {
  const end = value.search(/[\r\n]/);
  return end < 0 ? value.length : end;
};

/** RFC 4180 quoting within one line. */
function splitHeader(line: string, delimiter: string): readonly string[] {
  const cells: string[] = [];
  let cell = "";
  let isQuoted = false;
  for (let i = 0; i < line.length; i++) {
    const character = line.charAt(i);
    if (isQuoted && character === '"' && line.charAt(i + 1) === '"') {
      cell += '"';
      i++;
    } else if (character === '"') isQuoted = !isQuoted;
    else if (character === delimiter && !isQuoted) {
      cells.push(cell);
      cell = "";
    } else cell += character;
  }
  return [...cells, cell].map((name) => name.trim());
}
