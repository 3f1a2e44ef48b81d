/**
 * What a site checks, from its own store, before it does anything for a coordinator that it does not trust.
 *
 * Every check answers with a code for the hospital's own console. Outside, all of them look alike: `not-taking-part`.
 */

import {
  type Approval,
  checkApproval,
  checkRunRoster,
  hashRoster,
  type OwnRelease,
  type Roster,
  verifyRunApprovals,
  verifySignature,
} from "@dure/identity";
import { hashJson, type JsonValue, type Sha256 } from "@dure/kernel";
import type { Sum } from "@dure/privacy";
import type { HeadlineRequest, OpenRound } from "./messages.ts";
import { trainingSites } from "./run-plan.ts";
import { headlineRequestTranscript, openRoundTranscript } from "./signing.ts";
import type { SiteFacts, SiteRunDurable } from "./site-durable.ts";

/** A code of the hospital's own console, or undefined where all is well. */
export type Refused = string | undefined;

export function checkOpenRound(facts: SiteFacts, durable: SiteRunDurable | undefined, message: OpenRound): Refused {
  if (!isSigned(facts, openRoundTranscript(message), message.signature)) return "coordinator-signature";
  const standing = checkStanding(facts, message);
  if (standing !== undefined) return standing;
  if (hashJson(facts.part.layout(message.state) as unknown as JsonValue) !== message.layout) return "layout-not-of-this-state"; // a layout is JSON
  return checkContributors(facts, durable, message) ?? checkState(facts, durable, message);
}

export function checkHeadlineRequest(facts: SiteFacts, durable: SiteRunDurable | undefined, message: HeadlineRequest): Refused {
  if (!isSigned(facts, headlineRequestTranscript(message), message.signature)) return "coordinator-signature";
  const standing = checkStanding(facts, message);
  if (standing !== undefined) return standing;
  if (!facts.approval.terms.releases.includes("headline")) return "release-not-granted";
  return isTraining(message.roster, facts.siteId) ? checkResult(facts, durable, message.lastSum, message.result) : undefined;
}

/** A frozen result must follow from the last sum by the site's own `absorb`. */
export function checkResult(facts: SiteFacts, durable: SiteRunDurable | undefined, lastSum: Sum, result: JsonValue): Refused {
  if (durable === undefined) return "result-without-run";
  const absorbed = facts.part.absorb(durable.state, lastSum);
  if (absorbed.kind !== "done" || hashJson(absorbed.result) !== hashJson(result)) return "result-does-not-follow";
  return undefined;
}

export function checkGranted(facts: SiteFacts, release: OwnRelease): Refused {
  return facts.approval.terms.releases.includes(release) ? undefined : "release-not-granted";
}

export const isTraining = (roster: Roster, siteId: string): boolean => trainingSites(roster).includes(siteId);

const isSigned = (facts: SiteFacts, message: Uint8Array, signature: Uint8Array): boolean =>
  verifySignature({ publicKey: facts.coordinatorKey, message, signature });

/** What both kinds of request say about the run's standing. */
interface Standing {
  readonly study: Sha256;
  readonly roster: Roster;
  readonly approvals: readonly Approval[];
}

/**
 * The own steward's word on this study and its date; that nobody was added to those whom the steward saw; and that every other
 * hospital's steward signed too. The roster's keys come from the own store, so a hospital that coordinator and CA make up together
 * is not in it.
 */
function checkStanding(facts: SiteFacts, { study, roster, approvals }: Standing): Refused {
  const invitedRoster = hashRoster(facts.invitedRoster);
  const [own] = checkApproval(facts.approval, { study, invitedRoster, nowMs: facts.nowMs });
  if (own !== undefined) return own;
  if (study !== facts.study.hash) return "study-hash";
  const [uninvited] = checkRunRoster(facts.invitedRoster, roster, facts.study.document.privacy.secureSum.minimumSites);
  if (uninvited !== undefined) return uninvited.code;
  return verifyRunApprovals({ runRoster: roster, approvals, study, invitedRoster, nowMs: facts.nowMs })[0]?.code;
}

function checkContributors(facts: SiteFacts, durable: SiteRunDurable | undefined, message: OpenRound): Refused {
  const training = trainingSites(message.roster);
  const { contributors } = message;
  if (!contributors.includes(facts.siteId)) return "not-a-contributor";
  if (new Set(contributors).size !== contributors.length || !contributors.every((site) => training.includes(site)))
    return "contributors-not-in-roster";
  if (contributors.length < facts.study.document.privacy.secureSum.minimumSites) return "too-few-contributors";
  const earlier = durable?.contributors;
  if (earlier == null || !facts.part.exact) return undefined;
  const same = earlier.length === contributors.length && earlier.every((site, i) => site === contributors[i]);
  return same ? undefined : "contributors-changed";
}

function checkState(facts: SiteFacts, durable: SiteRunDurable | undefined, message: OpenRound): Refused {
  const stateHash = hashJson(message.state);
  if (durable === undefined || isFreshStart(durable, message)) {
    if (message.round !== 0) return "first-round-missed";
    return stateHash === hashJson(facts.part.begin(message.contributors)) ? undefined : "state-does-not-follow";
  }
  if (durable.ended) return "run-ended";
  if (durable.rosterHash !== hashRoster(message.roster)) return "roster-changed";
  if (message.round === durable.round) return stateHash === hashJson(durable.state) ? undefined : "state-does-not-follow";
  if (message.round !== durable.round + 1 || message.lastSum === undefined) return "round-out-of-order";
  const absorbed = facts.part.absorb(durable.state, message.lastSum);
  return absorbed.kind === "continue" && hashJson(absorbed.state) === stateHash ? undefined : "state-does-not-follow";
}

/** Before its first survivor list a run may begin again with a shorter roster: nothing was opened with the longer one. */
function isFreshStart(durable: SiteRunDurable, message: OpenRound): boolean {
  return durable.round === 0 && message.round === 0 && durable.survivorList === null && durable.rosterHash !== hashRoster(message.roster);
}
