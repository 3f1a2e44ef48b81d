/** Spans and episodes put together from single events. OMOP CDM v5.4. */

import type { TableDefinition } from "./definition.ts";

export const derivedTables = {
  drug_era: {
    schema: "CDM",
    required: false,
    fields: {
      drug_era_id: { type: "integer", required: true, primaryKey: true },
      person_id: { type: "integer", required: true, references: "person.person_id" },
      drug_concept_id: { type: "integer", required: true, references: "concept.concept_id", domain: "Drug", conceptClass: "Ingredient" },
      drug_era_start_date: { type: "date", required: true },
      drug_era_end_date: { type: "date", required: true },
      drug_exposure_count: { type: "integer", required: false },
      gap_days: { type: "integer", required: false },
    },
  },
  dose_era: {
    schema: "CDM",
    required: false,
    fields: {
      dose_era_id: { type: "integer", required: true, primaryKey: true },
      person_id: { type: "integer", required: true, references: "person.person_id" },
      drug_concept_id: { type: "integer", required: true, references: "concept.concept_id", domain: "Drug", conceptClass: "Ingredient" },
      unit_concept_id: { type: "integer", required: true, references: "concept.concept_id", domain: "Unit" },
      dose_value: { type: "float", required: true },
      dose_era_start_date: { type: "date", required: true },
      dose_era_end_date: { type: "date", required: true },
    },
  },
  condition_era: {
    schema: "CDM",
    required: false,
    fields: {
      condition_era_id: { type: "integer", required: true, primaryKey: true },
      person_id: { type: "integer", required: true, references: "person.person_id" },
      condition_concept_id: { type: "integer", required: true, references: "concept.concept_id", domain: "Condition" },
      condition_era_start_date: { type: "date", required: true },
      condition_era_end_date: { type: "date", required: true },
      condition_occurrence_count: { type: "integer", required: false },
    },
  },
  episode: {
    schema: "CDM",
    required: false,
    fields: {
      episode_id: { type: "integer", required: true, primaryKey: true },
      person_id: { type: "integer", required: true, references: "person.person_id" },
      episode_concept_id: { type: "integer", required: true, references: "concept.concept_id", domain: "Episode" },
      episode_start_date: { type: "date", required: true },
      episode_start_datetime: { type: "datetime", required: false },
      episode_end_date: { type: "date", required: false },
      episode_end_datetime: { type: "datetime", required: false },
      episode_parent_id: { type: "integer", required: false },
      episode_number: { type: "integer", required: false },
      episode_object_concept_id: { type: "integer", required: true, references: "concept.concept_id", domain: "Procedure, Regimen" },
      episode_type_concept_id: { type: "integer", required: true, references: "concept.concept_id", domain: "Type Concept" },
      episode_source_value: { type: "varchar(50)", required: false },
      episode_source_concept_id: { type: "integer", required: false, references: "concept.concept_id" },
    },
  },
  episode_event: {
    schema: "CDM",
    required: false,
    fields: {
      episode_id: { type: "integer", required: true, references: "episode.episode_id" },
      event_id: { type: "integer", required: true },
      episode_event_field_concept_id: { type: "integer", required: true, references: "concept.concept_id", domain: "Metadata" },
    },
  },
} as const satisfies Record<string, TableDefinition>;
