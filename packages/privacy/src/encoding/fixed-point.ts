/**
 * Doubles as fixed-point numbers in Z(2^128) and Z(2^64), and back, entry by entry.
 *
 * Floating-point sums depend on their order and cannot be masked: a mask hides a number only in a finite group. Both encodings therefore
 * turn a double into a two's complement integer. Everything is done on 32-bit words held in doubles, where each step is exact; BigInt would
 * be as right, and allocates at every step.
 */

/** Q64.64: 16 bytes, little endian. */
export const WIDE_BYTES = 16;
/** Multiples of 2^-30: 8 bytes, little endian. */
export const HISTOGRAM_BYTES = 8;

const WORD = 2 ** 32;
const HISTOGRAM_SCALE = 2 ** 30;

/**
 * Writes value as Q64.64 at the offset: the multiple of 2^-64 nearest to it, ties away from zero.
 *
 * @param value finite, |value| < 2^63
 * Numerics: absolute error at most 2^-65, and 0 where |value| ≥ 2^-12 or value is a multiple of 2^-64.
 */
export function writeWide(view: DataView, offset: number, value: number): void {
  const magnitude = Math.abs(value);
  const whole = Math.floor(magnitude);
  const fraction = (magnitude - whole) * WORD; // exact: a double's fraction part is a double
  const high = Math.floor(fraction);
  const low = Math.round((fraction - high) * WORD); // may be 2^32, which then carries
  writeWords(view, offset, {
    words: [low, high, whole % WORD, Math.floor(whole / WORD)],
    negative: value < 0,
  });
}

/**
 * The double nearest to the Q64.64 number at the offset, ties to even.
 *
 * The leading two non-zero words hold 33 to 64 bits and the tail is folded into one more summand, its last bit set when anything below it
 * was ("round to odd", Boldo & Melquiond 2008, IEEE Trans Comput 57:462): the one rounding left, in the final addition, is then the right one.
 */
export function readWide(view: DataView, offset: number): number {
  const negative = view.getInt32(offset + 12, true) < 0;
  let [d, c, b, a] = readWords(view, offset, negative);
  let exponent = 11; // 2^75 / 2^64 for the leading summand below
  while (a === 0 && exponent > 11 - 96) {
    [a, b, c, d] = [b, c, d, 0];
    exponent -= 32;
  }
  const leading = a * 2 ** 21 + (b >>> 11);
  const sticky = (d & 0x3fffff) === 0 ? 0 : 1;
  const trailing = (b & 0x7ff) * 2 ** 42 + c * 2 ** 10 + (d >>> 22);
  const odd = sticky === 1 && trailing % 2 === 0 ? trailing + 1 : trailing;
  const value = (leading + odd * 2 ** -53) * 2 ** exponent;
  return negative ? -value : value;
}

/** True when the value is a whole multiple of 2^-30 below 2^33, that is, when `writeHistogram` is exact. */
export function isHistogramMultiple(value: number): boolean {
  return Number.isInteger(value * HISTOGRAM_SCALE);
}

/** Writes a multiple of 2^-30, |value| < 2^33, as a 64-bit integer. Exact. */
export function writeHistogram(view: DataView, offset: number, value: number): void {
  const scaled = value * HISTOGRAM_SCALE;
  const high = Math.floor(scaled / WORD);
  view.setUint32(offset, scaled - high * WORD, true);
  view.setInt32(offset + 4, high, true);
}

/** The double nearest to the histogram number at the offset, ties to even: both words are doubles, so their sum rounds once. */
export function readHistogram(view: DataView, offset: number): number {
  return (view.getInt32(offset + 4, true) * WORD + view.getUint32(offset, true)) / HISTOGRAM_SCALE;
}

type Words = readonly [number, number, number, number];

/** Words from low to high; the lowest may be 2^32. Two's complement: a negative number is the inverted magnitude plus one. */
function writeWords(view: DataView, offset: number, { words, negative }: { readonly words: Words; readonly negative: boolean }): void {
  let carry = negative ? 1 : 0;
  let excess = 0;
  for (const [index, word] of words.entries()) {
    const full = word + excess;
    excess = full >= WORD ? 1 : 0;
    const digit = full - excess * WORD;
    const signed = negative ? WORD - 1 - digit + carry : digit;
    carry = signed >= WORD ? 1 : 0;
    view.setUint32(offset + 4 * index, signed - carry * WORD, true);
  }
}

/** Words of the magnitude, from low to high. */
function readWords(view: DataView, offset: number, negative: boolean): [number, number, number, number] {
  const words: [number, number, number, number] = [0, 0, 0, 0];
  let carry = negative ? 1 : 0;
  for (let index = 0; index < 4; index++) {
    const word = view.getUint32(offset + 4 * index, true);
    const digit = negative ? WORD - 1 - word + carry : word;
    carry = digit >= WORD ? 1 : 0;
    words[index] = digit - carry * WORD;
  }
  return words;
}
