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
