/** Step 3, contribution: the encoded vector leaves under one mask a pair and a mask of the site's own. */

import { encodedByteLength } from "../encoding/encode.ts";
import { Releasable, release } from "../gate/releasable.ts";
import type { ShareCouple } from "./commitments.ts";
import { inMemberOrder, shortestListOf } from "./context.ts";
import { x25519Agreement } from "./curves.ts";
import { bindKeys } from "./key-schedule.ts";
import { applyMasksInto, type MaskStream, pairMaskKey, pairOperation, selfMaskKey } from "./masks.ts";
import type { AttemptContext, MaskedVector, SealedShare } from "./messages.ts";
import { SecureSumRefusal } from "./refusal.ts";
import { advance, eraseKeys, expectPhase, type MaskedSecrets, type SealedSecrets, type SiteSecrets } from "./secrets.ts";
import { openShares } from "./shares.ts";

/**
 * Opens and checks the peers' shares, then masks. The sharers of this attempt are the sites whose shares arrived here, and this site.
 * The private keys and the seed are erased: from here on only shares of them exist.
 *
 * @param encoded as the gate released it: of the attempt's layout, for context.members.length sites; left as it is
 * @returns the masked vector as something that may leave; the clear one is of another type, and the wire has no place for it
 * Fails: SecureSumRefusal naming the site whose share does not match its commitment; `too-few-sharers` below max(t, minimumSites).
 * TypeError on a vector that did not pass the gate.
 * Disclosure: alone the masked bytes are uniform. Masking happens once: the same secrets are refused a second time.
 */
export function maskVector(
  context: AttemptContext,
  secrets: SiteSecrets,
  sharesForMe: readonly SealedShare[],
  encoded: Releasable<Uint8Array>,
): { readonly secrets: MaskedSecrets; readonly masked: Releasable<MaskedVector> } {
  if (!Releasable.isReleasable(encoded)) throw new TypeError("only what the gate released is masked");
  const sealed = expectPhase(context, secrets, "shares-sealed");
  if (encoded.value.byteLength !== encodedByteLength(context.layout)) throw new SecureSumRefusal("wrong-vector-length", sealed.siteId);
  const held = new Map<string, ShareCouple>(openShares(context, sealed, sharesForMe)).set(sealed.siteId, sealed.own);
  if (held.size < shortestListOf(context)) throw new SecureSumRefusal("too-few-sharers");
  const sharers = inMemberOrder(context, held.keys());
  const bytes = Uint8Array.from(encoded.value);
  applyMasksInto(bytes, context, masksOf(context, sealed, sharers));
  eraseKeys(sealed.keys);
  const { siteId, signer, keyListHash } = sealed;
  const masked = release({ siteId, bytes }, [...encoded.rules, "masked"]);
  return { secrets: { ...advance(sealed, "masked"), signer, keyListHash, held }, masked };
}

function masksOf(
  context: AttemptContext,
  { siteId, keys, announcements, keyListHash }: SealedSecrets,
  sharers: readonly string[],
): MaskStream[] {
  const binding = bindKeys(context, keyListHash);
  const streams: MaskStream[] = [{ key: selfMaskKey(binding, siteId, keys.selfSecret), operation: "add" }];
  const agree = x25519Agreement(keys.maskPrivateKey);
  for (const peer of announcements) {
    if (peer.siteId === siteId || !sharers.includes(peer.siteId)) continue;
    const key = pairMaskKey(binding, { siteId, agree }, peer);
    streams.push({ key, operation: pairOperation(context, siteId, peer.siteId) });
  }
  return streams;
}
