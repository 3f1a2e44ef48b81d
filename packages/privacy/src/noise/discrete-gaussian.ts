/**
 * The discrete Gaussian: whole numbers x with P(x) proportional to exp(−x² / 2σ²), sampled exactly.
 *
 * Rounding a floating-point Gaussian leaves gaps in its low digits through which the value behind the noise can be read (Mironov 2012).
 * Here every decision is a Bernoulli draw whose probability is a fraction of whole numbers, made from uniform bits: the distribution is
 * the formula's, with no approximation. It is a rejection sampler, so its running time depends on the noise; where somebody could
 * measure it, the answer has to wait for a fixed time.
 *
 * Source: Canonne, Kamath & Steinke 2020, The Discrete Gaussian for Differential Privacy, algorithms 1 to 3, arXiv:2004.00010.
 */

import { hmacSha256, transcript } from "@dure/kernel";

/** A positive rational number; whole numbers, the denominator at least 1. */
export interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Uniform bytes, never the same ones twice in one sampling. */
export type ByteSource = (length: number) => Uint8Array;

/**
 * One draw.
 *
 * @param variance σ², greater than 0
 * @param bytes from `SecureRandom`, or from `keyedBytes` where the same question must meet the same noise
 * Fails: RangeError on a variance that is not positive.
 * Numerics: exact; an expected number of fewer than 20 Bernoulli draws, whatever σ.
 */
export function sampleDiscreteGaussian(variance: Ratio, bytes: ByteSource): bigint {
  const { numerator: a, denominator: b } = variance;
  if (a <= 0n || b <= 0n) throw new RangeError("a variance is greater than 0");
  const scale = floorSquareRoot(a / b) + 1n;
  for (;;) {
    const candidate = sampleDiscreteLaplace(scale, bytes);
    const size = candidate < 0n ? -candidate : candidate;
    // (|y| − σ²/t)² / 2σ² with σ² = a/b, over whole numbers.
    const difference = size * b * scale - a;
    if (happensWithExp({ numerator: difference * difference, denominator: 2n * a * b * scale * scale }, bytes)) return candidate;
  }
}

/**
 * Bytes that a secret key and a purpose determine, and that nobody without the key can tell from uniform ones: HMAC-SHA256 in counter mode.
 *
 * @param key a key that is used for nothing else, such as an HMAC of a longer-lived secret
 */
export function keyedBytes(key: Uint8Array, purpose: string): ByteSource {
  let counter = 0;
  let rest = new Uint8Array();
  return (length) => {
    const out = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      if (rest.byteLength === 0) rest = new Uint8Array(hmacSha256(key, transcript(purpose, counter++)));
      const taken = rest.subarray(0, length - filled);
      out.set(taken, filled);
      filled += taken.byteLength;
      rest = rest.subarray(taken.byteLength);
    }
    return out;
  };
}

/** Algorithm 2 with s = 1: P(y) proportional to exp(−|y| / scale). */
function sampleDiscreteLaplace(scale: bigint, bytes: ByteSource): bigint {
  for (;;) {
    const remainder = uniformBelow(scale, bytes);
    if (!happensWithExp({ numerator: remainder, denominator: scale }, bytes)) continue;
    let quotient = 0n;
    while (happensWithExp({ numerator: 1n, denominator: 1n }, bytes)) quotient += 1n;
    const size = remainder + scale * quotient;
    const isNegative = uniformBelow(2n, bytes) === 1n;
    if (isNegative && size === 0n) continue; // else 0 would come twice
    return isNegative ? -size : size;
  }
}

/** Algorithm 1: true with probability exp(−ratio). */
function happensWithExp({ numerator, denominator }: Ratio, bytes: ByteSource): boolean {
  for (let whole = numerator / denominator; whole > 0n; whole--) {
    if (!happensWithExpOfFraction({ numerator: 1n, denominator: 1n }, bytes)) return false;
  }
  return happensWithExpOfFraction({ numerator: numerator % denominator, denominator }, bytes);
}

/** For ratios from 0 to 1: how many draws with probabilities ratio/1, ratio/2, … succeed in a row is even with probability exp(−ratio). */
function happensWithExpOfFraction({ numerator, denominator }: Ratio, bytes: ByteSource): boolean {
  let trial = 1n;
  while (uniformBelow(denominator * trial, bytes) < numerator) trial += 1n;
  return trial % 2n === 1n;
}

/** Uniform whole number from 0 to bound − 1, without bias: draws that do not fit are thrown away. */
function uniformBelow(bound: bigint, bytes: ByteSource): bigint {
  const bitCount = (bound - 1n).toString(2).length;
  const byteCount = Math.ceil(bitCount / 8);
  for (;;) {
    let value = 0n;
    for (const byte of bytes(byteCount)) value = (value << 8n) | BigInt(byte);
    value &= (1n << BigInt(bitCount)) - 1n;
    if (value < bound) return value;
  }
}

/** ⌊√value⌋ by Newton's method on whole numbers. */
function floorSquareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let guess = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (guess + value / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}
