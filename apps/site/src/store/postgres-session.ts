/** The session of a PostgreSQL connection: the same plain values as DuckDB's gives. */

import { assert } from "@dure/kernel";
import pg from "pg";
import type { Cell, SqlSession } from "./clinical-session.ts";
import { renderSql, type Sql } from "./clinical-sql.ts";

/** OIDs of PostgreSQL's catalogue (pg_type.dat). */
const OID = { bigint: 20, numeric: 1700, date: 1082, timestamp: 1114, timestamptz: 1184 } as const;

export function postgresSession(client: pg.ClientBase): SqlSession {
  const query = async (statement: Sql): Promise<readonly (readonly Cell[])[]> => {
    const { text, values } = renderSql(statement);
    const { rows } = await client.query<unknown[]>({ text, values, rowMode: "array", types: TYPES });
    return rows.map((row) => row.map(toCell));
  };
  return {
    dialect: "postgresql",
    run: async (statement) => void (await query(statement)),
    rows: query,
    columns: async (statement) => byColumn(await query(statement)),
    count: async (statement) => Number((await query(statement))[0]?.[0] ?? 0),
    append: async () => assert(false, "rows come into PostgreSQL by publication only"),
  };
}

/** As DuckDB: 64-bit integers as BigInt, dates as ISO days. A sum of integers is NUMERIC here and HUGEINT there: both become BigInt. */
const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  [OID.bigint]: (value) => BigInt(value),
  [OID.numeric]: (value) => (/^-?\d+$/.test(value) ? BigInt(value) : Number(value)),
  [OID.date]: (value) => value,
  [OID.timestamp]: (value) => value,
  [OID.timestamptz]: (value) => value,
};

const TYPES: pg.CustomTypesConfig = { getTypeParser: (oid, format) => PARSERS[oid] ?? pg.types.getTypeParser(oid, format) };

function toCell(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return value;
  assert(false, "statements select numbers, texts, truth values and dates only");
}

/** An answer without rows has no columns here: readers take an absent column for an empty one. */
const byColumn = (rows: readonly (readonly Cell[])[]): readonly (readonly Cell[])[] =>
  (rows[0] ?? []).map((_, i) => rows.map((row) => row[i] ?? null));
