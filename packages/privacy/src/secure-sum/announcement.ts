/** Step 1, keys: each site draws fresh ones, deals its shares and signs what it will be held to. */

import { bytesEqual, concatBytes, type SecureRandom, sha256Bytes, transcript } from "@dure/kernel";
import { commitSelfSecret, commitShares, HASH_BYTES, SALT_BYTES, SELF_SECRET_BYTES, type ShareCouple } from "./commitments.ts";
import {
  checkContext,
  contextTranscript,
  hashContext,
  KEY_BYTES,
  memberIndex,
  memberOf,
  PROTOCOL_VERSION,
  SIGNATURE_BYTES,
  shortestListOf,
} from "./context.ts";
import { verifyEd25519, x25519PublicKey } from "./curves.ts";
import type { AttemptContext, KeyAnnouncement, SiteSigner } from "./messages.ts";
import { SecureSumRefusal } from "./refusal.ts";
import type { AnnouncedSecrets, PrivateKeys } from "./secrets.ts";
import { splitSecret } from "./shamir.ts";
import { secureSumThreshold } from "./threshold.ts";

/**
 * Two independent X25519 pairs and a self-mask seed, new in every attempt, with commitments to the seed and to every share of it.
 *
 * Fails: SecureSumRefusal where the attempt itself is not acceptable (see `checkContext`) or this site is no member.
 * Disclosure: the announcement says nothing about the vector; the secrets stay in this process's memory.
 */
export function announceKeys(
  context: AttemptContext,
  signer: SiteSigner,
  random: SecureRandom,
): { readonly secrets: AnnouncedSecrets; readonly announcement: KeyAnnouncement } {
  checkContext(context);
  const { siteId } = signer;
  memberIndex(context, siteId);
  const contextHash = hashContext(context);
  const keys: PrivateKeys = {
    sealPrivateKey: random.bytes(KEY_BYTES),
    maskPrivateKey: random.bytes(KEY_BYTES),
    selfSecret: random.bytes(SELF_SECRET_BYTES),
  };
  const dealt = dealShares(context, keys, random);
  const unsigned = {
    siteId,
    sealPublicKey: x25519PublicKey(keys.sealPrivateKey),
    maskPublicKey: x25519PublicKey(keys.maskPrivateKey),
    selfSeedCommitment: commitSelfSecret(contextHash, siteId, keys.selfSecret),
    shareCommitments: context.members.map((member, index) =>
      commitShares({ contextHash, from: siteId, to: member.siteId }, coupleAt(dealt, index)),
    ),
  };
  const announcement = { ...unsigned, signature: signer.sign(announcementTranscript(contextTranscript(context), unsigned)) };
  return {
    secrets: { phase: "announced", siteId, contextHash, life: { phase: "announced" }, signer, keys, announcement, dealt },
    announcement,
  };
}

/** Refuses, by name, an announcement that is malformed or not signed by this member's pinned identity for this very attempt. */
export function verifyAnnouncement(context: AttemptContext, announcement: KeyAnnouncement): void {
  verifyUnder(context, contextTranscript(context), announcement);
}

function verifyUnder(context: AttemptContext, contextBytes: Uint8Array, announcement: KeyAnnouncement): void {
  const { siteId, sealPublicKey, maskPublicKey, selfSeedCommitment, shareCommitments, signature } = announcement;
  const { identityKey } = memberOf(context, siteId);
  const isWellFormed =
    [sealPublicKey, maskPublicKey].every((key) => key.byteLength === KEY_BYTES) &&
    [selfSeedCommitment, ...shareCommitments].every((commitment) => commitment.byteLength === HASH_BYTES) &&
    shareCommitments.length === context.members.length &&
    signature.byteLength === SIGNATURE_BYTES;
  if (!isWellFormed) throw new SecureSumRefusal("malformed-announcement", siteId);
  if (!verifyEd25519(announcementTranscript(contextBytes, announcement), { publicKey: identityKey, signature })) {
    throw new SecureSumRefusal("bad-announcement-signature", siteId);
  }
}

/** Verifies each of the list, that no site and no key stands in it twice, and that it is long enough. Returns it in members' order. */
export function checkKeyList(context: AttemptContext, announcements: readonly KeyAnnouncement[]): readonly KeyAnnouncement[] {
  const seen = new Set<string>();
  const contextBytes = contextTranscript(context);
  for (const announcement of announcements) {
    verifyUnder(context, contextBytes, announcement);
    const marks = [announcement.siteId, announcement.sealPublicKey.join(), announcement.maskPublicKey.join()];
    for (const mark of marks) {
      if (seen.has(mark)) throw new SecureSumRefusal("duplicate-announcement", announcement.siteId);
      seen.add(mark);
    }
  }
  if (announcements.length < shortestListOf(context)) throw new SecureSumRefusal("too-few-announcements");
  return announcements.toSorted((a, b) => memberIndex(context, a.siteId) - memberIndex(context, b.siteId));
}

/** SHA-256 of the signed announcements, in whatever order they come. Every key of the round is bound to it. */
export function hashKeyList(announcements: readonly KeyAnnouncement[]): Uint8Array {
  const sorted = announcements.toSorted((a, b) => (a.siteId < b.siteId ? -1 : a.siteId > b.siteId ? 1 : 0));
  return sha256Bytes(
    transcript(
      PROTOCOL_VERSION,
      "key list",
      ...sorted.map((announcement) => concatBytes(announcedBytes(announcement), announcement.signature)),
    ),
  );
}

export const announcementsEqual = (a: KeyAnnouncement, b: KeyAnnouncement): boolean =>
  bytesEqual(announcedBytes(a), announcedBytes(b)) && bytesEqual(a.signature, b.signature);

/** Of couples in members' order. */
export function coupleAt(couples: readonly ShareCouple[], index: number): ShareCouple {
  const couple = couples[index];
  if (couple === undefined) throw new Error(`broken invariant: no shares for member ${index}`);
  return couple;
}

function dealShares(context: AttemptContext, keys: PrivateKeys, random: SecureRandom): ShareCouple[] {
  const plan = { shareCount: context.members.length, threshold: secureSumThreshold(context.members.length) };
  const salted = (secret: Uint8Array) => splitSecret(secret, plan, random).map((share) => ({ salt: random.bytes(SALT_BYTES), share }));
  const self = salted(keys.selfSecret);
  return salted(keys.maskPrivateKey).map((mask, index) => {
    const own = self[index];
    if (own === undefined) throw new Error(`broken invariant: no self share for member ${index}`);
    return { self: own, mask };
  });
}

type Unsigned = Omit<KeyAnnouncement, "signature">;

/** What the signature of an announcement covers. */
export const announcementTranscript = (contextBytes: Uint8Array, announcement: Unsigned): Uint8Array =>
  transcript(PROTOCOL_VERSION, "announcement", contextBytes, announcedBytes(announcement));

const announcedBytes = ({ siteId, sealPublicKey, maskPublicKey, selfSeedCommitment, shareCommitments }: Unsigned): Uint8Array =>
  transcript(siteId, sealPublicKey, maskPublicKey, selfSeedCommitment, shareCommitments.length, ...shareCommitments);
