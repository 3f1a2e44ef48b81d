/**
 * The OMOP Common Data Model, version 5.4: 39 tables, 432 fields.
 *
 * The specification's field file has 433 lines because its first line names the columns.
 * Source: OHDSI CommonDataModel v5.4, table-level and field-level files; a test compares every entry with them.
 */

import { clinicalEventsTables } from "./clinical-events.ts";
import type { FieldDefinition } from "./definition.ts";
import { derivedTables } from "./derived.ts";
import { healthSystemTables } from "./health-system.ts";
import { metadataTables } from "./metadata.ts";
import { notesTables } from "./notes.ts";
import { personAndVisitsTables } from "./person-and-visits.ts";
import { vocabularyTables } from "./vocabulary.ts";

export const OMOP_VERSION = "5.4";

export const OMOP_TABLES = {
  ...personAndVisitsTables,
  ...clinicalEventsTables,
  ...notesTables,
  ...healthSystemTables,
  ...derivedTables,
  ...metadataTables,
  ...vocabularyTables,
} as const;

export type OmopTable = keyof typeof OMOP_TABLES;
export type OmopField<Table extends OmopTable> = keyof (typeof OMOP_TABLES)[Table]["fields"] & string;

export const omopTables: readonly OmopTable[] = Object.keys(OMOP_TABLES) as OmopTable[]; // the keys of the constant just above

export const isOmopTable = (name: string): name is OmopTable => Object.hasOwn(OMOP_TABLES, name);

/** The same for all snapshots that stand on one vocabulary. SOURCE_TO_CONCEPT_MAP is not: each snapshot keeps the map it was built with. */
export const isSharedVocabulary = (table: OmopTable): boolean => OMOP_TABLES[table].schema === "VOCAB" && table !== "source_to_concept_map";

/** The fields of a table in the order of the specification. */
export function omopFields(table: OmopTable): readonly (readonly [name: string, field: FieldDefinition])[] {
  return Object.entries(OMOP_TABLES[table].fields);
}

type Value<Field extends FieldDefinition> = Field extends { readonly type: "integer" }
  ? Field extends { readonly primaryKey: true }
    ? bigint
    : Field extends { readonly references: infer Target }
      ? Target extends "concept.concept_id"
        ? number
        : bigint
      : number
  : Field extends { readonly type: "float" }
    ? number
    : string;

/** A row of a table. Ids of rows are 64 bit; dates are `YYYY-MM-DD`; an optional field that is empty is null, as in SQL. */
export type OmopRow<Table extends OmopTable> = {
  readonly [Name in OmopField<Table>]: (typeof OMOP_TABLES)[Table]["fields"][Name] extends infer Field extends FieldDefinition
    ? Field extends { readonly required: true }
      ? Value<Field>
      : Value<Field> | null
    : never;
};
