/** Bytes as text and back, and unambiguous transcripts of bytes. */

export const utf8 = (value: string): Uint8Array => new TextEncoder().encode(value);
export const fromUtf8 = (bytes: Uint8Array): string => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");

/** Throws a RangeError on anything but an even number of hexadecimal digits. */
export function fromHex(hex: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/i.test(hex)) throw new RangeError(`not hexadecimal: ${hex.length} characters`);
  return new Uint8Array(Buffer.from(hex, "hex"));
}

export const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url");

/** Base64url without padding. Throws a RangeError on any other character. */
export function fromBase64(value: string): Uint8Array {
  if (!/^[A-Za-z0-9_-]*$/.test(value)) throw new RangeError(`not base64url: ${value.length} characters`);
  return new Uint8Array(Buffer.from(value, "base64url"));
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((total, part) => total + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.byteLength;
  }
  return out;
}

export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false;
  let difference = 0;
  for (let i = 0; i < a.byteLength; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** Every part behind its length (4 bytes, big endian): no two lists of parts give the same transcript. */
export function transcript(...parts: readonly (Uint8Array | string | number)[]): Uint8Array {
  const out: Uint8Array[] = [];
  for (const part of parts) {
    const bytes = typeof part === "string" ? utf8(part) : typeof part === "number" ? numberBytes(part) : part;
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.byteLength);
    out.push(length, bytes);
  }
  return concatBytes(...out);
}

/** A whole number in [0, 2^53) as 8 bytes, big endian. */
function numberBytes(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is not a whole number from 0 to 2^53 - 1`);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}
