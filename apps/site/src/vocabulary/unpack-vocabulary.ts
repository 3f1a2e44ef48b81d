/** A vocabulary zip unpacked beside the store: only the files of vocabulary tables, under names of our own, within limits. */

import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join as joinPath } from "node:path";
import { pipeline } from "node:stream/promises";
import { DureError } from "@dure/kernel";
import { diskFull } from "@dure/machine";
import { type Entry, openPromise } from "yauzl";
import { tableOfFile } from "./vocabulary-files.ts";
import { archiveBroken, archiveTooLarge, notThere, twoFiles } from "./vocabulary-problems.ts";

const GIB = 2 ** 30;
/** All vocabularies of Athena together unpack to about 25 GiB. */
const UNPACKED_BYTES_MAX = 64 * GIB;
/** Vocabulary files shrink to a tenth, the most regular ones to a thirtieth; a zip bomb to a thousandth. */
const RATIO_MAX = 100;
/** Below this size the ratio says nothing: an empty table is all header. */
const RATIO_FROM_BYTES = 16 * 2 ** 20;

export interface Unpacking {
  /** Exists not, or may be written over. */
  readonly into: string;
  readonly onProgress?: (doneBytes: number, ofBytes: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Memory is flat: entries are streamed to disk. What was written stays in `into` also where it fails; the caller removes the folder.
 * @throws DureError for an archive that is broken, too large, or holds a table twice; `store/disk-full`
 */
export async function unpackVocabulary(path: string, { into, onProgress, signal }: Unpacking): Promise<void> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false }).catch((cause: unknown) => {
    throw new DureError(isAbsent(cause) ? notThere(path) : archiveBroken(path), { cause });
  });
  try {
    const entries: Entry[] = [];
    for await (const entry of zip.eachEntry()) if (tableOfFile(entry.fileName) !== undefined) entries.push(entry);
    const ofBytes = checkEntries(path, entries);
    await mkdir(into, { recursive: true, mode: 0o700 });
    let doneBytes = 0;
    for (const entry of entries) {
      signal?.throwIfAborted();
      const target = joinPath(
        into,
        `${tableOfFile(entry.fileName) === "cpt4" ? "concept_cpt4" : tableOfFile(entry.fileName)}.${ending(entry)}`,
      );
      const stream = await zip.openReadStreamPromise(entry); // yauzl refuses bytes beyond the size that the entry states
      const counted = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
        for await (const chunk of chunks) {
          doneBytes += chunk.length;
          onProgress?.(doneBytes, ofBytes);
          yield chunk;
        }
      };
      await pipeline(stream, counted, createWriteStream(target, { mode: 0o600 }), signal === undefined ? {} : { signal });
    }
  } catch (cause) {
    if (cause instanceof DureError || (cause instanceof Error && cause.name === "AbortError")) throw cause;
    throw asFault(path, cause);
  } finally {
    zip.close();
  }
}

/** @returns the bytes that the entries unpack to */
function checkEntries(path: string, entries: readonly Entry[]): number {
  const tables = entries.map(({ fileName }) => tableOfFile(fileName));
  const doubled = tables.find((table, i) => tables.indexOf(table) !== i);
  if (doubled !== undefined) throw new DureError(twoFiles(path, doubled));
  const total = entries.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
  if (total > UNPACKED_BYTES_MAX) throw new DureError(archiveTooLarge(path, gib(total), gib(UNPACKED_BYTES_MAX)));
  const bomb = entries.find(
    ({ uncompressedSize, compressedSize }) => uncompressedSize > RATIO_FROM_BYTES && uncompressedSize > RATIO_MAX * compressedSize,
  );
  if (bomb !== undefined) throw new DureError(archiveTooLarge(path, timesItsSize(bomb), `× ${RATIO_MAX}`));
  return total;
}

const gib = (bytes: number): string => `${Math.ceil(bytes / GIB)} GiB`;
const timesItsSize = ({ uncompressedSize, compressedSize }: Entry): string =>
  `× ${Math.round(uncompressedSize / Math.max(1, compressedSize))}`;
const ending = ({ fileName }: Entry): string => (fileName.toLowerCase().endsWith(".parquet") ? "parquet" : "csv");
const isAbsent = (cause: unknown): boolean => cause instanceof Error && "code" in cause && cause.code === "ENOENT";

const FULL_DISK_CODES: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

function asFault(path: string, cause: unknown): unknown {
  if (cause instanceof Error && "code" in cause && FULL_DISK_CODES.has(cause.code)) return diskFull(cause);
  return new DureError(archiveBroken(path), { cause });
}
