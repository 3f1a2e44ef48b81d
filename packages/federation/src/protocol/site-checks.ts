/**
 * What a site checks, from its own store, before it does anything for a coordinator that it does not trust.
 *
 * Every check answers with a code for the hospital's own console. Outside, all of them look alike: `not-taking-part`.
 */

import {
  type Approval,
  type ApprovalRefusal,
  checkApproval,
  hashRoster,
  type OwnRelease,
  type Roster,
  verifySignature,
} from "@dure/identity";
import { hashJson, type JsonValue, type Sha256 } from "@dure/kernel";
import { collusionTolerated, hashLayout, type Sum, sumLimit } from "@dure/privacy";
import type { Absorbed } from "../analysis.ts";
import type { HeadlineRequest, LocalModelRequest, OpenRound } from "./messages.ts";
import { trainingSites } from "./run-plan.ts";
import { headlineRequestTranscript, openRoundTranscript } from "./signing.ts";
import type { EarlierRun, SiteFacts, SiteRunDurable } from "./site-durable.ts";
import { checkRosterOnce, checkRunApprovals, type IdentityCode } from "./verified-approvals.ts";

/** The checks' own codes; beside them stand identity's, of rosters and approvals. */
export const siteRefusalCodes = [
  "already-answered-for-another-result",
  "contributors-changed",
  "contributors-not-in-roster",
  "contributors-too-close",
  "coordinator-signature",
  "first-round-missed",
  "layout-not-of-this-state",
  "local-models-not-of-roster",
  "not-a-contributor",
  "not-in-roster",
  "release-not-granted",
  "request-malformed",
  "result-does-not-follow",
  "result-without-run",
  "roster-changed",
  "round-out-of-order",
  "run-ended",
  "run-of-another-study",
  "state-does-not-follow",
  "study-hash",
  "sum-count-used-up",
  "too-few-contributors",
] as const;

export type SiteRefusalCode = (typeof siteRefusalCodes)[number] | ApprovalRefusal | IdentityCode;

/** A code of the hospital's own console, or undefined where all is well. */
export type Refused = SiteRefusalCode | undefined;

type Durable = SiteRunDurable | undefined;

export function checkOpenRound(facts: SiteFacts, durable: Durable, message: OpenRound): Refused {
  return orMalformed(
    () =>
      checkSigned(facts, openRoundTranscript(message), message.signature) ??
      checkStanding(facts, durable, message) ??
      checkContributors(facts, durable, message) ??
      checkState(facts, durable, message) ??
      checkLayout(facts, message) ??
      checkSumCount(facts, durable, message),
  );
}

export function checkHeadlineRequest(facts: SiteFacts, durable: Durable, message: HeadlineRequest): Refused {
  return orMalformed(
    () =>
      checkSigned(facts, headlineRequestTranscript(message), message.signature) ??
      checkStanding(facts, durable, message) ??
      checkGranted(facts, "headline") ??
      checkLocalModels(message) ??
      (isTraining(message.roster, facts.siteId) ? checkResult(facts, durable, message) : undefined),
  );
}

/** It carries no standing of its own: the approval and the run's state say all. */
export function checkLocalModelRequest(facts: SiteFacts, durable: Durable, message: LocalModelRequest): Refused {
  return orMalformed(
    () =>
      (durable === undefined ? "result-without-run" : checkOwnApproval(facts, durable.study)) ??
      checkGranted(facts, "local-model") ??
      checkResult(facts, durable, message),
  );
}

/**
 * Two sums over sets that differ by a few hospitals tell what those few gave: enough of them differ together, or each accepted it.
 * Asked at the moment of signing, too: another run of the study may have opened a sum since this attempt began.
 *
 * @param approvals verified ones of this run's members
 */
export function checkEarlierRuns(facts: SiteFacts, contributors: readonly string[], approvals: readonly Approval[]): Refused {
  if (!facts.part.exact) return undefined;
  const { minimumSites } = facts.study.document.privacy.secureSum;
  const togetherMin = Math.max(minimumSites, collusionTolerated(contributors.length, minimumSites) + 2);
  const accepting = acceptingInference(approvals);
  const areHidden = (sites: readonly string[], accepted: readonly string[]): boolean =>
    sites.length === 0 || sites.length >= togetherMin || sites.every((site) => accepted.includes(site));
  const isApart = (earlier: EarlierRun): boolean =>
    areHidden(missingIn(contributors, earlier.contributors), earlier.inferenceAccepted) &&
    areHidden(missingIn(earlier.contributors, contributors), accepting);
  return facts.earlierRuns.every(isApart) ? undefined : "contributors-too-close";
}

export const acceptingInference = (approvals: readonly Approval[]): readonly string[] =>
  approvals.flatMap(({ terms }) => (terms.acceptsInference ? [terms.siteId] : []));

/** Those of `sites` that the list lacks. */
const missingIn = (list: readonly string[], sites: readonly string[]): readonly string[] => sites.filter((site) => !list.includes(site));

export const isTraining = (roster: Roster, siteId: string): boolean => trainingSites(roster).includes(siteId);

/** What an untrusted party sent may have any form; an analysis asserts the form of what it is given. Nothing was done yet. */
function orMalformed(check: () => Refused): Refused {
  try {
    return check();
  } catch {
    return "request-malformed";
  }
}

const checkSigned = (facts: SiteFacts, message: Uint8Array, signature: Uint8Array): Refused =>
  verifySignature({ publicKey: facts.coordinatorKey, message, signature }) ? undefined : "coordinator-signature";

/** What both kinds of signed request say about the run's standing. */
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
function checkStanding(facts: SiteFacts, durable: Durable, { study, roster, approvals }: Standing): Refused {
  const own = checkOwnApproval(facts, study);
  if (own !== undefined) return own;
  if (durable !== undefined && durable.study !== study) return "run-of-another-study";
  const uninvited = checkRosterOnce(facts.invitedRoster, roster, facts.study.document.privacy.secureSum.minimumSites);
  if (uninvited !== undefined) return uninvited;
  if (!roster.members.some((member) => member.siteId === facts.siteId)) return "not-in-roster";
  const invitedRoster = hashRoster(facts.invitedRoster);
  return checkRunApprovals({ runRoster: roster, approvals, study, invitedRoster, nowMs: facts.nowMs });
}

function checkOwnApproval(facts: SiteFacts, study: Sha256): Refused {
  const [refused] = checkApproval(facts.approval, { study, invitedRoster: hashRoster(facts.invitedRoster), nowMs: facts.nowMs });
  return refused ?? (study === facts.study.hash ? undefined : "study-hash");
}

const checkGranted = (facts: SiteFacts, release: OwnRelease): Refused =>
  facts.approval.terms.releases.includes(release) ? undefined : "release-not-granted";

function checkContributors(facts: SiteFacts, durable: Durable, message: OpenRound): Refused {
  const training = trainingSites(message.roster);
  const { contributors } = message;
  if (!contributors.includes(facts.siteId)) return "not-a-contributor";
  if (new Set(contributors).size !== contributors.length || !contributors.every((site) => training.includes(site)))
    return "contributors-not-in-roster";
  if (contributors.length < facts.study.document.privacy.secureSum.minimumSites) return "too-few-contributors";
  const fixed = durable?.contributors;
  if (fixed != null && facts.part.exact && !sameList(fixed, contributors)) return "contributors-changed";
  return checkEarlierRuns(facts, contributors, message.approvals);
}

const sameList = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((site, i) => site === b[i]);

/** The state is the site's own: it follows by its own `absorb` from the state that it stored. */
function checkState(facts: SiteFacts, durable: Durable, message: OpenRound): Refused {
  const stateHash = hashJson(message.state);
  if (durable === undefined || isFreshStart(durable, message)) {
    if (message.round !== 0) return "first-round-missed";
    return stateHash === hashJson(facts.part.begin(message.contributors)) ? undefined : "state-does-not-follow";
  }
  if (durable.ended) return "run-ended";
  if (durable.rosterHash !== hashRoster(message.roster)) return "roster-changed";
  if (message.round === durable.round) return stateHash === hashJson(durable.state) ? undefined : "state-does-not-follow";
  if (message.round !== durable.round + 1 || message.lastSum === undefined) return "round-out-of-order";
  const absorbed = absorbSum(facts, durable, message.lastSum);
  return absorbed?.kind === "continue" && hashJson(absorbed.state) === stateHash ? undefined : "state-does-not-follow";
}

/** Before its first survivor list a run may begin again with a shorter roster: nothing was opened with the longer one. */
function isFreshStart(durable: SiteRunDurable, message: OpenRound): boolean {
  return durable.round === 0 && message.round === 0 && durable.survivorList === null && durable.rosterHash !== hashRoster(message.roster);
}

const checkLayout = (facts: SiteFacts, message: OpenRound): Refused =>
  hashLayout(facts.part.layout(message.state)) === message.layout ? undefined : "layout-not-of-this-state";

/** A round counts once, however many attempts it takes. */
function checkSumCount(facts: SiteFacts, durable: Durable, message: OpenRound): Refused {
  const used = durable?.sumCount ?? 0;
  const isNew = durable === undefined || message.round > durable.lastMaskedRound;
  return isNew && used >= facts.approval.terms.sumCountMax ? "sum-count-used-up" : undefined;
}

/** One model a training hospital of this roster: else a coordinator could have any number of models of its own scored. */
function checkLocalModels({ roster, localModels }: HeadlineRequest): Refused {
  const training = trainingSites(roster);
  const isEachOnce = new Set(localModels.map((model) => model.from)).size === localModels.length;
  return isEachOnce && localModels.every((model) => training.includes(model.from)) ? undefined : "local-models-not-of-roster";
}

interface Frozen {
  readonly lastSum: Sum;
  readonly result: JsonValue;
  readonly roster?: Roster;
}

/** A frozen result must follow from the last sum by the site's own `absorb`, in a run that is not over. */
function checkResult(facts: SiteFacts, durable: Durable, { lastSum, result, roster }: Frozen): Refused {
  if (durable === undefined) return "result-without-run";
  if (durable.ended) return "run-ended";
  if (roster !== undefined && durable.rosterHash !== hashRoster(roster)) return "roster-changed";
  const absorbed = absorbSum(facts, durable, lastSum);
  return absorbed?.kind === "done" && hashJson(absorbed.result) === hashJson(result) ? undefined : "result-does-not-follow";
}

/** Undefined for a sum that cannot have been opened under this state: another site count or layout, or an entry beyond its bound. */
function absorbSum(facts: SiteFacts, durable: SiteRunDurable, sum: Sum): Absorbed<JsonValue, JsonValue> | undefined {
  if (durable.contributors !== null && facts.part.exact && sum.siteCount !== durable.contributors.length) return undefined;
  const { vectors } = facts.part.layout(durable.state);
  const isPossible = vectors.every((vector) => {
    const values = sum.vectors.get(vector.name);
    const limit = sumLimit(vector, sum.siteCount);
    return values?.length === vector.length && values.every((value) => Math.abs(value) <= limit);
  });
  return isPossible && sum.vectors.size === vectors.length ? facts.part.absorb(durable.state, sum) : undefined;
}
