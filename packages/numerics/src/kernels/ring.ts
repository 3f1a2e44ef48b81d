/**
 * Sums of blocks of bytes in Z(2^64) and Z(2^128), for masking.
 *
 * A vector is masked with one keystream a pair of hospitals, so each of its entries is added to or subtracted from up to 99 times. In plain
 * JavaScript that is slow in the wrong way: BigUint64Array arithmetic runs at 2.7 or at 0.14 GB/s, as the compiler pleases. A block of
 * 64 KiB is therefore copied into a WASM kernel (plain simd128) once, stays in the processor's cache while all streams are added, and is
 * copied back.
 */

import { wasmBase64 } from "./gen/mask.ts";
import { Kernel, type KernelInstance } from "./web-assembly.ts";

/** Z(2^64) or Z(2^128). Little-endian, low word first. */
export type RingBits = 64 | 128;

/** Most bytes of a block: it and one summand fit the kernel's memory and a processor's second-level cache. */
export const RING_BLOCK_BYTES_MAX = 65_536;

// Past the first page, where AssemblyScript keeps its (here empty) static data.
const BLOCK_OFFSET = 65_536;
const SUMMAND_OFFSET = BLOCK_OFFSET + RING_BLOCK_BYTES_MAX;

const operations = ["addModulo64", "subtractModulo64", "addModulo128", "subtractModulo128"] as const;
type Operation = (typeof operations)[number];

const kernel = new Kernel(wasmBase64, operations);

/**
 * A block that others are added to. Entries are RingBits / 8 bytes each, so every length is a multiple of that.
 *
 * Fails: RangeError on a length over RING_BLOCK_BYTES_MAX, not a whole number of entries, or not the block's own.
 * Numerics: exact modulo 2^bits. O(bytes) time; 192 KiB of memory an object, whatever the vector.
 */
export class RingBlock {
  #lazyInstance: { readonly memory: Uint8Array; readonly functions: KernelInstance<Operation>["functions"] } | undefined;
  #bits: RingBits = 64;
  #byteLength = 0;

  /** Made on first use: a WASM instance takes longer than a small sum. */
  get #instance() {
    if (this.#lazyInstance === undefined) {
      const { memory, functions } = kernel.instantiate();
      this.#lazyInstance = { memory: new Uint8Array(memory.buffer), functions };
    }
    return this.#lazyInstance;
  }

  /** Starts again with these entries. */
  load(entries: Uint8Array, bits: RingBits): void {
    if (entries.byteLength > RING_BLOCK_BYTES_MAX || entries.byteLength % (bits / 8) !== 0) {
      throw new RangeError(
        `a block of ${entries.byteLength} bytes; at most ${RING_BLOCK_BYTES_MAX} and a multiple of ${bits / 8} can be summed`,
      );
    }
    this.#instance.memory.set(entries, BLOCK_OFFSET);
    this.#bits = bits;
    this.#byteLength = entries.byteLength;
  }

  add(summand: Uint8Array): void {
    this.#run(this.#bits === 64 ? "addModulo64" : "addModulo128", summand);
  }

  subtract(summand: Uint8Array): void {
    this.#run(this.#bits === 64 ? "subtractModulo64" : "subtractModulo128", summand);
  }

  /** Copies the block out, and zero-fills what the kernel's memory held: with a mask known, a summand tells the entry. */
  storeInto(out: Uint8Array): void {
    if (out.byteLength !== this.#byteLength) throw new RangeError(`${out.byteLength} bytes for a block of ${this.#byteLength}`);
    out.set(this.#instance.memory.subarray(BLOCK_OFFSET, BLOCK_OFFSET + this.#byteLength));
    this.#instance.memory.fill(0, BLOCK_OFFSET, SUMMAND_OFFSET + this.#byteLength);
  }

  #run(operation: Operation, summand: Uint8Array): void {
    if (summand.byteLength !== this.#byteLength)
      throw new RangeError(`a summand of ${summand.byteLength} bytes for a block of ${this.#byteLength}`);
    this.#instance.memory.set(summand, SUMMAND_OFFSET);
    this.#instance.functions[operation](BLOCK_OFFSET, SUMMAND_OFFSET, this.#byteLength);
  }
}

/** Shared by all additions: each leaves it empty before it returns. */
const additionBlock = new RingBlock();

/** target += summand in Z(2^bits), block by block; equal lengths. For whole vectors that are added once. */
export function addRingInto(target: Uint8Array, summand: Uint8Array, bits: RingBits): void {
  if (target.byteLength !== summand.byteLength) throw new RangeError(`${summand.byteLength} bytes cannot be added to ${target.byteLength}`);
  for (let offset = 0; offset < target.byteLength; offset += RING_BLOCK_BYTES_MAX) {
    const part = target.subarray(offset, offset + RING_BLOCK_BYTES_MAX);
    additionBlock.load(part, bits);
    additionBlock.add(summand.subarray(offset, offset + RING_BLOCK_BYTES_MAX));
    additionBlock.storeInto(part);
  }
}
