/**
 * The zip archive that a workbook is. A few kilobytes can unpack to gigabytes, so its parts are counted and measured before one is read,
 * nothing is believed that the archive says of itself, and every part is unpacked as a stream that ends where it should.
 */

import { PassThrough } from "node:stream";
import { crc32, createInflateRaw } from "node:zlib";
import { DureError } from "@dure/kernel";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { badWorkbook } from "./source-problems.ts";

export interface WorkbookArchive {
  readonly has: (entryName: string) => boolean;
  /**
   * The XML of a part, in pieces cut anywhere.
   * @throws DureError `ingest/bad-workbook`, `foreign` where there is no such part.
   */
  readonly read: (entryName: string) => AsyncIterable<string>;
  /** Unpacks every part but these to its end and away: one that lies about its size condemns the whole. */
  readonly checkAllBut: (entryNames: ReadonlySet<string>) => Promise<void>;
  readonly close: () => void;
}

/** More parts than a workbook of many sheets, pictures and charts has. */
const ENTRIES_MAX = 10_000;
/** A full sheet, 2^20 rows, has some 12 GiB of XML where it has 300 columns. The parts are streamed, so this bounds time and disk only. */
const UNPACKED_BYTES_MAX = 16 * 2 ** 30;
/** Tables compress ten- to fiftyfold; what unpacks to more is made to harm. Small parts are let be. */
const RATIO_MAX = 200;
const RATIO_BYTES_MIN = 2 ** 20;
/** Between two parts lies at most the data descriptor of the first. */
const GAP_BYTES_MAX = 24;
/** Some hundred rows of a sheet. */
const CHUNK_BYTES = 2 ** 16;

/**
 * Opens and checks what the archive's directory says; the caller closes.
 * @throws DureError `ingest/bad-workbook`
 */
export async function openArchive(path: string, name: string): Promise<WorkbookArchive> {
  const zip = await openPromise(path, { autoClose: false, lazyEntries: true }).catch((cause: unknown) => {
    throw new DureError(badWorkbook(name, "cut-short"), { cause });
  });
  try {
    const entries = await checkedEntries(zip, name);
    return {
      has: (entryName) => entries.has(entryName),
      read: (entryName) => readText(zip, entries.get(entryName), name),
      checkAllBut: async (entryNames) => {
        for (const entry of entries.values()) if (!entryNames.has(entry.fileName)) for await (const _ of unpack(zip, entry, name));
      },
      close: () => zip.close(),
    };
  } catch (cause) {
    zip.close();
    throw cause instanceof DureError ? cause : new DureError(badWorkbook(name, "unreadable"), { cause });
  }
}

/** The XML parts by name, where their sizes as declared are within the limits and the file consists of them only. */
async function checkedEntries(zip: ZipFile, name: string): Promise<ReadonlyMap<string, Entry>> {
  const entries: Entry[] = [];
  if (zip.entryCount > ENTRIES_MAX) throw new DureError(badWorkbook(name, "bomb"));
  for await (const entry of zip.eachEntry()) entries.push(entry);
  const xml = entries.filter(({ fileName }) => /\.(?:xml|rels)$/.test(fileName));
  if (xml.some((entry) => entry.isEncrypted())) throw new DureError(badWorkbook(name, "locked"));
  for (const { compressedSize, uncompressedSize } of xml) {
    if (uncompressedSize > RATIO_BYTES_MIN && uncompressedSize > RATIO_MAX * compressedSize) throw new DureError(badWorkbook(name, "bomb"));
  }
  const total = xml.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
  if (total > UNPACKED_BYTES_MAX) throw new DureError(badWorkbook(name, "too-large"));
  await checkLayout(zip, entries, name);
  return new Map(xml.map((entry) => [entry.fileName, entry]));
}

/**
 * Parts that the directory does not list, or that lie in one another, are how a bomb gets past a count of sizes: whoever reads the archive
 * from its start would unpack them.
 */
async function checkLayout(zip: ZipFile, entries: readonly Entry[], name: string): Promise<void> {
  let end = 0;
  for (const entry of [...entries].sort((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader)) {
    const start = entry.relativeOffsetOfLocalHeader;
    if (start < end || start - end > GAP_BYTES_MAX) throw new DureError(badWorkbook(name, "bomb"));
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    end = fileDataStart + entry.compressedSize;
  }
}

async function* readText(zip: ZipFile, entry: Entry | undefined, name: string): AsyncGenerator<string> {
  if (entry === undefined) throw new DureError(badWorkbook(name, "foreign"));
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (bytes: Buffer, stream: boolean): string => {
    try {
      return decoder.decode(bytes, { stream });
    } catch (cause) {
      throw new DureError(badWorkbook(name, "unreadable"), { cause });
    }
  };
  for await (const chunk of unpack(zip, entry, name)) yield decode(chunk, true);
  yield decode(Buffer.alloc(0), false);
}

/** To the end, which must be where the directory says, and with its checksum. */
async function* unpack(zip: ZipFile, entry: Entry, name: string): AsyncGenerator<Buffer> {
  let [byteCount, checksum] = [0, 0];
  for await (const chunk of unpackedChunks(zip, entry, name)) {
    byteCount += chunk.length;
    checksum = crc32(chunk, checksum);
    if (byteCount > entry.uncompressedSize) throw new DureError(badWorkbook(name, "bomb"));
    yield chunk;
  }
  if (byteCount < entry.uncompressedSize) throw new DureError(badWorkbook(name, "bomb"));
  if (checksum !== entry.crc32) throw new DureError(badWorkbook(name, "unreadable"));
}

/** In larger pieces than the library would give, each of which has its cost. */
async function* unpackedChunks(zip: ZipFile, entry: Entry, name: string): AsyncGenerator<Buffer> {
  if (!entry.canDecodeFileData()) throw new DureError(badWorkbook(name, "unreadable"));
  const packed = await zip.openReadStreamPromise(entry, { decodeFileData: false });
  const stream = entry.compressionMethod === STORED ? new PassThrough() : createInflateRaw({ chunkSize: CHUNK_BYTES });
  packed.on("error", (cause: Error) => stream.destroy(cause));
  packed.pipe(stream);
  const chunks = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator](); // a stream without an encoding gives Buffers
  try {
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  } catch (cause) {
    throw new DureError(badWorkbook(name, "unreadable"), { cause });
  } finally {
    packed.destroy();
    stream.destroy();
  }
}

const STORED = 0;
