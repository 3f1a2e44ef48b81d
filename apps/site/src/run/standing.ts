/** What the hospital's own store says of a study: the document, the steward's approval, the roster that the steward saw. */

import { type AnyCoordinatorPart, coordinatorPartFor } from "@dure/federation/coordinator";
import { earlierRunsOf, type SiteFacts } from "@dure/federation/protocol";
import { hashRoster, parseApproval, parseProposal } from "@dure/identity";
import type { JsonValue } from "@dure/kernel";
import { type FrozenStudy, parseFrozen } from "@dure/study";
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
  const { frozen, part } = parsed(study, record.canonical);
  const earlierRuns = earlierRunsOf(store.listRuns().filter((run) => run.study === study));
  return { ...present, study: frozen, part, approval, invitedRoster, earlierRuns };
}

interface Parsed {
  readonly frozen: FrozenStudy;
  readonly part: AnyCoordinatorPart;
}

/** A study never changes under its hash. The analysis keeps what it derives from rows by the document's identity, so it must stay one object. */
const known = new Map<string, Parsed>();

/** More studies than run at once; beyond it the oldest is parsed again. */
const KNOWN_MAX = 50;

function parsed(hash: string, canonical: string): Parsed {
  const found = known.get(hash);
  if (found !== undefined) return found;
  const frozen = parseFrozen(json(canonical));
  const study = { frozen, part: coordinatorPartFor(frozen.document) };
  if (frozen.hash === hash) known.set(hash, study);
  const [oldest] = known.keys();
  if (known.size > KNOWN_MAX && oldest !== undefined) known.delete(oldest);
  return study;
}

const json = (text: string): JsonValue => JSON.parse(text) as JsonValue; // JSON.parse gives JSON values only
