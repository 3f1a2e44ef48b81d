/** Who may see a study: its proposer and the hospitals that it was proposed to. Everybody else is refused, and the refusal is kept. */

import { Code } from "@connectrpc/connect";
import { type Peer, parseProposal, parseRoster, type Roster, type StudyProposal } from "@dure/identity";
import { assert, parseSha256, type Sha256, toHex } from "@dure/kernel";
import type { Coordination } from "../coordination.ts";
import { type CoordinatorFlaw, coordinatorProblem } from "../problems.ts";
import { refuse } from "../server/refusals.ts";
import type { StoredStudy, StoreTransaction } from "../store/index.ts";

/** A study that was proposed, with what its proposer signed. */
export interface ProposedStudy {
  readonly stored: StoredStudy;
  readonly proposal: StudyProposal;
  readonly invited: Roster;
}

/** @throws ConnectError `coordinator/malformed` */
function studyHash(value: string): Sha256 {
  try {
    return parseSha256(value);
  } catch {
    throw refuse(Code.InvalidArgument, "malformed", { path: "study" });
  }
}

export function asProposed(stored: StoredStudy): ProposedStudy | undefined {
  if (stored.proposal === undefined) return undefined;
  const proposal = parseProposal(stored.proposal.signed);
  const invited = parseRoster(stored.proposal.invitedRoster);
  assert(proposal !== undefined, "a stored proposal is one");
  assert(invited !== undefined, "a stored roster is one");
  return { stored, proposal, invited };
}

/** @throws ConnectError `coordinator/unknown-study`; `coordinator/not-a-participant`, which is recorded. */
export async function readAsParticipant(
  c: Coordination,
  { study, peer }: { readonly study: string; readonly peer: Peer },
): Promise<ProposedStudy> {
  const hash = studyHash(study);
  const stored = await c.store.transaction("read study", (tx) => c.store.repositories.studies.find(tx, hash));
  const proposed = stored === undefined ? undefined : asProposed(stored);
  if (proposed === undefined) throw refuse(Code.NotFound, "unknown-study", { path: study });
  if (!isParticipant(proposed, peer.id)) throw await refuseAndRecord(c, { peer, askedFor: "study", subject: hash });
  return proposed;
}

export const isParticipant = ({ stored, invited }: ProposedStudy, member: string): boolean =>
  stored.proposerId === member || invited.members.some(({ siteId }) => siteId === member);

export interface RefusedAsk {
  readonly peer: Peer;
  /** What was asked for, as a code. */
  readonly askedFor: string;
  readonly subject: string;
  readonly flaw?: CoordinatorFlaw;
}

/** Stores the refusal first: it is answered only when it is on the record. */
export async function refuseAndRecord(c: Coordination, { peer, askedFor, subject, flaw = "not-a-participant" }: RefusedAsk) {
  const { code } = coordinatorProblem(flaw);
  const refusal = { refusalId: toHex(c.random.bytes(16)), askerId: peer.id, askedFor, subject, code, atMs: c.clock.nowMs() };
  await c.store.transaction("record refusal", (tx: StoreTransaction) => c.store.repositories.refusals.record(tx, refusal));
  c.log.warn({ code, member: peer.id, askedFor, subject });
  return refuse(Code.PermissionDenied, flaw, { path: subject });
}
