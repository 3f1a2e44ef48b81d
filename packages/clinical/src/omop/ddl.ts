/**
 * `CREATE TABLE` statements for DuckDB, from the definition.
 *
 * NOT NULL is declared; primary and foreign keys are not. Row ids are unique by the way the loader makes them,
 * and an index on every key would halve the speed of a load. COHORT_DEFINITION -> COHORT, which the
 * specification's own DDL draws backwards, therefore does not arise. Identifiers are always quoted: `offset` is a reserved word.
 */

import { type OmopTable, omopFields, omopTables } from "./cdm.ts";
import type { FieldDefinition } from "./definition.ts";

/** Statements that create all 39 tables in `schema`, which must exist; or those of them that are `wanted`. */
export function createOmopTables(schema: string, wanted: (table: OmopTable) => boolean = () => true): readonly string[] {
  return omopTables.filter(wanted).map((table) => createTable(schema, table));
}

/** An SQL identifier in double quotes. */
export function quoteIdentifier(name: string): string {
  if (name === "" || name.includes("\0")) throw new RangeError("an SQL identifier is neither empty nor holds a zero byte");
  return `"${name.replaceAll('"', '""')}"`;
}

/** The DuckDB type of a field. Ids of rows have 64 bits, concept ids and small numbers 32. */
export function duckdbType(name: string, field: FieldDefinition): string {
  switch (field.type) {
    case "integer":
      return isRowId(field) || ROW_ID_FIELDS.has(name) ? "BIGINT" : "INTEGER";
    case "float":
      return "DOUBLE";
    case "date":
      return "DATE";
    case "datetime":
      return "TIMESTAMP";
    default:
      return "VARCHAR";
  }
}

function createTable(schema: string, table: OmopTable): string {
  const columns = omopFields(table).map(([name, field]) => {
    return `${quoteIdentifier(name)} ${duckdbType(name, field)}${field.required ? " NOT NULL" : ""}`;
  });
  return `CREATE TABLE ${quoteIdentifier(schema)}.${quoteIdentifier(table)} (${columns.join(", ")})`;
}

/** Fields that hold the id of a row of any table: the specification gives them no reference, yet they must be as wide. */
const ROW_ID_FIELDS: ReadonlySet<string> = new Set(
  "measurement_event_id observation_event_id note_event_id cost_event_id event_id episode_parent_id fact_id_1 fact_id_2 subject_id".split(
    " ",
  ),
);

const isRowId = (field: FieldDefinition): boolean =>
  field.primaryKey === true || (field.references !== undefined && field.references !== "concept.concept_id");
