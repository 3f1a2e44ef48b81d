/** What the hospital's own store says of a study: the document, the steward's approval, the roster that the steward saw. */

import { coordinatorPartFor } from "@dure/federation/coordinator";
import type { SiteFacts } from "@dure/federation/protocol";
import { hashRoster, parseApproval, parseProposal } from "@dure/identity";
import type { JsonValue } from "@dure/kernel";
import { parseFrozen } from "@dure/study";
import { readRoster } from "@dure/wire";
import type { SiteStore } from "../store/site-store.ts";

export interface Present {
  readonly siteId: string;
  readonly coordinatorKey: string;
  readonly nowMs: number;
}

/** Undefined without study or approval: then nothing is done for anybody. Whether the approval holds is checked by the reducer. */
export function findStanding(store: SiteStore, study: string, present: Present): SiteFacts | undefined {
  const record = store.findStudy(study);
  const decision = store.findDecision(study);
  if (record === undefined || decision?.kind !== "approved") return undefined;
  const approval = parseApproval(json(decision.document));
  const proposal = parseProposal(json(record.proposal));
  if (approval === undefined || proposal === undefined) return undefined;
  const invitedRoster = readRoster(record.roster);
  if (hashRoster(invitedRoster) !== proposal.terms.invitedRoster) return undefined;
  const frozen = parseFrozen(json(record.canonical));
  const earlierContributors = contributorsOf(store, study);
  return { ...present, study: frozen, part: coordinatorPartFor(frozen.document), approval, invitedRoster, earlierContributors };
}

/** Of every run of the study in which this hospital signed for a sum. */
const contributorsOf = (store: SiteStore, study: string): readonly (readonly string[])[] =>
  store.listRuns().flatMap((run) => (run.study === study && run.contributors !== null ? [run.contributors] : []));

const json = (text: string): JsonValue => JSON.parse(text) as JsonValue; // JSON.parse gives JSON values only
