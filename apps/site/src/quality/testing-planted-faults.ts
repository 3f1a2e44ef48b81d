/** For tests only: one fault for every kind of check, on the rows of `smallHospital`. */

import type { CheckName } from "@dure/clinical/quality";
import { identifier, type Sql, sql } from "../store/clinical-sql.ts";
import { TEST_SCHEMA } from "./testing-omop.ts";

const table = (name: string): Sql => sql`${identifier(TEST_SCHEMA)}.${identifier(name)}`;

export interface PlantedFault {
  /** Planted here, and all checks of this table are made. */
  readonly table: string;
  readonly plant: readonly Sql[];
  /** The check that finds it, without the level and the name of its kind. */
  readonly at: string;
  /** Rows, persons or codes at fault, of how many. */
  readonly counts: readonly [violated: number, denominator: number];
  /** Other checks that the same fault breaks, as OHDSI defines them. */
  readonly also?: readonly string[];
  /** Ids of the rows at fault; none where the check is not about rows. */
  readonly rows?: readonly string[];
}

/** Ten persons, one row each in most tables. Every kind of check has one fault that it finds. */
export const PLANTED_FAULTS: Readonly<Record<CheckName, PlantedFault>> = {
  cdmTable: { table: "note", plant: [sql`DROP TABLE ${table("note")}`], at: "note", counts: [1, 1] },
  cdmField: {
    table: "condition_occurrence",
    plant: [sql`ALTER TABLE ${table("condition_occurrence")} DROP COLUMN stop_reason`],
    at: "condition_occurrence_stop_reason",
    counts: [1, 1],
  },
  measurePersonCompleteness: {
    table: "observation_period",
    plant: [sql`DELETE FROM ${table("observation_period")} WHERE person_id = 3`],
    at: "observation_period",
    counts: [1, 10],
    rows: ["3"],
  },
  measureConditionEraCompleteness: {
    table: "condition_era",
    plant: [sql`DELETE FROM ${table("condition_era")} WHERE person_id = 4`],
    at: "condition_era",
    counts: [1, 10],
    rows: ["4"],
  },
  measureObservationPeriodOverlap: {
    table: "observation_period",
    plant: [sql`INSERT INTO ${table("observation_period")} VALUES (99, 5, DATE '2021-01-01', DATE '2021-02-01', 32817)`],
    at: "observation_period",
    counts: [1, 10],
    rows: ["5"],
  },
  isRequired: {
    table: "person",
    plant: [sql`UPDATE ${table("person")} SET race_concept_id = NULL WHERE person_id IN (2, 3)`],
    at: "person_race_concept_id",
    counts: [2, 10],
    also: ["field_measurevaluecompleteness_person_race_concept_id"],
    rows: ["2", "3"],
  },
  measureValueCompleteness: {
    table: "visit_occurrence",
    plant: [sql`UPDATE ${table("visit_occurrence")} SET visit_concept_id = NULL WHERE person_id = 7`],
    at: "visit_occurrence_visit_concept_id",
    counts: [1, 10],
    also: ["field_isrequired_visit_occurrence_visit_concept_id"],
    rows: ["7"],
  },
  cdmDatatype: {
    table: "concept_ancestor",
    plant: [
      sql`ALTER TABLE ${table("concept_ancestor")} ALTER COLUMN min_levels_of_separation TYPE DOUBLE PRECISION`,
      sql`UPDATE ${table("concept_ancestor")} SET min_levels_of_separation = 1.5 WHERE ancestor_concept_id <> descendant_concept_id`,
    ],
    at: "concept_ancestor_min_levels_of_separation",
    counts: [1, 2],
  },
  isPrimaryKey: {
    table: "measurement",
    plant: [sql`UPDATE ${table("measurement")} SET measurement_id = 2 WHERE measurement_id = 1`],
    at: "measurement_measurement_id",
    counts: [2, 10],
    rows: ["2"],
  },
  isForeignKey: {
    table: "condition_occurrence",
    plant: [sql`UPDATE ${table("condition_occurrence")} SET visit_occurrence_id = 999 WHERE condition_occurrence_id = 6`],
    at: "condition_occurrence_visit_occurrence_id",
    counts: [1, 10],
    rows: ["6"],
  },
  fkDomain: {
    table: "condition_occurrence",
    plant: [sql`UPDATE ${table("condition_occurrence")} SET condition_concept_id = 3004410 WHERE condition_occurrence_id = 6`],
    at: "condition_occurrence_condition_concept_id",
    counts: [1, 10],
    rows: ["6"],
  },
  fkClass: {
    table: "drug_era",
    plant: [sql`UPDATE ${table("drug_era")} SET drug_concept_id = 2100000002 WHERE drug_era_id = 8`],
    at: "drug_era_drug_concept_id",
    counts: [1, 10],
    rows: ["8"],
  },
  isStandardValidConcept: {
    table: "condition_occurrence",
    plant: [sql`UPDATE ${table("condition_occurrence")} SET condition_concept_id = 2100000001 WHERE condition_occurrence_id = 6`],
    at: "condition_occurrence_condition_concept_id",
    counts: [1, 10],
    rows: ["6"],
  },
  standardConceptRecordCompleteness: {
    table: "measurement",
    plant: [sql`UPDATE ${table("measurement")} SET measurement_concept_id = 0 WHERE measurement_id = 6`],
    at: "measurement_measurement_concept_id",
    counts: [1, 10],
    rows: ["6"],
  },
  sourceConceptRecordCompleteness: {
    table: "condition_occurrence",
    plant: [sql`UPDATE ${table("condition_occurrence")} SET condition_source_concept_id = 0 WHERE condition_occurrence_id IN (6, 7)`],
    at: "condition_occurrence_condition_source_concept_id",
    counts: [2, 10],
    rows: ["6", "7"],
  },
  sourceValueCompleteness: {
    table: "measurement",
    plant: [sql`UPDATE ${table("measurement")} SET measurement_concept_id = 0 WHERE measurement_id IN (6, 7)`],
    at: "measurement_measurement_source_value",
    counts: [2, 10],
    also: ["field_standardconceptrecordcompleteness_measurement_measurement_concept_id"],
    rows: ["6", "7"],
  },
  plausibleValueLow: {
    table: "drug_exposure",
    plant: [sql`UPDATE ${table("drug_exposure")} SET days_supply = 0 WHERE drug_exposure_id = 6`],
    at: "drug_exposure_days_supply",
    counts: [1, 10],
    rows: ["6"],
  },
  plausibleValueHigh: {
    table: "visit_occurrence",
    plant: [sql`UPDATE ${table("visit_occurrence")} SET visit_end_date = DATE '2999-12-31' WHERE visit_occurrence_id = 6`],
    at: "visit_occurrence_visit_end_date",
    counts: [1, 10],
    rows: ["6"],
  },
  plausibleTemporalAfter: {
    table: "drug_exposure",
    plant: [sql`UPDATE ${table("drug_exposure")} SET verbatim_end_date = DATE '2020-05-01' WHERE drug_exposure_id = 6`],
    at: "drug_exposure_verbatim_end_date",
    counts: [1, 10],
    rows: ["6"],
  },
  plausibleStartBeforeEnd: {
    table: "dose_era",
    plant: [sql`UPDATE ${table("dose_era")} SET dose_era_end_date = DATE '2020-05-01' WHERE dose_era_id = 6`],
    at: "dose_era_dose_era_start_date",
    counts: [1, 10],
    rows: ["6"],
  },
  plausibleDuringLife: {
    table: "observation_period",
    plant: [sql`UPDATE ${table("observation_period")} SET observation_period_end_date = DATE '2022-01-01' WHERE person_id = 1`],
    at: "observation_period_observation_period_end_date",
    counts: [1, 1],
    also: ["field_plausiblebeforedeath_observation_period_observation_period_end_date"],
    rows: ["1"],
  },
  plausibleBeforeDeath: {
    table: "specimen",
    plant: [sql`UPDATE ${table("specimen")} SET specimen_date = DATE '2021-03-03' WHERE person_id = 1`],
    at: "specimen_specimen_date",
    counts: [1, 1],
    rows: ["1"],
  },
  // Born on 1 September 1960 by its parts: the first of July is before birth, yet after the middle of the year, which stands for it elsewhere.
  plausibleAfterBirth: {
    table: "specimen",
    plant: [sql`UPDATE ${table("specimen")} SET specimen_date = DATE '1960-07-01' WHERE person_id = 10`],
    at: "specimen_specimen_date",
    counts: [1, 10],
    rows: ["10"],
  },
  withinVisitDates: {
    table: "measurement",
    plant: [sql`UPDATE ${table("measurement")} SET measurement_date = DATE '2020-06-20' WHERE measurement_id = 6`],
    at: "measurement_measurement_date",
    counts: [1, 10],
    rows: ["6"],
  },
  plausibleGender: {
    table: "condition_occurrence",
    plant: [sql`UPDATE ${table("condition_occurrence")} SET condition_concept_id = 200962 WHERE condition_occurrence_id = 6`],
    at: "condition_occurrence_condition_concept_id_200962",
    counts: [1, 2],
    rows: ["6"],
  },
  plausibleGenderUseDescendants: {
    table: "procedure_occurrence",
    plant: [sql`UPDATE ${table("procedure_occurrence")} SET procedure_concept_id = 2100000003 WHERE procedure_occurrence_id = 1`],
    at: "procedure_occurrence_procedure_concept_id_4041261",
    counts: [1, 2],
    rows: ["1"],
  },
  plausibleUnitConceptIds: {
    table: "measurement",
    plant: [sql`UPDATE ${table("measurement")} SET unit_concept_id = 8840 WHERE measurement_id = 6`],
    at: "measurement_measurement_concept_id_3004410",
    counts: [1, 10],
    rows: ["6"],
  },
};
