/**
 * The clinical store on DuckDB: one file, opened by one process, and in that process once.
 *
 * While it is open for reading, external access is off and the configuration is locked: no statement can reach another file or the
 * network. A load closes it and opens it again with the exported files of that load, and only those, allowed; afterwards it is opened
 * at the next reading. In between, another process may come first, so every opening can wait its turn.
 */

import { resolve } from "node:path";
import type { DuckDBInstance } from "@duckdb/node-api";
import { assert, parseSha256 } from "@dure/kernel";
import type { LoadReport } from "../ingest/load-report.ts";
import { storeInUse } from "../ingest/problems.ts";
import type { SqlSession } from "./clinical-session.ts";
import { sql } from "./clinical-sql.ts";
import type { ClinicalStore, Snapshot } from "./clinical-store.ts";
import { inTransaction, inTurnOf, openDuckdbFile, releaseInProcess, takeInProcess, type Waiting, withSession } from "./duckdb-file.ts";

/** Larger intermediate results go to a temporary folder beside the store. */
const READING_MEMORY_MAX = "1GB";
/** A load holds as much again outside what the engine counts, and all of the process is to stay under 600 MB, whatever the rows. */
const LOADING_MEMORY_MAX_MB = 256;

/**
 * @param waiting how long to wait for a turn; not at all where it is not given.
 * @throws DureError `store/in-use` (transient) where another process, or another part of this one, has it open.
 */
export async function openDuckdbClinicalStore(path: string, waiting?: Waiting): Promise<ClinicalStore> {
  const file = resolve(path);
  await inTurnOf(waiting, async () => takeInProcess(file, storeInUse()));
  let instance: DuckDBInstance | undefined;
  let isClosed = false;
  let queue: Promise<unknown> = Promise.resolve();

  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };
  const openFor = async (filePaths: readonly string[], memoryMax = READING_MEMORY_MAX): Promise<DuckDBInstance> => {
    assert(!isClosed, "the store was closed");
    const options = { path: file, memoryMax, filePaths, inUse: storeInUse() };
    instance ??= await inTurnOf(waiting, () => openDuckdbFile(options, createBookkeeping));
    return instance;
  };
  const shut = (): void => {
    instance?.closeSync();
    instance = undefined;
  };
  const read = <Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result> =>
    inTurn(async () => withSession(await openFor([]), storeInUse(), work));
  const close = () =>
    inTurn(async () => {
      shut();
      if (!isClosed) releaseInProcess(file);
      isClosed = true;
    });

  await openFor([]).catch(async (cause: unknown) => {
    await close();
    throw cause;
  });
  return {
    path,
    read,
    load: (filePaths, work, memory) =>
      inTurn(async () => {
        assert(!isClosed, "the store was closed");
        shut();
        try {
          const memoryMax = `${LOADING_MEMORY_MAX_MB - (memory?.besideMb ?? 0)}MB`;
          return await withSession(await openFor(filePaths, memoryMax), storeInUse(), (session) => inTransaction(session, work));
        } finally {
          shut();
        }
      }),
    snapshots: () => read(readSnapshots),
    close,
  };
}

async function createBookkeeping(session: SqlSession): Promise<void> {
  await session.run(sql`CREATE SCHEMA IF NOT EXISTS dure`);
  await session.run(
    sql`CREATE TABLE IF NOT EXISTS dure.snapshot (number INTEGER NOT NULL, hash VARCHAR NOT NULL, report VARCHAR NOT NULL)`,
  );
}

async function readSnapshots(session: SqlSession): Promise<readonly Snapshot[]> {
  const rows = await session.rows(sql`SELECT number, hash, report FROM dure.snapshot ORDER BY number`);
  return rows.map(([number, hash, report]) => ({
    number: Number(number),
    hash: parseSha256(String(hash)),
    report: JSON.parse(String(report)) as LoadReport, // written by `ingestExports` into this table
  }));
}
