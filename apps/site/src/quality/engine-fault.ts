/** What became of a statement that the engine could not carry out, without the engine's message, which may quote a cell. */

import { DureError } from "@dure/kernel";
import type { SqlSession } from "../store/clinical-session.ts";
import { sql } from "../store/clinical-sql.ts";

export class EngineFault {
  /** Such as `conversion-error`, or `sqlstate-22P02`. */
  readonly code: string;

  constructor(code: string) {
    this.code = code;
  }
}

/**
 * The work's result, or the kind of fault it ended in; the session can be used on. PostgreSQL reads in a transaction, which a fault would
 * end but for the savepoint.
 * @throws DureError where the store itself is not to be had: that is a fault of the run, not of a statement
 */
export async function attempt<Result>(session: SqlSession, work: () => Promise<Result>): Promise<Result | EngineFault> {
  const hasSavepoint = session.dialect === "postgresql";
  if (hasSavepoint) await session.run(sql`SAVEPOINT attempt`);
  try {
    const result = await work();
    if (hasSavepoint) await session.run(sql`RELEASE SAVEPOINT attempt`);
    return result;
  } catch (cause) {
    if (cause instanceof DureError) throw cause;
    if (hasSavepoint) await session.run(sql`ROLLBACK TO SAVEPOINT attempt`);
    return new EngineFault(codeOf(cause));
  }
}

const DUCKDB_KIND = /^([A-Z][A-Za-z]*(?: [A-Za-z]+)?) Error:/;
const SQL_STATE = /^[0-9A-Z]{5}$/;

function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return "unknown-fault";
  if ("code" in cause && typeof cause.code === "string" && SQL_STATE.test(cause.code)) return `sqlstate-${cause.code}`;
  const kind = DUCKDB_KIND.exec(cause.message)?.[1];
  return kind === undefined ? "unknown-fault" : `${kind.toLowerCase().replaceAll(" ", "-")}-error`;
}
