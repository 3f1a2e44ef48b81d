/**
 * A bundle's entries one by one from its bytes, so that a bundle of gigabytes is read in the memory of its largest entry.
 *
 * Only braces, brackets, quotes and the key before the array are understood here; whether an entry is JSON shows when it is parsed.
 */

import { ITEM_BYTES_MAX } from "./read-lines.ts";

export type BundlePart =
  /** The JSON of one entry, counted from 0; absent where it is longer than `ITEM_BYTES_MAX`. */
  | { readonly kind: "entry"; readonly index: number; readonly json: string | undefined }
  /** Everything but the entries, last. Absent likewise. `isWhole` is false where the bytes ended before the JSON did. */
  | { readonly kind: "head"; readonly json: string | undefined; readonly isWhole: boolean };

const [QUOTE, BACKSLASH, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET, COLON, COMMA] = [34, 92, 123, 125, 91, 93, 58, 44];
const ENTRY_KEY = '"entry"';

export async function* splitBundle(blocks: AsyncIterable<Buffer>): AsyncGenerator<BundlePart> {
  const splitter = new BundleSplitter();
  for await (const block of blocks) yield* splitter.push(block);
  yield splitter.end();
}

class BundleSplitter {
  private depth = 0;
  private isInString = false;
  private isEscaped = false;
  /** The array of entries is open, or an object in it. */
  private isInEntries = false;
  private isKeyEntry = false;
  private keyBytes: number[] | undefined;
  private readonly head = new Collected();
  private readonly entry = new Collected();
  private entryCount = 0;
  private isFirst = true;

  *push(block: Buffer): Iterable<BundlePart> {
    let start = this.isFirst && block[0] === 0xef ? 3 : 0;
    this.isFirst = false;
    for (let i = start; i < block.length; i++) {
      const byte = block[i];
      if (this.isInString) {
        this.stepInString(byte);
        continue;
      }
      if (byte === QUOTE) {
        this.isInString = true;
        if (this.depth === 1) this.keyBytes = [QUOTE];
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (this.isInEntries && this.depth === 2) {
          this.head.add(block.subarray(start, i));
          start = i;
        }
        if (this.depth === 1 && byte === OPEN_BRACKET && this.isKeyEntry) this.isInEntries = true;
        this.depth++;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        this.depth--;
        if (this.isInEntries && this.depth === 2) {
          this.entry.add(block.subarray(start, i + 1));
          start = i + 1;
          yield { kind: "entry", index: this.entryCount++, json: this.entry.take() };
        }
        if (this.depth === 1) this.isInEntries = false;
      } else if (byte === COMMA && this.isInEntries && this.depth === 2) {
        // Between two entries nothing is left of the array, so that the head stays small, and JSON.
        this.head.add(block.subarray(start, i));
        start = i + 1;
      } else if (byte === COLON && this.depth === 1) this.endKey();
    }
    (this.isInEntries && this.depth > 2 ? this.entry : this.head).add(block.subarray(start));
  }

  end(): BundlePart {
    return { kind: "head", json: this.head.take(), isWhole: this.depth === 0 && !this.isInString };
  }

  private stepInString(byte: number | undefined): void {
    if (this.depth === 1 && this.keyBytes !== undefined && this.keyBytes.length <= ENTRY_KEY.length) this.keyBytes.push(byte ?? 0);
    if (this.isEscaped) this.isEscaped = false;
    else if (byte === BACKSLASH) this.isEscaped = true;
    else if (byte === QUOTE) this.isInString = false;
  }

  private endKey(): void {
    this.isKeyEntry = this.keyBytes !== undefined && Buffer.from(this.keyBytes).toString("latin1") === ENTRY_KEY;
    this.keyBytes = undefined;
  }
}

/** Parts of blocks that make up one text, up to the bound. */
class Collected {
  private parts: Buffer[] = [];
  private byteCount = 0;

  add(part: Buffer): void {
    this.byteCount += part.length;
    if (this.byteCount > ITEM_BYTES_MAX) this.parts = [];
    else if (part.length > 0) this.parts.push(part);
  }

  take(): string | undefined {
    const json = this.byteCount > ITEM_BYTES_MAX ? undefined : Buffer.concat(this.parts).toString("utf8");
    [this.parts, this.byteCount] = [[], 0];
    return json;
  }
}
