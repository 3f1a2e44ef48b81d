/** What the hospital's own store says of a study: the document, the steward's approval, the roster that the steward saw. */

import { type AnyCoordinatorPart, coordinatorPartFor } from "@dure/federation/coordinator";
import { earlierRunsOf, type SiteFacts } from "@dure/federation/protocol";
import { hashRoster, parseApproval, parseProposal, type Roster } from "@dure/identity";
import type { JsonValue } from "@dure/kernel";
import { type FrozenStudy, parseFrozen } from "@dure/study";
import { readRoster } from "@dure/wire";
import type { SiteStore, StudyRecord } from "../store/site-store.ts";

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
  const asked = parsed(record);
  if (approval === undefined || asked === undefined) return undefined;
  const earlierRuns = earlierRunsOf(store.listRuns(study));
  return { ...present, study: asked.frozen, part: asked.part, approval, invitedRoster: asked.invitedRoster, earlierRuns };
}

interface Parsed {
  readonly frozen: FrozenStudy;
  readonly invitedRoster: Roster;
  readonly part: AnyCoordinatorPart;
}

/** A study and its proposal never change in the store. The analysis keeps what it derives from rows by the document's identity, so it must stay one object. */
const known = new Map<string, Parsed>();

/** More studies than run at once; beyond it the oldest is parsed again. */
const KNOWN_MAX = 50;

/** Undefined where the stored proposal is none, or names another roster. */
function parsed(record: StudyRecord): Parsed | undefined {
  const found = known.get(record.hash);
  if (found !== undefined) return found;
  const invitedRoster = readRoster(record.roster);
  if (parseProposal(json(record.proposal))?.terms.invitedRoster !== hashRoster(invitedRoster)) return undefined;
  const frozen = parseFrozen(json(record.canonical));
  const study = { frozen, invitedRoster, part: coordinatorPartFor(frozen.document) };
  if (frozen.hash === record.hash) known.set(record.hash, study);
  const [oldest] = known.keys();
  if (known.size > KNOWN_MAX && oldest !== undefined) known.delete(oldest);
  return study;
}

const json = (text: string): JsonValue => JSON.parse(text) as JsonValue; // JSON.parse gives JSON values only
