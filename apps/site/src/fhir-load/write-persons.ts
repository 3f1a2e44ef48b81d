/** Staged patients into PERSON, LOCATION, PROVIDER, CARE_SITE and DEATH. The hospital number goes into the encrypted key table only. */

import { EXPIRED, TYPE_CONCEPT } from "@dure/clinical/fhir";
import { openPersonKeys, resolvePersons } from "../ingest/person-keys.ts";
import type { SnapshotContext } from "../load/contributor.ts";
import { identifier, integer, sql } from "../store/clinical-sql.ts";
import { X } from "./exclusion-codes.ts";

/** Leaves `fhir_patient (patient, resource, person_id, x)`: every staged patient, with the surrogate of those who may go in. */
export async function writePersons(context: SnapshotContext): Promise<void> {
  const { session, keyTable, optOut } = context;
  const schema = identifier(context.schema);
  await openPersonKeys(session, keyTable);
  await session.run(sql`CREATE TEMP TABLE fhir_opt_out (hospital_number VARCHAR)`);
  await session.append(
    "fhir_opt_out",
    ["text"],
    optOut.map((number) => [number.trim()]),
  );
  await session.run(sql`DROP TABLE IF EXISTS person_ids`);
  await session.run(sql`
    CREATE TEMP TABLE fhir_opted_out AS
    SELECT patient FROM fhir_person WHERE hospital_number IN (SELECT hospital_number FROM fhir_opt_out)
    UNION SELECT patient FROM fhir_alias WHERE hospital_number IN (SELECT hospital_number FROM fhir_opt_out)`);
  await resolvePersons(
    session,
    keyTable,
    sql`SELECT hospital_number FROM fhir_person WHERE patient NOT IN (SELECT patient FROM fhir_opted_out)`,
  );
  await session.run(sql`
    CREATE TEMP TABLE fhir_patient AS
    SELECT p.patient, p.resource, i.person_id,
      CASE WHEN o.patient IS NOT NULL THEN ${integer(X.optedOut)}
        WHEN row_number() OVER (PARTITION BY p.hospital_number, o.patient IS NULL ORDER BY p.resource) > 1 THEN ${integer(X.sameNumber)}
        ELSE ${integer(X.none)} END AS x
    FROM fhir_person p LEFT JOIN fhir_opted_out o ON o.patient = p.patient
    LEFT JOIN person_ids i ON i.person_key = p.hospital_number AND o.patient IS NULL`);
  await session.run(sql`DROP TABLE person_ids`);
  await writeProviders(context);
  const regions = await session.count(sql`SELECT count(DISTINCT zip3) FROM fhir_person`);
  const firstLocation = context.reserveIds("location", regions);
  await session.run(sql`
    CREATE TEMP TABLE fhir_location AS
    SELECT zip3, ${integer(firstLocation - 1)}::BIGINT + row_number() OVER (ORDER BY zip3) AS location_id
    FROM (SELECT DISTINCT zip3 FROM fhir_person WHERE zip3 IS NOT NULL)`);
  await session.run(
    sql`INSERT INTO ${schema}.location (location_id, zip) SELECT location_id, zip3 FROM fhir_location ORDER BY location_id`,
  );
  await session.run(sql`
    INSERT INTO ${schema}.person (person_id, gender_concept_id, year_of_birth, month_of_birth, day_of_birth, race_concept_id,
      ethnicity_concept_id, location_id, provider_id, care_site_id, gender_source_value, race_source_value, ethnicity_source_value)
    SELECT k.person_id, p.gender, p.year, p.month, p.day, p.race, p.ethnicity, l.location_id, d.row_id, c.row_id, p.gender_source,
      p.race_source, p.ethnicity_source
    FROM fhir_person p JOIN fhir_patient k ON k.patient = p.patient AND k.x = ${integer(X.none)}
    LEFT JOIN fhir_location l ON l.zip3 = p.zip3 LEFT JOIN fhir_provider d ON d.provider = p.provider
    LEFT JOIN fhir_care_site c ON c.care_site = p.care_site ORDER BY p.resource`);
}

/** Practitioners by specialty and place, places by kind: no names. */
async function writeProviders({ session, schema }: SnapshotContext): Promise<void> {
  await session.run(sql`
    INSERT INTO ${identifier(schema)}.care_site (care_site_id, place_of_service_source_value, care_site_source_value)
    SELECT row_id, source_value, source_value FROM fhir_care_site ORDER BY row_id`);
  await session.run(sql`
    INSERT INTO ${identifier(schema)}.provider (provider_id, specialty_concept_id, specialty_source_value, care_site_id)
    SELECT p.row_id, r.specialty, r.specialty_source, c.row_id FROM fhir_provider p
    LEFT JOIN (SELECT DISTINCT ON (provider) * FROM fhir_role ORDER BY provider, specialty DESC NULLS LAST, specialty_source, care_site) r ON r.provider = p.provider
    LEFT JOIN fhir_care_site c ON c.care_site = r.care_site ORDER BY p.row_id`);
}

/** The Patient's own date of death; without one, the end of a visit that ended in death. One row a person, the earliest of the best kind. */
export async function writeDeaths({ session, schema }: SnapshotContext): Promise<void> {
  await session.run(sql`
    INSERT INTO ${identifier(schema)}.death (person_id, death_date, death_datetime, death_type_concept_id)
    SELECT DISTINCT ON (person_id) person_id, death_date, death_time, death_type FROM (
      SELECT k.person_id, p.death_date, p.death_time::TIMESTAMP AS death_time, p.death_type, 1 AS kind
      FROM fhir_person p JOIN fhir_patient k ON k.patient = p.patient AND k.x <> ${integer(X.optedOut)} WHERE p.death_date IS NOT NULL
      UNION ALL SELECT k.person_id, v.end_date, v.end_time::TIMESTAMP, ${integer(TYPE_CONCEPT.dischargeRecord)}, 2
      FROM fhir_visit v JOIN fhir_patient k ON k.patient = v.patient AND k.x <> ${integer(X.optedOut)} WHERE v.discharged = ${integer(EXPIRED)})
    ORDER BY person_id, kind, death_date, death_time`);
}
