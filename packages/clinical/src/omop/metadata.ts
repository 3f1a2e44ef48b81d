/** About the database itself, and the cohorts found in it. OMOP CDM v5.4. */

import type { TableDefinition } from "./definition.ts";

export const metadataTables = {
  metadata: {
    schema: "CDM",
    required: false,
    fields: {
      metadata_id: { type: "integer", required: true, primaryKey: true },
      metadata_concept_id: { type: "integer", required: true, references: "concept.concept_id" },
      metadata_type_concept_id: { type: "integer", required: true, references: "concept.concept_id" },
      name: { type: "varchar(250)", required: true },
      value_as_string: { type: "varchar(250)", required: false },
      value_as_concept_id: { type: "integer", required: false, references: "concept.concept_id" },
      value_as_number: { type: "float", required: false },
      metadata_date: { type: "date", required: false },
      metadata_datetime: { type: "datetime", required: false },
    },
  },
  cdm_source: {
    schema: "CDM",
    required: false,
    fields: {
      cdm_source_name: { type: "varchar(255)", required: true },
      cdm_source_abbreviation: { type: "varchar(25)", required: true },
      cdm_holder: { type: "varchar(255)", required: true },
      source_description: { type: "text", required: false },
      source_documentation_reference: { type: "varchar(255)", required: false },
      cdm_etl_reference: { type: "varchar(255)", required: false },
      source_release_date: { type: "date", required: true },
      cdm_release_date: { type: "date", required: true },
      cdm_version: { type: "varchar(10)", required: false },
      cdm_version_concept_id: { type: "integer", required: true, references: "concept.concept_id" },
      vocabulary_version: { type: "varchar(20)", required: true },
    },
  },
  cohort: {
    schema: "RESULTS",
    required: false,
    fields: {
      cohort_definition_id: { type: "integer", required: true },
      subject_id: { type: "integer", required: true },
      cohort_start_date: { type: "date", required: true },
      cohort_end_date: { type: "date", required: true },
    },
  },
  cohort_definition: {
    schema: "RESULTS",
    required: false,
    fields: {
      cohort_definition_id: { type: "integer", required: true },
      cohort_definition_name: { type: "varchar(255)", required: true },
      cohort_definition_description: { type: "text", required: false },
      definition_type_concept_id: { type: "integer", required: true, references: "concept.concept_id" },
      cohort_definition_syntax: { type: "text", required: false },
      subject_concept_id: { type: "integer", required: true, references: "concept.concept_id" },
      cohort_initiation_date: { type: "date", required: false },
    },
  },
} as const satisfies Record<string, TableDefinition>;
