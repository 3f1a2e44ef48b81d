/** The empty tables of a snapshot, and what it says about itself: its rule of observation, its vocabulary, where it came from. */

import { CONCEPTS, createOmopTables, isSharedVocabulary, OMOP_VERSION, omopTables } from "@dure/clinical";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, join, sql } from "../store/clinical-sql.ts";

export interface SnapshotSource {
  /** For CDM_SOURCE: a name in words, and a short one. */
  readonly name: string;
  readonly abbreviation: string;
  /** Whose records these are. */
  readonly holder: string;
  /** The document that steered the load, by its name and version. */
  readonly etlReference: string;
}

export interface SnapshotVocabulary {
  /** The schema of the vocabulary tables. */
  readonly schema: string;
  readonly version: string;
}

/** All 39 tables of CDM v5.4: those of the vocabulary are views, since a vocabulary of millions of rows is shared by the snapshots. */
export async function createSnapshot(session: SqlSession, schema: string, vocabulary: SnapshotVocabulary): Promise<void> {
  await session.run(sql`CREATE SCHEMA ${identifier(schema)}`);
  for (const statement of createOmopTables(schema, (table) => !isSharedVocabulary(table))) {
    await session.run({ kind: "sql", parts: [statement] });
  }
  for (const table of omopTables.filter(isSharedVocabulary)) {
    await session.run(
      sql`CREATE VIEW ${identifier(schema)}.${identifier(table)} AS SELECT * FROM ${identifier(vocabulary.schema)}.${identifier(table)}`,
    );
  }
}

export interface SnapshotDescription extends SnapshotSource {
  readonly loadedAtMs: number;
  readonly exportDate: string;
  readonly ruleText: string;
  readonly vocabulary: SnapshotVocabulary;
}

export async function describeSnapshot(session: SqlSession, schema: string, description: SnapshotDescription): Promise<void> {
  const { name, abbreviation, holder, etlReference, loadedAtMs, exportDate, ruleText, vocabulary } = description;
  const facts = [
    ["CDM version", OMOP_VERSION],
    ["observation period rule", ruleText],
  ] as const;
  const rows = facts.map(([fact, value], i) => sql`(${integer(i + 1)}, 0, 0, ${fact}, left(${value}, 250))`);
  await session.run(sql`
    INSERT INTO ${identifier(schema)}.metadata (metadata_id, metadata_concept_id, metadata_type_concept_id, name, value_as_string) VALUES ${join(rows)}`);
  const loadDate = new Date(loadedAtMs).toISOString().slice(0, 10);
  await session.run(sql`
    INSERT INTO ${identifier(schema)}.cdm_source
      (cdm_source_name, cdm_source_abbreviation, cdm_holder, cdm_etl_reference, source_release_date, cdm_release_date, cdm_version,
       cdm_version_concept_id, vocabulary_version)
    VALUES (left(${name}, 255), left(${abbreviation}, 25), left(${holder}, 255), left(${etlReference}, 255),
      ${exportDate}::DATE, ${loadDate}::DATE, ${OMOP_VERSION}, ${integer(CONCEPTS["cdm-5.4"].id)}, left(${vocabulary.version}, 20))`);
}
