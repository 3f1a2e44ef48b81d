/**
 * One DuckDB file, opened by one process, and in that process once; faults of the engine get this product's names.
 *
 * The engine locks its file against other processes only, and a lock of that kind falls when any part of the process closes the file:
 * a second opening here would read unguarded. So what this process has open is listed.
 */

import { chmod } from "node:fs/promises";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { type Clock, DureError, type Problem, text } from "@dure/kernel";
import { diskFull } from "@dure/machine";
import { duckdbSession, type SqlSession } from "./clinical-session.ts";
import { identifier, integer, join, renderSql, sql, textLiteral } from "./clinical-sql.ts";

const OWNER_ONLY = 0o600;
const RETRY_MS = 100;
/**
 * A thread of the allocator's own gives freed memory back to the system after a second. Without one that waits for the next allocation of the
 * thread that freed it, which may never come: some 40 MB of each process.
 */
const GIVES_BACK = "true";

export interface Waiting {
  readonly clock: Clock;
  readonly waitMsMax: number;
  readonly signal?: AbortSignal;
}

export interface DuckdbFileOptions {
  readonly path: string;
  /** As the engine writes it, such as `1GB`; larger intermediate results go to a temporary folder beside the file. */
  readonly memoryMax: string;
  /** How far the write-ahead log may grow before it is worked into the file; the engine's own choice is 16 MiB. */
  readonly logMax?: string;
  /** A power of two from 2,048; the engine's own choice is 122,880. Connections are then made by `connectTo` only. */
  readonly rowGroupRows?: number;
  /** The only other files that its statements may read. */
  readonly filePaths: readonly string[];
  /** With code `store/in-use`. */
  readonly inUse: Problem;
}

const openInProcess = new Set<string>();

/** @throws DureError `store/in-use` (transient) where another part of this process has the file. */
export function takeInProcess(file: string, inUse: Problem): void {
  if (openInProcess.has(file)) throw new DureError(inUse, { retry: "transient" });
  openInProcess.add(file);
}

export const releaseInProcess = (file: string): boolean => openInProcess.delete(file);

/** Opens, and tries again while somebody else has the file; not at all where no waiting is given. */
export async function inTurnOf<Result>(waiting: Waiting | undefined, open: () => Promise<Result>): Promise<Result> {
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

/**
 * No statement of the instance reaches another file than those named, or the network, and none changes that.
 * @param prepare makes the schemas that have to be there.
 */
export async function openDuckdbFile(
  { path, memoryMax, logMax = "16MiB", rowGroupRows, filePaths, inUse }: DuckdbFileOptions,
  prepare: (session: SqlSession) => Promise<void>,
): Promise<DuckDBInstance> {
  const limits = { memory_limit: memoryMax, checkpoint_threshold: logMax, allocator_background_threads: GIVES_BACK };
  const opening = rowGroupRows === undefined ? DuckDBInstance.create(path, limits) : attached(path, rowGroupRows, limits);
  const instance = await opening.catch((cause: unknown) => {
    throw storeFault(cause, inUse);
  });
  const allowed = join(filePaths.map(textLiteral));
  await withSession(instance, inUse, async (session) => {
    await chmod(path, OWNER_ONLY); // the engine makes files as the process's mask says
    if (filePaths.length > 0) await session.run(sql`SET allowed_paths = [${allowed}]`);
    await session.run(sql`SET enable_external_access = false`);
    await session.run(sql`SET lock_configuration = true`);
    await prepare(session);
  }).catch((cause: unknown) => {
    instance.closeSync();
    throw storeFault(cause, inUse);
  });
  return instance;
}

/** The size of row groups is a setting of attaching a file, not of opening one. */
async function attached(path: string, rowGroupRows: number, limits: Readonly<Record<string, string>>): Promise<DuckDBInstance> {
  const instance = await DuckDBInstance.create(":memory:", { ...limits, temp_directory: `${path}.tmp` });
  try {
    const connection = await instance.connect();
    const { text } = renderSql(sql`ATTACH ${textLiteral(path)} AS ${identifier(ATTACHED)} (ROW_GROUP_SIZE ${integer(rowGroupRows)})`);
    await connection.run(text);
    connection.closeSync();
    return instance;
  } catch (cause) {
    instance.closeSync();
    throw cause;
  }
}

const ATTACHED = "dure_file";

/** A connection whose statements mean the file, however it was opened. */
export async function connectTo(instance: DuckDBInstance): Promise<DuckDBConnection> {
  const connection = await instance.connect();
  const answer = await connection.runAndReadAll(`SELECT count(*) FROM duckdb_databases() WHERE database_name = '${ATTACHED}'`);
  if (Number(answer.getRowsJS()[0]?.[0]) > 0) await connection.run(`USE ${ATTACHED}`);
  return connection;
}

export async function withSession<Result>(
  instance: DuckDBInstance,
  inUse: Problem,
  work: (session: SqlSession, connection: DuckDBConnection) => Promise<Result>,
): Promise<Result> {
  const connection = await connectTo(instance);
  try {
    return await work(duckdbSession(connection), connection);
  } catch (cause) {
    throw storeFault(cause, inUse);
  } finally {
    connection.closeSync();
  }
}

/** All of the work or nothing of it. */
export async function inTransaction<Result>(
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

/** The engine's messages can quote cells, so they go no further than `cause`. */
export function storeFault(cause: unknown, inUse: Problem): unknown {
  if (cause instanceof DureError || !(cause instanceof Error)) return cause;
  if (/lock on file|being used by another process/i.test(cause.message)) return new DureError(inUse, { cause, retry: "transient" });
  if (/no space left|file too large|out of disk|failed to offload|could not write|disk quota/i.test(cause.message)) return diskFull(cause);
  if (/^(Error: )?Out of Memory Error/i.test(cause.message)) return new DureError(outOfMemory(), { cause });
  return cause;
}

/** Beyond the engine's own limit it goes to disk; what cannot, or a machine that has no more, ends here. */
const outOfMemory = (): Problem => ({
  code: "store/out-of-memory",
  severity: "error",
  place: {},
  what: text(
    "the database engine got no more memory; what was being written was undone, and what stood before stands.",
    "데이터베이스 엔진이 메모리를 더 확보하지 못해 쓰던 내용을 취소했습니다. 이전에 저장된 내용은 그대로입니다.",
  ),
  remedy: text(
    "End other programs on this machine, or give it more memory (4 GB for a whole site), and try again.",
    "이 컴퓨터의 다른 프로그램을 종료하거나 메모리를 늘린 뒤(기관 전체에 4 GB) 다시 시도해 주십시오.",
  ),
});
