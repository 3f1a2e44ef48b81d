/** Fingerprints: how two people compare a key over the telephone. */

import { fromBase64, type Sha256, sha256 } from "@dure/kernel";

/** 128 bits: nobody finds a second key with the same ones. */
const FINGERPRINT_DIGITS = 32;

/** The first 128 bits of the SHA-256 of the raw key, in eight groups of four hexadecimal digits: `3f2a-91bc-…`. */
export const keyFingerprint = (publicKey: string): string => groupDigits(sha256(fromBase64(publicKey)));

/** A whole SHA-256 for people: its first 128 bits in groups of four. */
export function groupDigits(hash: Sha256): string {
  return (hash.slice(0, FINGERPRINT_DIGITS).match(/.{4}/g) ?? []).join("-");
}
