/** What a run is: fixed when it starts, and what of it must survive a crash of the coordinator. */

import type { Approval, Roster } from "@dure/identity";
import type { JsonValue } from "@dure/kernel";
import type { FrozenStudy } from "@dure/study";
import type { Timing } from "./tools.ts";

/** Fixed for the whole run. */
export interface RunPlan {
  readonly run: string;
  readonly study: FrozenStudy;
  /** Those who agreed, a subset of the invited. */
  readonly roster: Roster;
  /** One of every member of the roster, as its steward signed it. */
  readonly approvals: readonly Approval[];
  readonly startedAtMs: number;
  readonly timing: Timing;
}

/** `sums`: rounds; then own releases; `ended`: nothing more is asked of any site. */
export type RunStage = "sums" | "local-models" | "headlines" | "ended";

export interface StopReason {
  /** `patience-over`, `too-few-sites`, `not-taking-part`, `analysis-refused`, `withdrawn`. */
  readonly code: string;
  readonly sites: readonly string[];
  readonly columns: readonly string[];
}

/** A JSON value, stored before any effect of the step that made it. Secrets of an attempt are never part of it. */
export interface RunDurable {
  readonly status: "running" | "waiting" | "completed" | "stopped";
  readonly stage: RunStage;
  readonly roster: Roster;
  /** Training sites; fixed by the first absorbed sum of an exact analysis. */
  readonly contributors: readonly string[];
  /** Left out for good before the first sum. */
  readonly absent: readonly string[];
  readonly round: number;
  /** The last attempt that was opened; the next one has a higher number, whatever happened to this one. */
  readonly attempt: number;
  readonly state: JsonValue;
  readonly lastSum: JsonValue;
  readonly result: JsonValue;
  readonly localModels: readonly { readonly from: string; readonly to: string; readonly box: string }[];
  /** Sites that answered or refused the present stage's request. */
  readonly answered: readonly string[];
  readonly headlines: Readonly<Record<string, JsonValue>>;
  readonly waitingFor: readonly string[];
  readonly waitingSinceMs: number;
  readonly stopReason: StopReason | null;
}

/** The approvals of a roster's members: those that were left out take theirs with them. */
export const approvalsOf = (plan: RunPlan, roster: Roster): readonly Approval[] =>
  plan.approvals.filter((approval) => roster.members.some((member) => member.siteId === approval.terms.siteId));

/** Training sites of a roster, in roster order. */
export const trainingSites = (roster: Roster): readonly string[] =>
  roster.members.filter((member) => member.role === "training").map((member) => member.siteId);

export const externalSites = (roster: Roster): readonly string[] =>
  roster.members.filter((member) => member.role === "external").map((member) => member.siteId);
