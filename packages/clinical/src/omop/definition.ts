/** The shape in which the OMOP Common Data Model v5.4 is written down here: DDL, checks and row types follow from it. */

/** `text` is the specification's varchar(MAX). */
export type FieldType = "integer" | "float" | "date" | "datetime" | "text" | `varchar(${number})`;

export interface FieldDefinition {
  readonly type: FieldType;
  readonly required: boolean;
  readonly primaryKey?: true;
  /** `table.field` that the value points at. */
  readonly references?: `${string}.${string}`;
  /** The domain that a concept in this field must belong to. */
  readonly domain?: string;
  readonly conceptClass?: string;
}

export interface TableDefinition {
  readonly schema: "CDM" | "VOCAB" | "RESULTS";
  readonly required: boolean;
  readonly fields: Readonly<Record<string, FieldDefinition>>;
}
