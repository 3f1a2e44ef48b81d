/**
 * Ed25519 (RFC 8032): the long-lived signatures of a hospital and of its steward, by raw keys.
 *
 * Keys travel as base64url of their 32 raw bytes, the form in which rosters and approvals name them. The small-order points are
 * refused wherever a public key is read: under such a key a signature made by anybody holds for many messages.
 */

import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { type Brand, concatBytes, fromBase64, fromHex, type SecureRandom, toBase64, toHex } from "@dure/kernel";

/** 32 bytes, the seed of RFC 8032 section 5.1.5. */
export type SigningPrivateKey = Brand<Uint8Array, "SigningPrivateKey">;

export interface SigningKeyPair {
  /** Raw Ed25519 public key, base64url. */
  readonly publicKey: string;
  readonly privateKey: SigningPrivateKey;
}

export interface SignedMessage {
  /** Raw Ed25519 public key, base64url. */
  readonly publicKey: string;
  readonly message: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** RFC 8410, section 7: what stands before the raw key in PKCS #8 and in SubjectPublicKeyInfo. */
const PRIVATE_PREFIX = fromHex("302e020100300506032b657004220420");
const PUBLIC_PREFIX = fromHex("302a300506032b6570032100");

/** Every encoding, canonical or not, of a point whose order divides 8; the last byte without its sign bit. */
const SMALL_ORDER_POINTS: ReadonlySet<string> = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

export function createSigningKey(random: SecureRandom): SigningKeyPair {
  return signingKeyPair(random.bytes(KEY_BYTES));
}

/** The pair of a stored seed. Throws a RangeError unless it is 32 bytes. */
export function signingKeyPair(seed: Uint8Array): SigningKeyPair {
  const privateKey = parseSigningPrivateKey(seed);
  const spki = createPublicKey(privateKeyObject(privateKey)).export({ type: "spki", format: "der" });
  return { publicKey: toBase64(spki.subarray(PUBLIC_PREFIX.byteLength)), privateKey };
}

export function parseSigningPrivateKey(seed: Uint8Array): SigningPrivateKey {
  if (seed.byteLength !== KEY_BYTES) throw new RangeError(`an Ed25519 private key is 32 bytes, not ${seed.byteLength}`);
  return seed as SigningPrivateKey; // its length, the only thing a seed must have, was checked just above
}

/** Why a text is not a usable Ed25519 public key; undefined where it is one. */
export function signingKeyFlaw(publicKey: string): "malformed" | "small-order" | undefined {
  if (!/^[A-Za-z0-9_-]{43}$/.test(publicKey)) return "malformed";
  const raw = fromBase64(publicKey);
  if (raw.byteLength !== KEY_BYTES || toBase64(raw) !== publicKey) return "malformed";
  const unsigned = raw.slice();
  unsigned[KEY_BYTES - 1] = (unsigned[KEY_BYTES - 1] ?? 0) & 0x7f;
  return SMALL_ORDER_POINTS.has(toHex(unsigned)) ? "small-order" : undefined;
}

/** 64 bytes; the same key and message always give the same signature. */
export function signMessage(privateKey: SigningPrivateKey, message: Uint8Array): Uint8Array {
  return new Uint8Array(sign(null, message, privateKeyObject(privateKey)));
}

/** False on a malformed key or signature and on a small-order key; never throws. */
export function verifySignature({ publicKey, message, signature }: SignedMessage): boolean {
  if (signature.byteLength !== SIGNATURE_BYTES || signingKeyFlaw(publicKey) !== undefined) return false;
  try {
    return verify(null, message, publicKeyObject(publicKey), signature);
  } catch {
    return false; // a text that decodes to no point of the curve
  }
}

/** A signer that prepares its key once, for the messages of a round. */
export function createSigner(
  siteId: string,
  privateKey: SigningPrivateKey,
): { readonly siteId: string; sign(message: Uint8Array): Uint8Array } {
  const key = privateKeyObject(privateKey);
  return { siteId, sign: (message) => new Uint8Array(sign(null, message, key)) };
}

const privateKeyObject = (seed: SigningPrivateKey): KeyObject =>
  createPrivateKey({ key: Buffer.from(concatBytes(PRIVATE_PREFIX, seed)), format: "der", type: "pkcs8" });

const publicKeyObject = (publicKey: string): KeyObject =>
  createPublicKey({ key: Buffer.from(concatBytes(PUBLIC_PREFIX, fromBase64(publicKey))), format: "der", type: "spki" });
