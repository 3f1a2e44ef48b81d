/** A hospital's decision on a study, as its steward signed it. */

import type { Sha256 } from "@dure/kernel";

/** What a site gives in its own name, each off until the steward ticks it. */
export type OwnRelease = "headline" | "local-model" | "baseline-hazard";

export const ownReleases: readonly OwnRelease[] = ["headline", "local-model", "baseline-hazard"];

export interface ApprovalTerms {
  readonly siteId: string;
  readonly study: Sha256;
  /** Hash of the *invited* roster; a run's roster is any subset of it with enough training hospitals. */
  readonly invitedRoster: Sha256;
  /** Number of the IRB or DRB decision. */
  readonly boardReference: string;
  /** Milliseconds since 1970; nothing leaves after it. */
  readonly expiresAtMs: number;
  /** Most sums of one run that this hospital contributes to, step halvings included. */
  readonly sumCountMax: number;
  /** A stricter cell than the study's, or the study's own. */
  readonly minimumCell: number;
  readonly releases: readonly OwnRelease[];
  /** Accepts that its own aggregate can be inferred if the run goes on without it. */
  readonly acceptsInference: boolean;
  readonly decidedAtMs: number;
}

/** `signature`: Ed25519 by the steward's key over the transcript of "dure approval 1" and the canonical terms, base64url. */
export interface Approval {
  readonly terms: ApprovalTerms;
  readonly stewardKey: string;
  readonly signature: string;
}
