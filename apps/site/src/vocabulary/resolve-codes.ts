/**
 * Codes of a source to standard concepts: the site's map first, then the vocabulary, then a parent code.
 *
 * One statement answers both ways of asking, a batch of codes and a whole column, so that a code means the same wherever it is met.
 * What a code may be written as (`codeCandidates`) is worked out per distinct code, not per row.
 */

import { type ResolvedCode, type SourceCode, sourceCodeKey, UNMAPPED } from "@dure/clinical";
import { type CodeCandidate, codeCandidates } from "@dure/clinical/vocabulary";
import type { Cell, SqlSession } from "../store/clinical-session.ts";
import { emptySql, identifier, join, type Sql, sql } from "../store/clinical-sql.ts";
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
  const numbers = new Map<string, number>();
  const candidates: CandidateRow[] = [];
  const requests = asked.map((code, request) => {
    const key = sourceCodeKey({ vocabulary: code.vocabulary, code: code.code });
    const number = numbers.get(key) ?? numbers.size;
    if (!numbers.has(key)) candidates.push(...candidateRows(number, code));
    numbers.set(key, number);
    return { request, number, on_date: code.onDate };
  });
  const rows = await session.rows(
    resolution(schema, { requests: fromColumns(requests, REQUEST), candidates: fromColumns(candidates, CANDIDATE) }),
  );
  for (const [request, sourceConceptId, ...target] of rows) {
    const code = asked[Number(request)];
    if (code === undefined) continue;
    const key = sourceCodeKey(code);
    answers.set(key, withTarget(answers.get(key) ?? UNMAPPED, Number(sourceConceptId), target));
  }
  return answers;
}

/** As `CodeLookup.changeDays`: every day on which a row that may answer for the code begins to hold, or has ceased to. */
export async function findChangeDays(
  session: SqlSession,
  schema: string,
  codes: readonly SourceCode[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const asked = [...new Map(codes.map(({ vocabulary, code }) => [sourceCodeKey({ vocabulary, code }), { vocabulary, code }]))];
  const candidates = fromColumns(
    asked.flatMap(([, code], number) => candidateRows(number, code)),
    CANDIDATE,
  );
  const rows = await session.rows(sql`
    WITH candidate AS MATERIALIZED (${candidates}),
    stretch AS (
      SELECT number, from_day AS first_day, to_day AS last_day FROM candidate
      UNION SELECT c.number, m.valid_start_date, m.valid_end_date FROM candidate c
        JOIN ${SITE_MAP} m ON m.source_vocabulary_id = c.candidate_vocabulary AND m.source_code = c.candidate_code
      UNION SELECT c.number, v.from_day, v.to_day FROM candidate c
        JOIN ${identifier(schema)}.code_resolution v ON v.vocabulary_id = c.candidate_vocabulary AND v.concept_code = c.candidate_code)
    SELECT number, day::VARCHAR FROM (SELECT number, first_day AS day FROM stretch UNION SELECT number, last_day + 1 FROM stretch)
    WHERE day BETWEEN DATE '0001-01-02' AND DATE '9999-12-31' ORDER BY number, day`);
  const days = new Map<string, string[]>(asked.map(([key]) => [key, []]));
  for (const [number, day] of rows) days.get(asked[Number(number)]?.[0] ?? "")?.push(String(day));
  return days;
}

/** As `CodeLookup.resolveSet`. Distinct codes pass through the program in batches, days do not: memory stays flat. */
export async function resolveCodeSet(session: SqlSession, schema: string, codes: Sql, into: string): Promise<void> {
  await session.run(sql`
    CREATE OR REPLACE TEMP TABLE code_used AS
    SELECT DISTINCT vocabulary::VARCHAR AS vocabulary, code::VARCHAR AS code, on_date::DATE AS on_date FROM (${codes})`);
  await session.run(sql`
    CREATE OR REPLACE TEMP TABLE distinct_code AS
    SELECT row_number() OVER () - 1 AS number, * FROM (SELECT DISTINCT vocabulary, code FROM code_used)`);
  await session.run(sql`
    CREATE OR REPLACE TEMP TABLE code_request AS
    SELECT row_number() OVER () - 1 AS request, d.number, u.* FROM code_used u
    JOIN distinct_code d ON d.vocabulary IS NOT DISTINCT FROM u.vocabulary AND d.code IS NOT DISTINCT FROM u.code`);
  await session.run(sql`CREATE OR REPLACE TEMP TABLE code_candidate AS ${fromColumns([], CANDIDATE)}`);
  const count = await session.count(sql`SELECT count(*) FROM distinct_code`);
  for (let first = 0; first < count; first += CODES_PER_BATCH) {
    const batch = await session.rows(sql`
      SELECT number, vocabulary, code FROM distinct_code WHERE number >= ${first}::BIGINT AND number < ${first + CODES_PER_BATCH}::BIGINT`);
    const rows = batch.flatMap(([number, vocabulary, code]) =>
      candidateRows(Number(number), { vocabulary: String(vocabulary ?? ""), code: String(code ?? "") }),
    );
    await session.run(sql`INSERT INTO code_candidate ${fromColumns(rows, CANDIDATE)}`);
  }
  const resolved = resolution(schema, {
    requests: sql`SELECT request, number, on_date FROM code_request`,
    candidates: sql`FROM code_candidate`,
  });
  await session.run(sql`
    CREATE TEMP TABLE ${identifier(into)} AS
    SELECT r.vocabulary, r.code, r.on_date, a.source_concept_id, a.target_concept_id, a.domain_id, a.relation, a.equivalence, a.origin
    FROM (${resolved}) a JOIN code_request r USING (request)`);
  for (const table of ["code_used", "distinct_code", "code_request", "code_candidate"])
    await session.run(sql`DROP TABLE ${identifier(table)}`);
}

/** Bounds the memory of the step; a batch is about a megabyte. */
const CODES_PER_BATCH = 5000;

/** Columns and their types, as the statements below name them. `number` stands for a distinct pair of vocabulary and code. */
const REQUEST = { request: sql`BIGINT`, number: sql`BIGINT`, on_date: sql`DATE` } as const;
const CANDIDATE = {
  ...{ number: sql`BIGINT`, rank: sql`INTEGER`, kind: sql`VARCHAR`, candidate_vocabulary: sql`VARCHAR`, candidate_code: sql`VARCHAR` },
  ...{ from_day: sql`DATE`, to_day: sql`DATE`, equivalence: sql`VARCHAR` },
} as const;

type CandidateRow = Readonly<Record<keyof typeof CANDIDATE, string | number | undefined>>;

/** Between cells. A text is bound up to its first zero byte, so that must not be in one either: the rest of the batch would be lost. */
const SEPARATOR = "\u001f";
/** A source's code with one of these becomes a code that no vocabulary lists. */
const NOT_IN_A_CODE = new RegExp(`[\\0${SEPARATOR}]`, "g");

/**
 * Rows as one bound text a column, split by the engine: several times as fast as a bound value a cell, or as JSON. What has not the
 * column's type, such as a day that does not exist, is NULL.
 */
function fromColumns<Column extends string>(
  rows: readonly Readonly<Record<Column, string | number | undefined>>[],
  columns: Readonly<Record<Column, Sql>>,
): Sql {
  const names = Object.keys(columns) as Column[]; // the keys of a record of just these
  const texts = names.map((name) => {
    const cells = rows.map((row) => String(row[name] ?? "").replace(NOT_IN_A_CODE, "\ufffd"));
    return sql`unnest(string_split(${cells.join(SEPARATOR)}, ${SEPARATOR})) AS ${identifier(name)}`;
  });
  const typed = names.map((name) => sql`TRY_CAST(nullif(${identifier(name)}, '') AS ${columns[name]}) AS ${identifier(name)}`);
  return sql`SELECT ${join(typed)} FROM (SELECT ${join(texts)}) ${rows.length === 0 ? sql`WHERE false` : emptySql}`;
}

/** The source's own spelling stands first, for the site's map only: a map may list codes as the hospital writes them. */
function candidateRows(number: number, code: Pick<SourceCode, "vocabulary" | "code">): readonly CandidateRow[] {
  const row = (rank: number, kind: CodeCandidate["kind"] | "written", candidate: Omit<CodeCandidate, "kind">): CandidateRow => ({
    ...{ number, rank, kind, candidate_vocabulary: candidate.vocabulary, candidate_code: candidate.code },
    ...{ from_day: candidate.from, to_day: candidate.to, equivalence: candidate.equivalence },
  });
  return [row(0, "written", code), ...codeCandidates(code).map((candidate, rank) => row(rank, candidate.kind, candidate))];
}

interface Questions {
  /** Rows (request, number, on_date). */
  readonly requests: Sql;
  /** Rows of `CANDIDATE`. */
  readonly candidates: Sql;
}

/** Rows (request, source_concept_id, target_concept_id, domain_id, relation, equivalence, origin), at least one for each request. */
function resolution(schema: string, { requests, candidates }: Questions): Sql {
  const at = identifier(schema);
  return sql`
    WITH asked AS MATERIALIZED (${requests}),
    candidate AS MATERIALIZED (${candidates}),
    mapped AS (
      SELECT s.*, s.valid_end_date = max(s.valid_end_date) OVER (PARTITION BY s.source_vocabulary_id, s.source_code) AS is_default
      FROM ${SITE_MAP} s WHERE s.invalid_reason IS NULL AND s.target_concept_id <> 0),
    by_site AS (
      SELECT DISTINCT a.request, m.target_concept_id, m.relation, m.equivalence
      FROM asked a JOIN candidate c ON c.number = a.number AND c.kind <> 'parent'
      JOIN mapped m ON m.source_vocabulary_id = c.candidate_vocabulary AND m.source_code = c.candidate_code
        AND CASE WHEN a.on_date IS NULL THEN m.is_default ELSE a.on_date BETWEEN m.valid_start_date AND m.valid_end_date END),
    listed AS (
      SELECT c.number, c.rank, c.kind, c.from_day AS first_day, c.to_day AS last_day, v.source_concept_id, v.from_day, v.to_day, v.is_default,
        v.target_concept_id, v.domain_id, v.relation, coalesce(c.equivalence, v.equivalence) AS equivalence
      FROM candidate c JOIN ${at}.code_resolution v ON v.vocabulary_id = c.candidate_vocabulary AND v.concept_code = c.candidate_code
      WHERE c.kind <> 'written'),
    found AS MATERIALIZED (
      SELECT b.request, -1 AS rank, 'site' AS kind, 0 AS source_concept_id, b.target_concept_id, t.domain_id, b.relation, b.equivalence
      FROM by_site b JOIN ${at}.concept t ON t.concept_id = b.target_concept_id
      UNION ALL
      SELECT a.request, l.rank, l.kind, l.source_concept_id, l.target_concept_id, l.domain_id, l.relation, l.equivalence
      FROM asked a JOIN listed l ON l.number = a.number
        AND CASE WHEN a.on_date IS NULL THEN l.is_default AND l.last_day IS NULL
          ELSE a.on_date BETWEEN l.from_day AND l.to_day AND a.on_date >= coalesce(l.first_day, a.on_date) AND a.on_date <= coalesce(l.last_day, a.on_date) END),
    best AS (
      SELECT request, min(rank) FILTER (WHERE target_concept_id IS NOT NULL) AS rank,
        arg_min(source_concept_id, rank) FILTER (WHERE kind = 'code') AS source_concept_id FROM found GROUP BY request)
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
