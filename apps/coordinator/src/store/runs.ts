/**
 * Runs: the durable state of the round protocol, and the record of what happened.
 *
 * The shell asks the reducer for the next state, saves it here under the version that it read, and only then acts. Two writers of one
 * version cannot both succeed; a writer that does not know whether its write arrived repeats it and is told `repeated`. State and record
 * change in one write, so the record never tells of something that did not happen.
 */

import { canonicalJson, hashJson, type JsonValue, parseSha256, type Sha256, sha256 } from "@dure/kernel";
import type { Selectable } from "kysely";
import {
  assertSize,
  detailJsonBytesMax,
  listRowsMax,
  rosterJsonBytesMax,
  runSummaryBytesMax,
  sizeNames,
  stateJsonBytesMax,
} from "./limits.ts";
import { insertOnce, oneOf, optionalWholeNumber, parseStoredJson, type WriteOutcome, wholeNumber } from "./rows.ts";
import type { CoordinatorTables, StoreTransaction } from "./tables.ts";

export type RunStatus = "running" | "waiting" | "completed" | "stopped";

export interface NewRun {
  readonly runId: string;
  readonly study: Sha256;
  /** The run that this one starts anew. */
  readonly restartOf?: string;
  readonly roster: JsonValue;
  readonly rosterHash: Sha256;
  readonly approvalsHash: Sha256;
  readonly state: JsonValue;
  readonly atMs: number;
}

export interface StoredRun {
  readonly runId: string;
  readonly study: Sha256;
  readonly restartOf?: string;
  readonly roster: JsonValue;
  readonly rosterHash: Sha256;
  readonly approvalsHash: Sha256;
  readonly status: RunStatus;
  /** A code; absent while it runs. */
  readonly statusReason?: string;
  /** Hospitals that the run waits for. */
  readonly waitingSites: readonly string[];
  readonly state: JsonValue;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly endedAtMs?: number;
  /** Name it when saving. */
  readonly version: number;
}

/** One line of a run's record: codes, numbers and hashes only. */
export interface RunMessage {
  /** Such as `round-opened`, `sum-absorbed`, `attempt-abandoned`, `site-away`. */
  readonly kind: string;
  readonly round?: number;
  readonly attempt?: number;
  readonly siteId?: string;
  readonly reason?: string;
  readonly detail?: JsonValue;
}

export interface StoredRunMessage extends RunMessage {
  /** From 1, without gaps. */
  readonly sequence: number;
  readonly atMs: number;
}

export interface RunChange {
  readonly runId: string;
  /** The version that the writer read. */
  readonly expectedVersion: number;
  readonly state: JsonValue;
  readonly status: RunStatus;
  readonly statusReason?: string;
  readonly waitingSites: readonly string[];
  /** Totals of the run so far, not what was added: a repeated write counts nothing twice. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly messages: readonly RunMessage[];
  readonly atMs: number;
}

export type SaveOutcome =
  | { readonly kind: "stored" | "repeated"; readonly version: number }
  /** Another writer was there first: read again. */
  | { readonly kind: "stale"; readonly version: number }
  | { readonly kind: "unknown-run" };

export interface RunStore {
  begin(tx: StoreTransaction, run: NewRun): Promise<WriteOutcome>;
  save(tx: StoreTransaction, change: RunChange): Promise<SaveOutcome>;
  find(tx: StoreTransaction, runId: string): Promise<StoredRun | undefined>;
  /** Oldest first. A coordinator that starts again takes up those that are running or waiting. */
  list(tx: StoreTransaction, filter?: { readonly statuses?: readonly RunStatus[]; readonly study?: Sha256 }): Promise<readonly StoredRun[]>;
  /** The record from `afterSequence` on, at most `listRowsMax` messages. */
  record(tx: StoreTransaction, runId: string, afterSequence?: number): Promise<readonly StoredRunMessage[]>;
  /** How a finished run went, byte for byte. Stored once. */
  putSummary(
    tx: StoreTransaction,
    summary: { readonly runId: string; readonly bytes: Uint8Array; readonly atMs: number },
  ): Promise<WriteOutcome>;
  getSummary(tx: StoreTransaction, runId: string): Promise<Uint8Array | undefined>;
}

export const sqlRunStore: RunStore = {
  async begin(tx, run) {
    const rosterJson = canonicalJson(run.roster);
    const stateJson = canonicalJson(run.state);
    assertSize(sizeNames.roster, rosterJson, rosterJsonBytesMax);
    assertSize(sizeNames.state, stateJson, stateJsonBytesMax);
    const fixed = { runId: run.runId, studySha256: run.study, restartOf: run.restartOf ?? null, rosterJson, rosterSha256: run.rosterHash };
    const state = { status: "running", stateJson, changeSha256: sha256(stateJson), waitingSitesJson: "[]", bytesUp: 0, bytesDown: 0 };
    const times = { createdAtMs: run.atMs, updatedAtMs: run.atMs };
    const row = { ...fixed, approvalsSha256: run.approvalsHash, ...state, ...times };
    // The run may have moved on when its beginning is repeated.
    const mayDiffer = [...columnNames(state), ...columnNames(times)];
    return insertOnce(tx, { table: "run", row, key: ["runId"], mayDiffer });
  },

  async save(tx, change) {
    const changeSha256 = hashChange(change);
    const found = await tx.selectFrom("run").select(["version", "changeSha256"]).where("runId", "=", change.runId).executeTakeFirst();
    if (found === undefined) return { kind: "unknown-run" };
    const { version } = found;
    if (version === change.expectedVersion + 1 && found.changeSha256 === changeSha256) return { kind: "repeated", version };
    if (version !== change.expectedVersion) return { kind: "stale", version };
    await tx.updateTable("run").set(columnsOf(change, changeSha256)).where("runId", "=", change.runId).execute();
    await appendMessages(tx, change);
    return { kind: "stored", version: version + 1 };
  },

  async find(tx, runId) {
    const row = await tx.selectFrom("run").selectAll().where("runId", "=", runId).executeTakeFirst();
    return row === undefined ? undefined : runOf(row);
  },

  async list(tx, filter) {
    let query = tx.selectFrom("run").selectAll().orderBy("createdAtMs").orderBy("runId").limit(listRowsMax);
    if (filter?.statuses !== undefined) query = query.where("status", "in", filter.statuses);
    if (filter?.study !== undefined) query = query.where("studySha256", "=", filter.study);
    return (await query.execute()).map(runOf);
  },

  async record(tx, runId, afterSequence = 0) {
    const rows = await tx
      .selectFrom("runMessage")
      .selectAll()
      .where("runId", "=", runId)
      .where("sequence", ">", afterSequence)
      .orderBy("sequence")
      .limit(listRowsMax)
      .execute();
    return rows.map(messageOf);
  },

  async putSummary(tx, { runId, bytes, atMs }) {
    assertSize(sizeNames.summary, bytes, runSummaryBytesMax);
    const row = { runId, summary: bytes, summarySha256: sha256(bytes), storedAtMs: atMs };
    return insertOnce(tx, { table: "runSummary", row, key: ["runId"], mayDiffer: ["storedAtMs"] });
  },

  async getSummary(tx, runId) {
    const row = await tx.selectFrom("runSummary").select("summary").where("runId", "=", runId).executeTakeFirst();
    return row === undefined ? undefined : new Uint8Array(row.summary);
  },
};

const columnNames = <Columns extends object>(columns: Columns) => Object.keys(columns) as (keyof Columns & string)[]; // a literal of its own

/** All that a change says but the time at which it was said, which a repetition may change. */
function hashChange(change: RunChange): Sha256 {
  const { atMs: _, messages, ...rest } = change;
  return hashJson({ ...rest, messages: messages.map((message) => ({ ...message })) });
}

function columnsOf(change: RunChange, changeSha256: Sha256) {
  const stateJson = canonicalJson(change.state);
  assertSize(sizeNames.state, stateJson, stateJsonBytesMax);
  const isEnded = change.status === "completed" || change.status === "stopped";
  return {
    stateJson,
    status: change.status,
    statusReason: change.statusReason ?? null,
    waitingSitesJson: canonicalJson(change.waitingSites),
    bytesUp: change.bytesUp,
    bytesDown: change.bytesDown,
    updatedAtMs: change.atMs,
    endedAtMs: isEnded ? change.atMs : null,
    version: change.expectedVersion + 1,
    changeSha256,
  };
}

async function appendMessages(tx: StoreTransaction, change: RunChange): Promise<void> {
  const { runId, atMs, messages } = change;
  if (messages.length === 0) return;
  const last = await tx
    .selectFrom("runMessage")
    .select((eb) => eb.fn.max("sequence").as("sequence"))
    .where("runId", "=", runId)
    .executeTakeFirst();
  const before = last?.sequence ?? 0;
  const rows = messages.map((message, index) => ({ runId, sequence: before + index + 1, atMs, ...messageColumns(message) }));
  await tx.insertInto("runMessage").values(rows).execute();
}

function messageColumns({ kind, round, attempt, siteId, reason, detail }: RunMessage) {
  const detailJson = detail === undefined ? null : canonicalJson(detail);
  if (detailJson !== null) assertSize(sizeNames.detail, detailJson, detailJsonBytesMax);
  return { kind, round: round ?? null, attempt: attempt ?? null, siteId: siteId ?? null, reason: reason ?? null, detailJson };
}

function messageOf(row: Selectable<CoordinatorTables["runMessage"]>): StoredRunMessage {
  return {
    sequence: row.sequence,
    kind: row.kind,
    ...(row.round === null ? {} : { round: row.round }),
    ...(row.attempt === null ? {} : { attempt: row.attempt }),
    ...(row.siteId === null ? {} : { siteId: row.siteId }),
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.detailJson === null ? {} : { detail: parseStoredJson(row.detailJson) }),
    atMs: wholeNumber(row.atMs),
  };
}

function runOf(row: Selectable<CoordinatorTables["run"]>): StoredRun {
  const endedAtMs = optionalWholeNumber(row.endedAtMs);
  return {
    runId: row.runId,
    study: parseSha256(row.studySha256),
    ...(row.restartOf === null ? {} : { restartOf: row.restartOf }),
    roster: parseStoredJson(row.rosterJson),
    rosterHash: parseSha256(row.rosterSha256),
    approvalsHash: parseSha256(row.approvalsSha256),
    status: oneOf<RunStatus>(row.status, ["running", "waiting", "completed", "stopped"]),
    ...(row.statusReason === null ? {} : { statusReason: row.statusReason }),
    waitingSites: parseSiteIds(row.waitingSitesJson),
    state: parseStoredJson(row.stateJson),
    bytesUp: wholeNumber(row.bytesUp),
    bytesDown: wholeNumber(row.bytesDown),
    createdAtMs: wholeNumber(row.createdAtMs),
    updatedAtMs: wholeNumber(row.updatedAtMs),
    ...(endedAtMs === undefined ? {} : { endedAtMs }),
    version: row.version,
  };
}

const parseSiteIds = (json: string): readonly string[] => JSON.parse(json) as string[]; // only `columnsOf` writes it, from a list of strings
