/** A file of another OMOP database as rows of typed cells, and what makes a row of it one that cannot be taken. */

import { duckdbType, isIdentifying, OMOP_TABLES, type OmopTable, omopFields, renamedField } from "@dure/clinical";
import { identifier, integer, join, type Sql, sql, textLiteral } from "../store/clinical-sql.ts";
import type { OmopFile } from "./omop-files.ts";

type FieldDefinition = ReturnType<typeof omopFields>[number][1];

/** A relation of the file: the columns under their own names in lower case. Broken lines of a CSV go to the table `rejects`. */
export function relationOf(file: OmopFile, rejects: string): Sql {
  if (file.form.kind === "parquet") return sql`read_parquet(${file.path})`;
  const { delimiter, hasQuotes, columns } = file.form;
  const types = join(columns.map((column) => sql`${identifier(column)}: 'VARCHAR'`));
  return sql`read_csv(${file.path}, delim = ${textLiteral(delimiter)}, quote = ${textLiteral(hasQuotes ? '"' : "")}, escape = ${textLiteral(hasQuotes ? '"' : "")},
    header = true, auto_detect = false, columns = {${types}}, strict_mode = true, store_rejects = true, rejects_limit = ${integer(REJECTS_MAX)},
    rejects_table = ${textLiteral(rejects)}, rejects_scan = ${textLiteral(`${rejects}_scan`)}, max_line_size = ${integer(LINE_BYTES_MAX)},
    buffer_size = ${integer(BUFFER_BYTES)})`;
}

/** The engine stops noting broken lines here: a file with so many is not the file that was meant. */
export const REJECTS_MAX = 100_000;
/** A longer line is no row of a table, but for notes, which are not taken. */
const LINE_BYTES_MAX = 16 * 2 ** 20;
/** The engine would make it 16 lines of the longest kind, which is more than a whole load may hold. */
const BUFFER_BYTES = 2 * LINE_BYTES_MAX;

export interface SourceField {
  /** In v5.4. */
  readonly name: string;
  readonly field: FieldDefinition;
  /** The cell in the type of v5.4; NULL where it is empty or cannot be read. */
  readonly value: Sql;
  /** Whether the cell holds something that its type cannot. */
  readonly isUnreadable: Sql;
}

/**
 * The fields of v5.4 that the file has, by the listed renames; identifying ones are left out.
 *
 * @param columns lower-case names in the file
 */
export function sourceFields(table: OmopTable, columns: readonly string[], isText: boolean): readonly SourceField[] {
  const columnOf = new Map(columns.map((column) => [renamedField(table, column), column]));
  return omopFields(table).flatMap(([name, field]) => {
    const column = columnOf.get(name);
    if (column === undefined || isIdentifying(table, name)) return [];
    const cell = isText ? sql`nullif(trim(${identifier(column)}), '')` : identifier(column);
    const value = typed(cell, name, field, isText);
    return [{ name, field, value, isUnreadable: sql`${cell} IS NOT NULL AND ${value} IS NULL` }];
  });
}

/** Dates as ISO days, with or without a time of day, or as YYYYMMDD. */
function typed(cell: Sql, name: string, field: FieldDefinition, isText: boolean): Sql {
  const type: Sql = { kind: "sql", parts: [duckdbType(name, field)] }; // a type name of our own
  if (isText && field.type === "date") {
    return sql`coalesce(try_cast(left(${cell}, 10) AS DATE), try_strptime(left(${cell}, 8), '%Y%m%d')::DATE)`;
  }
  if (isText && field.type === "datetime") return sql`coalesce(try_cast(${cell} AS TIMESTAMP), try_strptime(${cell}, '%Y%m%d'))`;
  return sql`try_cast(${cell} AS ${type})`;
}

/** A required concept that is missing is concept 0, OMOP's word for "none that matches"; any other required field makes the row unusable. */
export const isConceptField = ({ field }: SourceField): boolean => field.references === "concept.concept_id";

/** The table whose rows a field points at, where it is one whose rows have ids; a person is found otherwise. */
export function idTableOf(table: OmopTable, { name, field }: Pick<SourceField, "name" | "field">): OmopTable | undefined {
  if (name === "person_id") return undefined;
  if (field.primaryKey === true && field.type === "integer") return table;
  if (name === "episode_parent_id") return "episode";
  const target = field.references?.split(".")[0];
  if (target === undefined || target === "concept" || target === "person") return undefined;
  return ID_TABLES.find((known) => known === target);
}

/** Tables with ids that others may point at. */
const ID_TABLES: readonly OmopTable[] = (Object.keys(OMOP_TABLES) as OmopTable[]).filter(
  (table) =>
    OMOP_TABLES[table].schema === "CDM" &&
    omopFields(table).some(([name, field]) => field.primaryKey === true && field.type === "integer" && name !== "person_id"),
); // the keys of the model itself

/** Ids of rows of whatever table another field names: they hold only while every row keeps its id. */
export const OPEN_REFERENCES: readonly string[] = ["measurement_event_id", "observation_event_id"];
