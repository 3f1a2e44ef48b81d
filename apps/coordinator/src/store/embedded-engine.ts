/**
 * PostgreSQL inside this process (PGlite), where nobody runs a database server.
 *
 * Four rules, each of which has lost data or hung in a trial when broken: the directory is opened by one process only; one pool of one
 * connection owns the instance, and nothing else touches it; a transaction is passed on, never opened inside another; a wait for the
 * connection ends after ten seconds. It is safe against the death of this process at any moment. It is not safe against a power cut:
 * PGlite runs with `fsync` off, which cannot be changed from outside. Where that matters, use a PostgreSQL server.
 */

import { existsSync, mkdirSync, realpathSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type ProcessLock, takeProcessLock } from "@dure/machine";
import pg from "pg";
import { CONNECTION_WAIT_MS, quietBrokenConnections, type StoreEngine } from "./engine.ts";
import { storeDirectoryUnusable, storeInUse } from "./problems.ts";

/** Opens the store of a directory, and makes it where it is not there. */
export async function openEmbeddedEngine(directory: string): Promise<StoreEngine> {
  const { place, lock } = lockDirectory(directory);
  try {
    const dataDirectory = await prepareDataDirectory(place);
    const { PGlite } = await import("@electric-sql/pglite");
    const { createPgConfig } = await import("@electric-sql/pglite/node-postgres");
    const instance = await PGlite.create(dataDirectory);
    // PGlite documents its configuration for `new Pool`; the stream it stands in for has only the methods that `pg` calls.
    const connection = createPgConfig(instance) as unknown as pg.PoolConfig;
    const pool = new pg.Pool({ ...connection, max: 1, idleTimeoutMillis: 0, connectionTimeoutMillis: CONNECTION_WAIT_MS });
    quietBrokenConnections(pool);
    const release = async (): Promise<void> => {
      await instance.close().finally(() => lock.release());
    };
    return { kind: "embedded", place, pool, isLockLost: () => false, release };
  } catch (cause) {
    lock.release();
    throw storeDirectoryUnusable(place, cause);
  }
}

/** The lock comes before anything in the directory is read. It lies beside the data, and is never opened by anything else. */
function lockDirectory(directory: string): { readonly place: string; readonly lock: ProcessLock } {
  let place = directory;
  let lock: ProcessLock | undefined;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    place = realpathSync(directory);
    lock = takeProcessLock(join(place, "store.lock"));
  } catch (cause) {
    throw storeDirectoryUnusable(place, cause);
  }
  if (lock === undefined) throw storeInUse(place, undefined);
  return { place, lock };
}

/** Making the files takes seconds, and a process killed meanwhile leaves half of them: they are made aside and renamed when whole. */
async function prepareDataDirectory(place: string): Promise<string> {
  const finished = join(place, "data");
  if (existsSync(finished)) return finished;
  const unfinished = join(place, "data.unfinished");
  rmSync(unfinished, { recursive: true, force: true });
  const { PGlite } = await import("@electric-sql/pglite");
  const instance = await PGlite.create(unfinished);
  await instance.close();
  renameSync(unfinished, finished);
  return finished;
}
