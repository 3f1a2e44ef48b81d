/** How runs go, and what came of them: for the proposer and the hospitals, and nobody else. */

import { Code } from "@connectrpc/connect";
import type { RunDurable } from "@dure/federation/protocol";
import type { Peer } from "@dure/identity";
import type { Coordination } from "../coordination.ts";
import type { RecordedEntry } from "../run/run-driver.ts";
import { readRecord } from "../run/run-registry.ts";
import { refuse } from "../server/refusals.ts";
import type { StoredRun } from "../store/index.ts";
import { asProposed, isParticipant, refuseAndRecord } from "./participants.ts";

export interface RunStatusReport {
  readonly study: string;
  readonly durable: RunDurable;
  readonly record: readonly RecordedEntry[];
}

/** A run under way is answered from memory: whoever watches it does not slow it down. */
export async function getRun(c: Coordination, run: string, peer: Peer): Promise<RunStatusReport> {
  const driver = c.runs.find(run);
  if (driver !== undefined && (driver.has(peer.id) || driver.proposer === peer.id))
    return { study: driver.study, durable: driver.durable, record: driver.record };
  const stored = await readRun(c, run, peer);
  const { runs } = c.store.repositories;
  const record = await c.store.transaction("read run record", (tx) => readRecord((after) => runs.record(tx, run, after)));
  const { durable } = stored.state as unknown as { readonly durable: RunDurable }; // plan-document.ts wrote it
  return { study: stored.study, durable, record };
}

/** The sealed result. Whoever is no recipient is refused, and the refusal stands on the record. */
export async function getResult(c: Coordination, run: string, peer: Peer): Promise<Uint8Array> {
  const fetched = await c.store.transaction("fetch result", (tx) => c.store.repositories.results.fetch(tx, run, peer.id));
  if (fetched.kind === "found") return fetched.sealed;
  if (fetched.kind === "not-a-recipient") throw await refuseAndRecord(c, { peer, askedFor: "result", subject: run });
  await readRun(c, run, peer, "result");
  throw refuse(Code.FailedPrecondition, "no-result-yet", { run });
}

async function readRun(c: Coordination, run: string, peer: Peer, askedFor = "run"): Promise<StoredRun> {
  const { runs, studies } = c.store.repositories;
  const found = await c.store.transaction("read run", async (tx) => {
    const stored = run === "" ? undefined : await runs.find(tx, run);
    const study = stored === undefined ? undefined : await studies.find(tx, stored.study);
    return stored === undefined || study === undefined ? undefined : { stored, study: asProposed(study) };
  });
  if (found === undefined) throw refuse(Code.NotFound, "unknown-run");
  if (found.study === undefined || !isParticipant(found.study, peer.id)) throw await refuseAndRecord(c, { peer, askedFor, subject: run });
  return found.stored;
}
