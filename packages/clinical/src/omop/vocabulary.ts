/** The standardised vocabularies. OMOP CDM v5.4. */

import type { TableDefinition } from "./definition.ts";

export const vocabularyTables = {
  concept: {
    schema: "VOCAB",
    required: false,
    fields: {
      concept_id: { type: "integer", required: true, primaryKey: true },
      concept_name: { type: "varchar(255)", required: true },
      domain_id: { type: "varchar(20)", required: true, references: "domain.domain_id" },
      vocabulary_id: { type: "varchar(20)", required: true, references: "vocabulary.vocabulary_id" },
      concept_class_id: { type: "varchar(20)", required: true, references: "concept_class.concept_class_id" },
      standard_concept: { type: "varchar(1)", required: false },
      concept_code: { type: "varchar(50)", required: true },
      valid_start_date: { type: "date", required: true },
      valid_end_date: { type: "date", required: true },
      invalid_reason: { type: "varchar(1)", required: false },
    },
  },
  vocabulary: {
    schema: "VOCAB",
    required: false,
    fields: {
      vocabulary_id: { type: "varchar(20)", required: true, primaryKey: true },
      vocabulary_name: { type: "varchar(255)", required: true },
      vocabulary_reference: { type: "varchar(255)", required: false },
      vocabulary_version: { type: "varchar(255)", required: false },
      vocabulary_concept_id: { type: "integer", required: true, references: "concept.concept_id" },
    },
  },
  domain: {
    schema: "VOCAB",
    required: false,
    fields: {
      domain_id: { type: "varchar(20)", required: true, primaryKey: true },
      domain_name: { type: "varchar(255)", required: true },
      domain_concept_id: { type: "integer", required: true, references: "concept.concept_id" },
    },
  },
  concept_class: {
    schema: "VOCAB",
    required: false,
    fields: {
      concept_class_id: { type: "varchar(20)", required: true, primaryKey: true },
      concept_class_name: { type: "varchar(255)", required: true },
      concept_class_concept_id: { type: "integer", required: true, references: "concept.concept_id" },
    },
  },
  concept_relationship: {
    schema: "VOCAB",
    required: false,
    fields: {
      concept_id_1: { type: "integer", required: true, references: "concept.concept_id" },
      concept_id_2: { type: "integer", required: true, references: "concept.concept_id" },
      relationship_id: { type: "varchar(20)", required: true, references: "relationship.relationship_id" },
      valid_start_date: { type: "date", required: true },
      valid_end_date: { type: "date", required: true },
      invalid_reason: { type: "varchar(1)", required: false },
    },
  },
  relationship: {
    schema: "VOCAB",
    required: false,
    fields: {
      relationship_id: { type: "varchar(20)", required: true, primaryKey: true },
      relationship_name: { type: "varchar(255)", required: true },
      is_hierarchical: { type: "varchar(1)", required: true },
      defines_ancestry: { type: "varchar(1)", required: true },
      reverse_relationship_id: { type: "varchar(20)", required: true },
      relationship_concept_id: { type: "integer", required: true, references: "concept.concept_id" },
    },
  },
  concept_synonym: {
    schema: "VOCAB",
    required: false,
    fields: {
      concept_id: { type: "integer", required: true, references: "concept.concept_id" },
      concept_synonym_name: { type: "varchar(1000)", required: true },
      language_concept_id: { type: "integer", required: true, references: "concept.concept_id" },
    },
  },
  concept_ancestor: {
    schema: "VOCAB",
    required: false,
    fields: {
      ancestor_concept_id: { type: "integer", required: true, references: "concept.concept_id" },
      descendant_concept_id: { type: "integer", required: true, references: "concept.concept_id" },
      min_levels_of_separation: { type: "integer", required: true },
      max_levels_of_separation: { type: "integer", required: true },
    },
  },
  source_to_concept_map: {
    schema: "VOCAB",
    required: false,
    fields: {
      source_code: { type: "varchar(50)", required: true },
      source_concept_id: { type: "integer", required: true, references: "concept.concept_id" },
      source_vocabulary_id: { type: "varchar(20)", required: true },
      source_code_description: { type: "varchar(255)", required: false },
      target_concept_id: { type: "integer", required: true, references: "concept.concept_id" },
      target_vocabulary_id: { type: "varchar(20)", required: true, references: "vocabulary.vocabulary_id" },
      valid_start_date: { type: "date", required: true },
      valid_end_date: { type: "date", required: true },
      invalid_reason: { type: "varchar(1)", required: false },
    },
  },
  drug_strength: {
    schema: "VOCAB",
    required: false,
    fields: {
      drug_concept_id: { type: "integer", required: true, references: "concept.concept_id" },
      ingredient_concept_id: { type: "integer", required: true, references: "concept.concept_id" },
      amount_value: { type: "float", required: false },
      amount_unit_concept_id: { type: "integer", required: false, references: "concept.concept_id" },
      numerator_value: { type: "float", required: false },
      numerator_unit_concept_id: { type: "integer", required: false, references: "concept.concept_id" },
      denominator_value: { type: "float", required: false },
      denominator_unit_concept_id: { type: "integer", required: false, references: "concept.concept_id" },
      box_size: { type: "integer", required: false },
      valid_start_date: { type: "date", required: true },
      valid_end_date: { type: "date", required: true },
      invalid_reason: { type: "varchar(1)", required: false },
    },
  },
} as const satisfies Record<string, TableDefinition>;
