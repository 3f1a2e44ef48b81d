/**
 * The texts that cells of a workbook name by number. A large table has as many as it has rows, so they are not kept as strings: their bytes
 * lie one behind the other, the first 32 MiB in memory, the rest in a file that has no name any more, so that nothing of it is left
 * whatever ends the process. Programs number texts in the order in which the cells name them: what is read is read in order, but for the
 * repeated ones, which came early.
 */

import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { RichText } from "./rich-text.ts";
import { XmlReader } from "./xml-reader.ts";

/** Texts numbered so low are repeated all over a table, as its codes are; they are kept as strings too, where they are short. */
const [KEPT_COUNT, KEPT_LENGTH_MAX] = [2 ** 14, 64];
const BLOCK_BYTES = 2 ** 16;
const BLOCKS_IN_MEMORY = 512;
/** Blocks of the file that were read last. */
const BLOCKS_READ_MAX = 128;
/** Where each begins takes four bytes of memory: 64 MiB in all. */
const COUNT_MAX = 2 ** 24;
/** What four bytes count. */
const TOTAL_BYTES_MAX = 2 ** 32 - 1;
const STARTS_PER_PAGE = 2 ** 16;

/** More texts than can be kept; the caller says so by the name of the file. */
export class TooManyTexts extends Error {}

export class SharedStrings {
  readonly #scratchPath: string;
  readonly #blocksInMemory: number;
  readonly #starts: Uint32Array[] = [];
  readonly #kept: string[] = [];
  readonly #blocks: Buffer[] = [];
  readonly #read = new Map<number, Buffer>();
  /** The block being filled. */
  #last = Buffer.alloc(BLOCK_BYTES);
  #file: number | undefined;
  #count = 0;
  #byteCount = 0;

  /** @param scratchPath of the file for what does not fit into memory; not there yet, and gone again once it is open */
  constructor(scratchPath: string, blocksInMemory = BLOCKS_IN_MEMORY) {
    [this.#scratchPath, this.#blocksInMemory] = [scratchPath, blocksInMemory];
  }

  get count(): number {
    return this.#count;
  }

  /** Time: O(length). @throws TooManyTexts */
  add(text: string): void {
    if (this.#count < KEPT_COUNT && text.length <= KEPT_LENGTH_MAX) this.#kept[this.#count] = text;
    this.#begin();
    const bytes = Buffer.from(text);
    if (this.#byteCount + bytes.length > TOTAL_BYTES_MAX) throw new TooManyTexts("texts of more than 4 GiB");
    for (let at = 0; at < bytes.length; ) {
      const offset = this.#byteCount % BLOCK_BYTES;
      const copied = bytes.copy(this.#last, offset, at);
      at += copied;
      this.#byteCount += copied;
      if (offset + copied === BLOCK_BYTES) this.#putAway();
    }
  }

  /** The text, or undefined where there is none of that number. @param index any number */
  get(index: number): string | undefined {
    const kept = this.#kept[index];
    if (kept !== undefined) return kept;
    if (!Number.isInteger(index) || index < 0 || index >= this.#count) return undefined;
    const [start, end] = [this.#startOf(index), index + 1 < this.#count ? this.#startOf(index + 1) : this.#byteCount];
    const offset = start % BLOCK_BYTES;
    if (offset + end - start <= BLOCK_BYTES)
      return this.#block(Math.floor(start / BLOCK_BYTES)).toString("utf8", offset, offset + end - start);
    const parts: Buffer[] = [];
    for (let at = start; at < end; ) {
      const [from, length] = [at % BLOCK_BYTES, Math.min(end - at, BLOCK_BYTES - (at % BLOCK_BYTES))];
      parts.push(this.#block(Math.floor(at / BLOCK_BYTES)).subarray(from, from + length));
      at += length;
    }
    return Buffer.concat(parts).toString("utf8");
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #begin(): void {
    if (this.#count === COUNT_MAX) throw new TooManyTexts("more than 2^24 texts");
    const place = this.#count % STARTS_PER_PAGE;
    if (place === 0) this.#starts.push(new Uint32Array(STARTS_PER_PAGE));
    const page = this.#starts.at(-1);
    if (page !== undefined) page[place] = this.#byteCount;
    this.#count++;
  }

  #startOf(index: number): number {
    return this.#starts[Math.floor(index / STARTS_PER_PAGE)]?.[index % STARTS_PER_PAGE] ?? 0;
  }

  #putAway(): void {
    if (this.#blocks.length < this.#blocksInMemory) {
      this.#blocks.push(this.#last);
      this.#last = Buffer.alloc(BLOCK_BYTES);
    } else {
      this.#file ??= openNameless(this.#scratchPath);
      for (let written = 0; written < BLOCK_BYTES; ) written += writeSync(this.#file, this.#last, written);
    }
  }

  #block(index: number): Buffer {
    if (index === Math.floor(this.#byteCount / BLOCK_BYTES)) return this.#last;
    const block = this.#blocks[index] ?? this.#read.get(index);
    if (block !== undefined || this.#file === undefined) return block ?? this.#last;
    const [oldest] = this.#read.keys();
    if (this.#read.size >= BLOCKS_READ_MAX && oldest !== undefined) this.#read.delete(oldest);
    const read = Buffer.alloc(BLOCK_BYTES);
    readSync(this.#file, read, 0, BLOCK_BYTES, (index - this.#blocksInMemory) * BLOCK_BYTES);
    this.#read.set(index, read);
    return read;
  }
}

function openNameless(path: string): number {
  const file = openSync(path, "wx+", 0o600);
  unlinkSync(path);
  return file;
}

/**
 * Texts of the part `sharedStrings.xml` into the store; those of several runs of letters are put together, readings above them left out.
 * @throws TooManyTexts; and where the part is no XML
 */
export async function readSharedStrings(part: AsyncIterable<string>, into: SharedStrings): Promise<void> {
  const text = new RichText();
  const reader = new XmlReader({
    open: (name) => text.open(name),
    close: (name) => {
      text.close(name);
      if (name === "si") into.add(text.take());
    },
    text: (added) => text.add(added),
  });
  for await (const xml of part) reader.write(xml);
  reader.end();
}
