/** A hospital's word on a study: checked against the steward's key that the proposal pinned, kept as signed, and the study moves on. */

import { Code } from "@connectrpc/connect";
import {
  type Approval,
  approvalProblem,
  checkApproval,
  type Declination,
  type Peer,
  parseApproval,
  parseDeclination,
  type Roster,
  type RosterMember,
  verifyApproval,
  verifyDeclination,
} from "@dure/identity";
import { DureError, type JsonValue, type Problem } from "@dure/kernel";
import { parseFrozen } from "@dure/study";
import type { Coordination } from "../coordination.ts";
import { COORDINATOR_ID } from "../home/server-certificate.ts";
import { refuse } from "../server/refusals.ts";
import type { DecisionKind, StoredDecision, StoreTransaction, StudyState } from "../store/index.ts";
import { readDocument } from "./documents.ts";
import { type ProposedStudy, readAsParticipant } from "./participants.ts";

interface Decided {
  readonly kind: DecisionKind;
  readonly study: string;
  readonly signed: JsonValue;
  /** Against the hospital's entry in the invited roster. */
  problems(member: RosterMember, study: ProposedStudy): readonly Problem[];
}

/** States in which a decision still changes something; a withdrawal is taken at any time before the archive. */
const deciding: ReadonlySet<StudyState> = new Set(["proposed", "recruiting", "agreed", "running", "waiting", "stopped"]);

/** Repeating the very same decision changes nothing. @returns the study's state after it */
export async function decide(c: Coordination, json: string, peer: Peer): Promise<StudyState> {
  const decided = readDocument("decision_json", json, (value) => asApproval(value, c.clock.nowMs()) ?? asDeclination(value));
  const study = await readAsParticipant(c, { study: decided.study, peer });
  const member = study.invited.members.find(({ siteId }) => siteId === peer.id);
  if (member === undefined) throw refuse(Code.PermissionDenied, "not-invited", { site: peer.id });
  const problems = decided.problems(member, study);
  if (problems.length > 0) throw new DureError(problems);
  const state = await c.store.transaction("record decision", (tx) => record(c, tx, { study, decided, siteId: peer.id }));
  if (decided.kind !== "approved") c.runs.withdrew(peer.id, study.stored.hash);
  c.log.info({ code: `coordinator/study-${decided.kind}`, study: study.stored.hash, member: peer.id });
  return state;
}

interface Recorded {
  readonly study: ProposedStudy;
  readonly decided: Decided;
  readonly siteId: string;
}

async function record(c: Coordination, tx: StoreTransaction, { study, decided, siteId }: Recorded): Promise<StudyState> {
  const { studies, decisions } = c.store.repositories;
  const { hash } = study.stored;
  const { state = study.stored.state } = (await studies.find(tx, hash)) ?? {};
  const isTaken = deciding.has(state) || (decided.kind === "withdrawn" && state !== "archived");
  if (!isTaken) throw refuse(Code.FailedPrecondition, "decision-too-late", { path: hash });
  const atMs = c.clock.nowMs();
  await decisions.record(tx, { study: hash, siteId, kind: decided.kind, signed: decided.signed, receivedAtMs: atMs });
  const minimumSites = parseFrozen(study.stored.canonical).document.privacy.secureSum.minimumSites;
  const target = stateAfter(state, { invited: study.invited, decisions: await decisions.current(tx, hash), minimumSites });
  let from = state;
  for (const to of stepsTo(state, target)) {
    const byMember = to === "agreed" || to === "declined" ? COORDINATOR_ID : siteId;
    await studies.move(tx, { study: hash, from, to, byMember, reason: "decisions", atMs });
    from = to;
  }
  return from;
}

interface Standing {
  readonly invited: Roster;
  readonly decisions: readonly StoredDecision[];
  readonly minimumSites: number;
}

/** Declined once too few training hospitals can still agree, agreed once everybody has decided, recruiting in between. */
function stateAfter(state: StudyState, { invited, decisions, minimumSites }: Standing): StudyState {
  if (state !== "proposed" && state !== "recruiting" && state !== "agreed") return state;
  const kindOf = new Map(decisions.map(({ siteId, kind }) => [siteId, kind]));
  const isOpen = (siteId: string): boolean => (kindOf.get(siteId) ?? "approved") === "approved";
  const possible = invited.members.filter(({ siteId, role }) => role === "training" && isOpen(siteId)).length;
  if (possible < minimumSites) return "declined";
  return invited.members.every(({ siteId }) => kindOf.has(siteId)) ? "agreed" : "recruiting";
}

/** `agreed` is reached through `recruiting`; what was agreed stays so while enough remain. */
function stepsTo(from: StudyState, to: StudyState): readonly StudyState[] {
  if (from === to || (from === "agreed" && to === "recruiting")) return [];
  return from === "proposed" && to === "agreed" ? ["recruiting", "agreed"] : [to];
}

function asApproval(value: JsonValue, nowMs: number): Decided | undefined {
  const approval = parseApproval(value);
  if (approval === undefined) return undefined;
  return {
    kind: "approved",
    study: approval.terms.study,
    signed: value,
    problems: (member, study) => approvalFlaws(approval, { member, study, nowMs }),
  };
}

function approvalFlaws(
  approval: Approval,
  { member, study, nowMs }: { readonly member: RosterMember; readonly study: ProposedStudy; readonly nowMs: number },
): readonly Problem[] {
  const use = { study: study.stored.hash, invitedRoster: study.proposal.terms.invitedRoster, nowMs };
  const refusals = checkApproval(approval, use).map((refusal) => approvalProblem(refusal, member.siteId));
  return [...verifyApproval(approval, member), ...refusals];
}

function asDeclination(value: JsonValue): Decided | undefined {
  const declination = parseDeclination(value);
  if (declination === undefined) return undefined;
  const { decision, study } = declination.terms;
  return { kind: decision, study, signed: value, problems: (member, proposed) => declinationFlaws(declination, member, proposed) };
}

function declinationFlaws(declination: Declination, member: RosterMember, study: ProposedStudy): readonly Problem[] {
  const isOther = declination.terms.invitedRoster !== study.proposal.terms.invitedRoster;
  return [...verifyDeclination(declination, member), ...(isOther ? [approvalProblem("approval-other-roster", member.siteId)] : [])];
}
