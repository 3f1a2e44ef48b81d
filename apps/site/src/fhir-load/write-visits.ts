/**
 * Staged encounters into VISIT_OCCURRENCE and VISIT_DETAIL: an encounter that is a part of another is a detail of the outermost one. One
 * whose whole is not among the resources, or that is a part of itself by way of others, is a visit of its own.
 */

import type { SnapshotContext } from "../load/contributor.ts";
import { identifier, integer, sql } from "../store/clinical-sql.ts";
import { X } from "./exclusion-codes.ts";

/** Deeper nesting is an error of the source. */
const DEPTH_MAX = 10;

/** Leaves `fhir_encounter (encounter, resource, person_id, visit_occurrence_id, visit_detail_id, start_date, x)`. */
export async function writeVisits({ session, schema }: SnapshotContext): Promise<void> {
  await session.run(sql`
    CREATE TEMP TABLE fhir_root AS
    WITH RECURSIVE known AS (
      SELECT v.encounter, v.part_of, v.row_id, v.detail_id FROM fhir_visit v JOIN fhir_patient k ON k.patient = v.patient AND k.x <> ${integer(X.optedOut)}),
    up AS (
      SELECT k.encounter, k.row_id AS root, NULL::BIGINT AS parent_detail, 0 AS depth FROM known k
      LEFT JOIN known p ON p.encounter = k.part_of WHERE p.encounter IS NULL
      UNION ALL
      SELECT k.encounter, up.root, CASE WHEN up.depth > 0 THEN p.detail_id END, up.depth + 1
      FROM known k JOIN up ON up.encounter = k.part_of JOIN known p ON p.encounter = up.encounter WHERE up.depth < ${integer(DEPTH_MAX)})
    SELECT encounter, root, parent_detail, depth FROM up`);
  await session.run(sql`
    CREATE TEMP TABLE fhir_encounter AS
    SELECT v.encounter, v.resource, k.person_id, coalesce(r.root, v.row_id) AS visit_occurrence_id,
      CASE WHEN r.depth > 0 THEN v.detail_id END AS visit_detail_id, r.parent_detail, v.start_date,
      CASE WHEN k.patient IS NULL THEN ${integer(X.unknownPatient)} WHEN k.x = ${integer(X.optedOut)} THEN ${integer(X.optedOut)} ELSE ${integer(X.none)} END AS x
    FROM fhir_visit v LEFT JOIN fhir_patient k ON k.patient = v.patient LEFT JOIN fhir_root r ON r.encounter = v.encounter`);
  const staged = sql`
    FROM fhir_encounter e JOIN fhir_visit v ON v.encounter = e.encounter LEFT JOIN fhir_provider p ON p.provider = v.provider
    LEFT JOIN fhir_care_site c ON c.care_site = v.care_site WHERE e.x = ${integer(X.none)}`;
  const values = sql`e.person_id, v.concept, v.start_date, v.start_time::TIMESTAMP, v.end_date, v.end_time::TIMESTAMP, v.type, p.row_id, c.row_id,
    v.source_value, v.admitted, v.admitted_source, v.discharged, v.discharged_source`;
  await session.run(sql`
    INSERT INTO ${identifier(schema)}.visit_occurrence (visit_occurrence_id, person_id, visit_concept_id, visit_start_date, visit_start_datetime,
      visit_end_date, visit_end_datetime, visit_type_concept_id, provider_id, care_site_id, visit_source_value, admitted_from_concept_id,
      admitted_from_source_value, discharged_to_concept_id, discharged_to_source_value)
    SELECT v.row_id, ${values} ${staged} AND e.visit_detail_id IS NULL`);
  await session.run(sql`
    INSERT INTO ${identifier(schema)}.visit_detail (visit_detail_id, visit_occurrence_id, parent_visit_detail_id, person_id, visit_detail_concept_id,
      visit_detail_start_date, visit_detail_start_datetime, visit_detail_end_date, visit_detail_end_datetime, visit_detail_type_concept_id,
      provider_id, care_site_id, visit_detail_source_value, admitted_from_concept_id, admitted_from_source_value, discharged_to_concept_id,
      discharged_to_source_value)
    SELECT e.visit_detail_id, e.visit_occurrence_id, e.parent_detail, ${values} ${staged} AND e.visit_detail_id IS NOT NULL`);
}

/** Leaves `fhir_payer_placed (resource, resource_type, x)`. */
export async function writePayers({ session, schema }: SnapshotContext): Promise<void> {
  await session.run(sql`
    CREATE TEMP TABLE fhir_payer_placed AS
    SELECT p.*, k.person_id, CASE WHEN k.patient IS NULL THEN ${integer(X.unknownPatient)}
      WHEN k.x = ${integer(X.optedOut)} THEN ${integer(X.optedOut)} ELSE ${integer(X.none)} END AS x
    FROM fhir_payer p LEFT JOIN fhir_patient k ON k.patient = p.patient`);
  await session.run(sql`
    INSERT INTO ${identifier(schema)}.payer_plan_period (payer_plan_period_id, person_id, payer_plan_period_start_date, payer_plan_period_end_date, payer_source_value)
    SELECT row_id, person_id, start_date, end_date, source_value FROM fhir_payer_placed WHERE x = ${integer(X.none)}`);
}
