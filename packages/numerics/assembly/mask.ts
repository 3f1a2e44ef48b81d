// Adds and subtracts blocks of little-endian words modulo 2^64 and modulo 2^128, in place.
// AssemblyScript; `node scripts/build-wasm.ts` compiles it. Both blocks lie in this module's memory and are a multiple of 16 bytes long,
// except that a block modulo 2^64 may end in one odd word.

/** target[i] += source[i] modulo 2^64, over byteLength / 8 words. */
export function addModulo64(target: usize, source: usize, byteLength: usize): void {
  const pairs = byteLength & ~15;
  let i: usize = 0;
  for (; i < pairs; i += 16) v128.store(target + i, i64x2.add(v128.load(target + i), v128.load(source + i)));
  if (i < byteLength) store<u64>(target + i, load<u64>(target + i) + load<u64>(source + i));
}

/** target[i] -= source[i] modulo 2^64, over byteLength / 8 words. */
export function subtractModulo64(target: usize, source: usize, byteLength: usize): void {
  const pairs = byteLength & ~15;
  let i: usize = 0;
  for (; i < pairs; i += 16) v128.store(target + i, i64x2.sub(v128.load(target + i), v128.load(source + i)));
  if (i < byteLength) store<u64>(target + i, load<u64>(target + i) - load<u64>(source + i));
}

/** target[i] += source[i] modulo 2^128, over byteLength / 16 pairs of words, low word first. */
export function addModulo128(target: usize, source: usize, byteLength: usize): void {
  for (let i: usize = 0; i < byteLength; i += 16) {
    const a = v128.load(target + i);
    const sum = i64x2.add(a, v128.load(source + i));
    // A word wrapped where the sum is below the summand; as a mask that is -1, so subtracting it from the high word adds the carry.
    v128.store(target + i, i64x2.sub(sum, lowToHigh(isBelow(sum, a))));
  }
}

/** target[i] -= source[i] modulo 2^128, over byteLength / 16 pairs of words, low word first. */
export function subtractModulo128(target: usize, source: usize, byteLength: usize): void {
  for (let i: usize = 0; i < byteLength; i += 16) {
    const a = v128.load(target + i);
    const b = v128.load(source + i);
    v128.store(target + i, i64x2.add(i64x2.sub(a, b), lowToHigh(isBelow(a, b))));
  }
}

/** Unsigned a < b by lane, -1 where true: simd128 compares 64-bit lanes only as signed numbers, so the top bit is flipped first. */
function isBelow(a: v128, b: v128): v128 {
  const topBit = i64x2.splat(i64.MIN_VALUE);
  return i64x2.lt_s(v128.xor(a, topBit), v128.xor(b, topBit));
}

/** The low lane moved to the high one, and zero in the low one. */
function lowToHigh(value: v128): v128 {
  return v128.shuffle<u64>(i64x2.splat(0), value, 0, 2);
}
