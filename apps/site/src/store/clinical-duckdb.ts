/**
 * The clinical store on DuckDB: one file, opened by one process, and in that process once.
 *
 * While it is open for reading, external access is off and the configuration is locked: no statement can reach another file or the
 * network. A load closes it and opens it again with the exported files of that load, and only those, allowed; afterwards it is opened
 * at the next reading. In between, another process may come first, so every opening can wait its turn.
 */

import { chmod } from "node:fs/promises";
import { resolve } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { assert, type Clock, DureError, parseSha256 } from "@dure/kernel";
import { diskFull } from "@dure/machine";
import type { LoadReport } from "../ingest/load-report.ts";
import { storeInUse } from "../ingest/problems.ts";
import { duckdbSession, type SqlSession } from "./clinical-session.ts";
import { join, sql, textLiteral } from "./clinical-sql.ts";
import type { ClinicalStore, Snapshot } from "./clinical-store.ts";

/** Larger intermediate results go to a temporary folder beside the store. */
const MEMORY_MAX = "1GB";
const OWNER_ONLY = 0o600;
/** Reading a research table takes a second or two, a load of half a million rows a few more. */
const WAIT_MS_MAX = 10_000;
const RETRY_MS = 100;

export interface Waiting {
  readonly clock: Clock;
  readonly waitMsMax: number;
  readonly signal?: AbortSignal;
}

/**
 * @param waiting how long to wait for a turn; not at all where it is not given.
 * @throws DureError `store/in-use` (transient) where another process, or another part of this one, has it open.
 */
export async function openClinicalStore(path: string, waiting?: Waiting): Promise<ClinicalStore> {
  const file = resolve(path);
  await inTurnOf(waiting, async () => takeInProcess(file));
  let instance: DuckDBInstance | undefined;
  let isClosed = false;
  let queue: Promise<unknown> = Promise.resolve();

  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };
  const openFor = async (filePaths: readonly string[]): Promise<DuckDBInstance> => {
    assert(!isClosed, "the store was closed");
    instance ??= await inTurnOf(waiting, () => openInstance(file, filePaths));
    return instance;
  };
  const shut = (): void => {
    instance?.closeSync();
    instance = undefined;
  };
  const read = <Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result> =>
    inTurn(async () => withSession(await openFor([]), work));
  const close = () =>
    inTurn(async () => {
      shut();
      if (!isClosed) openInProcess.delete(file);
      isClosed = true;
    });

  await openFor([]).catch(async (cause: unknown) => {
    await close();
    throw cause;
  });
  return {
    path,
    read,
    load: (filePaths, work) =>
      inTurn(async () => {
        assert(!isClosed, "the store was closed");
        shut();
        try {
          return await withSession(await openFor(filePaths), (session) => inTransaction(session, work));
        } finally {
          shut();
        }
      }),
    snapshots: () => read(readSnapshots),
    close,
  };
}

/** As `openClinicalStore`, waiting up to 10 s at each opening for a load or a reading that has the store. */
export const openClinicalStoreWaiting = (path: string, clock: Clock, signal?: AbortSignal): Promise<ClinicalStore> =>
  openClinicalStore(path, { clock, waitMsMax: WAIT_MS_MAX, ...(signal === undefined ? {} : { signal }) });

/**
 * The stores that this process has open. The engine locks its file against other processes only, and a lock of that kind falls when
 * any part of the process closes the file: a second opening here would read unguarded.
 */
const openInProcess = new Set<string>();

function takeInProcess(file: string): void {
  if (openInProcess.has(file)) throw new DureError(storeInUse(), { retry: "transient" });
  openInProcess.add(file);
}

async function inTurnOf<Result>(waiting: Waiting | undefined, open: () => Promise<Result>): Promise<Result> {
  if (waiting === undefined) return open();
  const { clock, waitMsMax, signal } = waiting;
  const giveUpMs = clock.nowMs() + waitMsMax;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await open();
    } catch (cause) {
      const isInUse = cause instanceof DureError && cause.code === "store/in-use";
      if (!isInUse || clock.nowMs() >= giveUpMs) throw cause;
    }
    await clock.sleep(RETRY_MS, signal);
  }
}

async function openInstance(path: string, filePaths: readonly string[]): Promise<DuckDBInstance> {
  const instance = await DuckDBInstance.create(path, { memory_limit: MEMORY_MAX }).catch((cause: unknown) => {
    throw storeFault(cause);
  });
  const allowed = join(filePaths.map(textLiteral));
  await withSession(instance, async (session) => {
    await chmod(path, OWNER_ONLY); // the engine makes files as the process's mask says
    if (filePaths.length > 0) await session.run(sql`SET allowed_paths = [${allowed}]`);
    await session.run(sql`SET enable_external_access = false`);
    await session.run(sql`SET lock_configuration = true`);
    await createBookkeeping(session);
  }).catch((cause: unknown) => {
    instance.closeSync();
    throw storeFault(cause);
  });
  return instance;
}

async function createBookkeeping(session: SqlSession): Promise<void> {
  await session.run(sql`CREATE SCHEMA IF NOT EXISTS dure`);
  await session.run(
    sql`CREATE TABLE IF NOT EXISTS dure.snapshot (number INTEGER NOT NULL, hash VARCHAR NOT NULL, report VARCHAR NOT NULL)`,
  );
}

async function withSession<Result>(instance: DuckDBInstance, work: (session: SqlSession) => Promise<Result>): Promise<Result> {
  const connection = await instance.connect();
  try {
    return await work(duckdbSession(connection));
  } catch (cause) {
    throw storeFault(cause);
  } finally {
    connection.closeSync();
  }
}

async function inTransaction<Result>(
  session: SqlSession,
  work: (session: SqlSession) => Promise<{ readonly keep: boolean; readonly result: Result }>,
): Promise<Result> {
  await session.run(sql`BEGIN`);
  try {
    const { keep, result } = await work(session);
    await session.run(keep ? sql`COMMIT` : sql`ROLLBACK`);
    return result;
  } catch (cause) {
    await session.run(sql`ROLLBACK`).catch(() => undefined); // the engine may have ended the transaction itself; the first cause is the one to tell
    throw cause;
  }
}

async function readSnapshots(session: SqlSession): Promise<readonly Snapshot[]> {
  const rows = await session.rows(sql`SELECT number, hash, report FROM dure.snapshot ORDER BY number`);
  return rows.map(([number, hash, report]) => ({
    number: Number(number),
    hash: parseSha256(String(hash)),
    report: JSON.parse(String(report)) as LoadReport, // written by `ingestExports` into this table
  }));
}

/** The engine's messages can quote cells, so they go no further than `cause`. */
function storeFault(cause: unknown): unknown {
  if (cause instanceof DureError || !(cause instanceof Error)) return cause;
  if (/lock on file|being used by another process/i.test(cause.message)) return new DureError(storeInUse(), { cause, retry: "transient" });
  if (/no space left|file too large|out of disk|failed to offload|could not write|disk quota/i.test(cause.message)) return diskFull(cause);
  return cause;
}
