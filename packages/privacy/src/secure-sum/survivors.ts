/**
 * Steps 4 and 5, survivors and unmasking: the sites agree on one list of those whose vectors are summed, and only then show shares.
 *
 * The coordinator says who vanished, and it may lie: with both shares of a hospital it would have that hospital's vector. So a site signs
 * one list, shows shares only for a list with t signatures, and of each peer shows the self-mask share *or* the mask-key share.
 */

import { type Sha256, sha256, transcript } from "@dure/kernel";
import { packShown } from "./commitments.ts";
import { contextTranscript, inMemberOrder, memberOf, PROTOCOL_VERSION, SIGNATURE_BYTES, shortestListOf } from "./context.ts";
import { verifyEd25519 } from "./curves.ts";
import type { AttemptContext, SurvivorSignature, UnmaskShare } from "./messages.ts";
import { SecureSumRefusal } from "./refusal.ts";
import { advance, eraseCouple, expectPhase, type RevealedSecrets, type SignedSecrets, type SiteSecrets } from "./secrets.ts";
import { secureSumThreshold } from "./threshold.ts";

/** Of the set of sites, whatever its order and attempt: what a site persists for (run, round) before it signs, and compares ever after. */
export function hashSurvivorList(survivors: readonly string[]): Sha256 {
  return sha256(transcript(PROTOCOL_VERSION, "survivor list", ...[...survivors].sort()));
}

/**
 * Signs the list, bound to the attempt and to the signed key list. The caller has persisted `hashSurvivorList` for (run, round) before,
 * and does not call this when another one stands there: these secrets know of their own attempt only.
 *
 * Fails: SecureSumRefusal unless the list is a subset of the sharers, names this site, names nobody twice, and has max(t, minimumSites)
 * sites; for an exact analysis, all members.
 */
export function signSurvivors(
  context: AttemptContext,
  secrets: SiteSecrets,
  survivors: readonly string[],
): { readonly secrets: SignedSecrets; readonly signature: SurvivorSignature } {
  if (secrets.life.phase === "signed") throw new SecureSumRefusal("another-survivor-list", secrets.siteId);
  const masked = expectPhase(context, secrets, "masked");
  const { siteId, keyListHash, held, signer } = masked;
  const list = checkSurvivors(context, survivors);
  if (!list.includes(siteId)) throw new SecureSumRefusal("survivors-without-me", siteId);
  for (const survivor of list) if (!held.has(survivor)) throw new SecureSumRefusal("survivor-not-a-sharer", survivor);
  const signature = { siteId, signature: signer.sign(survivorTranscript(context, keyListHash, list)) };
  return { secrets: { ...advance(masked, "signed"), keyListHash, held, survivors: list }, signature };
}

/**
 * Shows, for every sharer, its self-mask share if it survived and its mask-key share if it vanished; never both, and only once.
 *
 * Fails: SecureSumRefusal where the list is not the one this site signed, a signature does not hold, or fewer than t hold.
 * Disclosure: lets the coordinator open the sum over the survivors, and nothing else.
 */
export function revealShares(
  context: AttemptContext,
  secrets: SiteSecrets,
  survivors: readonly string[],
  signatures: readonly SurvivorSignature[],
): { readonly secrets: RevealedSecrets; readonly shares: readonly UnmaskShare[] } {
  const signed = expectPhase(context, secrets, "signed");
  const list = checkSurvivors(context, survivors);
  if (list.join("\n") !== signed.survivors.join("\n")) throw new SecureSumRefusal("another-survivor-list", signed.siteId);
  checkSignatures(context, signed, signatures);
  const { contextHash, siteId, held } = signed;
  const shares = [...held].map(([about, couple]): UnmaskShare => {
    const kind = list.includes(about) ? "self" : "mask";
    return { from: siteId, about, kind, share: packShown({ contextHash, from: about, to: siteId }, couple, kind) };
  });
  for (const couple of held.values()) eraseCouple(couple);
  return { secrets: advance(signed, "revealed"), shares };
}

/** The list in members' order, once it is clear that it may be opened at all. The coordinator asks the same before it opens. */
export function checkSurvivors(context: AttemptContext, survivors: readonly string[]): readonly string[] {
  const list = inMemberOrder(context, survivors);
  if (list.length !== survivors.length) throw new SecureSumRefusal("duplicate-survivor");
  if (list.length < shortestListOf(context)) throw new SecureSumRefusal("too-few-survivors");
  if (context.exact && list.length !== context.members.length) throw new SecureSumRefusal("exact-needs-everyone");
  return list;
}

function checkSignatures(context: AttemptContext, signed: SignedSecrets, signatures: readonly SurvivorSignature[]): void {
  const message = survivorTranscript(context, signed.keyListHash, signed.survivors);
  const signers = new Set<string>();
  for (const { siteId, signature } of signatures) {
    const { identityKey } = memberOf(context, siteId);
    const holds =
      signed.survivors.includes(siteId) &&
      signature.byteLength === SIGNATURE_BYTES &&
      verifyEd25519(message, { publicKey: identityKey, signature });
    if (!holds) throw new SecureSumRefusal("bad-survivor-signature", siteId);
    signers.add(siteId);
  }
  if (signers.size < secureSumThreshold(context.members.length)) throw new SecureSumRefusal("too-few-survivor-signatures");
}

/** What a site's signature of the list covers. `list` in members' order. */
export const survivorTranscript = (context: AttemptContext, keyListHash: Uint8Array, list: readonly string[]): Uint8Array =>
  transcript(PROTOCOL_VERSION, "survivors", contextTranscript(context), keyListHash, ...list);
