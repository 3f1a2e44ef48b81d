/** A run begins: those that agreed, under what their stewards signed, at one moment. */

import { Code } from "@connectrpc/connect";
import { coordinatorPartFor } from "@dure/federation/coordinator";
import { beginRun, type RunPlan } from "@dure/federation/protocol";
import {
  type Approval,
  checkRunRoster,
  hashApprovals,
  hashRoster,
  makeRoster,
  type Peer,
  parseApproval,
  verifyRunApprovals,
} from "@dure/identity";
import { sha256Bytes, toHex, transcript } from "@dure/kernel";
import { parseFrozen } from "@dure/study";
import type { Coordination } from "../coordination.ts";
import { planBytes, storedState } from "../run/plan-document.ts";
import { refuse, refused } from "../server/refusals.ts";
import type { StoreTransaction, StudyState } from "../store/index.ts";
import { type ProposedStudy, readAsParticipant } from "./participants.ts";

export interface StartOrder {
  readonly study: string;
  readonly idempotencyKey: string;
}

const KEY_CHARACTERS_MIN = 16;
const KEY_CHARACTERS_MAX = 100;
const RUN_ID_BYTES = 16;

/** Repeating a call with the same key starts nothing new. @returns the run's id */
export async function startRun(c: Coordination, { study: hash, idempotencyKey }: StartOrder, peer: Peer): Promise<string> {
  const study = await readAsParticipant(c, { study: hash, peer });
  if (study.stored.proposerId !== peer.id) throw refuse(Code.PermissionDenied, "not-the-proposer", { path: hash });
  if (idempotencyKey.length < KEY_CHARACTERS_MIN || idempotencyKey.length > KEY_CHARACTERS_MAX)
    throw refuse(Code.InvalidArgument, "malformed", { path: "idempotency_key" });
  const run = runId(study, idempotencyKey);
  await c.store.transaction("start run", (tx) => begin(c, tx, { study, run, proposer: peer.id }));
  await c.runs.take(run);
  c.log.info({ code: "coordinator/run-started", run, study: hash });
  return run;
}

/** One id for one study and one key, so that a repeated call finds the run; another key gives another, which nobody can guess. */
const runId = ({ stored }: ProposedStudy, key: string): string =>
  toHex(sha256Bytes(transcript("dure run 1", stored.hash, stored.proposerId, key)).subarray(0, RUN_ID_BYTES));

interface Beginning {
  readonly study: ProposedStudy;
  readonly run: string;
  readonly proposer: string;
}

async function begin(c: Coordination, tx: StoreTransaction, { study, run, proposer }: Beginning): Promise<void> {
  const { runs, blobs, decisions } = c.store.repositories;
  const { hash } = study.stored;
  if ((await runs.find(tx, run)) !== undefined) return;
  if ((await runs.list(tx, { study: hash, statuses: ["running", "waiting"] })).length > 0)
    throw refuse(Code.FailedPrecondition, "run-active", { path: hash });
  const nowMs = c.clock.nowMs();
  const approvals = (await decisions.current(tx, hash))
    .filter(({ kind }) => kind === "approved")
    .map(({ signed }) => parseApproval(signed))
    .filter((approval): approval is Approval => approval !== undefined && approval.terms.expiresAtMs > nowMs);
  const plan = planOf(c, { study, run, approvals, nowMs });
  await moveToRunning(c, tx, { study, proposer, atMs: nowMs });
  const { sha256: planHash } = await blobs.put(tx, planBytes(plan), nowMs);
  const durable = beginRun({ plan, part: coordinatorPartFor(plan.study.document), sign: c.runs.sign });
  await runs.begin(tx, {
    runId: run,
    study: hash,
    roster: { members: plan.roster.members.map((member) => ({ ...member })) },
    rosterHash: hashRoster(plan.roster),
    approvalsHash: hashApprovals(plan.approvals),
    state: storedState(planHash, durable),
    atMs: nowMs,
  });
}

interface Agreed {
  readonly study: ProposedStudy;
  readonly run: string;
  readonly approvals: readonly Approval[];
  readonly nowMs: number;
}

/** The roster is those that approved; every site will check the very same. @throws ConnectError with every problem */
function planOf(c: Coordination, { study, run, approvals, nowMs }: Agreed): RunPlan {
  const frozen = parseFrozen(study.stored.canonical);
  const roster = makeRoster(study.invited.members.filter(({ siteId }) => approvals.some(({ terms }) => terms.siteId === siteId)));
  const invitedRoster = hashRoster(study.invited);
  const problems = [
    ...checkRunRoster(study.invited, roster, frozen.document.privacy.secureSum.minimumSites),
    ...verifyRunApprovals({ runRoster: roster, approvals, study: frozen.hash, invitedRoster, nowMs }),
  ];
  if (problems.length > 0) throw refused(Code.FailedPrecondition, problems);
  return { run, study: frozen, roster, approvals, startedAtMs: nowMs, timing: c.timing };
}

/** Whoever starts says that nobody else is waited for: what was recruiting is thereby agreed. */
async function moveToRunning(
  c: Coordination,
  tx: StoreTransaction,
  { study, proposer, atMs }: { readonly study: ProposedStudy; readonly proposer: string; readonly atMs: number },
): Promise<void> {
  const { studies } = c.store.repositories;
  const { hash } = study.stored;
  let from: StudyState = (await studies.find(tx, hash))?.state ?? study.stored.state;
  const path: readonly StudyState[] = from === "recruiting" ? ["agreed", "running"] : ["running"];
  for (const to of path) {
    const moved = await studies.move(tx, { study: hash, from, to, byMember: proposer, reason: "started", atMs });
    if (moved.kind !== "stored" && moved.kind !== "repeated") throw refuse(Code.FailedPrecondition, "study-state", { path: hash });
    from = to;
  }
}
