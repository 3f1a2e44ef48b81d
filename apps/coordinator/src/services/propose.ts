/** A study is proposed: the document is checked as every hospital will check it, and stands from then on under its hash. */

import { Code } from "@connectrpc/connect";
import { coordinatorPartFor } from "@dure/federation/coordinator";
import {
  checkRunRoster,
  hashRoster,
  type Peer,
  parseProposal,
  parseRoster,
  type Roster,
  type StudyProposal,
  verifyProposal,
} from "@dure/identity";
import { canonicalJson, DureError, type JsonValue, type Problem, type Sha256, sha256 } from "@dure/kernel";
import { type FrozenStudy, frozenFiles } from "@dure/study";
import type { alliance as wire } from "@dure/wire";
import type { Coordination } from "../coordination.ts";
import { coordinatorProblem } from "../problems.ts";
import { refuse, refused } from "../server/refusals.ts";
import type { Member, StoreTransaction } from "../store/index.ts";
import { assertFiles, readDocument, readStudy } from "./documents.ts";
import { asRosterMember } from "./enrolment.ts";

interface Proposed {
  readonly study: FrozenStudy;
  readonly proposal: StudyProposal;
  readonly roster: Roster;
  readonly files: wire.ProposeRequest["files"];
  readonly atMs: number;
}

/** Repeating the very same proposal changes nothing. @returns the study's hash */
export async function propose(c: Coordination, request: wire.ProposeRequest, peer: Peer): Promise<Sha256> {
  const study = readStudy("canonical_study_json", request.canonicalStudyJson);
  assertFiles(study, request.files, sha256);
  coordinatorPartFor(study.document); // an analysis that this version cannot run is refused before anybody reviews it
  const proposal = readDocument("proposal_json", request.proposalJson, parseProposal);
  const roster = readDocument("roster_json", request.rosterJson, parseRoster);
  const invalid = [
    ...verifyProposal(proposal, { study: study.hash, invitedRoster: hashRoster(roster) }),
    ...checkRunRoster(roster, roster, study.document.privacy.secureSum.minimumSites),
  ];
  if (invalid.length > 0) throw new DureError(invalid);
  const proposed: Proposed = { study, proposal, roster, files: request.files, atMs: c.clock.nowMs() };
  await c.store.transaction("propose study", async (tx) => {
    const members = await c.store.repositories.members.list(tx);
    const problems = [...proposerProblems(proposal, peer, members), ...invitedProblems(roster, members)];
    if (problems.length > 0) throw refused(Code.FailedPrecondition, problems);
    await store(c, tx, proposed, peer);
  });
  c.log.info({ code: "coordinator/study-proposed", study: study.hash, member: peer.id });
  return study.hash;
}

/** Signed by the caller's own identity key, with the caller's own seal key: the result will be sealed to it. */
function proposerProblems({ terms, proposerKey }: StudyProposal, peer: Peer, members: readonly Member[]): readonly Problem[] {
  const member = members.find(({ siteId, status }) => siteId === peer.id && status === "active");
  if (member === undefined) return [coordinatorProblem("member-not-active")];
  const isOwn = terms.proposer === peer.id && proposerKey === member.identityKey && terms.proposerSealKey === member.sealKey;
  return isOwn ? [] : [coordinatorProblem("proposer-not-caller")];
}

/** Active hospitals, with exactly the keys under which they enrolled. */
function invitedProblems(roster: Roster, members: readonly Member[]): readonly Problem[] {
  return roster.members.flatMap((invited) => {
    const member = members.find(({ siteId, status, role }) => siteId === invited.siteId && status === "active" && role === "site");
    const expected = member === undefined ? undefined : canonicalJson({ ...asRosterMember(member), role: invited.role });
    return expected === canonicalJson({ ...invited }) ? [] : [coordinatorProblem("invited-not-member", { site: invited.siteId })];
  });
}

async function store(c: Coordination, tx: StoreTransaction, { study, proposal, roster, files, atMs }: Proposed, peer: Peer): Promise<void> {
  const { studies, blobs, studyFiles } = c.store.repositories;
  const { id: studyId } = study.document;
  const known = await studies.list(tx);
  const studyVersion = known.find(({ hash }) => hash === study.hash)?.studyVersion ?? nextVersion(known, studyId);
  const draft = { hash: study.hash, studyId, studyVersion, canonical: study.canonical, proposerId: peer.id, createdAtMs: atMs };
  if ((await studies.addDraft(tx, draft)).kind === "conflict") throw refuse(Code.AlreadyExists, "already-proposed");
  for (const { name, content } of files) {
    const { sha256: hash } = await blobs.put(tx, content, atMs);
    await studyFiles.attach(tx, study.hash, { name, sha256: hash });
  }
  const signed: JsonValue = { terms: { ...proposal.terms }, proposerKey: proposal.proposerKey, signature: proposal.signature };
  const invitedRoster: JsonValue = { members: roster.members.map((member) => ({ ...member })) };
  const invitedRosterHash = hashRoster(roster);
  const moved = await studies.propose(tx, study.hash, { signed, invitedRoster, invitedRosterHash }, { byMember: peer.id, atMs });
  if (moved.kind !== "stored" && moved.kind !== "repeated") throw refuse(Code.AlreadyExists, "already-proposed");
}

const nextVersion = (known: readonly { readonly studyId: string; readonly studyVersion: number }[], studyId: string): number =>
  1 + Math.max(0, ...known.filter((study) => study.studyId === studyId).map(({ studyVersion }) => studyVersion));

/** The files of a study with their content, as hospitals fetch them. */
export async function readFiles(
  c: Coordination,
  study: FrozenStudy,
): Promise<readonly { readonly name: string; readonly content: Uint8Array }[]> {
  return c.store.transaction("read files", async (tx) => {
    const files: { readonly name: string; readonly content: Uint8Array }[] = [];
    for (const { name, sha256: hash } of frozenFiles(study)) {
      const content = await c.store.repositories.blobs.get(tx, hash);
      if (content !== undefined) files.push({ name, content });
    }
    return files;
  });
}
