/**
 * The vocabularies of a store: one in use, perhaps one that waits to be accepted, and older ones that kept snapshots still look into.
 *
 * Each stands in a schema of its own, `vocabulary_<number>`, and is not changed once loaded, but for concepts that a newer version of
 * this program brings along. A snapshot's vocabulary tables are views of one of them, so three snapshots cost one vocabulary.
 */

import { DureError } from "@dure/kernel";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, sql } from "../store/clinical-sql.ts";
import type { CodeLookup } from "./code-lookup.ts";
import { createCodeResolution } from "./code-resolution-sql.ts";
import { findChangeDays, lookUpCodes, resolveCodeSet } from "./resolve-codes.ts";
import { ensureSiteMap, siteMapFaults } from "./site-map.ts";
import { nonStandardTarget } from "./vocabulary-problems.ts";
import { addOwnConcepts, createVocabularyTables } from "./vocabulary-tables.ts";

/** `candidate`: loaded, not yet accepted. `former`: only kept snapshots look into it. */
export type VocabularyState = "current" | "candidate" | "former";

export interface StoredVocabulary {
  readonly number: number;
  readonly schema: string;
  /** VOCABULARY.vocabulary_version of the row `None`, such as `v5.0 27-FEB-26`; `none` for this program's own concepts alone. */
  readonly version: string;
  readonly state: VocabularyState;
}

export const vocabularySchema = (number: number): string => `vocabulary_${number}`;

/** The version of a store that has only this program's own concepts. */
export const NO_VERSION = "none";

/**
 * The vocabulary in use. A store without one gets this program's own concepts. Writes: for a session of a load.
 * All vocabulary tables of OMOP CDM v5.4 stand in the schema; SOURCE_TO_CONCEPT_MAP is the vocabulary's own and mostly empty, a
 * snapshot's comes from `copySiteMap`.
 */
export async function ensureVocabulary(session: SqlSession): Promise<{ readonly schema: string; readonly version: string }> {
  await ensureVocabularyBookkeeping(session);
  const current = await findVocabulary(session, "current");
  if (current !== undefined) {
    const added = await addOwnConcepts(session, current.schema);
    if (added > 0) await createCodeResolution(session, current.schema);
    return { schema: current.schema, version: current.version };
  }
  const schema = vocabularySchema(0);
  await createVocabularyTables(session, schema);
  await addOwnConcepts(session, schema);
  await createCodeResolution(session, schema);
  await session.run(sql`INSERT INTO dure.vocabulary VALUES (0, ${NO_VERSION}, 'current', NULL)`);
  return { schema, version: NO_VERSION };
}

/**
 * Codes by the vocabulary in use. Writes what `ensureVocabulary` writes.
 * @throws DureError `vocabulary/non-standard-target` for each concept that the site's map must not point at, as `checkSiteMap` does
 */
export async function codeLookup(session: SqlSession): Promise<CodeLookup> {
  const { schema, version } = await ensureVocabulary(session);
  await checkSiteMap(session);
  return codeLookupIn(schema, version);
}

/** @throws DureError `vocabulary/non-standard-target`, one problem for each concept, with what stands in its place */
export async function checkSiteMap(session: SqlSession): Promise<void> {
  const { schema } = await ensureVocabulary(session);
  const faults = await siteMapFaults(session, schema);
  const problems = faults.map(({ conceptId, instead, rowCount }) => nonStandardTarget(conceptId, instead, rowCount));
  if (problems.length > 0) throw new DureError(problems);
}

/** Codes by one vocabulary of the store, accepted or not. */
export const codeLookupIn = (schema: string, version: string): CodeLookup => ({
  vocabularyVersion: version,
  lookUp: (session, codes) => lookUpCodes(session, schema, codes),
  changeDays: (session, codes) => findChangeDays(session, schema, codes),
  resolveSet: (session, codes, into) => resolveCodeSet(session, schema, codes, into),
});

/** Ascending by number. Empty for a store that no load has written to. */
export async function listVocabularies(session: SqlSession): Promise<readonly StoredVocabulary[]> {
  const known = await session.count(sql`
    SELECT count(*) FROM information_schema.tables WHERE table_schema = 'dure' AND table_name = 'vocabulary'`);
  if (known === 0) return [];
  const rows = await session.rows(sql`SELECT number, version, state FROM dure.vocabulary ORDER BY number`);
  return rows.map(([number, version, state]) => ({
    number: Number(number),
    schema: vocabularySchema(Number(number)),
    version: String(version),
    state: state as VocabularyState, // written by this folder only
  }));
}

export async function findVocabulary(session: SqlSession, state: "current" | "candidate"): Promise<StoredVocabulary | undefined> {
  return (await listVocabularies(session)).find((vocabulary) => vocabulary.state === state);
}

/**
 * Drops every former vocabulary that no snapshot looks into. A load calls it after it has dropped old snapshots.
 * @returns the numbers of those dropped
 */
export async function dropUnusedVocabularies(session: SqlSession): Promise<readonly number[]> {
  const unused: number[] = [];
  for (const { number, schema, state } of await listVocabularies(session)) {
    if (state !== "former" || (await snapshotsOf(session, schema)).length > 0) continue;
    await session.run(sql`DROP SCHEMA ${identifier(schema)} CASCADE`);
    await session.run(sql`DELETE FROM dure.vocabulary WHERE number = ${integer(number)}`);
    unused.push(number);
  }
  return unused;
}

/** Numbers of the snapshots whose views look into a vocabulary. */
export async function snapshotsOf(session: SqlSession, schema: string): Promise<readonly number[]> {
  const pattern = `[^a-z0-9_]${schema}[^a-z0-9_]`; // vocabulary_1 is not vocabulary_12
  const rows = await session.rows(sql`
    SELECT DISTINCT regexp_extract(schema_name, '^snapshot_([0-9]+)$', 1)::INTEGER AS number FROM duckdb_views()
    WHERE regexp_matches(schema_name, '^snapshot_[0-9]+$') AND regexp_matches(sql, ${pattern}) ORDER BY number`);
  return rows.map(([number]) => Number(number));
}

export async function ensureVocabularyBookkeeping(session: SqlSession): Promise<void> {
  await ensureSiteMap(session);
  await session.run(sql`
    CREATE TABLE IF NOT EXISTS dure.vocabulary (number INTEGER NOT NULL, version VARCHAR NOT NULL, state VARCHAR NOT NULL, report VARCHAR)`);
}
