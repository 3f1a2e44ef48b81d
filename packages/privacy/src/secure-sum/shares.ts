/** Step 2, shares: each member's two shares travel to it sealed, through the coordinator, who cannot read them. */

import { createCipheriv, createDecipheriv } from "node:crypto";
import { bytesEqual, concatBytes } from "@dure/kernel";
import { announcementsEqual, checkKeyList, coupleAt, hashKeyList } from "./announcement.ts";
import { commitShares, packCouple, type ShareCouple, unpackCouple } from "./commitments.ts";
import { memberIndex } from "./context.ts";
import { type Agreement, x25519Agreement } from "./curves.ts";
import { bindKeys, deriveKey, type KeyBinding } from "./key-schedule.ts";
import type { AttemptContext, KeyAnnouncement, SealedShare } from "./messages.ts";
import { SecureSumRefusal } from "./refusal.ts";
import { advance, eraseCouple, expectPhase, type SealedSecrets, type SiteSecrets } from "./secrets.ts";

const TAG_BYTES = 16;
/** A seal key seals one box only (its info names the attempt, the key list and the direction), so the nonce may be constant. */
const NONCE = new Uint8Array(12);

/**
 * Accepts the coordinator's list of keys, and seals this site's shares to every other site in it.
 *
 * Fails: SecureSumRefusal where a signature does not hold, this site's own keys are missing or altered, a site or a key stands twice,
 * a key is weak, or the list is shorter than max(t, minimumSites).
 */
export function sealShares(
  context: AttemptContext,
  secrets: SiteSecrets,
  announcements: readonly KeyAnnouncement[],
): { readonly secrets: SealedSecrets; readonly shares: readonly SealedShare[] } {
  const announced = expectPhase(context, secrets, "announced");
  const { siteId, dealt } = announced;
  const list = checkKeyList(context, announcements);
  const mine = list.find((announcement) => announcement.siteId === siteId);
  if (mine === undefined || !announcementsEqual(mine, announced.announcement))
    throw new SecureSumRefusal("own-announcement-altered", siteId);
  const keyListHash = hashKeyList(list);
  const binding = bindKeys(context, keyListHash);
  const agree = x25519Agreement(announced.keys.sealPrivateKey);
  const shares = list
    .filter((peer) => peer.siteId !== siteId)
    .map((peer) => {
      const key = sealKey(binding, agree, { peer, pair: [siteId, peer.siteId] });
      return { from: siteId, to: peer.siteId, box: seal(key, coupleAt(dealt, memberIndex(context, peer.siteId))) };
    });
  const ownIndex = memberIndex(context, siteId);
  for (const [index, couple] of dealt.entries()) if (index !== ownIndex) eraseCouple(couple);
  const { keys, signer } = announced;
  return {
    secrets: { ...advance(announced, "shares-sealed"), keys, signer, announcements: list, keyListHash, own: coupleAt(dealt, ownIndex) },
    shares,
  };
}

/**
 * Opens the shares that peers sealed to this site and checks each against its dealer's signed commitment.
 *
 * @returns by dealer
 * Fails: SecureSumRefusal naming the dealer.
 */
export function openShares(
  context: AttemptContext,
  secrets: SealedSecrets,
  sharesForMe: readonly SealedShare[],
): ReadonlyMap<string, ShareCouple> {
  const binding = bindKeys(context, secrets.keyListHash);
  const agree = x25519Agreement(secrets.keys.sealPrivateKey);
  const opened = new Map<string, ShareCouple>();
  for (const { from, to, box } of sharesForMe) {
    const peer = secrets.announcements.find((announcement) => announcement.siteId === from);
    if (to !== secrets.siteId || from === secrets.siteId || peer === undefined) throw new SecureSumRefusal("share-not-for-me", from);
    if (opened.has(from)) throw new SecureSumRefusal("duplicate-share", from);
    const couple = unseal(sealKey(binding, agree, { peer, pair: [from, to] }), box);
    if (couple === undefined) throw new SecureSumRefusal("share-unreadable", from);
    const commitment = peer.shareCommitments[memberIndex(context, to)];
    if (commitment === undefined || !bytesEqual(commitShares({ contextHash: secrets.contextHash, from, to }, couple), commitment)) {
      throw new SecureSumRefusal("share-commitment-mismatch", from);
    }
    opened.set(from, couple);
  }
  return opened;
}

function sealKey(
  binding: KeyBinding,
  agree: Agreement,
  use: { readonly peer: KeyAnnouncement; readonly pair: readonly [string, string] },
): Uint8Array {
  const secret = agree(use.peer.sealPublicKey);
  if (secret === undefined) throw new SecureSumRefusal("weak-key", use.peer.siteId);
  const key = deriveKey(binding, secret, { purpose: "seal", pair: use.pair });
  secret.fill(0);
  return key;
}

/** AES-256-GCM (NIST SP 800-38D): ciphertext ‖ tag. Uses up the key. */
function seal(key: Uint8Array, couple: ShareCouple): Uint8Array {
  const plain = packCouple(couple);
  const cipher = createCipheriv("aes-256-gcm", key, NONCE);
  const box = concatBytes(cipher.update(plain), cipher.final(), cipher.getAuthTag());
  plain.fill(0);
  key.fill(0);
  return box;
}

/** Undefined when the tag or the length is wrong. Uses up the key. */
function unseal(key: Uint8Array, box: Uint8Array): ShareCouple | undefined {
  if (box.byteLength < TAG_BYTES) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", key, NONCE, { authTagLength: TAG_BYTES });
  key.fill(0);
  decipher.setAuthTag(box.subarray(-TAG_BYTES));
  try {
    const plain = concatBytes(decipher.update(box.subarray(0, -TAG_BYTES)), decipher.final());
    const couple = unpackCouple(plain);
    plain.fill(0);
    return couple;
  } catch {
    return undefined; // a wrong tag: final() throws
  }
}
