/**
 * The coordinator's side: adds masked vectors as they arrive, and opens the sum once the survivors have shown their shares.
 *
 * Memory is that of one vector, whatever the number of sites. Nothing here is secret before `openSum`, and after it only the sum,
 * the survivors' self-mask seeds and the mask keys of those that vanished are known.
 */

import { bytesEqual } from "@dure/kernel";
import { addRingInto } from "@dure/numerics/kernels";
import { encodedByteLength, ringSegments } from "../encoding/encode.ts";
import { checkKeyList, hashKeyList } from "./announcement.ts";
import { commitSelfSecret, type ShareKind, unpackShown } from "./commitments.ts";
import { checkContext, hashContext, inMemberOrder, memberIndex } from "./context.ts";
import { x25519Agreement, x25519PublicKey } from "./curves.ts";
import { bindKeys, type KeyBinding } from "./key-schedule.ts";
import { applyMasksInto, type MaskStream, pairMaskKey, pairOperation, selfMaskKey } from "./masks.ts";
import type { AttemptContext, KeyAnnouncement, MaskedVector, UnmaskShare } from "./messages.ts";
import { SecureSumRefusal } from "./refusal.ts";
import { rebuildSecret, type ShareAt } from "./shamir.ts";
import { checkSurvivors } from "./survivors.ts";
import { secureSumThreshold } from "./threshold.ts";

/** Grows in place until it is opened. */
export interface MaskedSum {
  readonly context: AttemptContext;
  readonly bytes: Uint8Array;
  /** Sites whose vectors are in it. */
  readonly siteIds: Set<string>;
  phase: "collecting" | "opened";
}

export interface Opening {
  readonly context: AttemptContext;
  /** The list that the sites were given. */
  readonly announcements: readonly KeyAnnouncement[];
  /** The sites whose shares were passed on; the survivors among them. */
  readonly sharers: readonly string[];
  readonly survivors: readonly string[];
  readonly accumulator: MaskedSum;
  readonly unmaskShares: readonly UnmaskShare[];
}

export function startMaskedSum(context: AttemptContext): MaskedSum {
  checkContext(context);
  return { context, bytes: new Uint8Array(encodedByteLength(context.layout)), siteIds: new Set(), phase: "collecting" };
}

/** Adds one site's vector, in place. Refuses strangers, second vectors, another length, and whatever comes after the opening. */
export function addMasked(accumulator: MaskedSum, masked: MaskedVector): void {
  const { context, bytes, siteIds } = accumulator;
  if (accumulator.phase === "opened") throw new SecureSumRefusal("sum-already-opened", masked.siteId);
  memberIndex(context, masked.siteId);
  if (siteIds.has(masked.siteId)) throw new SecureSumRefusal("duplicate-vector", masked.siteId);
  if (masked.bytes.byteLength !== bytes.byteLength) throw new SecureSumRefusal("wrong-vector-length", masked.siteId);
  for (const { byteOffset, byteLength, bits } of ringSegments(context.layout)) {
    const end = byteOffset + byteLength;
    addRingInto(bytes.subarray(byteOffset, end), masked.bytes.subarray(byteOffset, end), bits);
  }
  siteIds.add(masked.siteId);
}

/**
 * Rebuilds the survivors' self-mask seeds and the mask keys of those that vanished, checks each, and takes their masks off the sum.
 *
 * @returns the encoded sum over the survivors, for `decodeSum`
 * Fails: SecureSumRefusal; `unmask-share-mismatch` names who gave a wrong share, `self-seed-mismatch` and `mask-key-mismatch` who dealt
 * wrong shares, `too-few-unmask-shares` whose secret lacks shares. The accumulator stays as it was.
 */
export function openSum(opening: Opening): Uint8Array {
  const { context, accumulator } = opening;
  if (accumulator.phase === "opened") throw new SecureSumRefusal("sum-already-opened");
  const survivors = checkSurvivors(context, opening.survivors);
  if (survivors.length !== accumulator.siteIds.size || survivors.some((siteId) => !accumulator.siteIds.has(siteId))) {
    throw new SecureSumRefusal("survivors-differ-from-sum");
  }
  const sharers = inMemberOrder(context, opening.sharers);
  const list = checkKeyList(context, opening.announcements);
  for (const survivor of survivors) if (!sharers.includes(survivor)) throw new SecureSumRefusal("survivor-not-a-sharer", survivor);
  const parties: Parties = {
    binding: bindKeys(context, hashKeyList(list)),
    contextHash: hashContext(context),
    survivors,
    announcements: new Map(
      list.filter(({ siteId }) => sharers.includes(siteId)).map((announcement) => [announcement.siteId, announcement]),
    ),
  };
  const shown = sortShares(parties, opening.unmaskShares);
  const bytes = Uint8Array.from(accumulator.bytes);
  for (const sharer of sharers) applyMasksInto(bytes, context, masksAbout(parties, sharer, shown));
  accumulator.phase = "opened";
  return bytes;
}

interface Parties {
  readonly binding: KeyBinding;
  readonly contextHash: Uint8Array;
  readonly survivors: readonly string[];
  /** Of the sharers. */
  readonly announcements: ReadonlyMap<string, KeyAnnouncement>;
}

/** Checked shares by the site that they are about. */
type ShownShares = ReadonlyMap<string, readonly ShareAt[]>;

function sortShares(parties: Parties, unmaskShares: readonly UnmaskShare[]): ShownShares {
  const shown = new Map<string, ShareAt[]>();
  for (const unmaskShare of unmaskShares) {
    const { from, about } = unmaskShare;
    const x = memberIndex(parties.binding.context, from) + 1;
    const shares = shown.get(about) ?? [];
    if (shares.some((share) => share.x === x)) throw new SecureSumRefusal("duplicate-unmask-share", from);
    shown.set(about, [...shares, { x, share: checkShown(parties, unmaskShare, x - 1) }]);
  }
  return shown;
}

function checkShown(
  { survivors, announcements, contextHash }: Parties,
  { from, about, kind, share }: UnmaskShare,
  holderIndex: number,
): Uint8Array {
  const due: ShareKind = survivors.includes(about) ? "self" : "mask";
  if (kind !== due) throw new SecureSumRefusal("wrong-share-kind", from);
  const commitment = announcements.get(about)?.shareCommitments[holderIndex];
  const opened = unpackShown({ contextHash, from: about, to: from }, kind, share);
  const matches = survivors.includes(from) && commitment !== undefined && opened !== undefined && bytesEqual(opened.commitment, commitment);
  if (!matches) throw new SecureSumRefusal("unmask-share-mismatch", from);
  return opened.share;
}

/** What is to come off the sum because of this sharer. */
function masksAbout(parties: Parties, sharer: string, shown: ShownShares): MaskStream[] {
  const { binding, survivors, announcements } = parties;
  const announcement = announcements.get(sharer);
  if (announcement === undefined) throw new SecureSumRefusal("survivor-not-a-sharer", sharer);
  const threshold = secureSumThreshold(binding.context.members.length);
  const shares = (shown.get(sharer) ?? []).slice(0, threshold);
  if (shares.length < threshold) throw new SecureSumRefusal("too-few-unmask-shares", sharer);
  const secret = rebuildSecret(shares);
  return survivors.includes(sharer) ? [ownMask(parties, announcement, secret)] : danglingMasks(parties, announcement, secret);
}

function ownMask({ binding, contextHash }: Parties, { siteId, selfSeedCommitment }: KeyAnnouncement, selfSecret: Uint8Array): MaskStream {
  if (!bytesEqual(commitSelfSecret(contextHash, siteId, selfSecret), selfSeedCommitment))
    throw new SecureSumRefusal("self-seed-mismatch", siteId);
  return { key: selfMaskKey(binding, siteId, selfSecret), operation: "subtract" };
}

/** The pair masks that survivors added or subtracted for a site that never sent its vector: done here the other way round. */
function danglingMasks(parties: Parties, vanished: KeyAnnouncement, maskPrivateKey: Uint8Array): MaskStream[] {
  if (!bytesEqual(x25519PublicKey(maskPrivateKey), vanished.maskPublicKey))
    throw new SecureSumRefusal("mask-key-mismatch", vanished.siteId);
  const { binding, survivors, announcements } = parties;
  const agree = x25519Agreement(maskPrivateKey);
  return survivors.map((survivor) => {
    const peer = announcements.get(survivor);
    if (peer === undefined) throw new SecureSumRefusal("survivor-not-a-sharer", survivor);
    const key = pairMaskKey(binding, { siteId: vanished.siteId, agree }, peer);
    return { key, operation: pairOperation(binding.context, survivor, vanished.siteId) === "add" ? "subtract" : "add" };
  });
}
