/**
 * Concepts whose names resemble what a hospital calls its codes.
 *
 * Every name and synonym of the vocabulary, in every language and of every concept, standard or not, is cut into words; Korean, which is not
 * spaced by word, into pairs of syllables; of a long word its beginning counts too. A code's name is cut the same way. Names are compared by the weight of the words they share (the
 * rarer the heavier: inverse document frequency, cosine), all codes at once in the SQL engine; the best fifty of each are then ordered by how
 * their letters agree too (trigrams, Dice), which sees spelling. A name that is not of a standard concept, such as the Korean synonym of a KCD
 * or EDI code, leads to the standard concepts that its code maps to.
 *
 * Salton and Buckley, "Term-weighting approaches in automatic text retrieval", Inf. Process. Manag. 24 (1988) 513-523; Dice, Ecology 26 (1945).
 */

import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, sql } from "../store/clinical-sql.ts";

export interface NamedCode {
  readonly code: string;
  /** Its names, in any language. */
  readonly names: readonly string[];
}

export interface Suggestion {
  readonly conceptId: number;
  readonly conceptName: string;
  readonly domain: string;
  readonly vocabulary: string;
  /** 0 to 1; 1 only for equal names. */
  readonly score: number;
}

export interface SuggestOptions {
  /** Of the vocabulary in use. */
  readonly schema: string;
  /** Only concepts of this domain. */
  readonly domain?: string;
  readonly perCode: number;
}

/** Candidates of one code that are compared letter by letter. */
const CANDIDATES = 50;
/** A word in more names than this tells nothing, and would join millions of rows. */
const NAMES_OF_WORD_MAX = 20_000;
const COSINE_WEIGHT = 0.7;
/** Longer words count by their beginning too: endings differ between singular and plural, Latin and English, and where people mistype. */
const STEM_LETTERS = 5;

/**
 * Creates `term` (term_id, concept_id, normal, weight) and `term_word` (word, term_id, idf) in the vocabulary's schema where they are not
 * there yet: once a vocabulary. Set-wise and in time linear in the names, but for a sort. Writes: for a session of a load.
 */
export async function ensureTermIndex(session: SqlSession, schema: string): Promise<void> {
  const at = identifier(schema);
  const there = await session.count(sql`SELECT count(*) FROM duckdb_tables() WHERE schema_name = ${schema} AND table_name = 'term_word'`);
  if (there > 0) return;
  await createWords(session);
  await session.run(sql`
    CREATE OR REPLACE TABLE ${at}.term AS
    SELECT row_number() OVER (ORDER BY concept_id, normal)::INTEGER AS term_id, concept_id, normal, 0.0::DOUBLE AS weight FROM (
      SELECT DISTINCT concept_id, dure_normal(name) AS normal FROM (
        SELECT concept_id, concept_name AS name FROM ${at}.concept WHERE concept_id <> 0
        UNION ALL SELECT concept_id, concept_synonym_name FROM ${at}.concept_synonym)) WHERE normal <> ''`);
  await session.run(sql`CREATE OR REPLACE TEMP TABLE cut AS SELECT term_id, unnest(dure_words(normal)) AS word FROM ${at}.term`);
  const terms = await session.count(sql`SELECT count(*) FROM ${at}.term`);
  await session.run(sql`
    CREATE OR REPLACE TEMP TABLE word_idf AS SELECT word, count(*) AS names, ln(1 + ${terms}::DOUBLE / count(*)) AS idf FROM cut GROUP BY word`);
  await session.run(sql`
    CREATE OR REPLACE TABLE ${at}.term AS
    SELECT t.term_id, t.concept_id, t.normal, w.weight FROM ${at}.term t JOIN (
      SELECT term_id, sqrt(sum(idf * idf)) AS weight FROM cut JOIN word_idf USING (word) GROUP BY term_id) w USING (term_id) ORDER BY t.term_id`);
  await session.run(sql`
    CREATE TABLE ${at}.term_word AS
    SELECT word, term_id, idf FROM cut JOIN word_idf USING (word) WHERE names <= ${integer(NAMES_OF_WORD_MAX)} ORDER BY word, term_id`);
  await session.run(sql`DROP TABLE cut`);
  await session.run(sql`DROP TABLE word_idf`);
}

/** One spelling for names that differ in case, accents and punctuation only; and its distinct words. */
async function createWords(session: SqlSession): Promise<void> {
  await session.run(sql`
    CREATE OR REPLACE TEMP MACRO dure_normal(name) AS
      trim(regexp_replace(lower(strip_accents(nfc_normalize(name))), '[^a-z0-9가-힣]+', ' ', 'g'))`);
  await session.run(sql`
    CREATE OR REPLACE TEMP MACRO dure_words(normal) AS list_distinct(flatten(list_transform(
      regexp_extract_all(normal, '[a-z0-9]+|[가-힣]+'),
      lambda word: CASE WHEN length(word) > 1 AND regexp_matches(word, '[가-힣]')
        THEN list_transform(range(1, length(word)), lambda i: substr(word, i::INTEGER, 2))
        WHEN length(word) >= ${integer(STEM_LETTERS)} + 1 THEN [word, left(word, ${integer(STEM_LETTERS)}) || '~'] ELSE [word] END)))`);
}

/**
 * @returns by code, best first. Complexity: rows of `term_word` that share a word with the codes.
 * Codes without any name that resembles another have none.
 */
export async function suggestConcepts(
  session: SqlSession,
  codes: readonly NamedCode[],
  options: SuggestOptions,
): Promise<ReadonlyMap<string, readonly Suggestion[]>> {
  await createWords(session);
  await session.run(sql`CREATE OR REPLACE TEMP TABLE asked_name (code VARCHAR, name VARCHAR)`);
  await session.append(
    "asked_name",
    ["text", "text"],
    codes.flatMap(({ code, names }) => names.map((name) => [code, name])),
  );
  await session.run(
    sql`CREATE OR REPLACE TEMP TABLE asked AS SELECT DISTINCT code, dure_normal(name) AS normal FROM asked_name WHERE dure_normal(name) <> ''`,
  );
  const rows = await session.rows(candidates(options));
  await session.run(sql`DROP TABLE asked_name`);
  await session.run(sql`DROP TABLE asked`);
  return ranked(rows, options.perCode);
}

/** A word that no name has, such as a misspelt one, weighs half of the rarest: its beginning may still agree. */
function candidates({ schema, domain }: SuggestOptions) {
  const at = identifier(schema);
  const inDomain = domain === undefined ? sql`true` : sql`c.domain_id = ${domain}`;
  return sql`
    WITH words AS (SELECT code, normal, unnest(dure_words(normal)) AS word FROM asked),
    shared AS (
      SELECT w.code, w.normal, t.term_id, sum(t.idf * t.idf) AS dot FROM words w JOIN ${at}.term_word t USING (word) GROUP BY ALL),
    known AS (SELECT word, any_value(idf) AS idf FROM ${at}.term_word WHERE word IN (SELECT word FROM words) GROUP BY word),
    asked_weight AS (SELECT code, normal, sqrt(sum(coalesce(idf, ln(1 + (SELECT count(*) FROM ${at}.term)) / 2) ** 2)) AS weight FROM words LEFT JOIN known USING (word) GROUP BY ALL),
    found AS (
      SELECT s.code, s.normal, t.normal AS term, t.concept_id, s.dot / (t.weight * a.weight) AS cosine
      FROM shared s JOIN ${at}.term t USING (term_id) JOIN asked_weight a ON a.code = s.code AND a.normal = s.normal),
    standard AS (
      SELECT f.code, f.normal, f.term, f.cosine, coalesce(m.target_concept_id, f.concept_id) AS concept_id
      FROM found f JOIN ${at}.concept own ON own.concept_id = f.concept_id
      LEFT JOIN ${at}.code_resolution m ON m.vocabulary_id = own.vocabulary_id AND m.concept_code = own.concept_code
        AND m.source_concept_id = own.concept_id AND m.relation = 'event')
    SELECT s.code, s.normal, s.term, s.cosine, c.concept_id, c.concept_name, c.domain_id, c.vocabulary_id
    FROM standard s JOIN ${at}.concept c ON c.concept_id = s.concept_id
    WHERE c.standard_concept = 'S' AND c.invalid_reason IS NULL AND ${inDomain}
    QUALIFY row_number() OVER (PARTITION BY s.code ORDER BY s.cosine DESC, length(s.term), c.concept_id) <= ${integer(CANDIDATES)}
    ORDER BY s.code`;
}

function ranked(rows: readonly (readonly unknown[])[], perCode: number): ReadonlyMap<string, readonly Suggestion[]> {
  const best = new Map<string, Map<number, Suggestion>>();
  for (const [code, normal, term, cosine, conceptId, conceptName, domain, vocabulary] of rows) {
    const score = scoreOf(String(normal), String(term), Number(cosine));
    const ofCode = best.get(String(code)) ?? new Map<number, Suggestion>();
    best.set(String(code), ofCode);
    const id = Number(conceptId);
    if ((ofCode.get(id)?.score ?? -1) >= score) continue;
    ofCode.set(id, { conceptId: id, conceptName: String(conceptName), domain: String(domain), vocabulary: String(vocabulary), score });
  }
  const order = (a: Suggestion, b: Suggestion): number =>
    b.score - a.score || a.conceptName.length - b.conceptName.length || a.conceptId - b.conceptId;
  return new Map([...best].map(([code, ofCode]) => [code, [...ofCode.values()].sort(order).slice(0, perCode)]));
}

function scoreOf(asked: string, term: string, cosine: number): number {
  if (asked === term) return 1;
  return Math.min(0.999, COSINE_WEIGHT * Math.min(1, cosine) + (1 - COSINE_WEIGHT) * dice(trigrams(asked), trigrams(term)));
}

function trigrams(value: string): ReadonlySet<string> {
  const padded = ` ${value} `;
  return new Set(Array.from({ length: Math.max(1, padded.length - 2) }, (_, i) => padded.slice(i, i + 3)));
}

const dice = (a: ReadonlySet<string>, b: ReadonlySet<string>): number =>
  (2 * [...a].filter((gram) => b.has(gram)).length) / (a.size + b.size);
