/**
 * Messages out of bytes: files of one or many messages, batches (FHS, BHS, BTS, FTS), MLLP frames, CR, LF or CRLF; whatever comes, in pieces of
 * any size. Works on bytes, because each message declares its own character set; the line ends and the letters of a segment's name are the same
 * bytes in all that are read here, and never part of a Korean character.
 */

/** A batch's own segments hold no patient's data. */
const BATCH_SEGMENTS: readonly string[] = ["FHS", "BHS", "BTS", "FTS"];
const [LINE_FEED, CARRIAGE_RETURN, START_OF_BLOCK, END_OF_BLOCK] = [0x0a, 0x0d, 0x0b, 0x1c];

export interface RawMessage {
  /** From 1, in the order of the file; a piece without MSH has a number too. */
  readonly number: number;
  readonly kind: "message" | "no-header" | "too-large";
  /** Empty where too large. */
  readonly bytes: Uint8Array;
  /** A byte order mark before the first message says UTF-8. */
  readonly hasByteOrderMark: boolean;
}

export class MessageSplitter {
  readonly #bytesMax: number;
  #lines: Uint8Array[] = [];
  #linesBytes = 0;
  #isTooLarge = false;
  #hasHeader = false;
  #rest: Uint8Array = new Uint8Array(0);
  #count = 0;
  #isStart = true;
  #hasByteOrderMark = false;

  /** @param bytesMax a message beyond it is given as `too-large` and its bytes are let go */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Messages that these bytes complete. */
  push(chunk: Uint8Array): readonly RawMessage[] {
    const found: RawMessage[] = [];
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let from = 0;
    for (let index = 0; index < bytes.length; index += 1) {
      const byte = bytes[index];
      if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN && byte !== START_OF_BLOCK && byte !== END_OF_BLOCK) continue;
      this.#takeLine(bytes.subarray(from, index), found);
      if (byte === END_OF_BLOCK) this.#close(found);
      from = index + 1;
    }
    this.#rest = bytes.slice(from);
    if (this.#rest.length > this.#bytesMax) {
      this.#isTooLarge = true;
      this.#rest = new Uint8Array(0);
    }
    return found;
  }

  finish(): readonly RawMessage[] {
    const found: RawMessage[] = [];
    this.#takeLine(this.#rest, found);
    this.#rest = new Uint8Array(0);
    this.#close(found);
    return found;
  }

  #takeLine(line: Uint8Array, found: RawMessage[]): void {
    const text = this.#isStart ? this.#withoutByteOrderMark(line) : line;
    if (text.length === 0) return;
    const name = String.fromCharCode(...text.subarray(0, 3));
    if (name === "MSH" || BATCH_SEGMENTS.includes(name)) this.#close(found);
    if (BATCH_SEGMENTS.includes(name)) return;
    if (name === "MSH") this.#hasHeader = true;
    this.#linesBytes += text.length + 1;
    if (this.#linesBytes > this.#bytesMax) {
      this.#isTooLarge = true;
      this.#lines = [];
    } else if (!this.#isTooLarge) this.#lines.push(text.slice());
  }

  #withoutByteOrderMark(line: Uint8Array): Uint8Array {
    if (line.length > 0) this.#isStart = false;
    if (line[0] !== 0xef || line[1] !== 0xbb || line[2] !== 0xbf) return line;
    this.#hasByteOrderMark = true;
    return line.subarray(3);
  }

  #close(found: RawMessage[]): void {
    if (this.#lines.length === 0 && !this.#isTooLarge) return;
    this.#count += 1;
    const kind = this.#isTooLarge ? "too-large" : this.#hasHeader ? "message" : "no-header";
    found.push({
      number: this.#count,
      kind,
      bytes: joinLines(this.#isTooLarge ? [] : this.#lines),
      hasByteOrderMark: this.#hasByteOrderMark,
    });
    this.#lines = [];
    this.#linesBytes = 0;
    this.#isTooLarge = false;
    this.#hasHeader = false;
  }
}

function joinLines(lines: readonly Uint8Array[]): Uint8Array {
  const total = lines.reduce((sum, line) => sum + line.length + 1, 0);
  const joined = new Uint8Array(total);
  let at = 0;
  for (const line of lines) {
    joined.set(line, at);
    joined[at + line.length] = CARRIAGE_RETURN;
    at += line.length + 1;
  }
  return joined;
}
