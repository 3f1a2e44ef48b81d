/**
 * The clinical store on DuckDB: one file, opened by one process.
 *
 * While it is open for reading, external access is off and the configuration is locked: no statement can reach another file or the
 * network. A load closes it and opens it again with the exported files of that load, and only those, allowed.
 */

import { chmod } from "node:fs/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import { DureError, parseSha256 } from "@dure/kernel";
import type { LoadReport } from "../ingest/load-report.ts";
import { diskFull, storeInUse } from "../ingest/problems.ts";
import { duckdbSession, type SqlSession } from "./clinical-session.ts";
import { join, sql, textLiteral } from "./clinical-sql.ts";
import type { ClinicalStore, Snapshot } from "./clinical-store.ts";

/** Larger intermediate results go to a temporary folder beside the store. */
const MEMORY_MAX = "1GB";
const OWNER_ONLY = 0o600;

/** @throws DureError `store/in-use` where another process has it open. */
export async function openClinicalStore(path: string): Promise<ClinicalStore> {
  let instance: DuckDBInstance | undefined = await openInstance(path, []);
  let queue: Promise<unknown> = Promise.resolve();

  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };
  const read = <Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result> =>
    inTurn(() => withSession(opened(instance), work));

  return {
    path,
    read,
    load: (filePaths, work) =>
      inTurn(async () => {
        opened(instance).closeSync();
        instance = await openInstance(path, filePaths);
        try {
          return await withSession(instance, (session) => inTransaction(session, work));
        } finally {
          instance.closeSync();
          instance = await openInstance(path, []);
        }
      }),
    snapshots: () => read(readSnapshots),
    close: () =>
      inTurn(async () => {
        instance?.closeSync();
        instance = undefined;
      }),
  };
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

function opened(instance: DuckDBInstance | undefined): DuckDBInstance {
  if (instance === undefined) throw new DureError(storeInUse());
  return instance;
}

/** The engine's messages can quote cells, so they go no further than `cause`. */
function storeFault(cause: unknown): unknown {
  if (cause instanceof DureError || !(cause instanceof Error)) return cause;
  if (/lock on file|being used by another process/i.test(cause.message)) return new DureError(storeInUse(), { cause });
  if (/no space left|file too large|out of disk|failed to offload|could not write|disk quota/i.test(cause.message))
    return new DureError(diskFull(), { cause });
  return cause;
}
