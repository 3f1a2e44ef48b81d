/** What the coordinator's reducer is given, and how a roster becomes the members of an attempt. */

import type { Roster } from "@dure/identity";
import { fromBase64 } from "@dure/kernel";
import type { AttemptContext, AttemptMember } from "@dure/privacy";
import type { AnyCoordinatorPart } from "../coordinator/registry.ts";
import type { ToSite } from "./messages.ts";
import type { RunPlan } from "./run-plan.ts";
import type { Sign } from "./tools.ts";

export interface RunTools {
  readonly plan: RunPlan;
  readonly part: AnyCoordinatorPart;
  readonly sign: Sign;
}

/** One line of the run's record, for people: codes, never values. */
export interface RecordEntry {
  readonly code: string;
  readonly round: number;
  readonly attempt: number;
  readonly sites: readonly string[];
}

export type RunEffect =
  | { readonly kind: "send"; readonly to: string; readonly message: ToSite }
  | { readonly kind: "record"; readonly entry: RecordEntry };

/** Whether the sites sign the survivor list together with their vectors: after the first sum of an exact analysis it is known before. */
export const signsAtOnce = (context: Pick<AttemptContext, "exact" | "round">): boolean => context.exact && context.round > 0;

/** The contributors in roster order, with the keys that the approvals pin. */
export function attemptMembers(roster: Roster, contributors: readonly string[]): readonly AttemptMember[] {
  return roster.members
    .filter((member) => contributors.includes(member.siteId))
    .map((member) => ({ siteId: member.siteId, identityKey: fromBase64(member.identityKey) }));
}
