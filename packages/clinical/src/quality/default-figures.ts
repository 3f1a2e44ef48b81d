/**
 * The figures of the table and field checks: where a kind of check applies, and the share of faults in per cent that is still accepted.
 *
 * What the definition of the CDM says already (required, key, reference, domain, class, type) is not said again; only departures from it.
 * Source: OHDSI DataQualityDashboard, table- and field-level thresholds for CDM v5.4; a test compares every figure with them.
 */

import type { OmopTable } from "../omop/cdm.ts";

/** `table.field`, several in one text, by the threshold in per cent. */
type ByThreshold = readonly (readonly [thresholdPercent: number, fields: string])[];

/** Tables in which each person should have a row. */
export const PERSON_COMPLETENESS: readonly (readonly [thresholdPercent: number, tables: string])[] = [
  [0, "observation_period"],
  [95, "visit_occurrence condition_occurrence drug_exposure procedure_occurrence measurement observation drug_era condition_era"],
  [100, "visit_detail device_exposure death note specimen payer_plan_period dose_era"],
];

/** Whole numbers by the definition that OHDSI does not check as such. */
export const NOT_CHECKED_AS_INTEGER =
  "episode.episode_id episode.episode_parent_id episode.person_id episode_event.episode_id episode_event.event_id " +
  "measurement.measurement_event_id note.note_event_id observation.observation_event_id observation.value_as_concept_id " +
  "visit_detail.admitted_from_concept_id visit_detail.visit_detail_source_concept_id visit_occurrence.visit_type_concept_id";

/** Beside those of the definition. `cohort_definition` refers to its cohorts here only so that an empty definition is seen. */
export const OTHER_REFERENCES: Readonly<Record<string, string>> = {
  "cohort_definition.cohort_definition_id": "cohort.cohort_definition_id",
};

/** Beside those of the definition; an empty text: not checked although the definition names domains. */
export const OTHER_DOMAINS: Readonly<Record<string, string>> = {
  "cdm_source.cdm_version_concept_id": "Metadata",
  "drug_strength.drug_concept_id": "Drug",
  "episode.episode_object_concept_id": "",
  "location.country_concept_id": "Geography",
  "measurement.operator_concept_id": "Meas Value Operator",
};

export const OTHER_CLASSES: Readonly<Record<string, string>> = { "drug_strength.ingredient_concept_id": "Ingredient" };

/** A field that may be empty accepts every share of empty rows; it is counted all the same. */
export const VALUE_COMPLETENESS_PERCENT = { required: 0, optional: 100 } as const;

/** Fields that hold a standard concept, and the share of rows with concept 0. */
export const STANDARD_CONCEPT_COMPLETENESS: ByThreshold = [
  [
    0,
    "condition_era.condition_concept_id condition_occurrence.condition_type_concept_id cost.cost_type_concept_id " +
      "death.death_type_concept_id device_exposure.device_type_concept_id dose_era.drug_concept_id dose_era.unit_concept_id " +
      "drug_era.drug_concept_id drug_exposure.drug_type_concept_id measurement.measurement_type_concept_id " +
      "observation.observation_type_concept_id observation_period.period_type_concept_id " +
      "procedure_occurrence.procedure_type_concept_id specimen.specimen_type_concept_id visit_detail.visit_detail_concept_id " +
      "visit_detail.visit_detail_type_concept_id visit_occurrence.visit_concept_id visit_occurrence.visit_type_concept_id",
  ],
  [
    5,
    "condition_occurrence.condition_concept_id condition_occurrence.condition_status_concept_id death.cause_concept_id " +
      "device_exposure.device_concept_id device_exposure.unit_concept_id drug_exposure.drug_concept_id episode.episode_concept_id " +
      "measurement.measurement_concept_id measurement.unit_concept_id observation.observation_concept_id observation.unit_concept_id " +
      "person.gender_concept_id procedure_occurrence.procedure_concept_id specimen.specimen_concept_id specimen.unit_concept_id " +
      "visit_detail.admitted_from_concept_id visit_detail.discharged_to_concept_id visit_occurrence.admitted_from_concept_id " +
      "visit_occurrence.discharged_to_concept_id",
  ],
  [
    100,
    "care_site.place_of_service_concept_id drug_exposure.route_concept_id fact_relationship.domain_concept_id_1 " +
      "fact_relationship.domain_concept_id_2 fact_relationship.relationship_concept_id location.country_concept_id " +
      "person.ethnicity_concept_id person.race_concept_id procedure_occurrence.modifier_concept_id provider.gender_concept_id " +
      "provider.specialty_concept_id",
  ],
];

/** The fields above in which 0 is counted as complete, but a concept must be standard and valid none the less, and those left out. */
export const OTHER_STANDARD_CONCEPTS =
  "cdm_source.cdm_version_concept_id cohort_definition.definition_type_concept_id cohort_definition.subject_concept_id " +
  "episode.episode_type_concept_id episode_event.episode_event_field_concept_id measurement.meas_event_field_concept_id " +
  "measurement.operator_concept_id note.encoding_concept_id note.language_concept_id note.note_class_concept_id " +
  "note.note_event_field_concept_id note.note_type_concept_id note_nlp.note_nlp_concept_id note_nlp.section_concept_id " +
  "observation.obs_event_field_concept_id observation.qualifier_concept_id source_to_concept_map.target_concept_id " +
  "specimen.anatomic_site_concept_id specimen.disease_status_concept_id";
export const NOT_CHECKED_AS_STANDARD =
  "fact_relationship.domain_concept_id_1 fact_relationship.domain_concept_id_2 fact_relationship.relationship_concept_id";

export const SOURCE_CONCEPT_COMPLETENESS: ByThreshold = [
  [
    10,
    "condition_occurrence.condition_source_concept_id death.cause_source_concept_id device_exposure.device_source_concept_id " +
      "drug_exposure.drug_source_concept_id measurement.measurement_source_concept_id observation.observation_source_concept_id " +
      "procedure_occurrence.procedure_source_concept_id",
  ],
  [
    100,
    "device_exposure.unit_source_concept_id episode.episode_source_concept_id measurement.unit_source_concept_id " +
      "provider.specialty_source_concept_id visit_detail.visit_detail_source_concept_id visit_occurrence.visit_source_concept_id",
  ],
];

/** The standard concept of `…_source_value` stands in `…_concept_id`, but for `CONCEPT_OF_SOURCE_VALUE`. */
export const SOURCE_VALUE_COMPLETENESS: ByThreshold = [
  [
    10,
    "condition_occurrence.condition_source_value death.cause_source_value drug_exposure.drug_source_value " +
      "measurement.measurement_source_value procedure_occurrence.procedure_source_value visit_occurrence.visit_source_value",
  ],
  [
    100,
    "condition_occurrence.condition_status_source_value device_exposure.device_source_value device_exposure.unit_source_value " +
      "drug_exposure.route_source_value measurement.unit_source_value observation.observation_source_value " +
      "observation.qualifier_source_value observation.unit_source_value payer_plan_period.payer_source_value " +
      "payer_plan_period.plan_source_value payer_plan_period.sponsor_source_value payer_plan_period.stop_reason_source_value " +
      "person.ethnicity_source_value person.gender_source_value person.race_source_value procedure_occurrence.modifier_source_value " +
      "provider.gender_source_value provider.specialty_source_value specimen.anatomic_site_source_value " +
      "specimen.disease_status_source_value specimen.specimen_source_value specimen.unit_source_value " +
      "visit_detail.admitted_from_source_value visit_detail.discharged_to_source_value visit_occurrence.admitted_from_source_value " +
      "visit_occurrence.discharged_to_source_value",
  ],
];
export const CONCEPT_OF_SOURCE_VALUE: Readonly<Record<string, string>> = { "death.cause_source_value": "cause_source_concept_id" };

/** Tables of dated events of a person: every date and datetime of theirs is compared with birth and today. */
export const EVENT_TABLES: readonly OmopTable[] = [
  "condition_era",
  "condition_occurrence",
  "death",
  "device_exposure",
  "dose_era",
  "drug_era",
  "drug_exposure",
  "episode",
  "measurement",
  "note",
  "observation",
  "observation_period",
  "payer_plan_period",
  "procedure_occurrence",
  "specimen",
  "visit_detail",
  "visit_occurrence",
];

/** Tables with checks of life of the older kind, which counts rows without a date as well; of the eras the start only. */
export const DURING_LIFE: readonly OmopTable[] = [
  "condition_era",
  "condition_occurrence",
  "device_exposure",
  "dose_era",
  "drug_era",
  "drug_exposure",
  "episode",
  "observation_period",
  "procedure_occurrence",
  "visit_detail",
  "visit_occurrence",
];

export const PLAUSIBLE_PERCENT = 1;

/** No record of a patient in use today is older; no date of birth is older than the second; no OMOP source than the third. */
export const EARLIEST = { event: "1950-01-01", birth: "1850-01-01", source: "2000-01-01" } as const;

/** Dates beside those of the event tables. */
export const OTHER_DATES: Readonly<Record<string, keyof typeof EARLIEST>> = {
  "cdm_source.cdm_release_date": "source",
  "cdm_source.source_release_date": "source",
  "cohort.cohort_start_date": "event",
  "cohort.cohort_end_date": "event",
  "note_nlp.nlp_datetime": "event",
  "person.birth_datetime": "birth",
};

export const LOWEST: Readonly<Record<string, number>> = {
  "condition_era.condition_occurrence_count": 1,
  "device_exposure.quantity": 1,
  "dose_era.dose_value": 0,
  "drug_era.drug_exposure_count": 1,
  "drug_era.gap_days": 0,
  "drug_exposure.days_supply": 1,
  "drug_exposure.quantity": 1e-7,
  "drug_exposure.refills": 0,
  "person.day_of_birth": 1,
  "person.month_of_birth": 1,
  "person.year_of_birth": 1850,
  "procedure_occurrence.quantity": 1,
  "specimen.quantity": 1,
};

export const HIGHEST: Readonly<Record<string, number>> = {
  "drug_exposure.days_supply": 365,
  "drug_exposure.refills": 24,
  "person.day_of_birth": 31,
  "person.month_of_birth": 12,
};

/** Tables whose rows run from a start to an end, with the share of rows that may end before they start. */
export const SPANS: readonly (readonly [thresholdPercent: number, tables: readonly OmopTable[]])[] = [
  [0, ["concept", "concept_relationship", "drug_strength", "observation_period", "source_to_concept_map"]],
  [
    1,
    [
      "condition_era",
      "condition_occurrence",
      "device_exposure",
      "dose_era",
      "drug_era",
      "drug_exposure",
      "episode",
      "payer_plan_period",
      "procedure_occurrence",
      "visit_detail",
      "visit_occurrence",
    ],
  ],
];

/** Dates of events that are linked to a visit, and the share that may lie over a week outside it. */
export const WITHIN_VISIT: ByThreshold = [
  [1, "visit_detail.visit_detail_start_date visit_detail.visit_detail_end_date"],
  [
    5,
    "condition_occurrence.condition_start_date device_exposure.device_exposure_start_date drug_exposure.drug_exposure_start_date " +
      "measurement.measurement_date note.note_date observation.observation_date procedure_occurrence.procedure_date",
  ],
];
