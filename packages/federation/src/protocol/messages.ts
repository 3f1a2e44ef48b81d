/**
 * What coordinator and sites say to each other during a run, in the order in which it is said.
 *
 * One attempt of a round: OpenRound → Keys → KeyList → Shares → ShareDelivery → Vector → SurvivorList → SurvivorSigned →
 * UnmaskRequest → Unmask. After the first sum of an exact analysis the survivor list can only be that of all contributors, so
 * SurvivorSigned comes with Vector and SurvivorList is not sent. A crash, a late site or an abort ends the attempt, never the round:
 * the next attempt has fresh keys and the same clear vectors. After the last sum come the own releases: LocalModelRequest → LocalModel, HeadlineRequest → Headline.
 */

import type { Approval, OwnRelease, Roster } from "@dure/identity";
import type { JsonValue, Sha256 } from "@dure/kernel";
import type { KeyAnnouncement, MaskedVector, Releasable, SealedShare, Sum, SurvivorSignature, UnmaskShare } from "@dure/privacy";

/** Which attempt a message belongs to. Messages of another attempt are dropped. */
export interface AttemptId {
  readonly run: string;
  readonly round: number;
  readonly attempt: number;
}

export interface OpenRound extends AttemptId {
  readonly kind: "open-round";
  readonly study: Sha256;
  readonly roster: Roster;
  /** One of every member of the roster: each site checks all of them. */
  readonly approvals: readonly Approval[];
  /** Training sites of this attempt, in roster order. */
  readonly contributors: readonly string[];
  readonly state: JsonValue;
  /** The sum from which the state follows; none in round 0. */
  readonly lastSum: Sum | undefined;
  readonly layout: Sha256;
  readonly deadlineMs: number;
  /** Ed25519 by the coordinator's identity key over everything above. */
  readonly signature: Uint8Array;
}

export interface KeyList extends AttemptId {
  readonly kind: "key-list";
  readonly announcements: readonly KeyAnnouncement[];
}

export interface ShareDelivery extends AttemptId {
  readonly kind: "share-delivery";
  readonly shares: readonly SealedShare[];
}

export interface SurvivorList extends AttemptId {
  readonly kind: "survivor-list";
  readonly survivors: readonly string[];
}

export interface UnmaskRequest extends AttemptId {
  readonly kind: "unmask-request";
  readonly survivors: readonly string[];
  readonly signatures: readonly SurvivorSignature[];
}

/** Asks a training site for its own model, sealed to each external site. */
export interface LocalModelRequest {
  readonly kind: "local-model-request";
  readonly run: string;
  /** The last sum: with it a training site finds the frozen result by itself. */
  readonly lastSum: Sum;
  readonly result: JsonValue;
}

/** Another site's model, readable by the external site alone. */
export interface SealedLocalModel {
  readonly from: string;
  readonly to: string;
  readonly box: Uint8Array;
}

/** Asks a site for its headline figures under the frozen result. */
export interface HeadlineRequest {
  readonly kind: "headline-request";
  readonly run: string;
  readonly study: Sha256;
  readonly roster: Roster;
  readonly approvals: readonly Approval[];
  readonly lastSum: Sum;
  readonly result: JsonValue;
  readonly localModels: readonly SealedLocalModel[];
  /** Ed25519 by the coordinator's identity key over everything above. */
  readonly signature: Uint8Array;
}

export interface RunEnded {
  readonly kind: "run-ended";
  readonly run: string;
  readonly outcome: "completed" | "stopped";
}

export type ToSite = OpenRound | KeyList | ShareDelivery | SurvivorList | UnmaskRequest | LocalModelRequest | HeadlineRequest | RunEnded;

export interface Keys extends AttemptId {
  readonly kind: "keys";
  readonly announcement: KeyAnnouncement;
}

export interface Shares extends AttemptId {
  readonly kind: "shares";
  readonly shares: readonly SealedShare[];
}

export interface Vector extends AttemptId {
  readonly kind: "vector";
  readonly masked: MaskedVector;
}

export interface SurvivorSigned extends AttemptId {
  readonly kind: "survivor-signed";
  readonly signature: SurvivorSignature;
}

export interface Unmask extends AttemptId {
  readonly kind: "unmask";
  readonly shares: readonly UnmaskShare[];
}

export interface LocalModel {
  readonly kind: "local-model";
  readonly run: string;
  readonly models: readonly SealedLocalModel[];
}

export interface Headline {
  readonly kind: "headline";
  readonly run: string;
  /** A SiteEvaluation and its LocalOnExternal rows, as JSON. */
  readonly figures: JsonValue;
}

/**
 * The one refusal that is seen outside a hospital: no rows, one class, too few, a withdrawn approval look alike. It names the attempt
 * that it answers (0 and 0 for an own release): the answer to a request that came late must not end the run.
 */
export interface NotTakingPart extends AttemptId {
  readonly kind: "not-taking-part";
  /** What was asked for. */
  readonly about: "sum" | OwnRelease;
}

/** This attempt cannot go on; where a peer's share was false, it is named. */
export interface AbortAttempt extends AttemptId {
  readonly kind: "abort-attempt";
  readonly code: string;
  readonly accused: string | undefined;
}

export type ToCoordinator = Keys | Shares | Vector | SurvivorSigned | Unmask | LocalModel | Headline | NotTakingPart | AbortAttempt;

/** A sealed model as JSON: the form in which it passes the gate and is stored. The box is base64. */
export type LocalModelJson = { readonly from: string; readonly to: string; readonly box: string };

export interface LeavingVector extends AttemptId {
  readonly kind: "vector";
  readonly masked: Releasable<MaskedVector>;
}

export interface LeavingLocalModel {
  readonly kind: "local-model";
  readonly run: string;
  readonly models: Releasable<readonly LocalModelJson[]>;
}

export interface LeavingHeadline {
  readonly kind: "headline";
  readonly run: string;
  readonly figures: Releasable<JsonValue>;
}

/**
 * The same messages on their way out of a hospital. The three that say anything about rows hold only what the gate released; the wire
 * encoder takes this type and no other.
 */
export type Leaving = Exclude<ToCoordinator, Vector | LocalModel | Headline> | LeavingVector | LeavingLocalModel | LeavingHeadline;
