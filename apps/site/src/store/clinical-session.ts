/** One connection to the clinical store: statements made of typed pieces, answers as plain values. */

import { type DuckDBAppender, type DuckDBConnection, DuckDBDateValue } from "@duckdb/node-api";
import { assert } from "@dure/kernel";
import { renderSql, type Sql } from "./clinical-sql.ts";

export type Cell = string | number | bigint | boolean | null;

export interface SqlSession {
  /** Statements keep to what both engines speak, and ask here where they cannot. */
  readonly dialect: "duckdb" | "postgresql";
  readonly run: (statement: Sql) => Promise<void>;
  readonly rows: (statement: Sql) => Promise<readonly (readonly Cell[])[]>;
  /** By column, for large answers. */
  readonly columns: (statement: Sql) => Promise<readonly (readonly Cell[])[]>;
  /** The one number of a one-row answer. */
  readonly count: (statement: Sql) => Promise<number>;
  /** Adds rows to an existing table; `types` name the column types in order. */
  readonly append: (table: string, types: readonly AppendType[], rows: Iterable<readonly AppendValue[]>) => Promise<void>;
}

/** `integer` has 32 bits; `date` is an ISO day of the years 0001 to 9999. */
export type AppendType = "bigint" | "integer" | "double" | "text" | "date" | "blob";

/** bigint, number, number, string, string, bytes: in the order of the types. Null in any column. */
export type AppendValue = bigint | number | string | Uint8Array | null;

export function duckdbSession(connection: DuckDBConnection): SqlSession {
  const read = async (statement: Sql) => {
    const { text, values } = renderSql(statement);
    return connection.runAndReadAll(text, values);
  };
  return {
    dialect: "duckdb",
    run: async (statement) => {
      const { text, values } = renderSql(statement);
      await connection.run(text, values);
    },
    rows: async (statement) => (await read(statement)).getRowsJS().map((row) => row.map(toCell)),
    columns: async (statement) => (await read(statement)).getColumnsJS().map((column) => column.map(toCell)),
    count: async (statement) => Number((await read(statement)).getRowsJS()[0]?.[0] ?? 0),
    append: async (table, types, rows) => {
      const [schema, name] = table.includes(".") ? table.split(".") : [undefined, table];
      const appender = await connection.createAppender(name ?? table, schema ?? null);
      for (const row of rows) {
        for (let i = 0; i < types.length; i++) appendValue(appender, types[i], row[i]);
        appender.endRow();
      }
      appender.closeSync();
    },
  };
}

function appendValue(appender: DuckDBAppender, type: AppendType | undefined, value: AppendValue | undefined): void {
  if (value === null) appender.appendNull();
  else if (type === "text" && typeof value === "string") appender.appendVarchar(value);
  else if (type === "integer" && typeof value === "number") appender.appendInteger(value);
  else if (type === "double" && typeof value === "number") appender.appendDouble(value);
  else if (type === "date" && typeof value === "string") appender.appendDate(new DuckDBDateValue(epochDay(value)));
  else if (type === "bigint" && typeof value === "bigint") appender.appendBigInt(value);
  else if (type === "blob" && value instanceof Uint8Array) appender.appendBlob(value);
  else assert(false, "each value has its column's type");
}

const DAY_MS = 86_400_000;

function epochDay(isoDay: string): number {
  const ms = Date.parse(isoDay);
  assert(isoDay.length === 10 && Number.isFinite(ms), "a date is an ISO day");
  return ms / DAY_MS;
}

function toCell(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return value;
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  assert(false, "statements select numbers, texts, truth values and dates only");
}
