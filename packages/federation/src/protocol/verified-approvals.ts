/**
 * The roster and the approvals of a run, verified once.
 *
 * The same ones come with every attempt of a run, and a signature that holds goes on holding; only their dates have to be looked at
 * again. What is remembered is a hash of everything that was verified and the first expiry among it, so another roster, another
 * approval or a later moment is verified anew. Refusals are not remembered.
 */

import { checkRunRoster, hashApprovals, hashRoster, type Roster, type RunApprovals, verifyRunApprovals } from "@dure/identity";
import type { Problem } from "@dure/kernel";

export type IdentityCode = `identity/${string}`;

/** Runs that a hospital lives at one time, with room to spare; the oldest is forgotten first. */
const REMEMBERED_MAX = 64;

const verifiedUntilMs = new Map<string, number>();

/** The code of the first problem, or undefined where every member approved. */
export function checkRunApprovals(run: RunApprovals): IdentityCode | undefined {
  const key = [run.study, run.invitedRoster, hashRoster(run.runRoster), hashApprovals(run.approvals)].join(" ");
  if (run.nowMs < (verifiedUntilMs.get(key) ?? Number.NEGATIVE_INFINITY)) return undefined;
  const [problem] = verifyRunApprovals(run);
  if (problem !== undefined) return codeOf(problem);
  verifiedUntilMs.set(key, Math.min(...run.approvals.map(({ terms }) => terms.expiresAtMs)));
  const [oldest] = verifiedUntilMs.keys();
  if (verifiedUntilMs.size > REMEMBERED_MAX && oldest !== undefined) verifiedUntilMs.delete(oldest);
  return undefined;
}

const rightRosters = new Set<string>();

/** The code of the first problem, or undefined where nobody is in the run whom the steward did not see, under the same keys. */
export function checkRosterOnce(approvedInvited: Roster, runRoster: Roster, minimumSites: number): IdentityCode | undefined {
  const key = [hashRoster(approvedInvited), hashRoster(runRoster), minimumSites].join(" ");
  if (rightRosters.has(key)) return undefined;
  const [problem] = checkRunRoster(approvedInvited, runRoster, minimumSites);
  if (problem !== undefined) return codeOf(problem);
  if (rightRosters.size >= REMEMBERED_MAX) rightRosters.clear();
  rightRosters.add(key);
  return undefined;
}

const codeOf = (problem: Problem): IdentityCode => problem.code as IdentityCode; // identity's problems begin with its name
