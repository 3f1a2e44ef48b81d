/**
 * Codes of a source to standard concepts: the site's map first, then the vocabulary, then a parent code.
 *
 * One statement answers both ways of asking, a batch of codes and a whole column, so that a code means the same wherever it is met.
 * What a code may be written as (`codeCandidates`) is worked out per distinct code, not per row.
 */

import { type ResolvedCode, type SourceCode, sourceCodeKey, UNMAPPED } from "@dure/clinical";
import { type CodeCandidate, codeCandidates } from "@dure/clinical/vocabulary";
import type { Cell, SqlSession } from "../store/clinical-session.ts";
import { identifier, type Sql, sql } from "../store/clinical-sql.ts";
import { SITE_MAP } from "./site-map.ts";

/** As `CodeLookup.lookUp`, in the vocabulary of `schema`. */
export async function lookUpCodes(
  session: SqlSession,
  schema: string,
  codes: readonly SourceCode[],
): Promise<ReadonlyMap<string, ResolvedCode>> {
  const asked = [...new Map(codes.map((code) => [sourceCodeKey(code), code])).values()];
  const answers = new Map<string, ResolvedCode>(asked.map((code) => [sourceCodeKey(code), UNMAPPED]));
  if (asked.length === 0) return answers;
  const requests = asked.map(({ vocabulary, code, onDate }, request) => ({ request, vocabulary, code, on_date: onDate ?? null }));
  const candidates = distinctCodes(asked).flatMap(candidateRows);
  const rows = await session.rows(resolution(schema, fromJson(requests, REQUEST), fromJson(candidates, CANDIDATE)));
  for (const [request, sourceConceptId, ...target] of rows) {
    const code = asked[Number(request)];
    if (code === undefined) continue;
    const key = sourceCodeKey(code);
    answers.set(key, withTarget(answers.get(key) ?? UNMAPPED, Number(sourceConceptId), target));
  }
  return answers;
}

/** As `CodeLookup.resolveSet`. Distinct codes pass through the program in batches, days do not: memory stays flat. */
export async function resolveCodeSet(session: SqlSession, schema: string, codes: Sql, into: string): Promise<void> {
  await session.run(sql`
    CREATE OR REPLACE TEMP TABLE code_request AS
    SELECT row_number() OVER () - 1 AS request, * FROM (SELECT DISTINCT vocabulary, code, on_date::DATE AS on_date FROM (${codes}))`);
  await session.run(sql`
    CREATE OR REPLACE TEMP TABLE distinct_code AS
    SELECT row_number() OVER () - 1 AS number, * FROM (SELECT DISTINCT vocabulary, code FROM code_request)`);
  await session.run(sql`
    CREATE OR REPLACE TEMP TABLE code_candidate (vocabulary VARCHAR, code VARCHAR, rank INTEGER, kind VARCHAR, candidate_vocabulary VARCHAR,
      candidate_code VARCHAR, from_day DATE, to_day DATE, equivalence VARCHAR)`);
  const count = await session.count(sql`SELECT count(*) FROM distinct_code`);
  for (let first = 0; first < count; first += CODES_PER_BATCH) {
    const batch = await session.rows(
      sql`SELECT vocabulary, code FROM distinct_code WHERE number >= ${first}::BIGINT AND number < ${first + CODES_PER_BATCH}::BIGINT`,
    );
    const rows = batch.flatMap(([vocabulary, code]) => candidateRows({ vocabulary: String(vocabulary), code: String(code) }));
    await session.run(sql`INSERT INTO code_candidate ${fromJson(rows, CANDIDATE)}`);
  }
  await session.run(sql`
    CREATE TEMP TABLE ${identifier(into)} AS
    SELECT r.vocabulary, r.code, r.on_date, a.source_concept_id, a.target_concept_id, a.domain_id, a.relation, a.equivalence, a.origin
    FROM (${resolution(schema, sql`FROM code_request`, sql`FROM code_candidate`)}) a JOIN code_request r USING (request)`);
  for (const table of ["code_request", "distinct_code", "code_candidate"]) await session.run(sql`DROP TABLE ${identifier(table)}`);
}

/** Bounds the memory of the step; a batch is about a megabyte. */
const CODES_PER_BATCH = 5000;

const REQUEST = '[{"request":"BIGINT","vocabulary":"VARCHAR","code":"VARCHAR","on_date":"VARCHAR"}]';
const CANDIDATE =
  '[{"vocabulary":"VARCHAR","code":"VARCHAR","rank":"INTEGER","kind":"VARCHAR","candidate_vocabulary":"VARCHAR","candidate_code":"VARCHAR",' +
  '"from_day":"DATE","to_day":"DATE","equivalence":"VARCHAR"}]';

/** Rows as one bound value: a thousand codes would otherwise be tens of thousands of bound values. */
const fromJson = (rows: readonly object[], structure: string): Sql =>
  sql`SELECT unnest(from_json(${JSON.stringify(rows)}::JSON, ${structure}), recursive := true)`;

function distinctCodes(codes: readonly SourceCode[]): readonly SourceCode[] {
  return [...new Map(codes.map(({ vocabulary, code }) => [sourceCodeKey({ vocabulary, code }), { vocabulary, code }])).values()];
}

/** The source's own spelling stands first, for the site's map only: a map may list codes as the hospital writes them. */
function candidateRows({ vocabulary, code }: Pick<SourceCode, "vocabulary" | "code">): readonly object[] {
  const row = (rank: number, candidate: Omit<CodeCandidate, "kind"> & { readonly kind: CodeCandidate["kind"] | "written" }) => ({
    ...{ vocabulary, code, rank, kind: candidate.kind },
    ...{ candidate_vocabulary: candidate.vocabulary, candidate_code: candidate.code },
    ...{ from_day: candidate.from ?? null, to_day: candidate.to ?? null, equivalence: candidate.equivalence ?? null },
  });
  const candidates = codeCandidates({ vocabulary, code }).map((candidate, rank) => row(rank, candidate));
  return [row(0, { vocabulary, code, kind: "written" }), ...candidates];
}

/**
 * Rows (request, source_concept_id, target_concept_id, domain_id, relation, equivalence, origin), at least one for each request.
 * A day that does not exist counts as none.
 */
function resolution(schema: string, requests: Sql, candidates: Sql): Sql {
  const at = identifier(schema);
  return sql`
    WITH asked AS (SELECT request, vocabulary, code, TRY_CAST(on_date AS DATE) AS on_date FROM (${requests})),
    candidate AS MATERIALIZED (${candidates}),
    mapped AS (
      SELECT s.*, s.valid_end_date = max(s.valid_end_date) OVER (PARTITION BY s.source_vocabulary_id, s.source_code) AS is_default
      FROM ${SITE_MAP} s WHERE s.invalid_reason IS NULL),
    listed AS (
      SELECT c.vocabulary, c.code, c.rank, c.kind, c.from_day AS first_day, c.to_day AS last_day, v.* EXCLUDE (equivalence),
        coalesce(c.equivalence, v.equivalence) AS equivalence
      FROM candidate c JOIN ${at}.code_resolution v ON v.vocabulary_id = c.candidate_vocabulary AND v.concept_code = c.candidate_code
      WHERE c.kind <> 'written'),
    by_site AS (
      SELECT DISTINCT a.request, m.target_concept_id, m.relation, m.equivalence
      FROM asked a JOIN candidate c ON c.vocabulary = a.vocabulary AND c.code = a.code AND c.kind IN ('written', 'code')
      JOIN mapped m ON m.source_vocabulary_id = c.candidate_vocabulary AND m.source_code = c.candidate_code
        AND CASE WHEN a.on_date IS NULL THEN m.is_default ELSE a.on_date BETWEEN m.valid_start_date AND m.valid_end_date END),
    found AS MATERIALIZED (
      SELECT b.request, -1 AS rank, 'site' AS kind, 0 AS source_concept_id, b.target_concept_id, t.domain_id, b.relation, b.equivalence
      FROM by_site b JOIN ${at}.concept t ON t.concept_id = b.target_concept_id
      UNION ALL
      SELECT a.request, l.rank, l.kind, l.source_concept_id, l.target_concept_id, l.domain_id, l.relation, l.equivalence
      FROM asked a JOIN listed l ON l.vocabulary = a.vocabulary AND l.code = a.code
        AND CASE WHEN a.on_date IS NULL THEN l.is_default AND l.last_day IS NULL
          ELSE a.on_date BETWEEN l.from_day AND l.to_day AND a.on_date >= coalesce(l.first_day, a.on_date) AND a.on_date <= coalesce(l.last_day, a.on_date) END),
    best AS (
      SELECT request, min(rank) FILTER (WHERE target_concept_id IS NOT NULL) AS rank,
        max(source_concept_id) FILTER (WHERE kind = 'code') AS source_concept_id FROM found GROUP BY request)
    SELECT a.request, coalesce(b.source_concept_id, 0) AS source_concept_id, coalesce(f.target_concept_id, 0) AS target_concept_id, f.domain_id,
      coalesce(f.relation, 'event') AS relation, coalesce(f.equivalence, 'UNMATCHED') AS equivalence,
      CASE f.kind WHEN 'site' THEN 'site-map' WHEN 'code' THEN 'vocabulary' WHEN 'parent' THEN 'parent' ELSE 'none' END AS origin
    FROM asked a LEFT JOIN best b USING (request) LEFT JOIN found f ON f.request = b.request AND f.rank = b.rank AND f.target_concept_id IS NOT NULL
    ORDER BY a.request, relation, target_concept_id`;
}

function withTarget(
  before: ResolvedCode,
  sourceConceptId: number,
  [conceptId, domain, relation, equivalence, origin]: readonly Cell[],
): ResolvedCode {
  if (Number(conceptId) === 0) return { ...UNMAPPED, sourceConceptId };
  const target = { conceptId: Number(conceptId), domain: String(domain), relation, equivalence } as ResolvedCode["targets"][number]; // the statement names no other relation or equivalence, and the site's map is checked where it is filled
  return { sourceConceptId, targets: [...before.targets, target], origin: origin as ResolvedCode["origin"] }; // one of the statement's four
}
