/**
 * Where every code of a vocabulary leads, worked out once when the vocabulary is loaded.
 *
 * OMOP keeps codes (10 million) and their relations (50 million) apart, and a look-up that joins both for every batch of codes scans
 * both. Here each code stands with its standard concepts in one table, ordered by vocabulary and code: a batch of codes reads the few
 * blocks in which they lie.
 *
 * - A standard concept that is valid stands for itself. Any other goes by `Maps to`; where that is missing or leads to a concept that
 *   is itself no longer standard, by the chain of `Concept replaced by` and `Concept same_as to`. Relations count that the vocabulary
 *   has not withdrawn: their dates say when somebody wrote the relation down, not when it began to be true.
 * - Two concepts can share a code, one after the other. Of those the one counts that is valid on the day; else the last that had
 *   begun by then; else the first. Without a day it is the one valid now.
 *
 * Source: OHDSI, Book of OHDSI, "Standardized Vocabularies"; Themis conventions on standard and source concepts.
 */

import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, sql } from "../store/clinical-sql.ts";
import { OWN_VOCABULARY } from "./vocabulary-tables.ts";

/** A chain of replacements longer than this is a loop: the longest known ones have five links. */
const REPLACEMENT_STEPS_MAX = 10;

/**
 * Creates `code_resolution` (vocabulary_id, concept_code, source_concept_id, from_day, to_day, is_default, target_concept_id, domain_id,
 * relation, equivalence) in a vocabulary's schema, in place of what stood there. A code without a standard concept has one row, with
 * target NULL. Time O(concepts + relations) and a sort, set-wise; spills to disk.
 */
export async function createCodeResolution(session: SqlSession, schema: string): Promise<void> {
  const at = identifier(schema);
  await session.run(sql`
    CREATE OR REPLACE TEMP TABLE standing AS SELECT concept_id, domain_id FROM ${at}.concept
    WHERE concept_id <> 0 AND invalid_reason IS NULL AND (standard_concept = 'S' OR vocabulary_id = ${OWN_VOCABULARY})`);
  await session.run(sql`
    CREATE OR REPLACE TEMP TABLE direct AS
    SELECT concept_id AS source_id, concept_id AS target_id, domain_id, 'event' AS relation, 'EQUAL' AS equivalence FROM standing
    UNION
    SELECT r.concept_id_1, t.concept_id, t.domain_id,
      CASE r.relationship_id WHEN 'Maps to' THEN 'event' WHEN 'Maps to value' THEN 'value' WHEN 'Maps to unit' THEN 'unit' ELSE 'operator' END,
      'EQUIVALENT'
    FROM ${at}.concept_relationship r JOIN standing t ON t.concept_id = r.concept_id_2
    WHERE r.relationship_id IN ('Maps to', 'Maps to value', 'Maps to unit', 'Maps to operator') AND r.invalid_reason IS NULL
      AND NOT (r.relationship_id = 'Maps to' AND r.concept_id_1 IN (SELECT concept_id FROM standing))`);
  await followReplacements(session, schema);
  await chooseByDay(session, schema);
  await session.run(sql`
    CREATE OR REPLACE TABLE ${at}.code_resolution AS
    SELECT c.vocabulary_id, c.concept_code, c.concept_id::INTEGER AS source_concept_id, c.from_day, c.to_day, c.is_default,
      d.target_id::INTEGER AS target_concept_id, d.domain_id, d.relation, d.equivalence
    FROM chosen c LEFT JOIN direct d ON d.source_id = c.concept_id
    ORDER BY c.vocabulary_id, c.concept_code, c.from_day, d.relation, d.target_id`);
  for (const table of ["standing", "direct", "chosen"]) await session.run(sql`DROP TABLE ${identifier(table)}`);
}

/** Concepts without a standard concept of their own take over what the nearest of their replacements has. */
async function followReplacements(session: SqlSession, schema: string): Promise<void> {
  await session.run(sql`
    CREATE OR REPLACE TEMP TABLE next_link AS
    SELECT r.concept_id_1 AS id, r.concept_id_2 AS next_id FROM ${identifier(schema)}.concept_relationship r
    WHERE r.relationship_id IN ('Maps to', 'Concept replaced by', 'Concept same_as to') AND r.invalid_reason IS NULL
      AND r.concept_id_1 <> r.concept_id_2 AND NOT EXISTS (FROM direct d WHERE d.source_id = r.concept_id_1 AND d.relation = 'event')`);
  await session.run(sql`
    INSERT INTO direct
    WITH RECURSIVE walk(source_id, id, step) AS (
      SELECT id, next_id, 1 FROM next_link
      UNION
      SELECT w.source_id, l.next_id, w.step + 1 FROM walk w JOIN next_link l ON l.id = w.id WHERE w.step < ${REPLACEMENT_STEPS_MAX}::INTEGER),
    reached AS (
      SELECT w.source_id, w.step, d.* EXCLUDE (source_id) FROM walk w JOIN direct d ON d.source_id = w.id
      WHERE EXISTS (FROM direct e WHERE e.source_id = w.id AND e.relation = 'event'))
    SELECT DISTINCT source_id, target_id, domain_id, relation, 'EQUIVALENT' FROM reached r
    WHERE step = (SELECT min(step) FROM reached n WHERE n.source_id = r.source_id)
      AND NOT EXISTS (FROM direct d WHERE d.source_id = r.source_id AND d.target_id = r.target_id AND d.relation = r.relation)`);
  await session.run(sql`DROP TABLE next_link`);
}

/** Each code's days shared out among the concepts that have it, so that a look-up finds one for any day. */
async function chooseByDay(session: SqlSession, schema: string): Promise<void> {
  const at = identifier(schema);
  await session.run(sql`
    CREATE OR REPLACE TEMP TABLE shared_code AS SELECT vocabulary_id, concept_code FROM ${at}.concept WHERE concept_id <> 0
    GROUP BY vocabulary_id, concept_code HAVING count(*) > 1`);
  await session.run(sql`
    CREATE OR REPLACE TEMP TABLE chosen AS
    WITH holder AS (SELECT c.* FROM ${at}.concept c JOIN shared_code USING (vocabulary_id, concept_code)),
    cut AS (
      SELECT vocabulary_id, concept_code, DATE '0001-01-01' AS day FROM shared_code
      UNION SELECT vocabulary_id, concept_code, valid_start_date FROM holder
      UNION SELECT vocabulary_id, concept_code, valid_end_date + 1 FROM holder WHERE valid_end_date < DATE '9999-01-01'),
    stretch AS (
      SELECT *, coalesce(lead(day) OVER (PARTITION BY vocabulary_id, concept_code ORDER BY day) - 1, DATE '9999-12-31') AS last_day FROM cut),
    ranked AS (
      SELECT h.concept_id, s.*, row_number() OVER (
        PARTITION BY s.vocabulary_id, s.concept_code, s.day
        ORDER BY s.day BETWEEN h.valid_start_date AND h.valid_end_date DESC, h.valid_start_date <= s.day DESC,
          CASE WHEN h.valid_start_date <= s.day THEN h.valid_start_date END DESC, h.valid_start_date, h.invalid_reason IS NULL DESC, h.concept_id DESC
      ) AS place FROM stretch s JOIN holder h USING (vocabulary_id, concept_code)),
    now AS (
      SELECT DISTINCT ON (vocabulary_id, concept_code) concept_id FROM holder
      ORDER BY vocabulary_id, concept_code, invalid_reason IS NULL DESC, valid_end_date DESC, valid_start_date DESC, concept_id DESC)
    SELECT vocabulary_id, concept_code, concept_id, day AS from_day, last_day AS to_day, false AS is_default FROM ranked WHERE place = 1
    UNION ALL
    SELECT h.vocabulary_id, h.concept_code, h.concept_id, NULL, NULL, true FROM holder h JOIN now USING (concept_id)
    UNION ALL
    SELECT c.vocabulary_id, c.concept_code, c.concept_id, DATE '0001-01-01', DATE '9999-12-31', true FROM ${at}.concept c
    WHERE c.concept_id <> 0 AND NOT EXISTS (FROM shared_code s WHERE s.vocabulary_id = c.vocabulary_id AND s.concept_code = c.concept_code)`);
  await session.run(sql`DROP TABLE shared_code`);
}
