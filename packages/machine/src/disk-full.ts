/**
 * A full disk has one name, whoever meets it: the file system, a database file, or an engine with messages of its own.
 *
 * It is transient: nothing was accepted, and with space again the same work succeeds.
 */

import { DureError, text } from "@dure/kernel";

/** No space, no quota, or the largest file that this process may write. */
const FILE_CODES: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** SQLITE_FULL, and SQLITE_IOERR for writing, synchronising, truncating and growing the shared memory. Source: SQLite, "Result and Error Codes". */
const SQLITE_CODES: ReadonlySet<unknown> = new Set([13, 778, 1034, 1546, 4874]);

export const diskFull = (cause: unknown): DureError =>
  new DureError(
    {
      code: "store/disk-full",
      severity: "error",
      place: {},
      what: text(
        "The disk takes no more; what was being written was undone, and what stood before stands.",
        "디스크에 더 이상 쓸 수 없어 쓰던 내용을 취소했습니다. 이전에 저장된 내용은 그대로입니다.",
      ),
      remedy: text(
        "Free space on this disk. What is waiting is tried again; a load has to be started again.",
        "디스크 공간을 확보해 주십시오. 대기 중인 작업은 자동으로 다시 시도되며, 적재는 다시 시작해 주십시오.",
      ),
    },
    { cause, retry: "transient" },
  );

/** Does the work; a full disk gets its name, every other fault goes on as it is. */
export function namingFullDisk<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw isDiskFull(cause) ? diskFull(cause) : cause;
  }
}

function isDiskFull(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  return ("code" in cause && FILE_CODES.has(cause.code)) || ("errcode" in cause && SQLITE_CODES.has(cause.errcode));
}
