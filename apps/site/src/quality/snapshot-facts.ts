/** What a snapshot's schema holds: tables, fields and their types, and per table how many rows and values there are. */

import type { QualityCheck, TableFacts } from "@dure/clinical/quality";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, join, sql } from "../store/clinical-sql.ts";

/** Field names in lower case with the engine's name of their type. */
export type Fields = ReadonlyMap<string, string>;
export type Structure = ReadonlyMap<string, Fields>;

/** Views count as tables: those of the vocabulary are shared between snapshots. */
export async function readStructure(session: SqlSession, schema: string): Promise<Structure> {
  const rows = await session.rows(sql`
    SELECT lower(table_name), lower(column_name), lower(data_type) FROM information_schema.columns
    WHERE table_schema = ${schema} ORDER BY table_name, ordinal_position`);
  const structure = new Map<string, Map<string, string>>();
  for (const [table, field, type] of rows) {
    const fields = structure.get(String(table)) ?? new Map<string, string>();
    fields.set(String(field), String(type));
    structure.set(String(table), fields);
  }
  return structure;
}

/** One pass over the table. Only fields that a check looks at are counted. */
export async function readTableFacts(session: SqlSession, from: FactsOrder): Promise<TableFacts> {
  const names = [...from.fields.keys()].filter((field) => from.wanted.has(field));
  const counts = names.map((field) => sql`count(${identifier(field)})`);
  const [row] = await session.rows(sql`
    SELECT ${join([sql`count(*)`, ...counts])} FROM ${identifier(from.schema)}.${identifier(from.table)}`);
  return { rowCount: Number(row?.[0] ?? 0), valueCounts: new Map(names.map((field, i) => [field, Number(row?.[i + 1] ?? 0)])) };
}

export interface FactsOrder {
  readonly schema: string;
  readonly table: string;
  readonly fields: Fields;
  readonly wanted: ReadonlySet<string>;
}

export const wantedFields = (checks: readonly QualityCheck[]): ReadonlySet<string> =>
  new Set(checks.flatMap(({ field }) => (field === undefined ? [] : [field])));

const WHOLE_TYPES = new Set(["tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint", "uinteger", "ubigint"]);
const TEXT_TYPES = /^(varchar|text|character|char)/;

export const isWholeType = (type: string | undefined): boolean => type !== undefined && WHOLE_TYPES.has(type);
export const isTextType = (type: string | undefined): boolean => type !== undefined && TEXT_TYPES.test(type);
export const isDateType = (type: string | undefined): boolean => type !== undefined && /^(date|timestamp)/.test(type);
