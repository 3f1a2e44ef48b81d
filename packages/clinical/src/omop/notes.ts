/** Scrubbed text and the facts read from it. OMOP CDM v5.4. */

import type { TableDefinition } from "./definition.ts";

export const notesTables = {
  note: {
    schema: "CDM",
    required: false,
    fields: {
      note_id: { type: "integer", required: true, primaryKey: true },
      person_id: { type: "integer", required: true, references: "person.person_id" },
      note_date: { type: "date", required: true },
      note_datetime: { type: "datetime", required: false },
      note_type_concept_id: { type: "integer", required: true, references: "concept.concept_id", domain: "Type Concept" },
      note_class_concept_id: { type: "integer", required: true, references: "concept.concept_id" },
      note_title: { type: "varchar(250)", required: false },
      note_text: { type: "text", required: true },
      encoding_concept_id: { type: "integer", required: true, references: "concept.concept_id" },
      language_concept_id: { type: "integer", required: true, references: "concept.concept_id" },
      provider_id: { type: "integer", required: false, references: "provider.provider_id" },
      visit_occurrence_id: { type: "integer", required: false, references: "visit_occurrence.visit_occurrence_id" },
      visit_detail_id: { type: "integer", required: false, references: "visit_detail.visit_detail_id" },
      note_source_value: { type: "varchar(50)", required: false },
      note_event_id: { type: "integer", required: false },
      note_event_field_concept_id: { type: "integer", required: false, references: "concept.concept_id" },
    },
  },
  note_nlp: {
    schema: "CDM",
    required: false,
    fields: {
      note_nlp_id: { type: "integer", required: true, primaryKey: true },
      note_id: { type: "integer", required: true },
      section_concept_id: { type: "integer", required: false, references: "concept.concept_id" },
      snippet: { type: "varchar(250)", required: false },
      offset: { type: "varchar(50)", required: false },
      lexical_variant: { type: "varchar(250)", required: true },
      note_nlp_concept_id: { type: "integer", required: false, references: "concept.concept_id" },
      note_nlp_source_concept_id: { type: "integer", required: false, references: "concept.concept_id" },
      nlp_system: { type: "varchar(250)", required: false },
      nlp_date: { type: "date", required: true },
      nlp_datetime: { type: "datetime", required: false },
      term_exists: { type: "varchar(1)", required: false },
      term_temporal: { type: "varchar(50)", required: false },
      term_modifiers: { type: "varchar(2000)", required: false },
    },
  },
} as const satisfies Record<string, TableDefinition>;
