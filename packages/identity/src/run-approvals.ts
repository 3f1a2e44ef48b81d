/** The approvals of a whole run, as every site checks them before it draws a key for the round. */

import type { Problem, Sha256 } from "@dure/kernel";
import { type Approval, checkApproval, verifyApproval } from "./approval.ts";
import { approvalProblem } from "./approval-problems.ts";
import type { Roster } from "./roster.ts";

export interface RunApprovals {
  /** Already found to be part of the invited roster (`checkRunRoster`): its steward keys are the pinned ones. */
  readonly runRoster: Roster;
  readonly approvals: readonly Approval[];
  readonly study: Sha256;
  readonly invitedRoster: Sha256;
  readonly nowMs: number;
}

/** Every member has exactly one approval, signed by its own pinned steward, for this study and invited roster, not expired. */
export function verifyRunApprovals({ runRoster, approvals, study, invitedRoster, nowMs }: RunApprovals): readonly Problem[] {
  const problems: Problem[] = [];
  for (const member of runRoster.members) {
    const [approval, another] = approvals.filter(({ terms }) => terms.siteId === member.siteId);
    if (another !== undefined) problems.push(approvalProblem("approval-repeated", member.siteId));
    if (approval === undefined) {
      problems.push(approvalProblem("approval-missing", member.siteId));
      continue;
    }
    problems.push(...verifyApproval(approval, member));
    for (const refusal of checkApproval(approval, { study, invitedRoster, nowMs })) problems.push(approvalProblem(refusal, member.siteId));
  }
  const members = new Set(runRoster.members.map(({ siteId }) => siteId));
  for (const { terms } of approvals) {
    if (!members.has(terms.siteId)) problems.push(approvalProblem("approval-other-site", terms.siteId));
  }
  return problems;
}
