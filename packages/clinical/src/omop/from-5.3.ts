/**
 * What OMOP CDM v5.3 calls otherwise than v5.4: the whole migration is this list.
 *
 * Fields that v5.4 added stay empty, and a table that it dropped is left out; a test compares every entry with the specification's
 * field files of both versions. Source: OHDSI CommonDataModel v5.3 and v5.4, field-level files.
 */

import type { OmopTable } from "./cdm.ts";

export type OmopSourceVersion = "5.3" | "5.4";

/** Of each table: the v5.4 name by the v5.3 name. Every other field keeps its name. */
export const RENAMED_FIELDS: Readonly<Partial<Record<OmopTable, Readonly<Record<string, string>>>>> = {
  visit_occurrence: {
    admitting_source_concept_id: "admitted_from_concept_id",
    admitting_source_value: "admitted_from_source_value",
    discharge_to_concept_id: "discharged_to_concept_id",
    discharge_to_source_value: "discharged_to_source_value",
  },
  visit_detail: {
    admitting_source_concept_id: "admitted_from_concept_id",
    admitting_source_value: "admitted_from_source_value",
    discharge_to_concept_id: "discharged_to_concept_id",
    discharge_to_source_value: "discharged_to_source_value",
    visit_detail_parent_id: "parent_visit_detail_id",
  },
};

/** Tables of v5.3 and before that v5.4 has not. */
export const DROPPED_TABLES: readonly string[] = ["attribute_definition", "cohort_attribute"];

/** Fields that v5.4 requires and v5.3 has not; the load writes both tables itself. */
export const NEWLY_REQUIRED_FIELDS: readonly string[] = ["metadata.metadata_id", "cdm_source.cdm_version_concept_id"];

/** The field's name in v5.4. */
export const renamedField = (table: OmopTable, field: string): string => RENAMED_FIELDS[table]?.[field] ?? field;

/** 5.3 where a column has a name that only v5.3 knows, 5.4 where one has its new name; undefined where the columns do not tell. */
export function versionOfColumns(table: OmopTable, columns: readonly string[]): OmopSourceVersion | undefined {
  const renames = Object.entries(RENAMED_FIELDS[table] ?? {});
  if (renames.some(([old]) => columns.includes(old))) return "5.3";
  return renames.some(([, now]) => columns.includes(now)) ? "5.4" : undefined;
}
