/**
 * Sealed boxes: what is meant for some hospitals alone travels through the coordinator, which cannot read it.
 *
 * A content secret is drawn for each box and wrapped once a recipient:
 *   wrapping key  = HKDF-SHA256(X25519(ephemeral, recipient), salt = ephemeral ‖ recipient, info = "dure seal 1", "wrap", H(context))
 *   content key   = HKDF-SHA256(content secret, info = "dure seal 1", "content", H(context))
 *   commitment    = HKDF-SHA256(content secret, info = "dure seal 1", "commitment", H(context))
 * AES-256-GCM alone commits to no key: a dishonest sender could make one ciphertext that two recipients read differently. Each
 * recipient therefore checks the commitment in the header, and the header is authenticated with the content. A wrapping key and a
 * content key are used for one message only, so the nonce is constant.
 *
 * The box hides neither its length nor its recipients, and says nothing about its sender: who sent it is proven by the signature of
 * the message that carries it.
 *
 * Source: RFC 7748 (X25519), RFC 5869 (HKDF), NIST SP 800-38D (GCM); the shape follows RFC 9180, base mode.
 */

import { createCipheriv, createDecipheriv, createPrivateKey, createPublicKey, diffieHellman, hkdfSync, type KeyObject } from "node:crypto";
import {
  type Brand,
  bytesEqual,
  concatBytes,
  fromBase64,
  fromHex,
  type SecureRandom,
  sha256Bytes,
  toBase64,
  transcript,
} from "@dure/kernel";

/** 32 bytes, the scalar of RFC 7748 section 5. */
export type SealPrivateKey = Brand<Uint8Array, "SealPrivateKey">;

export interface SealKeyPair {
  /** Raw X25519 public key, base64url. */
  readonly publicKey: string;
  readonly privateKey: SealPrivateKey;
}

export interface SealRequest {
  /** Raw X25519 public keys, base64url; 1 to 1000, each once. */
  readonly recipients: readonly string[];
  readonly plaintext: Uint8Array;
  /** What the box is for, such as the run and the kind of content: a box does not open in another context. */
  readonly context: Uint8Array;
  readonly random: SecureRandom;
}

/**
 * not-a-recipient: the box was sealed to other keys. altered: it, or the context, is not what was sealed.
 * malformed: it is no box of this version.
 */
export type OpenRefusal = "not-a-recipient" | "altered" | "malformed";

export type Opened = { readonly kind: "opened"; readonly plaintext: Uint8Array } | { readonly kind: "refused"; readonly code: OpenRefusal };

const VERSION = 1;
const KEY_BYTES = 32;
const TAG_BYTES = 16;
const WRAPPED_BYTES = KEY_BYTES + TAG_BYTES;
/** Version (1), recipient count (2), ephemeral public key, commitment; then one (public key, wrapped secret) a recipient. */
const FIXED_HEADER_BYTES = 3 + 2 * KEY_BYTES;
const RECIPIENT_BYTES = KEY_BYTES + WRAPPED_BYTES;
const RECIPIENT_COUNT_MAX = 1000;
const NONCE = new Uint8Array(12);

/** RFC 8410, section 7. */
const PRIVATE_PREFIX = fromHex("302e020100300506032b656e04220420");
const PUBLIC_PREFIX = fromHex("302a300506032b656e032100");

export function createSealKey(random: SecureRandom): SealKeyPair {
  return sealKeyPair(random.bytes(KEY_BYTES));
}

/** The pair of a stored scalar. Throws a RangeError unless it is 32 bytes. */
export function sealKeyPair(scalar: Uint8Array): SealKeyPair {
  const privateKey = parseSealPrivateKey(scalar);
  return { publicKey: toBase64(publicKeyOf(privateKey)), privateKey };
}

export function parseSealPrivateKey(scalar: Uint8Array): SealPrivateKey {
  if (scalar.byteLength !== KEY_BYTES) throw new RangeError(`an X25519 private key is 32 bytes, not ${scalar.byteLength}`);
  return scalar as SealPrivateKey; // every 32 bytes are a scalar after clamping
}

/** False unless the text is 32 bytes that agree on a secret: the points of small order, which give zero, are refused. */
export function isSealPublicKey(publicKey: string): boolean {
  if (!/^[A-Za-z0-9_-]{43}$/.test(publicKey)) return false;
  const raw = fromBase64(publicKey);
  return toBase64(raw) === publicKey && agree(PROBE, raw) !== undefined;
}

/**
 * Seals `plaintext` so that each recipient, and nobody else, opens it.
 *
 * @returns the box: 67 bytes, 80 a recipient, the plaintext's length and 16.
 * Fails: RangeError on no recipient, more than 1000, one named twice, or one that is no X25519 public key.
 * Numerics: O(recipients + plaintext).
 */
export function sealTo({ recipients, plaintext, context, random }: SealRequest): Uint8Array {
  assertRecipients(recipients);
  const ephemeral = parseSealPrivateKey(random.bytes(KEY_BYTES));
  const ephemeralPublic = publicKeyOf(ephemeral);
  const secret = random.bytes(KEY_BYTES);
  const wrapped = recipients.map((recipient) => {
    const key = fromBase64(recipient);
    const shared = agree(ephemeral, key);
    if (shared === undefined) throw new RangeError("a recipient's seal key is not a usable X25519 public key");
    return concatBytes(key, encrypt(wrappingKey({ shared, ephemeral: ephemeralPublic, recipient: key, context }), secret, context));
  });
  const count = Uint8Array.of(recipients.length >> 8, recipients.length & 0xff);
  const header = concatBytes(Uint8Array.of(VERSION), count, ephemeralPublic, derive(secret, "commitment", context), ...wrapped);
  return concatBytes(header, encrypt(derive(secret, "content", context), plaintext, header));
}

/** Opens a box with one recipient's private key. Never throws: a refusal says why, and nothing about the content. */
export function openSealed(privateKey: SealPrivateKey, box: Uint8Array, context: Uint8Array): Opened {
  const parts = readBox(box);
  if (parts === undefined) return { kind: "refused", code: "malformed" };
  const own = publicKeyOf(privateKey);
  const wrapped = parts.wrapped.find(({ recipient }) => bytesEqual(recipient, own))?.secret;
  if (wrapped === undefined) return { kind: "refused", code: "not-a-recipient" };
  const shared = agree(privateKey, parts.ephemeral);
  if (shared === undefined) return { kind: "refused", code: "malformed" };
  const secret = decrypt(wrappingKey({ shared, ephemeral: parts.ephemeral, recipient: own, context }), wrapped, context);
  if (secret === undefined || !bytesEqual(derive(secret, "commitment", context), parts.commitment))
    return { kind: "refused", code: "altered" };
  const plaintext = decrypt(derive(secret, "content", context), parts.content, parts.header);
  return plaintext === undefined ? { kind: "refused", code: "altered" } : { kind: "opened", plaintext };
}

/** X25519 (RFC 7748, section 6.1); undefined where the other key has small order and the secret would be zero. */
export function agree(privateKey: SealPrivateKey, publicKey: Uint8Array): Uint8Array | undefined {
  try {
    return new Uint8Array(diffieHellman({ privateKey: privateKeyObject(privateKey), publicKey: publicKeyObject(publicKey) }));
  } catch {
    return undefined; // OpenSSL refuses to derive from a point of small order
  }
}

interface Box {
  readonly ephemeral: Uint8Array;
  readonly commitment: Uint8Array;
  readonly wrapped: readonly { readonly recipient: Uint8Array; readonly secret: Uint8Array }[];
  readonly header: Uint8Array;
  readonly content: Uint8Array;
}

function readBox(box: Uint8Array): Box | undefined {
  const count = ((box[1] ?? 0) << 8) | (box[2] ?? 0);
  const headerBytes = FIXED_HEADER_BYTES + count * RECIPIENT_BYTES;
  if (box[0] !== VERSION || count < 1 || count > RECIPIENT_COUNT_MAX || box.byteLength < headerBytes + TAG_BYTES) return undefined;
  const wrapped = Array.from({ length: count }, (_, index) => {
    const start = FIXED_HEADER_BYTES + index * RECIPIENT_BYTES;
    return { recipient: box.subarray(start, start + KEY_BYTES), secret: box.subarray(start + KEY_BYTES, start + RECIPIENT_BYTES) };
  });
  return {
    ephemeral: box.subarray(3, 3 + KEY_BYTES),
    commitment: box.subarray(3 + KEY_BYTES, FIXED_HEADER_BYTES),
    wrapped,
    header: box.subarray(0, headerBytes),
    content: box.subarray(headerBytes),
  };
}

function assertRecipients(recipients: readonly string[]): void {
  if (recipients.length < 1 || recipients.length > RECIPIENT_COUNT_MAX) {
    throw new RangeError(`${recipients.length} recipients; a box has 1 to ${RECIPIENT_COUNT_MAX}`);
  }
  if (new Set(recipients).size !== recipients.length) throw new RangeError("a recipient is named twice");
  if (!recipients.every(isSealPublicKey)) throw new RangeError("a recipient's seal key is not a usable X25519 public key");
}

interface Wrapping {
  readonly shared: Uint8Array;
  readonly ephemeral: Uint8Array;
  readonly recipient: Uint8Array;
  readonly context: Uint8Array;
}

function wrappingKey({ shared, ephemeral, recipient, context }: Wrapping): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", shared, concatBytes(ephemeral, recipient), sealInfo("wrap", context), KEY_BYTES));
}

function derive(secret: Uint8Array, purpose: "content" | "commitment", context: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(), sealInfo(purpose, context), KEY_BYTES));
}

/** The context enters by its hash: OpenSSL takes at most 1024 bytes of info. */
const sealInfo = (purpose: "wrap" | "content" | "commitment", context: Uint8Array): Uint8Array =>
  transcript("dure seal 1", purpose, sha256Bytes(context));

/** A fixed scalar that only asks whether a public key agrees on anything. */
const PROBE = parseSealPrivateKey(new Uint8Array(KEY_BYTES).fill(1));

function encrypt(key: Uint8Array, plaintext: Uint8Array, authenticated: Uint8Array): Uint8Array {
  const cipher = createCipheriv("aes-256-gcm", key, NONCE);
  cipher.setAAD(authenticated);
  return concatBytes(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
}

function decrypt(key: Uint8Array, box: Uint8Array, authenticated: Uint8Array): Uint8Array | undefined {
  const decipher = createDecipheriv("aes-256-gcm", key, NONCE, { authTagLength: TAG_BYTES });
  decipher.setAAD(authenticated);
  decipher.setAuthTag(box.subarray(box.byteLength - TAG_BYTES));
  try {
    return concatBytes(decipher.update(box.subarray(0, box.byteLength - TAG_BYTES)), decipher.final());
  } catch {
    return undefined;
  }
}

function publicKeyOf(privateKey: SealPrivateKey): Uint8Array {
  const spki = createPublicKey(privateKeyObject(privateKey)).export({ type: "spki", format: "der" });
  return new Uint8Array(spki.subarray(PUBLIC_PREFIX.byteLength));
}

const privateKeyObject = (scalar: SealPrivateKey): KeyObject =>
  createPrivateKey({ key: Buffer.from(concatBytes(PRIVATE_PREFIX, scalar)), format: "der", type: "pkcs8" });

const publicKeyObject = (raw: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.from(concatBytes(PUBLIC_PREFIX, raw)), format: "der", type: "spki" });
