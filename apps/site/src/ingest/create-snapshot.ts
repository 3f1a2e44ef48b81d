/** The empty tables of a snapshot, and what it says about itself: its concepts, its rule of observation, where it came from. */

import { CONCEPTS, conceptNames, createOmopTables, findConcept, LOCAL_CONCEPT_ID_MIN, type Mapping, OMOP_VERSION } from "@dure/clinical";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, join, sql } from "../store/clinical-sql.ts";

export interface SnapshotSource {
  readonly mapping: Mapping;
  /** Whose records these are. */
  readonly holder: string;
  readonly loadedAtMs: number;
}

export async function createSnapshot(session: SqlSession, schema: string, source: SnapshotSource): Promise<void> {
  await session.run(sql`CREATE SCHEMA ${identifier(schema)}`);
  for (const statement of createOmopTables(schema)) await session.run({ kind: "sql", parts: [statement] });
  const concepts = conceptNames.map((name) => {
    const { id, name: conceptName, domain, vocabulary, code } = findConcept(name);
    const standard = id < LOCAL_CONCEPT_ID_MIN ? "S" : null;
    return sql`(${integer(id)}, ${conceptName}, ${domain}, ${vocabulary}, 'Undefined', ${standard}, ${code}, DATE '1970-01-01', DATE '2099-12-31')`;
  });
  await session.run(sql`
    INSERT INTO ${identifier(schema)}.concept
      (concept_id, concept_name, domain_id, vocabulary_id, concept_class_id, standard_concept, concept_code, valid_start_date, valid_end_date)
    VALUES ${join(concepts)}`);
  const { mapping, holder, loadedAtMs } = source;
  await session.run(sql`
    INSERT INTO ${identifier(schema)}.metadata (metadata_id, metadata_concept_id, metadata_type_concept_id, name, value_as_string)
    VALUES (1, 0, 0, 'CDM version', ${OMOP_VERSION}), (2, 0, 0, 'observation period rule', ${mapping.observationPeriod.rule.en})`);
  // There is no release of the source apart from the exports of this load, so both dates are the load's.
  const loaded = sql`${new Date(loadedAtMs).toISOString().slice(0, 10)}::DATE`;
  await session.run(sql`
    INSERT INTO ${identifier(schema)}.cdm_source
      (cdm_source_name, cdm_source_abbreviation, cdm_holder, cdm_etl_reference, source_release_date, cdm_release_date, cdm_version,
       cdm_version_concept_id, vocabulary_version)
    VALUES (left(${mapping.title.en}, 255), left(${mapping.id}, 25), left(${holder}, 255), ${`mapping ${mapping.id} version ${mapping.version}`},
      ${loaded}, ${loaded}, ${OMOP_VERSION}, ${integer(CONCEPTS["cdm-5.4"].id)}, 'none')`);
}
