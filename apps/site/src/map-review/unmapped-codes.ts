/** Codes for which a load found no concept: what is worth mapping next. */

import type { SqlSession } from "../store/clinical-session.ts";
import { type Sql, sql } from "../store/clinical-sql.ts";
import type { ClinicalStore } from "../store/clinical-store.ts";

export interface UnmappedCode {
  readonly code: string;
  readonly name: string;
  /** Rows of the load that carry it. */
  readonly rowCount: number;
}

/** Of the last load that recorded any: vocabulary or list, code, name where the source has one, rows. Outside of OMOP, in the loads' own schema. */
const UNMAPPED: Sql = sql`dure.unmapped_code`;

/** Forgets what an earlier load left open. Writes: for a session of a load. */
export async function startUnmappedCodes(session: SqlSession): Promise<void> {
  await session.run(sql`CREATE SCHEMA IF NOT EXISTS dure`);
  await session.run(
    sql`CREATE OR REPLACE TABLE ${UNMAPPED} (vocabulary VARCHAR NOT NULL, code VARCHAR NOT NULL, name VARCHAR, row_count BIGINT NOT NULL)`,
  );
}

/** @param codes a query of the columns vocabulary, code, name, row_count */
export const addUnmappedCodes = (session: SqlSession, codes: Sql): Promise<void> =>
  session.run(sql`INSERT INTO ${UNMAPPED} SELECT vocabulary, code, name, row_count FROM (${codes})`);

/** The most frequent first. Empty where no load has left one open. */
export async function unmappedCodes(store: ClinicalStore, vocabulary: string): Promise<readonly UnmappedCode[]> {
  const read = async (session: SqlSession): Promise<readonly UnmappedCode[]> => {
    const there = await session.count(
      sql`SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'dure' AND table_name = 'unmapped_code'`,
    );
    if (there === 0) return [];
    const rows = await session.rows(sql`
      SELECT code, coalesce(max(name), ''), sum(row_count) FROM ${UNMAPPED} WHERE vocabulary = ${vocabulary} GROUP BY code ORDER BY 3 DESC, 1`);
    return rows.map(([code, name, rowCount]) => ({ code: String(code), name: String(name), rowCount: Number(rowCount) }));
  };
  return store.load([], async (session) => ({ keep: false, result: await read(session) })); // they lie where loads are made, whichever engine is read
}
