/**
 * One site's clear vectors as bytes that can be masked and summed, and the opened sum back as doubles.
 *
 * In front stands one entry of our own, the constant 1. It costs 16 bytes and shows that the masks cancelled: it sums to the number of
 * sites, or the bytes are noise (a noise passes with probability 2^-128). The bounds alone would not tell: with B = 2^55 and five sites
 * one noise entry in 32 lies within them.
 */

import type { RingBits } from "@dure/numerics/kernels";
import type { Contribution, Encoding, Sum, SumLayout, VectorLayout } from "../layout.ts";
import { HISTOGRAM_BYTES, isHistogramMultiple, readHistogram, readWide, WIDE_BYTES, writeHistogram, writeWide } from "./fixed-point.ts";
import { EncodingRefusal } from "./refusal.ts";

/** 1 GiB: what a site can hold beside its model, and far from any index's limit. */
const ENCODED_BYTES_MAX = 2 ** 30;
const CONSTANT_BYTES = WIDE_BYTES;

/** A run of bytes whose entries live in one ring. */
export interface RingSegment {
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly bits: RingBits;
}

/** Bytes of a contribution, and of a sum: 16 for the constant, 16 an entry in `wide`, 8 an entry in `histogram`. */
export function encodedByteLength(layout: SumLayout): number {
  checkLayout(layout);
  return layout.vectors.reduce((total, vector) => total + vector.length * entryBytes(vector.encoding), CONSTANT_BYTES);
}

/** Where the rings lie in the encoded bytes, in order; neighbours of one ring are joined. */
export function ringSegments(layout: SumLayout): readonly RingSegment[] {
  const segments: { byteOffset: number; byteLength: number; bits: RingBits }[] = [{ byteOffset: 0, byteLength: CONSTANT_BYTES, bits: 128 }];
  for (const vector of layout.vectors) {
    const bits = vector.encoding === "wide" ? 128 : 64;
    const byteLength = vector.length * entryBytes(vector.encoding);
    const last = segments.at(-1);
    if (last !== undefined && last.bits === bits) last.byteLength += byteLength;
    else segments.push({ byteOffset: last === undefined ? 0 : last.byteOffset + last.byteLength, byteLength, bits });
  }
  return segments;
}

/**
 * @param contribution one vector for each of the layout, of its length; every entry finite and within ±bound
 * @param siteCount    most sites that may enter the sum; the bound times it must fit (`wide` < 2^62, `histogram` < 2^33)
 * Fails: EncodingRefusal with reason, vector and entry of the first that does not hold. Never with the value.
 * Numerics: `wide` within 2^-65 of each entry; `histogram` exact, and refused unless a multiple of 2^-30. O(entries).
 * Disclosure: the bytes are the clear vectors; only their masked form may leave.
 */
export function encodeContribution(layout: SumLayout, contribution: Pick<Contribution, "vectors">, siteCount: number): Uint8Array {
  const out = new Uint8Array(encodedByteLength(layout));
  const view = new DataView(out.buffer);
  checkBounds(layout, siteCount);
  const names = new Set(layout.vectors.map((vector) => vector.name));
  for (const name of contribution.vectors.keys())
    if (!names.has(name)) throw new EncodingRefusal("vectors-differ-from-layout", { vector: name });
  writeWide(view, 0, 1);
  let offset = CONSTANT_BYTES;
  for (const vector of layout.vectors) {
    const values = contribution.vectors.get(vector.name);
    if (values === undefined) throw new EncodingRefusal("vectors-differ-from-layout", { vector: vector.name });
    if (values.length !== vector.length) throw new EncodingRefusal("wrong-vector-length", { vector: vector.name });
    encodeVector(view, offset, { vector, values });
    offset += vector.length * entryBytes(vector.encoding);
  }
  return out;
}

/**
 * The opened sum. Each entry is the double nearest to the exact sum of the encoded entries.
 *
 * @param siteCount number of sites in the sum
 * Fails: EncodingRefusal `sum-is-noise` when the constant does not add up to siteCount, `sum-beyond-bound` naming vector and entry.
 */
export function decodeSum(layout: SumLayout, bytes: Uint8Array, siteCount: number): Sum {
  if (bytes.byteLength !== encodedByteLength(layout)) throw new EncodingRefusal("wrong-byte-length");
  checkBounds(layout, siteCount);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (readWide(view, 0) !== siteCount || !isWholeWide(view)) throw new EncodingRefusal("sum-is-noise");
  const vectors = new Map<string, Float64Array>();
  let offset = CONSTANT_BYTES;
  for (const vector of layout.vectors) {
    vectors.set(vector.name, decodeVector(view, offset, { vector, siteCount }));
    offset += vector.length * entryBytes(vector.encoding);
  }
  return { siteCount, vectors };
}

const entryBytes = (encoding: Encoding): number => (encoding === "wide" ? WIDE_BYTES : HISTOGRAM_BYTES);

function encodeVector(
  view: DataView,
  start: number,
  { vector, values }: { readonly vector: VectorLayout; readonly values: Float64Array },
): void {
  const write = vector.encoding === "wide" ? writeWide : writeHistogram;
  const bytes = entryBytes(vector.encoding);
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN;
    const reason = refuseEntry(vector, value);
    if (reason !== undefined) throw new EncodingRefusal(reason, { vector: vector.name, entryIndex: index });
    write(view, start + index * bytes, value);
  }
}

function refuseEntry(vector: VectorLayout, value: number): "not-a-number" | "infinite" | "beyond-bound" | "not-a-multiple" | undefined {
  if (Number.isNaN(value)) return "not-a-number";
  if (!Number.isFinite(value)) return "infinite";
  if (Math.abs(value) > vector.bound) return "beyond-bound";
  if (vector.encoding === "histogram" && !isHistogramMultiple(value)) return "not-a-multiple";
  return undefined;
}

/**
 * The largest absolute value of an entry of a sum over `siteCount` sites. The sum of entries at their bound, each encoded within 2^-65,
 * is at most n·bound + n·2^-65, and reading and n·bound itself are rounded by a relative 2^-53 each: the limit grants a little more
 * than both, so that honest sums always pass.
 */
export const sumLimit = ({ bound }: Pick<VectorLayout, "bound">, siteCount: number): number =>
  siteCount * (bound * (1 + 2 ** -50) + 2 ** -64);

function decodeVector(
  view: DataView,
  start: number,
  { vector, siteCount }: { readonly vector: VectorLayout; readonly siteCount: number },
): Float64Array {
  const read = vector.encoding === "wide" ? readWide : readHistogram;
  const bytes = entryBytes(vector.encoding);
  const limit = sumLimit(vector, siteCount);
  const values = new Float64Array(vector.length);
  for (let index = 0; index < values.length; index++) {
    const value = read(view, start + index * bytes);
    if (Math.abs(value) > limit) throw new EncodingRefusal("sum-beyond-bound", { vector: vector.name, entryIndex: index });
    values[index] = value;
  }
  return values;
}

/** The low 64 bits, the fraction, are zero: reading a double rounds them away. */
const isWholeWide = (view: DataView): boolean => view.getUint32(0, true) === 0 && view.getUint32(4, true) === 0;

function checkLayout(layout: SumLayout): void {
  const names = new Set<string>();
  let byteLength = CONSTANT_BYTES;
  for (const { name, length, encoding, bound } of layout.vectors) {
    const isKnown = encoding === "wide" || encoding === "histogram";
    if (names.has(name) || !isKnown || !Number.isSafeInteger(length) || length < 1 || !Number.isFinite(bound) || bound <= 0) {
      throw new EncodingRefusal("malformed-layout", { vector: name });
    }
    names.add(name);
    byteLength += length * entryBytes(encoding);
  }
  if (names.size === 0) throw new EncodingRefusal("malformed-layout");
  if (byteLength > ENCODED_BYTES_MAX) throw new EncodingRefusal("layout-too-large");
}

/** One bit is the sign and one is spare: `wide` n·bound < 2^62 of 2^63; `histogram` n·bound·2^30 < 2^63, which is strict by design. */
function checkBounds(layout: SumLayout, siteCount: number): void {
  for (const vector of layout.vectors) {
    const reach = siteCount * vector.bound * (vector.encoding === "wide" ? 1 : 2 ** 30);
    const limit = vector.encoding === "wide" ? 2 ** 62 : 2 ** 63;
    if (!(Number.isSafeInteger(siteCount) && siteCount >= 1 && reach < limit))
      throw new EncodingRefusal("bound-too-large", { vector: vector.name });
  }
}
