/** Stores one step of a run: state, record, the study's own state and, at the end, the result, in one transaction. */

import type { RecordEntry, RunDurable } from "@dure/federation/protocol";
import { DureError, text } from "@dure/kernel";
import { COORDINATOR_ID } from "../home/server-certificate.ts";
import type { CoordinatorStore, RunChange, RunStatus, StoreTransaction } from "../store/index.ts";
import { type LoadedRun, storedState } from "./plan-document.ts";
import type { RunEnding } from "./run-ending.ts";

export interface WrittenStep {
  readonly loaded: Pick<LoadedRun, "tools" | "planHash">;
  readonly durable: RunDurable;
  /** The status that the store holds. */
  readonly statusBefore: RunStatus;
  readonly expectedVersion: number;
  readonly entries: readonly RecordEntry[];
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly ending: RunEnding | undefined;
  readonly atMs: number;
}

/** @returns the run's new version. @throws DureError of the store, and `coordinator/run-moved-on` where another process wrote before. */
export function writeStep(store: CoordinatorStore, step: WrittenStep): Promise<number> {
  return store.transaction("save run state", async (tx) => {
    const saved = await store.repositories.runs.save(tx, changeOf(step));
    if (saved.kind === "stale" || saved.kind === "unknown-run") throw movedOn(step.loaded.tools.plan.run);
    if (step.durable.status !== step.statusBefore) await moveStudy(tx, store, step);
    if (step.ending !== undefined) await putEnding(tx, store, step, step.ending);
    return saved.version;
  });
}

function changeOf({ loaded, durable, expectedVersion, entries, bytesUp, bytesDown, atMs }: WrittenStep): RunChange {
  return {
    runId: loaded.tools.plan.run,
    expectedVersion,
    state: storedState(loaded.planHash, durable),
    status: durable.status,
    ...(durable.stopReason === null ? {} : { statusReason: durable.stopReason.code }),
    waitingSites: durable.waitingFor,
    bytesUp,
    bytesDown,
    messages: entries.map(({ code, round, attempt, sites }) => ({ kind: code, round, attempt, detail: { sites } })),
    atMs,
  };
}

/** A study that its proposer took back meanwhile stays so. */
async function moveStudy(
  tx: StoreTransaction,
  store: CoordinatorStore,
  { loaded, durable, statusBefore, atMs }: WrittenStep,
): Promise<void> {
  const { hash: study } = loaded.tools.plan.study;
  const reason = durable.stopReason?.code ?? durable.status;
  await store.repositories.studies.move(tx, { study, from: statusBefore, to: durable.status, byMember: COORDINATOR_ID, reason, atMs });
}

async function putEnding(tx: StoreTransaction, store: CoordinatorStore, { loaded, atMs }: WrittenStep, ending: RunEnding): Promise<void> {
  const runId = loaded.tools.plan.run;
  await store.repositories.results.put(tx, { runId, recipients: ending.recipients, sealed: ending.sealed, sealedAtMs: atMs });
  await store.repositories.runs.putSummary(tx, { runId, bytes: ending.summary, atMs });
}

function movedOn(run: string): DureError {
  const what = text("Another process has changed this run's state.", "다른 프로세스가 이 실행의 상태를 변경했습니다.");
  const remedy = text("Run one coordinator for each store.", "저장소마다 코디네이터를 하나만 실행해 주십시오.");
  return new DureError({ code: "coordinator/run-moved-on", severity: "error", place: { run }, what, remedy });
}
