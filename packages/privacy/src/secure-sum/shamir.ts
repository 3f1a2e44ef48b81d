/**
 * Shamir's secret sharing over GF(2^16), 16-bit word by word.
 *
 *   share(x) = secret + c1·x + … + c(t−1)·x^(t−1), the c random;  secret = Σ λi·share(xi),  λi = ∏ over j ≠ i of xj / (xj − xi)
 *
 * Any t shares give the secret back, fewer say nothing about it. The field is GF(2)[z] / (z^16 + z^12 + z^3 + z + 1). The points and the
 * λ are public, so products loop over *their* bits, without tables and without a branch on a secret: time does not depend on the secret.
 *
 * Source: Shamir 1979, Commun ACM 22:612.
 */

import type { SecureRandom } from "@dure/kernel";

const WORD_BYTES = 2;
const REDUCTION = 0x1100b;
/** Order of the multiplicative group: x^(order − 1) is the inverse. */
const GROUP_ORDER = 65_535;

export interface ShareAt {
  /** 1 to 65535, distinct. */
  readonly x: number;
  readonly share: Uint8Array;
}

/**
 * @param secret    an even number of bytes
 * @param shareCount the shares' points are x = 1 … shareCount
 * @returns share i at x = i + 1, as long as the secret
 * Numerics: exact. O(shareCount × threshold × bytes × log shareCount).
 */
export function splitSecret(
  secret: Uint8Array,
  plan: { readonly shareCount: number; readonly threshold: number },
  random: SecureRandom,
): Uint8Array[] {
  const { shareCount, threshold } = plan;
  if (secret.byteLength % WORD_BYTES !== 0) throw new RangeError(`${secret.byteLength} bytes cannot be shared in words of ${WORD_BYTES}`);
  if (!(threshold >= 1 && threshold <= shareCount && shareCount <= GROUP_ORDER))
    throw new RangeError(`${shareCount} shares with a threshold of ${threshold}`);
  const coefficientBytes = random.bytes((threshold - 1) * secret.byteLength);
  const coefficients = [
    words(secret),
    ...Array.from({ length: threshold - 1 }, (_, j) =>
      words(coefficientBytes.subarray(j * secret.byteLength, (j + 1) * secret.byteLength)),
    ),
  ];
  const shares = Array.from({ length: shareCount }, (_, index) => bytes(evaluate(coefficients, index + 1)));
  coefficientBytes.fill(0);
  for (const coefficient of coefficients) coefficient.fill(0);
  return shares;
}

/** The value at 0 of the polynomial through the shares. Exactly the threshold's number of shares is needed; a wrong one gives a wrong secret. */
export function rebuildSecret(shares: readonly ShareAt[]): Uint8Array {
  const points = shares.map((share) => share.x);
  if (shares.length === 0 || new Set(points).size !== points.length) throw new RangeError("shares at distinct points are needed");
  const sum = new Uint16Array((shares[0]?.share.byteLength ?? 0) / WORD_BYTES);
  for (const { x, share } of shares) {
    const factor = lagrangeAtZero(points, x);
    const values = words(share);
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) ^ multiply(values[i] ?? 0, factor);
  }
  return bytes(sum);
}

/** Horner's rule, word by word. */
function evaluate(coefficients: readonly Uint16Array[], x: number): Uint16Array {
  const value = new Uint16Array(coefficients[0]?.length ?? 0);
  for (const coefficient of coefficients.toReversed()) {
    for (let i = 0; i < value.length; i++) value[i] = multiply(value[i] ?? 0, x) ^ (coefficient[i] ?? 0);
  }
  return value;
}

function lagrangeAtZero(points: readonly number[], x: number): number {
  let numerator = 1;
  let denominator = 1;
  for (const other of points) {
    if (other === x) continue;
    numerator = multiply(numerator, other);
    denominator = multiply(denominator, other ^ x);
  }
  return multiply(numerator, inverse(denominator));
}

/** a·b in the field; the time depends on the public b only. */
function multiply(a: number, b: number): number {
  let product = 0;
  let power = a;
  for (let bits = b; bits !== 0; bits >>>= 1) {
    product ^= power & -(bits & 1);
    power = (power << 1) ^ (REDUCTION & -(power >>> 15));
  }
  return product;
}

/** a^(order − 1), by squaring. */
function inverse(a: number): number {
  let result = 1;
  let power = a;
  for (let exponent = GROUP_ORDER - 1; exponent !== 0; exponent >>>= 1) {
    if ((exponent & 1) === 1) result = multiply(result, power);
    power = multiply(power, power);
  }
  return result;
}

function words(value: Uint8Array): Uint16Array {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return Uint16Array.from({ length: value.byteLength / WORD_BYTES }, (_, i) => view.getUint16(i * WORD_BYTES, true));
}

function bytes(value: Uint16Array): Uint8Array {
  const out = new Uint8Array(value.length * WORD_BYTES);
  const view = new DataView(out.buffer);
  for (const [i, word] of value.entries()) view.setUint16(i * WORD_BYTES, word, true);
  return out;
}
