/** SHA-256 (FIPS 180-4), HMAC (RFC 2104) and the hash of a JSON value in canonical form. */

import { createHash, createHmac } from "node:crypto";
import type { Brand } from "./brand.ts";
import { utf8 } from "./bytes.ts";
import { canonicalJson, type JsonValue } from "./canonical-json.ts";

/** 64 lower-case hexadecimal digits. */
export type Sha256 = Brand<string, "Sha256">;

export function sha256(value: Uint8Array | string): Sha256 {
  return createHash("sha256").update(value).digest("hex") as Sha256; // a SHA-256 digest by construction
}

export function sha256Bytes(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

export function parseSha256(value: string): Sha256 {
  if (!/^[0-9a-f]{64}$/.test(value)) throw new RangeError("not a SHA-256: 64 lower-case hexadecimal digits are needed");
  return value as Sha256; // checked just above
}

/** SHA-256 of the canonical form (RFC 8785): equal for equal values, whatever the order of keys or the spacing. */
export const hashJson = (value: JsonValue): Sha256 => sha256(utf8(canonicalJson(value)));

export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac("sha256", key).update(message).digest());
}
