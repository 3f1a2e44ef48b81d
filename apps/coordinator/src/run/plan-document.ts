/**
 * A run's plan as it is stored: who takes part, under which approvals, since when, with which patience.
 *
 * It is written once, as a blob, and named by hash in the run's state: a coordinator that starts again rebuilds the very same plan, whatever
 * was decided meanwhile. The study itself stands in the store already, under its own hash.
 */

import { coordinatorPartFor } from "@dure/federation/coordinator";
import type { RunDurable, RunPlan, RunTools, Sign, Timing } from "@dure/federation/protocol";
import { type Approval, parseApproval, parseProposal, parseRoster } from "@dure/identity";
import { assert, canonicalJson, fromUtf8, type JsonValue, parseSha256, type Sha256, utf8 } from "@dure/kernel";
import { type FrozenStudy, parseFrozen } from "@dure/study";
import { parseJson } from "@dure/wire";
import type { CoordinatorRepositories, StoredRun, StoreTransaction } from "../store/index.ts";

/** Who opens a sealed result. */
export interface Recipient {
  readonly id: string;
  /** Raw X25519 public key, base64url. */
  readonly sealKey: string;
}

/** A run as it stands in the store, with everything that its driver needs. */
export interface LoadedRun {
  readonly tools: RunTools;
  readonly planHash: Sha256;
  readonly recipients: readonly Recipient[];
  readonly durable: RunDurable;
  readonly version: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

export const planBytes = ({ run, roster, approvals, startedAtMs, timing }: Omit<RunPlan, "study">): Uint8Array =>
  utf8(
    canonicalJson({
      run,
      roster: { members: roster.members.map((member) => ({ ...member })) },
      approvals: approvals.map(({ terms, stewardKey, signature }) => ({ terms: { ...terms }, stewardKey, signature })),
      startedAtMs,
      timing: { ...timing },
    }),
  );

/** What `runs` keeps as the run's state. */
export const storedState = (plan: Sha256, durable: RunDurable): JsonValue => ({ plan, durable: durable as unknown as JsonValue }); // a durable state is JSON by its type's own promise

export async function loadRun(
  tx: StoreTransaction,
  repositories: CoordinatorRepositories,
  { run, sign }: { readonly run: StoredRun; readonly sign: Sign },
): Promise<LoadedRun> {
  const { plan: hash, durable } = run.state as unknown as { readonly plan: string; readonly durable: RunDurable }; // `storedState` wrote it
  const planHash = parseSha256(hash);
  const stored = await repositories.studies.find(tx, run.study);
  const content = await repositories.blobs.get(tx, planHash);
  assert(stored?.proposal !== undefined, "a run's study was proposed");
  assert(content !== undefined, "a run's plan stands in the store");
  const study = parseFrozen(stored.canonical);
  const proposal = parseProposal(stored.proposal.signed);
  assert(proposal !== undefined, "a stored proposal is one");
  const plan = parsePlan(content, study);
  const proposer = { id: proposal.terms.proposer, sealKey: proposal.terms.proposerSealKey };
  const hospitals = plan.roster.members.map(({ siteId, sealKey }) => ({ id: siteId, sealKey }));
  return {
    tools: { plan, part: coordinatorPartFor(study.document), sign },
    planHash,
    recipients: [proposer, ...hospitals.filter(({ id }) => id !== proposer.id)],
    durable,
    version: run.version,
    bytesUp: run.bytesUp,
    bytesDown: run.bytesDown,
  };
}

function parsePlan(content: Uint8Array, study: FrozenStudy): RunPlan {
  const value = parseJson(fromUtf8(content)) as unknown as PlanDocument; // `planBytes` wrote it, and the blob's hash was checked when it was stored
  const roster = parseRoster(value.roster);
  const approvals = value.approvals
    .map((approval) => parseApproval(approval))
    .filter((approval): approval is Approval => approval !== undefined);
  assert(roster !== undefined, "a stored plan holds a roster");
  assert(approvals.length === value.approvals.length, "a stored plan holds approvals");
  return { run: value.run, study, roster, approvals, startedAtMs: value.startedAtMs, timing: value.timing };
}

interface PlanDocument {
  readonly run: string;
  readonly roster: JsonValue;
  readonly approvals: readonly JsonValue[];
  readonly startedAtMs: number;
  readonly timing: Timing;
}
