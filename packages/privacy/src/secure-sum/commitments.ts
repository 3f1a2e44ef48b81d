/**
 * Salted SHA-256 commitments to the self-mask seed and to the dealt shares, and the byte forms in which shares travel.
 *
 * A member holds two shares of every peer and may ever show one of them. The commitment to both is therefore the hash of two leaves, each
 * over its own salt and share: whoever shows one share adds its salt and the *other leaf*, which checks against the commitment and says
 * nothing about the other share. So a wrong share names the member that gave it, and a wrong secret the member that dealt it.
 */

import { concatBytes, sha256Bytes, transcript } from "@dure/kernel";
import { KEY_BYTES, PROTOCOL_VERSION } from "./context.ts";

export const SALT_BYTES = 32;
export const HASH_BYTES = 32;

/** The self-mask seed b and the salt of its commitment are shared as one secret, so that whoever rebuilds b can check it. */
export const SELF_SECRET_BYTES = KEY_BYTES + SALT_BYTES;
const SHARE_BYTES = { self: SELF_SECRET_BYTES, mask: KEY_BYTES } as const;

export type ShareKind = "self" | "mask";

export interface SaltedShare {
  readonly salt: Uint8Array;
  readonly share: Uint8Array;
}

/** What one member holds of another: a share of its self-mask secret and one of its mask key. */
export interface ShareCouple {
  readonly self: SaltedShare;
  readonly mask: SaltedShare;
}

/** Whose share for whom, in which attempt. */
export interface ShareRoute {
  readonly contextHash: Uint8Array;
  readonly from: string;
  readonly to: string;
}

export function commitSelfSecret(contextHash: Uint8Array, siteId: string, selfSecret: Uint8Array): Uint8Array {
  return sha256Bytes(transcript(PROTOCOL_VERSION, "self-seed commitment", contextHash, siteId, selfSecret));
}

export function commitShares(route: ShareRoute, couple: ShareCouple): Uint8Array {
  return joinLeaves(shareLeaf(route, "self", couple.self), shareLeaf(route, "mask", couple.mask));
}

/** self salt ‖ self share ‖ mask salt ‖ mask share: 160 bytes, whatever the round. */
export const packCouple = ({ self, mask }: ShareCouple): Uint8Array => concatBytes(self.salt, self.share, mask.salt, mask.share);

/** Undefined when the length is not that of a couple. */
export function unpackCouple(bytes: Uint8Array): ShareCouple | undefined {
  const selfEnd = SALT_BYTES + SHARE_BYTES.self;
  if (bytes.byteLength !== selfEnd + SALT_BYTES + SHARE_BYTES.mask) return undefined;
  return {
    self: { salt: bytes.slice(0, SALT_BYTES), share: bytes.slice(SALT_BYTES, selfEnd) },
    mask: { salt: bytes.slice(selfEnd, selfEnd + SALT_BYTES), share: bytes.slice(selfEnd + SALT_BYTES) },
  };
}

/** salt ‖ share ‖ the other leaf: what the coordinator gets of the one share that may be shown. */
export function packShown(route: ShareRoute, couple: ShareCouple, kind: ShareKind): Uint8Array {
  const other = kind === "self" ? "mask" : "self";
  return concatBytes(couple[kind].salt, couple[kind].share, shareLeaf(route, other, couple[other]));
}

/** The share and the commitment that it belongs to; undefined when the length is wrong. */
export function unpackShown(
  route: ShareRoute,
  kind: ShareKind,
  bytes: Uint8Array,
): { readonly share: Uint8Array; readonly commitment: Uint8Array } | undefined {
  const shareEnd = SALT_BYTES + SHARE_BYTES[kind];
  if (bytes.byteLength !== shareEnd + HASH_BYTES) return undefined;
  const share = bytes.slice(SALT_BYTES, shareEnd);
  const leaf = shareLeaf(route, kind, { salt: bytes.subarray(0, SALT_BYTES), share });
  const otherLeaf = bytes.subarray(shareEnd);
  return { share, commitment: kind === "self" ? joinLeaves(leaf, otherLeaf) : joinLeaves(otherLeaf, leaf) };
}

function shareLeaf({ contextHash, from, to }: ShareRoute, kind: ShareKind, { salt, share }: SaltedShare): Uint8Array {
  return sha256Bytes(transcript(PROTOCOL_VERSION, "share leaf", kind, contextHash, from, to, salt, share));
}

const joinLeaves = (self: Uint8Array, mask: Uint8Array): Uint8Array =>
  sha256Bytes(transcript(PROTOCOL_VERSION, "share commitment", self, mask));
