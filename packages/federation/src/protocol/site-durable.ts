/** What a site keeps of a run: enough to refuse, after any crash, what it would have refused before. */

import type { Approval, Roster } from "@dure/identity";
import type { JsonValue, Sha256 } from "@dure/kernel";
import type { FrozenStudy } from "@dure/study";
import type { AnyCoordinatorPart } from "../coordinator/registry.ts";

/** A JSON value, stored together with the ledger's new entries before anything is sent. */
export interface SiteRunDurable {
  readonly run: string;
  readonly study: Sha256;
  readonly rosterHash: Sha256;
  /** Fixed when this site signs the first survivor list of an exact analysis, for from then on a sum may be opened; null before. */
  readonly contributors: readonly string[] | null;
  /** Those of them whose approval accepted that their aggregate can be inferred when a run goes on without them. */
  readonly inferenceAccepted: readonly string[];
  readonly round: number;
  readonly state: JsonValue;
  /** Sums of this run that the site's vectors were masked for, each round once. */
  readonly sumCount: number;
  readonly lastMaskedRound: number;
  /** Round → hash of the one survivor list that was signed. Only the present round's can be asked for again. */
  readonly survivorList: { readonly round: number; readonly hash: Sha256 } | null;
  /** Answers to own-release requests, each given once per frozen result. */
  readonly localModels: { readonly result: Sha256; readonly models: readonly { readonly to: string; readonly box: string }[] } | null;
  readonly headline: { readonly result: Sha256; readonly figures: JsonValue } | null;
  readonly ended: boolean;
}

/** Who made an earlier sum: the sums of two sets tell their difference. */
export interface EarlierRun {
  readonly contributors: readonly string[];
  readonly inferenceAccepted: readonly string[];
}

/** What the site's own store says about the study at this moment. */
export interface SiteFacts {
  readonly siteId: string;
  readonly study: FrozenStudy;
  readonly part: AnyCoordinatorPart;
  readonly approval: Approval;
  readonly invitedRoster: Roster;
  /** Every run of this study that the own store knows, once its contributors were fixed; this run may be among them. */
  readonly earlierRuns: readonly EarlierRun[];
  /** Raw Ed25519 public key of the coordinator, base64url, pinned at enrolment. */
  readonly coordinatorKey: string;
  readonly nowMs: number;
}

/** The runs in which this site signed for a sum, of all that its store keeps of a study. */
export const earlierRunsOf = (runs: readonly SiteRunDurable[]): readonly EarlierRun[] =>
  runs.flatMap(({ contributors, inferenceAccepted }) => (contributors === null ? [] : [{ contributors, inferenceAccepted }]));
