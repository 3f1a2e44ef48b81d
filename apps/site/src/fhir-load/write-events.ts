/** Staged events into the tables that their concepts' domains name, with person, visit and provider joined in, set-wise. */

import { EVIDENCE, TYPE_CONCEPT } from "@dure/clinical/fhir";
import type { SnapshotContext } from "../load/contributor.ts";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, type Sql, sql } from "../store/clinical-sql.ts";
import { X } from "./exclusion-codes.ts";

/** Leaves `fhir_placed`: every staged event with its keys and `x`. */
export async function writeEvents(context: SnapshotContext, sameDrugSameDays: boolean): Promise<void> {
  const { session } = context;
  await findOutranked(session, sameDrugSameDays);
  await session.run(sql`
    CREATE TEMP TABLE fhir_placed AS
    SELECT e.*, k.person_id, v.visit_occurrence_id, v.visit_detail_id, p.row_id AS provider_id, coalesce(e.start_date, v.start_date) AS day,
      CASE WHEN e.start_date IS NULL AND e.type <> ${integer(TYPE_CONCEPT.selfReport)} THEN ${integer(TYPE_CONCEPT.derived)} ELSE e.type END AS type_concept,
      CASE WHEN k.patient IS NULL THEN ${integer(X.unknownPatient)} WHEN k.x = ${integer(X.optedOut)} THEN ${integer(X.optedOut)}
        WHEN coalesce(e.start_date, v.start_date) IS NULL THEN ${integer(X.noDate)}
        WHEN o.resource IS NOT NULL THEN ${integer(X.betterEvidence)} ELSE ${integer(X.none)} END AS x
    FROM fhir_event e LEFT JOIN fhir_patient k ON k.patient = e.patient
    LEFT JOIN fhir_encounter v ON v.encounter = e.encounter AND v.x = ${integer(X.none)}
    LEFT JOIN fhir_provider p ON p.provider = e.provider
    LEFT JOIN fhir_outranked o ON o.resource = e.resource`);
  await session.run(sql`DROP TABLE fhir_event`);
  for (const [table, { columns, values }] of Object.entries(TABLES)) {
    await session.run(sql`
      INSERT INTO ${identifier(context.schema)}.${identifier(table)} (${columns}, person_id, provider_id, visit_occurrence_id, visit_detail_id)
      SELECT ${values}, person_id, provider_id, visit_occurrence_id, visit_detail_id FROM fhir_placed WHERE target = ${table} AND x = ${integer(X.none)}`);
  }
  await writeSpecimens(context);
  await writeObservations(context);
}

/**
 * Leaves `fhir_outranked (resource)`: exposures of which better evidence tells, by a link to the same order, or, where the policy says
 * so, by the same drug of the same patient on a day in common. The same drug is the same concept, or, unmapped, the same source code.
 */
async function findOutranked(session: SqlSession, sameDrugSameDays: boolean): Promise<void> {
  await session.run(sql`
    CREATE TEMP TABLE fhir_exposure AS
    SELECT resource, patient, evidence, request, CASE WHEN concept = 0 THEN source_value ELSE concept::VARCHAR END AS drug, start_date AS first_day,
      greatest(start_date, coalesce(end_date, start_date + (coalesce(days_supply, 1) - 1)::INTEGER)) AS last_day
    FROM fhir_event WHERE target = 'drug_exposure' AND evidence IS NOT NULL`);
  const linked = sql`
    SELECT w.resource FROM fhir_exposure w
    WHERE EXISTS (SELECT 1 FROM (SELECT request, min(evidence) AS best FROM fhir_exposure WHERE request IS NOT NULL GROUP BY request) b
      WHERE b.request = w.request AND b.best < w.evidence)`;
  const overlapping = sql`
    SELECT w.resource FROM fhir_exposure w SEMI JOIN
      (SELECT DISTINCT patient, drug, evidence, first_day, last_day FROM fhir_exposure WHERE evidence < ${integer(EVIDENCE.order)} AND first_day IS NOT NULL) b
      ON b.patient = w.patient AND b.drug = w.drug AND b.evidence < w.evidence AND b.first_day <= w.last_day AND b.last_day >= w.first_day
    WHERE w.evidence > ${integer(EVIDENCE.administration)}`;
  await session.run(
    sql`CREATE TEMP TABLE fhir_outranked AS SELECT DISTINCT resource FROM (${linked}${sameDrugSameDays ? sql` UNION ALL ${overlapping}` : sql``})`,
  );
  await session.run(sql`DROP TABLE fhir_exposure`);
}

interface TableSql {
  readonly columns: Sql;
  readonly values: Sql;
}

const TABLES: Readonly<Record<string, TableSql>> = {
  condition_occurrence: {
    columns: sql`condition_occurrence_id, condition_concept_id, condition_start_date, condition_start_datetime, condition_end_date,
      condition_end_datetime, condition_type_concept_id, condition_status_concept_id, condition_status_source_value, condition_source_value,
      condition_source_concept_id`,
    values: sql`row_id, concept, day, start_time::TIMESTAMP, end_date, end_time::TIMESTAMP, type_concept, status, status_source, source_value, source_concept`,
  },
  drug_exposure: {
    columns: sql`drug_exposure_id, drug_concept_id, drug_exposure_start_date, drug_exposure_start_datetime, drug_exposure_end_date,
      drug_exposure_end_datetime, verbatim_end_date, drug_type_concept_id, stop_reason, refills, quantity, days_supply, sig, route_concept_id,
      drug_source_value, drug_source_concept_id, route_source_value, dose_unit_source_value`,
    values: sql`row_id, concept, day, start_time::TIMESTAMP, coalesce(end_date, day + (coalesce(days_supply, 1) - 1)::INTEGER), end_time::TIMESTAMP,
      CASE WHEN evidence IN (${integer(EVIDENCE.administration)}, ${integer(EVIDENCE.statement)}) THEN end_date END, type_concept,
      CASE WHEN is_stopped = 1 THEN 'stopped' END, refills, quantity, days_supply, sig, route, source_value, source_concept, route_source, dose_unit_source`,
  },
  procedure_occurrence: {
    columns: sql`procedure_occurrence_id, procedure_concept_id, procedure_date, procedure_datetime, procedure_end_date, procedure_end_datetime,
      procedure_type_concept_id, procedure_source_value, procedure_source_concept_id`,
    values: sql`row_id, concept, day, start_time::TIMESTAMP, end_date, end_time::TIMESTAMP, type_concept, source_value, source_concept`,
  },
  device_exposure: {
    columns: sql`device_exposure_id, device_concept_id, device_exposure_start_date, device_exposure_start_datetime, device_exposure_end_date,
      device_exposure_end_datetime, device_type_concept_id, device_source_value, device_source_concept_id`,
    values: sql`row_id, concept, day, start_time::TIMESTAMP, end_date, end_time::TIMESTAMP, type_concept, source_value, source_concept`,
  },
  measurement: {
    columns: sql`measurement_id, measurement_concept_id, measurement_date, measurement_datetime, measurement_type_concept_id, operator_concept_id,
      value_as_number, value_as_concept_id, unit_concept_id, range_low, range_high, measurement_source_value, measurement_source_concept_id,
      unit_source_value, unit_source_concept_id, value_source_value`,
    values: sql`row_id, concept, day, start_time::TIMESTAMP, type_concept, operator, number, value_concept, unit, range_low, range_high,
      source_value, source_concept, unit_source, unit_source_concept, left(value_source, 50)`,
  },
};

/** A specimen belongs to a person and a day; OMOP gives it neither visit nor provider. */
const writeSpecimens = ({ session, schema }: SnapshotContext): Promise<void> =>
  session.run(sql`
    INSERT INTO ${identifier(schema)}.specimen (specimen_id, person_id, specimen_concept_id, specimen_type_concept_id, specimen_date, specimen_datetime,
      quantity, unit_concept_id, unit_source_value, anatomic_site_concept_id, anatomic_site_source_value, specimen_source_value)
    SELECT row_id, person_id, concept, type_concept, day, start_time::TIMESTAMP, quantity, unit, unit_source, anatomic, anatomic_source, source_value
    FROM fhir_placed WHERE target = 'specimen' AND x = ${integer(X.none)}`);

/** A row that tells more of another names it by the CDM's own concept for the column, where the vocabulary has it. */
const writeObservations = ({ session, schema }: SnapshotContext): Promise<void> =>
  session.run(sql`
    INSERT INTO ${identifier(schema)}.observation (observation_id, person_id, provider_id, visit_occurrence_id, visit_detail_id, observation_concept_id,
      observation_date, observation_datetime, observation_type_concept_id, value_as_number, value_as_string, value_as_concept_id, unit_concept_id,
      observation_source_value, observation_source_concept_id, unit_source_value, qualifier_source_value, value_source_value, observation_event_id,
      obs_event_field_concept_id)
    SELECT row_id, person_id, provider_id, visit_occurrence_id, visit_detail_id, concept, day, start_time::TIMESTAMP, type_concept, number,
      CASE WHEN number IS NULL THEN left(value_source, 60) END, value_concept, unit, source_value, source_concept, unit_source, qualifier_source,
      left(value_source, 50), CASE WHEN f.concept_id IS NOT NULL THEN about_row END, CASE WHEN about_row IS NOT NULL THEN f.concept_id END
    FROM fhir_placed LEFT JOIN (SELECT min(concept_id) AS concept_id FROM ${identifier(schema)}.concept
      WHERE vocabulary_id = 'CDM' AND concept_code = 'observation.observation_id') f ON true
    WHERE target = 'observation' AND x = ${integer(X.none)}`);
