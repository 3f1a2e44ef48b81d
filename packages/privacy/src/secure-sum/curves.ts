/**
 * X25519 (RFC 7748) and Ed25519 (RFC 8032) on raw 32-byte keys.
 *
 * node:crypto takes keys in DER only; for these curves the DER form is a fixed prefix before the raw key (RFC 8410). The KeyObjects hold
 * copies of private keys that JavaScript cannot zero-fill; they are dropped at once and never stored.
 */

import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject, verify } from "node:crypto";
import { concatBytes, fromHex, toHex } from "@dure/kernel";

const X25519_PRIVATE_PREFIX = fromHex("302e020100300506032b656e04220420");
const X25519_PUBLIC_PREFIX = fromHex("302a300506032b656e032100");
const ED25519_PUBLIC_PREFIX = fromHex("302a300506032b6570032100");

export function x25519PublicKey(privateKey: Uint8Array): Uint8Array {
  const spki = createPublicKey(x25519PrivateObject(privateKey)).export({ format: "der", type: "spki" });
  return new Uint8Array(spki.subarray(X25519_PUBLIC_PREFIX.byteLength));
}

/** Of one private key with each of many peers: node:crypto derives the public half whenever it takes a private key in. */
export type Agreement = (peerPublicKey: Uint8Array) => Uint8Array | undefined;

/** Gives the shared secret, 32 bytes; undefined where the peer's key has small order and the secret would be all zero (RFC 7748 section 6.1). */
export function x25519Agreement(privateKey: Uint8Array): Agreement {
  const own = x25519PrivateObject(privateKey);
  return (peerPublicKey) => {
    try {
      return new Uint8Array(diffieHellman({ privateKey: own, publicKey: publicObject(X25519_PUBLIC_PREFIX, peerPublicKey) }));
    } catch {
      return undefined; // OpenSSL refuses the all-zero secret; lengths were checked with the announcement
    }
  };
}

export function verifyEd25519(message: Uint8Array, key: { readonly publicKey: Uint8Array; readonly signature: Uint8Array }): boolean {
  return verify(null, message, identityObject(key.publicKey), key.signature);
}

/** The same few hospitals sign in every round; taking a key in costs more than verifying with it. Public keys only. */
const identityObjects = new Map<string, KeyObject>();
const IDENTITY_OBJECTS_MAX = 1_000;

function identityObject(publicKey: Uint8Array): KeyObject {
  const name = toHex(publicKey);
  const known = identityObjects.get(name);
  if (known !== undefined) return known;
  const object = publicObject(ED25519_PUBLIC_PREFIX, publicKey);
  if (identityObjects.size >= IDENTITY_OBJECTS_MAX) identityObjects.clear();
  identityObjects.set(name, object);
  return object;
}

function x25519PrivateObject(raw: Uint8Array): KeyObject {
  const der = concatBytes(X25519_PRIVATE_PREFIX, raw);
  const object = createPrivateKey({ key: Buffer.from(der.buffer), format: "der", type: "pkcs8" });
  der.fill(0);
  return object;
}

const publicObject = (prefix: Uint8Array, raw: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.from(concatBytes(prefix, raw)), format: "der", type: "spki" });
