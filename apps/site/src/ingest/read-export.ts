/**
 * One pass over an exported file before the SQL engine sees it: its hash, its header line, and whether every byte is in the declared
 * encoding. A Korean hospital's CP949 file read as UTF-8 must stop here with a row number, not become unreadable names in a store.
 *
 * In UTF-8 and in CP949 the bytes 0x0A and 0x0D are only ever line ends (a CP949 trail byte is 0x41 or more), so blocks that end at a line
 * end can be checked and decoded by themselves. Lines that end in a carriage return alone, as old Macintosh programs write them, or
 * now in one way and now in another, are given line feeds in a copy.
 */

import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import type { MappingFile } from "@dure/clinical";
import { Cp949Error, Cp949ToUtf8, DureError, parseSha256, type Sha256 } from "@dure/kernel";
import { findForeignFormat } from "./foreign-format.ts";
import { cutShort, emptyFile, foreignFormat, lineTooLong, missingFile, wrongEncoding, zeroByte } from "./problems.ts";

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
  readonly encoding: Extract<MappingFile, { readonly format: "delimited" }>["encoding"];
  readonly delimiter: string;
  /** Where a file that the engine cannot read as it is, is copied to in UTF-8 and with line feeds; the caller removes it. Owner-only. */
  readonly decodedPath: string;
  readonly signal?: AbortSignal;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
/** A line longer than this is not a row of a table. */
const LINE_BYTES_MAX = 16 * 2 ** 20;
const CHUNK_BYTES = 2 ** 20;

/**
 * @throws DureError `ingest/missing-file`, `empty-file`, `foreign-format`, `line-too-long`, `zero-byte`, `wrong-encoding` or `cut-short`.
 * Time: one pass over the bytes, memory of a few chunks.
 */
export async function readExport(options: ReadExportOptions): Promise<ReadExport> {
  const isThere = await stat(options.path)
    .then((entry) => entry.isFile())
    .catch(() => false);
  if (!isThere) throw new DureError(missingFile(options.name));
  const hash = createHash("sha256");
  const lineEnd = await lineEndOf(options);
  const needsCopy = options.encoding === "cp949" || lineEnd === CARRIAGE_RETURN;
  const toUtf8 = options.encoding === "cp949" ? decodedCp949(options) : checkedUtf8(options);
  const lines = new LineCount();
  let header: string | undefined;
  const output = needsCopy ? await open(options.decodedPath, "wx", 0o600) : undefined;
  try {
    for await (const block of lineBlocks(options, lineEnd, (chunk) => hash.update(chunk))) {
      const zeroAt = block.indexOf(0);
      if (zeroAt >= 0) throw new DureError(zeroByte(options.name, lines.lineFeeds + countLines(block.subarray(0, zeroAt))));
      const decoded = toUtf8(block, lines.lineFeeds);
      lines.add(block);
      header ??= firstLine(decoded);
      await output?.writeFile(withLineFeeds(decoded));
    }
  } finally {
    await output?.close();
  }
  if (header === undefined || header.trim() === "") throw new DureError(emptyFile(options.name));
  if (!needsCopy && lines.isMixed) await copyWithLineFeeds(options);
  return {
    path: needsCopy || lines.isMixed ? options.decodedPath : options.path,
    sha256: parseSha256(hash.digest("hex")),
    header: splitHeader(header, options.delimiter),
  };
}

/** A file put together from several may end its lines in several ways, which the engine does not read. */
class LineCount {
  lineFeeds = 0;
  #returns = 0;
  #both = 0;

  add(block: Buffer): void {
    this.lineFeeds += countLines(block);
    for (let at = block.indexOf(CARRIAGE_RETURN); at >= 0; at = block.indexOf(CARRIAGE_RETURN, at + 1)) {
      this.#returns++;
      if (block[at + 1] === LINE_FEED) this.#both++;
    }
  }

  get isMixed(): boolean {
    return this.#returns !== this.#both || (this.#both > 0 && this.#both !== this.lineFeeds);
  }
}

async function copyWithLineFeeds(options: ReadExportOptions): Promise<void> {
  const output = await open(options.decodedPath, "wx", 0o600);
  try {
    for await (const block of lineBlocks(options, LINE_FEED, () => undefined)) await output.writeFile(withLineFeeds(block));
  } finally {
    await output.close();
  }
}

/** A carriage return before a line feed goes; one inside a line, which free text brings along, becomes a space. */
function withLineFeeds(block: Buffer): Buffer {
  if (!block.includes(CARRIAGE_RETURN)) return block;
  const out = Buffer.allocUnsafe(block.length);
  let length = 0;
  for (let i = 0; i < block.length; i++) {
    const byte = block[i] ?? 0;
    if (byte !== CARRIAGE_RETURN) out[length++] = byte;
    else if (block[i + 1] !== LINE_FEED) out[length++] = SPACE;
  }
  return out.subarray(0, length);
}

/** By the first chunk, which also tells of a file that is no text at all. */
async function lineEndOf({ path, name }: ReadExportOptions): Promise<number> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, 0);
    const start = buffer.subarray(0, bytesRead);
    const foreign = findForeignFormat(start);
    if (foreign !== undefined) throw new DureError(foreignFormat(name, foreign));
    return !start.includes(LINE_FEED) && start.includes(CARRIAGE_RETURN) ? CARRIAGE_RETURN : LINE_FEED;
  } finally {
    await file.close();
  }
}

/** Chunks of the file cut after the last line end, so that no character is cut; line ends are line feeds. */
async function* lineBlocks(options: ReadExportOptions, lineEnd: number, onChunk: (chunk: Uint8Array) => void): AsyncIterable<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  const stream = createReadStream(options.path, { highWaterMark: CHUNK_BYTES, ...(options.signal ? { signal: options.signal } : {}) });
  // A stream without an encoding gives Buffers.
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    onChunk(chunk);
    const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (lineEnd === CARRIAGE_RETURN) feedLines(bytes);
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    rest = bytes.subarray(end);
    if (rest.length > LINE_BYTES_MAX) throw new DureError(lineTooLong(options.name, LINE_BYTES_MAX));
    if (end > 0) yield bytes.subarray(0, end);
  }
  if (rest.length > 0) yield rest;
}

function feedLines(bytes: Buffer): void {
  for (let at = bytes.indexOf(CARRIAGE_RETURN); at >= 0; at = bytes.indexOf(CARRIAGE_RETURN, at + 1)) bytes[at] = LINE_FEED;
}

/** @param rowsBefore lines before the block, of which the first is the header */
type ToUtf8 = (block: Buffer, rowsBefore: number) => Buffer;

/** Passes blocks on as they are. */
function checkedUtf8({ name, encoding }: ReadExportOptions): ToUtf8 {
  return (block, rowsBefore) => {
    if (isUtf8(block)) return block;
    const row = rowsBefore + badLineIndex(block);
    if (isUtf8CutShort(block)) throw new DureError(cutShort(name, row));
    throw new DureError(wrongEncoding(name, row, encoding, isCp949(block) ? "cp949" : undefined));
  };
}

/**
 * Much UTF-8 is also CP949, of other characters. A file that is UTF-8 throughout, up to a block with a Korean syllable in it, is taken
 * for UTF-8: three bytes in a row that are a syllable there do not come about by chance.
 */
function decodedCp949({ name, encoding }: ReadExportOptions): ToUtf8 {
  const decoder = new Cp949ToUtf8();
  let hasOnlyUtf8 = true;
  return (block) => {
    hasOnlyUtf8 = hasOnlyUtf8 && isUtf8(block);
    if (hasOnlyUtf8 && hasKorean(block)) throw new DureError(wrongEncoding(name, 0, encoding, "utf-8"));
    try {
      const decoded = decoder.write(block);
      if (block.at(-1) !== LINE_FEED) decoder.end(); // only the last block has no line end
      return Buffer.from(decoded.buffer, decoded.byteOffset, decoded.byteLength);
    } catch (cause) {
      if (!(cause instanceof Cp949Error)) throw cause;
      throw new DureError(cause.isCutShort ? cutShort(name, cause.lineIndex) : wrongEncoding(name, cause.lineIndex, encoding, undefined), {
        cause,
      });
    }
  };
}

/** Index of the first line that fails, counting the block's lines from 0; the header line is line 0 of the first block, so this is the row. */
function badLineIndex(block: Buffer): number {
  let start = 0;
  for (let index = 0; start < block.length; index++) {
    const end = block.indexOf(LINE_FEED, start);
    if (!isUtf8(block.subarray(start, end < 0 ? block.length : end))) return index;
    start = end < 0 ? block.length : end + 1;
  }
  return 0;
}

/** A character of UTF-8 has up to four bytes: without the first one to three of one, the rest is good. */
const isUtf8CutShort = (block: Buffer): boolean => [1, 2, 3].some((byteCount) => isUtf8(block.subarray(0, -byteCount)));

function isCp949(block: Buffer): boolean {
  try {
    const decoder = new Cp949ToUtf8();
    decoder.write(block);
    decoder.end();
    return true;
  } catch {
    return false;
  }
}

/** Whether a block of valid UTF-8 has a byte that leads a Hangul syllable there. */
const hasKorean = (block: Buffer): boolean => [0xea, 0xeb, 0xec, 0xed].some((lead) => block.includes(lead));

function countLines(block: Buffer): number {
  let count = 0;
  for (let at = block.indexOf(LINE_FEED); at >= 0; at = block.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}

/** Without a byte order mark and a carriage return; Korean letters composed, as a mapping has them (macOS writes them apart). */
function firstLine(decoded: Buffer): string {
  const end = decoded.indexOf(LINE_FEED);
  const line = decoded.toString("utf8", 0, end < 0 ? decoded.length : end);
  return line
    .replace(/^\uFEFF/, "")
    .replace(/\r.*$/s, "")
    .normalize("NFC");
}

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
