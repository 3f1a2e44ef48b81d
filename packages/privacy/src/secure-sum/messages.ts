/** What the parties of one attempt say to each other, in the order in which it is said. */

import type { Sha256 } from "@dure/kernel";
import type { SumLayout } from "../layout.ts";

export interface AttemptMember {
  readonly siteId: string;
  /** Raw Ed25519 public key (32 bytes), pinned by the approvals. */
  readonly identityKey: Uint8Array;
}

/** Everything public that the keys of one attempt are bound to. Equal at every honest party, or the masks do not cancel. */
export interface AttemptContext {
  readonly run: string;
  readonly round: number;
  readonly attempt: number;
  readonly hashes: {
    readonly study: Sha256;
    readonly roster: Sha256;
    readonly approvals: Sha256;
    readonly state: Sha256;
    readonly layout: Sha256;
  };
  /** The contributors, in roster order. Member i holds the Shamir share at x = i + 1. */
  readonly members: readonly AttemptMember[];
  readonly minimumSites: number;
  /** An exact analysis opens nothing unless every member is in the survivor list. */
  readonly exact: boolean;
  readonly layout: SumLayout;
}

/** This site's own long-lived signature. */
export interface SiteSigner {
  readonly siteId: string;
  /** Ed25519 (RFC 8032), 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

export interface KeyAnnouncement {
  readonly siteId: string;
  readonly sealPublicKey: Uint8Array;
  readonly maskPublicKey: Uint8Array;
  /** Salted SHA-256 of the self-mask seed. */
  readonly selfSeedCommitment: Uint8Array;
  /** One salted SHA-256 a member, in the order of the context's members, over both shares meant for that member. */
  readonly shareCommitments: readonly Uint8Array[];
  readonly signature: Uint8Array;
}

export interface SealedShare {
  readonly from: string;
  readonly to: string;
  /** AES-256-GCM under the pair's seal key. */
  readonly box: Uint8Array;
}

export interface MaskedVector {
  readonly siteId: string;
  readonly bytes: Uint8Array;
}

export interface SurvivorSignature {
  readonly siteId: string;
  readonly signature: Uint8Array;
}

/** For a survivor its self-mask share, for one that vanished its mask-key share; never both. */
export interface UnmaskShare {
  readonly from: string;
  readonly about: string;
  readonly kind: "self" | "mask";
  readonly share: Uint8Array;
}
