/** Codes for which a load found no concept: what is worth mapping next. Told whether the load is kept or not: one that mapped too little is not. */

import type { SqlSession } from "../store/clinical-session.ts";
import { integer, type Sql, sql } from "../store/clinical-sql.ts";

export interface UnmappedCode {
  /** The list in which the hospital reviews such codes, or the vocabulary. */
  readonly list: string;
  readonly code: string;
  /** Rows of the load that carry it. */
  readonly rowCount: number;
}

/** The most frequent ones only: nobody maps more by hand. */
const CODES_MAX = 200_000;

export const createUnmappedCodes = (session: SqlSession): Promise<void> =>
  session.run(sql`CREATE TEMP TABLE unmapped_code (list VARCHAR, code VARCHAR, row_count BIGINT)`);

/** @param codes a query of the columns list, code, row_count */
export const addUnmappedCodes = (session: SqlSession, codes: Sql): Promise<void> => session.run(sql`INSERT INTO unmapped_code ${codes}`);

/** The most frequent first. */
export async function readUnmappedCodes(session: SqlSession): Promise<readonly UnmappedCode[]> {
  const rows = await session.rows(sql`
    SELECT list, code, sum(row_count) AS row_count FROM unmapped_code WHERE code IS NOT NULL AND list IS NOT NULL
    GROUP BY list, code ORDER BY row_count DESC, list, code LIMIT ${integer(CODES_MAX)}`);
  return rows.map(([list, code, rowCount]) => ({ list: String(list), code: String(code), rowCount: Number(rowCount) }));
}
