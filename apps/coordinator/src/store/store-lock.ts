/**
 * One process a directory.
 *
 * PGlite has no lock of its own: two processes can open the same directory, and acknowledged rows are lost. A lock file that holds a
 * process id fails after a crash (the id lives on in the file, or is taken by another process). So the lock is one that the operating
 * system holds for a living process and drops when it dies, however it dies: the lock on a file that SQLite takes for an exclusive
 * transaction (fcntl on POSIX, LockFileEx on Windows). It needs no native module, is seen across containers that share the disk, and a
 * second opening in the *same* process is refused too. The transaction is never committed; the file stays empty.
 *
 * Source: SQLite, "File Locking And Concurrency In SQLite Version 3".
 */

import { DatabaseSync } from "node:sqlite";

export interface StoreLock {
  release(): void;
}

/** How long a predecessor that was just killed may take to be gone. The wait blocks this process, which has nothing else to do yet. */
const LOCK_WAIT_MS = 500;

/** SQLITE_BUSY: another connection holds the lock. */
const SQLITE_BUSY = 5;

/** Holds the lock until released or until this process ends. Undefined where another holds it. Throws where the file cannot be made. */
export function takeStoreLock(file: string, waitMs: number = LOCK_WAIT_MS): StoreLock | undefined {
  const database = new DatabaseSync(file, { timeout: waitMs });
  try {
    // No journal: without one there is no second file, and nothing is ever written that could need it.
    database.exec("PRAGMA journal_mode = OFF; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    if (isBusy(cause)) return undefined;
    throw cause;
  }
  return { release: () => database.close() };
}

const isBusy = (cause: unknown): boolean => cause instanceof Error && "errcode" in cause && cause.errcode === SQLITE_BUSY;
