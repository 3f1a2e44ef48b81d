/**
 * What a new vocabulary would change, told before it is accepted: an update can make standard concepts non-standard and move them to
 * another domain, and cohorts then lose persons without a word (OHDSI/Atlas issue 2934).
 *
 * Only what the hospital uses is told one by one: concepts of the newest snapshot with their rows by table, codes of its sources, the
 * site's map, and the documents given (mappings, research tables, cohorts). Everything else is a count.
 */

import { OMOP_TABLES, type OmopTable, omopFields, omopTables } from "@dure/clinical";
import type { DocumentConcept } from "@dure/clinical/vocabulary";
import { DureError } from "@dure/kernel";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, join, type Sql, sql, textLiteral } from "../store/clinical-sql.ts";
import { snapshotSchema } from "../store/clinical-store.ts";
import { type SiteMapFault, siteMapFaults } from "./site-map.ts";
import { noCandidate } from "./vocabulary-problems.ts";
import { ensureVocabulary, findVocabulary, type StoredVocabulary } from "./vocabulary-store.ts";
import { OWN_VOCABULARY } from "./vocabulary-tables.ts";

/** `missing`: the new vocabulary does not have the concept. */
export type ConceptChange = "missing" | "invalid" | "non-standard" | "domain";

export interface ChangedConcept {
  readonly conceptId: number;
  readonly name: string;
  readonly change: ConceptChange;
  readonly domainBefore: string;
  readonly domainAfter: string | null;
  /** Standard concepts of the new vocabulary that take its place. */
  readonly instead: readonly number[];
}

export interface UsedConceptChange extends ChangedConcept {
  /** Rows of the newest snapshot whose concept it is. */
  readonly rowsByTable: Readonly<Partial<Record<OmopTable, number>>>;
}

export interface CodeChange {
  readonly vocabulary: string;
  readonly code: string;
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly change: "newly-mapped" | "newly-unmapped" | "other-target";
  /** Rows of the newest snapshot that carry the code. */
  readonly rowCount: number;
}

export interface DocumentChange {
  readonly document: string;
  readonly concepts: readonly ChangedConcept[];
  /** Of concepts that the document takes with all below them. */
  readonly descendants: readonly { readonly conceptId: number; readonly added: number; readonly removed: number }[];
}

export interface VocabularyDifference {
  readonly from: StoredVocabulary;
  readonly to: StoredVocabulary;
  /** Of which the rows are counted; null where nothing is loaded. */
  readonly snapshot: number | null;
  /** Over the whole vocabulary. */
  readonly conceptCounts: Readonly<Record<ConceptChange | "added", number>>;
  /** Most rows first, `LISTED_MAX` at most; `usedConceptCount` is the whole. */
  readonly usedConcepts: readonly UsedConceptChange[];
  readonly usedConceptCount: number;
  readonly codes: readonly CodeChange[];
  readonly codeCount: number;
  /** Rows of the site's map that the new vocabulary does not take: a load refuses them by name until they are changed. */
  readonly siteMap: readonly SiteMapFault[];
  /** Those that are touched. */
  readonly documents: readonly DocumentChange[];
}

export interface ComparedDocument {
  readonly name: string;
  readonly concepts: readonly DocumentConcept[];
}

/** Nobody reads more; a program that needs all reads the store. */
const LISTED_MAX = 500;

/**
 * Compares the vocabulary in use with the candidate. For a session of a load, which is then not kept.
 * Set-wise: a pass over both vocabularies and one over each concept column of the snapshot. Disclosure: counts of rows; stays at the site.
 * @throws DureError `vocabulary/no-candidate`
 */
export async function compareVocabularies(session: SqlSession, documents: readonly ComparedDocument[] = []): Promise<VocabularyDifference> {
  await ensureVocabulary(session);
  const [from, to] = [await findVocabulary(session, "current"), await findVocabulary(session, "candidate")];
  if (from === undefined || to === undefined) throw new DureError(noCandidate());
  await findChangedConcepts(session, from.schema, to.schema);
  const [newest] = await session.rows(sql`SELECT max(number) FROM dure.snapshot`);
  const snapshot = newest?.[0] === null || newest?.[0] === undefined ? null : Number(newest[0]);
  const usedConcepts = snapshot === null ? [] : await usedConceptChanges(session, snapshot, to.schema);
  const codes = snapshot === null ? [] : await codeChanges(session, snapshot, [from.schema, to.schema]);
  const touched: DocumentChange[] = [];
  for (const document of documents) {
    const change = await documentChange(session, document, [from.schema, to.schema]);
    if (change.concepts.length + change.descendants.length > 0) touched.push(change);
  }
  return {
    ...{ from, to, snapshot, conceptCounts: await countChanges(session, from.schema, to.schema) },
    ...{ usedConcepts: usedConcepts.slice(0, LISTED_MAX), usedConceptCount: usedConcepts.length },
    ...{ codes: codes.slice(0, LISTED_MAX), codeCount: codes.length },
    siteMap: await siteMapFaults(session, to.schema),
    documents: touched,
  };
}

/** The temporary table `changed_concept`: standard concepts of the old vocabulary that the new one does not take as they were. */
async function findChangedConcepts(session: SqlSession, from: string, to: string): Promise<void> {
  await session.run(sql`
    CREATE OR REPLACE TEMP TABLE changed_concept AS
    SELECT * FROM (
      SELECT o.concept_id, o.concept_name, o.vocabulary_id, o.concept_code, o.domain_id AS domain_before, n.domain_id AS domain_after,
        CASE WHEN n.concept_id IS NULL THEN 'missing' WHEN n.invalid_reason IS NOT NULL THEN 'invalid'
          WHEN n.standard_concept IS DISTINCT FROM 'S' THEN 'non-standard' WHEN n.domain_id <> o.domain_id THEN 'domain' END AS change
      FROM ${identifier(from)}.concept o LEFT JOIN ${identifier(to)}.concept n ON n.concept_id = o.concept_id
      WHERE o.standard_concept = 'S' AND o.invalid_reason IS NULL AND o.vocabulary_id <> ${OWN_VOCABULARY})
    WHERE change IS NOT NULL`);
}

async function countChanges(session: SqlSession, from: string, to: string): Promise<VocabularyDifference["conceptCounts"]> {
  const rows = await session.rows(sql`SELECT change, count(*) FROM changed_concept GROUP BY change`);
  const byChange = new Map(rows.map(([change, count]) => [String(change), Number(count)]));
  const added = await session.count(sql`
    SELECT count(*) FROM ${identifier(to)}.concept n ANTI JOIN ${identifier(from)}.concept o ON o.concept_id = n.concept_id`);
  const count = (change: ConceptChange): number => byChange.get(change) ?? 0;
  return { added, missing: count("missing"), invalid: count("invalid"), "non-standard": count("non-standard"), domain: count("domain") };
}

/** The new vocabulary's standard concepts of a code that has changed, as `1,2`. */
const inPlaceOf = (to: string): Sql => sql`
  (SELECT coalesce(string_agg(DISTINCT r.target_concept_id, ',' ORDER BY r.target_concept_id), '') FROM ${identifier(to)}.code_resolution r
   WHERE r.vocabulary_id = c.vocabulary_id AND r.concept_code = c.concept_code AND r.source_concept_id = c.concept_id AND r.relation = 'event')`;

const CHANGE_COLUMNS = sql`c.concept_id, c.concept_name, c.change, c.domain_before, c.domain_after`;

async function usedConceptChanges(session: SqlSession, snapshot: number, to: string): Promise<readonly UsedConceptChange[]> {
  const rows = await session.rows(sql`
    WITH used AS (${usesIn(snapshot, "standard")}), counted AS (
      SELECT concept_id, table_name, sum(row_count)::BIGINT AS row_count, sum(sum(row_count)) OVER (PARTITION BY concept_id)::BIGINT AS whole
      FROM used SEMI JOIN changed_concept USING (concept_id) GROUP BY concept_id, table_name)
    SELECT ${CHANGE_COLUMNS}, ${inPlaceOf(to)} AS instead, u.table_name, u.row_count
    FROM counted u JOIN changed_concept c ON c.concept_id = u.concept_id ORDER BY u.whole DESC, c.concept_id, u.table_name`);
  const byConcept = new Map<number, UsedConceptChange>();
  for (const row of rows) {
    const changed = changedConcept(row);
    const before = byConcept.get(changed.conceptId)?.rowsByTable ?? {};
    byConcept.set(changed.conceptId, { ...changed, rowsByTable: { ...before, [String(row[6])]: Number(row[7]) } });
  }
  return [...byConcept.values()];
}

function changedConcept([conceptId, name, change, domainBefore, domainAfter, instead]: readonly unknown[]): ChangedConcept {
  return {
    conceptId: Number(conceptId),
    name: String(name),
    change: change as ConceptChange, // the statement names no other
    domainBefore: String(domainBefore),
    domainAfter: domainAfter === null || domainAfter === undefined ? null : String(domainAfter),
    instead: idsOf(instead),
  };
}

const idsOf = (list: unknown): readonly number[] =>
  String(list ?? "")
    .split(",")
    .filter((part) => part !== "")
    .map(Number);

/** Rows (concept_id, table_name, row_count) over all columns of a snapshot that hold standard concepts, or all that hold source concepts. */
function usesIn(snapshot: number, kind: "standard" | "source"): Sql {
  const columns = omopTables
    .filter((table) => OMOP_TABLES[table].schema === "CDM")
    .flatMap((table) =>
      omopFields(table)
        .filter(
          ([name, { references }]) => references === "concept.concept_id" && name.includes("source_concept_id") === (kind === "source"),
        )
        .map(([name]) => ({ table, name })),
    );
  return join(
    columns.map(
      ({ table, name }) => sql`
        SELECT ${identifier(name)} AS concept_id, ${textLiteral(table)} AS table_name, count(*) AS row_count
        FROM ${identifier(snapshotSchema(snapshot))}.${identifier(table)} WHERE ${identifier(name)} > 0 GROUP BY 1`,
    ),
    " UNION ALL ",
  );
}

async function codeChanges(session: SqlSession, snapshot: number, [from, to]: readonly [string, string]): Promise<readonly CodeChange[]> {
  const targets = (schema: string): Sql => sql`
    SELECT vocabulary_id, concept_code, source_concept_id, string_agg(target_concept_id, ',' ORDER BY target_concept_id) FILTER (WHERE relation = 'event') AS ids
    FROM ${identifier(schema)}.code_resolution WHERE source_concept_id IN (SELECT concept_id FROM used) GROUP BY ALL`;
  const rows = await session.rows(sql`
    WITH used AS (SELECT concept_id, sum(row_count)::BIGINT AS row_count FROM (${usesIn(snapshot, "source")}) GROUP BY concept_id),
    old AS (${targets(from)}), new AS (${targets(to)})
    SELECT coalesce(o.vocabulary_id, n.vocabulary_id), coalesce(o.concept_code, n.concept_code), coalesce(o.ids, ''), coalesce(n.ids, ''), u.row_count
    FROM used u LEFT JOIN old o ON o.source_concept_id = u.concept_id LEFT JOIN new n ON n.source_concept_id = u.concept_id
    WHERE coalesce(o.ids, '') <> coalesce(n.ids, '') ORDER BY u.row_count DESC, 1, 2`);
  return rows.map(([vocabulary, code, before, after, rowCount]) => ({
    ...{ vocabulary: String(vocabulary), code: String(code), before: idsOf(before), after: idsOf(after), rowCount: Number(rowCount) },
    change: before === "" ? "newly-mapped" : after === "" ? "newly-unmapped" : "other-target",
  }));
}

async function documentChange(
  session: SqlSession,
  document: ComparedDocument,
  [from, to]: readonly [string, string],
): Promise<DocumentChange> {
  const ids = (concepts: readonly DocumentConcept[]): Sql => join([integer(-1), ...concepts.map(({ conceptId }) => integer(conceptId))]);
  const rows = await session.rows(sql`
    SELECT ${CHANGE_COLUMNS}, ${inPlaceOf(to)} FROM changed_concept c WHERE c.concept_id IN (${ids(document.concepts)}) ORDER BY c.concept_id`);
  const below = ids(document.concepts.filter(({ hasDescendants }) => hasDescendants));
  const lacking = (here: string, there: string): Sql => sql`
    SELECT a.ancestor_concept_id AS id, count(*) AS n FROM ${identifier(here)}.concept_ancestor a
    ANTI JOIN ${identifier(there)}.concept_ancestor b ON b.ancestor_concept_id = a.ancestor_concept_id AND b.descendant_concept_id = a.descendant_concept_id
    WHERE a.ancestor_concept_id IN (${below}) GROUP BY 1`;
  const descendants = await session.rows(sql`
    SELECT coalesce(p.id, m.id) AS id, coalesce(p.n, 0), coalesce(m.n, 0) FROM (${lacking(to, from)}) p FULL JOIN (${lacking(from, to)}) m ON m.id = p.id ORDER BY 1`);
  return {
    document: document.name,
    concepts: rows.map(changedConcept),
    descendants: descendants.map(([conceptId, added, removed]) => ({
      conceptId: Number(conceptId),
      added: Number(added),
      removed: Number(removed),
    })),
  };
}
