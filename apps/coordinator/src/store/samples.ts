/** For tests only: members, studies and runs that hold nothing of anybody. */

import { hashJson, type Sha256, sha256 } from "@dure/kernel";
import type { Certificate, NewMember } from "./members.ts";
import type { CoordinatorRepositories } from "./repositories.ts";
import type { NewRun, RunChange } from "./runs.ts";
import type { StudyDraft, StudyProposal } from "./studies.ts";
import type { StoreTransaction } from "./tables.ts";

/** 2026-01-01T00:00:00Z. */
export const startMs = 1_767_225_600_000;

export const sampleMember = (siteId: string): NewMember => ({
  siteId,
  organisation: `Hospital ${siteId}`,
  role: "site",
  identityKey: `identity-${siteId}`,
  sealKey: `seal-${siteId}`,
  stewardKey: `steward-${siteId}`,
  enrolledAtMs: startMs,
});

export const sampleCertificate = (siteId: string, serial: string = `01${siteId}`): Certificate => ({
  serial,
  siteId,
  fingerprint: sha256(serial),
  pem: `certificate ${serial}`,
  issuedAtMs: startMs,
  expiresAtMs: startMs + 90 * 86_400_000,
});

export function sampleDraft(studyId: string, proposerId: string, studyVersion = 1): StudyDraft {
  const canonical = { dure: 1, id: studyId, title: "재발 연구", version: studyVersion };
  return { hash: hashJson(canonical), studyId, studyVersion, canonical, proposerId, createdAtMs: startMs };
}

export function sampleProposal(studyId: string, siteIds: readonly string[]): StudyProposal {
  const invitedRoster = { members: siteIds.map((siteId) => ({ siteId, role: "training" })) };
  return { signed: { study: studyId, signature: "AAAA" }, invitedRoster, invitedRosterHash: hashJson(invitedRoster) };
}

export function sampleRun(runId: string, study: Sha256): NewRun {
  const roster = { members: [{ siteId: "a" }] };
  return { runId, study, roster, rosterHash: hashJson(roster), approvalsHash: sha256("approvals"), state: { round: 0 }, atMs: startMs };
}

export const sampleChange = (runId: string, expectedVersion: number): RunChange => ({
  runId,
  expectedVersion,
  state: { round: expectedVersion, gradient: [0.1, -2.5e-7] },
  status: "running",
  waitingSites: [],
  bytesUp: 100 * expectedVersion,
  bytesDown: 10 * expectedVersion,
  messages: [{ kind: "round-opened", round: expectedVersion, attempt: 0 }],
  atMs: startMs + expectedVersion,
});

/** Members with the given ids, enrolled. */
export async function enrolSamples(tx: StoreTransaction, repositories: CoordinatorRepositories, siteIds: readonly string[]): Promise<void> {
  for (const siteId of siteIds) await repositories.members.enrol(tx, sampleMember(siteId), sampleCertificate(siteId));
}

/** A proposed study of an enrolled proposer. Returns its hash. */
export async function proposeSample(
  tx: StoreTransaction,
  repositories: CoordinatorRepositories,
  studyId: string,
  proposerId: string,
): Promise<Sha256> {
  const draft = sampleDraft(studyId, proposerId);
  await repositories.studies.addDraft(tx, draft);
  await repositories.studies.propose(tx, draft.hash, sampleProposal(studyId, [proposerId]), { byMember: proposerId, atMs: startMs });
  return draft.hash;
}
