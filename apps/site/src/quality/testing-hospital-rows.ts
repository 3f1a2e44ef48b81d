/** For tests only: ten invented persons in whose records every default check of the filled tables passes. */

import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, type Sql, sql } from "../store/clinical-sql.ts";

/**
 * Persons 1 to 5 are men, 6 to 10 women, born on the 1st of September 1960; person 1 died on 1 August 2020. All else is of 1 June 2020.
 * Both engines understand every statement.
 */
export async function smallHospital(session: SqlSession, schema: string): Promise<void> {
  const table = (name: string): Sql => sql`${identifier(schema)}.${identifier(name)}`;
  const persons = sql`generate_series(1, 10) AS g(i)`;
  const day = sql`DATE '2020-06-01'`;
  await session.run(sql`
    INSERT INTO ${table("concept")} (concept_id, concept_name, domain_id, vocabulary_id, concept_class_id, standard_concept, concept_code,
      valid_start_date, valid_end_date, invalid_reason)
    SELECT *, ${day} - 1000, DATE '2099-12-31', NULL FROM (VALUES ${CONCEPTS}) AS c`);
  await session.run(sql`
    INSERT INTO ${table("concept_ancestor")} VALUES (4041261, 4041261, 0, 0), (4041261, 2100000003, 1, 1)`);
  await session.run(sql`
    INSERT INTO ${table("person")} (person_id, gender_concept_id, year_of_birth, month_of_birth, day_of_birth, race_concept_id,
      ethnicity_concept_id)
    SELECT i, CASE WHEN i <= 5 THEN 8507 ELSE 8532 END, 1960, 9, 1, 8515, 38003564 FROM ${persons}`);
  await session.run(sql`
    INSERT INTO ${table("observation_period")}
    SELECT i, i, DATE '2020-01-01', CASE WHEN i = 1 THEN DATE '2020-08-01' ELSE DATE '2020-12-31' END, 32817 FROM ${persons}`);
  await session.run(sql`INSERT INTO ${table("death")} (person_id, death_date) VALUES (1, DATE '2020-08-01')`);
  await session.run(sql`
    INSERT INTO ${table("visit_occurrence")} (visit_occurrence_id, person_id, visit_concept_id, visit_start_date, visit_end_date,
      visit_type_concept_id) SELECT i, i, 9202, ${day}, ${day}, 32817 FROM ${persons}`);
  await session.run(sql`
    INSERT INTO ${table("condition_occurrence")} (condition_occurrence_id, person_id, condition_concept_id, condition_start_date,
      condition_end_date, condition_type_concept_id, visit_occurrence_id, condition_source_value, condition_source_concept_id)
    SELECT i, i, CASE WHEN i = 1 THEN 200962 ELSE 201826 END, ${day}, ${day}, 32817, i, concat('C', i), 2100000001 FROM ${persons}`);
  await session.run(sql`
    INSERT INTO ${table("condition_era")} SELECT i, i, CASE WHEN i = 1 THEN 200962 ELSE 201826 END, ${day}, ${day}, 1 FROM ${persons}`);
  await session.run(sql`
    INSERT INTO ${table("drug_exposure")} (drug_exposure_id, person_id, drug_concept_id, drug_exposure_start_date, drug_exposure_end_date,
      verbatim_end_date, drug_type_concept_id, days_supply, visit_occurrence_id)
    SELECT i, i, 1125315, ${day}, ${day} + 6, ${day} + 6, 32817, 7, i FROM ${persons}`);
  await session.run(sql`INSERT INTO ${table("drug_era")} SELECT i, i, 1125315, ${day}, ${day} + 6, 1, 0 FROM ${persons}`);
  await session.run(sql`INSERT INTO ${table("dose_era")} SELECT i, i, 1125315, 8554, 500, ${day}, ${day} + 6 FROM ${persons}`);
  await session.run(sql`
    INSERT INTO ${table("procedure_occurrence")} (procedure_occurrence_id, person_id, procedure_concept_id, procedure_date,
      procedure_type_concept_id, visit_occurrence_id)
    SELECT i, i, CASE WHEN i = 6 THEN 2100000003 ELSE 2100000004 END, ${day}, 32817, i FROM ${persons}`);
  await session.run(sql`
    INSERT INTO ${table("measurement")} (measurement_id, person_id, measurement_concept_id, measurement_date, measurement_type_concept_id,
      value_as_number, unit_concept_id, visit_occurrence_id, measurement_source_value, unit_source_value)
    SELECT i, i, 3004410, ${day}, 32817, 6.1, 8554, i, concat('L', i), '%' FROM ${persons}`);
  await session.run(sql`
    INSERT INTO ${table("specimen")} (specimen_id, person_id, specimen_concept_id, specimen_type_concept_id, specimen_date)
    SELECT i, i, 2100000005, 32817, ${day} FROM ${persons}`);
}

/** id, name, domain, vocabulary, class, standard, code. Ids from 2.1 billion are invented. */
const CONCEPTS: Sql = sql`
  (0, 'No matching concept', 'Metadata', 'None', 'Undefined', NULL, '0'),
  (8507, 'MALE', 'Gender', 'Gender', 'Gender', 'S', 'M'),
  (8532, 'FEMALE', 'Gender', 'Gender', 'Gender', 'S', 'F'),
  (8515, 'Asian', 'Race', 'Race', 'Race', 'S', '2'),
  (38003564, 'Not Hispanic or Latino', 'Ethnicity', 'Ethnicity', 'Ethnicity', 'S', 'N'),
  (32817, 'EHR', 'Type Concept', 'Type Concept', 'Type Concept', 'S', 'EHR'),
  (9202, 'Outpatient Visit', 'Visit', 'Visit', 'Visit', 'S', 'OP'),
  (201826, 'Type 2 diabetes mellitus', 'Condition', 'SNOMED', 'Disorder', 'S', '44054006'),
  (200962, 'Primary malignant neoplasm of prostate', 'Condition', 'SNOMED', 'Disorder', 'S', '93974005'),
  (1125315, 'acetaminophen', 'Drug', 'RxNorm', 'Ingredient', 'S', '161'),
  (3004410, 'Hemoglobin A1c', 'Measurement', 'LOINC', 'Lab Test', 'S', '4548-4'),
  (8554, 'percent', 'Unit', 'UCUM', 'Unit', 'S', '%'),
  (8840, 'milligram per deciliter', 'Unit', 'UCUM', 'Unit', 'S', 'mg/dL'),
  (4041261, 'Procedure on female genital system', 'Procedure', 'SNOMED', 'Procedure', 'S', '12658000'),
  (2100000001, 'invented local diagnosis', 'Condition', 'Local', 'Local', NULL, 'L1'),
  (2100000002, 'invented drug product', 'Drug', 'Local', 'Clinical Drug', 'S', 'L2'),
  (2100000003, 'invented gynaecological procedure', 'Procedure', 'Local', 'Procedure', 'S', 'L3'),
  (2100000004, 'invented procedure', 'Procedure', 'Local', 'Procedure', 'S', 'L4'),
  (2100000005, 'invented specimen', 'Specimen', 'Local', 'Specimen', 'S', 'L5')`;
