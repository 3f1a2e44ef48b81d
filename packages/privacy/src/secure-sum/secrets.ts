/**
 * What one site keeps to itself during one attempt, step by step. In memory only: a process that dies joins the next attempt.
 *
 * Each step consumes its predecessor. Masking two vectors under one set of keys would tell their difference, and signing two survivor
 * lists would let both shares of a peer be shown; so an object whose step was taken is spent, even where a caller still holds it, and
 * what the next steps do not need is zero-filled at once. Copies that node:crypto makes of a key lie outside our reach.
 */

import { bytesEqual, unreachable } from "@dure/kernel";
import type { ShareCouple } from "./commitments.ts";
import { checkContext, hashContext } from "./context.ts";
import type { AttemptContext, KeyAnnouncement, SiteSigner } from "./messages.ts";
import { SecureSumRefusal } from "./refusal.ts";

export type SecretsPhase = "announced" | "shares-sealed" | "masked" | "signed" | "revealed" | "erased";

interface Common {
  readonly siteId: string;
  readonly contextHash: Uint8Array;
  /** One object for all steps of an attempt: tells which of them is the last. */
  readonly life: { phase: SecretsPhase };
}

export interface PrivateKeys {
  readonly sealPrivateKey: Uint8Array;
  readonly maskPrivateKey: Uint8Array;
  /** Self-mask seed ‖ salt of its commitment. */
  readonly selfSecret: Uint8Array;
}

export interface AnnouncedSecrets extends Common {
  readonly phase: "announced";
  readonly signer: SiteSigner;
  readonly keys: PrivateKeys;
  readonly announcement: KeyAnnouncement;
  /** In members' order, this site's own among them. */
  readonly dealt: readonly ShareCouple[];
}

export interface SealedSecrets extends Common {
  readonly phase: "shares-sealed";
  readonly signer: SiteSigner;
  readonly keys: PrivateKeys;
  readonly announcements: readonly KeyAnnouncement[];
  readonly keyListHash: Uint8Array;
  /** This site's share of its own secrets. */
  readonly own: ShareCouple;
}

export interface MaskedSecrets extends Common {
  readonly phase: "masked";
  readonly signer: SiteSigner;
  readonly keyListHash: Uint8Array;
  /** By sharer, in members' order. */
  readonly held: ReadonlyMap<string, ShareCouple>;
}

export interface SignedSecrets extends Common {
  readonly phase: "signed";
  readonly keyListHash: Uint8Array;
  readonly held: ReadonlyMap<string, ShareCouple>;
  /** In members' order. */
  readonly survivors: readonly string[];
}

export interface RevealedSecrets extends Common {
  readonly phase: "revealed";
}

export interface ErasedSecrets extends Common {
  readonly phase: "erased";
}

export type SiteSecrets = AnnouncedSecrets | SealedSecrets | MaskedSecrets | SignedSecrets | RevealedSecrets | ErasedSecrets;

/** Zero-fills every key, seed and share. The object and its predecessors are refused from here on. May be called in any phase, twice too. */
export function eraseSecrets(secrets: SiteSecrets): ErasedSecrets {
  switch (secrets.phase) {
    case "announced":
      eraseKeys(secrets.keys);
      for (const couple of secrets.dealt) eraseCouple(couple);
      break;
    case "shares-sealed":
      eraseKeys(secrets.keys);
      eraseCouple(secrets.own);
      break;
    case "masked":
    case "signed":
      for (const couple of secrets.held.values()) eraseCouple(couple);
      break;
    case "revealed":
    case "erased":
      break;
    default:
      unreachable(secrets);
  }
  secrets.life.phase = "erased";
  return { phase: "erased", ...commonOf(secrets) };
}

/** Refuses secrets of another phase, spent ones, and those of another attempt. */
export function expectPhase<Phase extends SecretsPhase>(
  context: AttemptContext,
  secrets: SiteSecrets,
  phase: Phase,
): Extract<SiteSecrets, { phase: Phase }> {
  if (secrets.phase !== phase || secrets.life.phase !== phase) throw new SecureSumRefusal("wrong-phase", secrets.siteId);
  checkContext(context);
  if (!bytesEqual(hashContext(context), secrets.contextHash)) throw new SecureSumRefusal("another-attempt", secrets.siteId);
  return secrets as Extract<SiteSecrets, { phase: Phase }>; // its phase was compared above
}

/** The fields that every phase has, with the attempt's life moved on to the next. */
export function advance<Phase extends SecretsPhase>(secrets: SiteSecrets, phase: Phase): Common & { readonly phase: Phase } {
  secrets.life.phase = phase;
  return { phase, ...commonOf(secrets) };
}

export function eraseKeys(keys: PrivateKeys): void {
  keys.sealPrivateKey.fill(0);
  keys.maskPrivateKey.fill(0);
  keys.selfSecret.fill(0);
}

export function eraseCouple({ self, mask }: ShareCouple): void {
  for (const part of [self.salt, self.share, mask.salt, mask.share]) part.fill(0);
}

const commonOf = ({ siteId, contextHash, life }: Common): Common => ({ siteId, contextHash, life });
