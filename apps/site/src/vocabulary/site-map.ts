/**
 * The site's own reviewed map: codes of its lists, and codes that a vocabulary leaves open, to standard concepts.
 *
 * It has the columns of OMOP's SOURCE_TO_CONCEPT_MAP and two more: what the target fills, and how well it fits. Unlike relations of a
 * vocabulary, a row holds on the days that it names and on no other: local codes are given anew.
 */

import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, type Sql, sql } from "../store/clinical-sql.ts";

/** Days include both ends. A row with an invalid_reason is history and maps nothing. */
export const SITE_MAP: Sql = sql`dure.site_map`;

export async function ensureSiteMap(session: SqlSession): Promise<void> {
  await session.run(sql`CREATE SCHEMA IF NOT EXISTS dure`);
  await session.run(sql`
    CREATE TABLE IF NOT EXISTS ${SITE_MAP} (
      source_code VARCHAR NOT NULL, source_concept_id INTEGER NOT NULL, source_vocabulary_id VARCHAR NOT NULL, source_code_description VARCHAR,
      target_concept_id INTEGER NOT NULL, target_vocabulary_id VARCHAR NOT NULL, valid_start_date DATE NOT NULL, valid_end_date DATE NOT NULL,
      invalid_reason VARCHAR, relation VARCHAR NOT NULL DEFAULT 'event', equivalence VARCHAR NOT NULL DEFAULT 'EQUAL')`);
}

/** Fills a snapshot's own SOURCE_TO_CONCEPT_MAP with the map as it stands: a snapshot keeps the map that it was built with. */
export async function copySiteMap(session: SqlSession, schema: string): Promise<void> {
  await session.run(sql`
    INSERT INTO ${identifier(schema)}.source_to_concept_map
      (source_code, source_concept_id, source_vocabulary_id, source_code_description, target_concept_id, target_vocabulary_id,
       valid_start_date, valid_end_date, invalid_reason)
    SELECT source_code, source_concept_id, source_vocabulary_id, source_code_description, target_concept_id, target_vocabulary_id,
      valid_start_date, valid_end_date, invalid_reason FROM ${SITE_MAP}`);
}

export interface SiteMapFault {
  /** Not standard, not valid, or not in the vocabulary at all. */
  readonly conceptId: number;
  /** Standard concepts that the vocabulary gives in its place. */
  readonly instead: readonly number[];
  readonly rowCount: number;
}

/** Targets of the map that a vocabulary does not take; ascending by concept. Concept 0 says that a code was looked at and has no target. */
export async function siteMapFaults(session: SqlSession, schema: string): Promise<readonly SiteMapFault[]> {
  const at = identifier(schema);
  const rows = await session.rows(sql`
    WITH target AS (
      SELECT target_concept_id AS id, count(*) AS row_count FROM ${SITE_MAP} WHERE invalid_reason IS NULL AND target_concept_id <> 0 GROUP BY id),
    wrong AS (
      SELECT t.*, c.vocabulary_id, c.concept_code FROM target t LEFT JOIN ${at}.concept c ON c.concept_id = t.id
      WHERE (c.invalid_reason IS NULL AND (c.standard_concept = 'S' OR c.vocabulary_id = 'Dure')) IS NOT TRUE)
    SELECT w.id, w.row_count, coalesce(string_agg(DISTINCT r.target_concept_id, ',' ORDER BY r.target_concept_id), '') FROM wrong w
    LEFT JOIN ${at}.code_resolution r ON r.vocabulary_id = w.vocabulary_id AND r.concept_code = w.concept_code AND r.source_concept_id = w.id AND r.relation = 'event'
    GROUP BY w.id, w.row_count ORDER BY w.id`);
  return rows.map(([id, rowCount, instead]) => ({
    conceptId: Number(id),
    rowCount: Number(rowCount),
    instead: String(instead)
      .split(",")
      .filter((part) => part !== "")
      .map(Number),
  }));
}
