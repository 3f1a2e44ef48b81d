/** MLLP, release 1: a message between 0x0B and 0x1C 0x0D on a stream of bytes. */

const [START_OF_BLOCK, END_OF_BLOCK, CARRIAGE_RETURN] = [0x0b, 0x1c, 0x0d];

export type Frame = { readonly kind: "message"; readonly bytes: Uint8Array } | { readonly kind: "too-large" };

/** What comes between frames is dropped: the standard allows nothing there, and senders put line ends there. */
export class FrameReader {
  readonly #bytesMax: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #isInside = false;
  #isTooLarge = false;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Whether a frame was begun and is not at its end. */
  get isInside(): boolean {
    return this.#isInside;
  }

  /** Frames that these bytes complete. Memory: that of one frame, at most `bytesMax`. */
  push(chunk: Uint8Array): readonly Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (!this.#isInside) {
        const start = chunk.indexOf(START_OF_BLOCK, at);
        if (start < 0) break;
        this.#isInside = true;
        at = start + 1;
      }
      const end = chunk.indexOf(END_OF_BLOCK, at);
      this.#keep(chunk.subarray(at, end < 0 ? chunk.length : end));
      if (end < 0) break;
      frames.push(this.#isTooLarge ? { kind: "too-large" } : { kind: "message", bytes: Buffer.concat(this.#parts) });
      this.#clear();
      at = end + 1;
    }
    return frames;
  }

  #keep(part: Uint8Array): void {
    this.#bytes += part.length;
    if (this.#bytes > this.#bytesMax) {
      this.#isTooLarge = true;
      this.#parts = [];
    } else if (!this.#isTooLarge) this.#parts.push(part.slice());
  }

  #clear(): void {
    this.#parts = [];
    this.#bytes = 0;
    this.#isInside = false;
    this.#isTooLarge = false;
  }
}

export const frameOf = (message: string): Uint8Array =>
  Buffer.concat([Buffer.of(START_OF_BLOCK), Buffer.from(message, "utf8"), Buffer.of(END_OF_BLOCK, CARRIAGE_RETURN)]);
