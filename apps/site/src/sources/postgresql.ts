/**
 * A table or view of a hospital's PostgreSQL, streamed: only the columns that the mapping reads leave the server, every one as text, a date
 * as the mapping declares it. Rows come in the order of the primary key, else of the columns read, so that a second load of the same rows
 * is the same load; row n of a problem is the n-th in that order.
 */

import { DureError } from "@dure/kernel";
import type pg from "pg";
import QueryStream from "pg-query-stream";
import { identifier, join, renderSql, type Sql, sql } from "../store/clinical-sql.ts";
import { dateFormatsOf, OF_DATE, OF_TIME } from "./date-formats.ts";
import type { ExportRequest, OpenedExport } from "./open-export.ts";
import { type PostgresqlTable, queryFault, withReadOnly } from "./postgres-connection.ts";
import { needsTimeZone, notText, serverRefused } from "./source-problems.ts";
import { copiedRelation, placesOf, TableCopy } from "./table-copy.ts";

/** Rows in one answer of the server: a few hundred kilobytes. */
const BATCH_ROWS = 2000;

interface Column {
  readonly name: string;
  /** Of a domain, the type beneath it. */
  readonly type: string;
  readonly isNested: boolean;
  /** Its place in the primary key from 1; 0 where it has none. */
  readonly keyPlace: number;
}

/** @throws DureError of the connection (see `withReadOnly`), `ingest/server-refused`, `needs-time-zone` or `not-text`. */
export async function openPostgresql(definition: PostgresqlTable, request: ExportRequest): Promise<OpenedExport> {
  return withReadOnly(definition, request.directory, {
    signal: request.signal,
    work: async (client) => {
      const columns = await describe(client, definition);
      const header = columns.map(({ name }) => name.normalize("NFC"));
      const places = placesOf(header, request.columns);
      const needed = places.flatMap((place) => columns[place] ?? []);
      checkTypes(definition, needed);
      const sha256 = await copyRows(client, selectRows(definition, needed, columns), { table: definition.path, columns: needed, request });
      return copiedRelation(request, { sha256, header, places });
    },
  });
}

/** From the catalogue, which tells of a table even to those who may not read it. */
async function describe(client: pg.Client, { path, schema, table }: PostgresqlTable): Promise<readonly Column[]> {
  const { rows } = await client.query<{ name: string; type: string; nested: boolean; key_place: number }>({
    text: `SELECT a.attname AS name, coalesce(b.typname, t.typname) AS type,
        coalesce(b.typcategory, t.typcategory) IN ('A', 'C') OR coalesce(b.typname, t.typname) IN ('json', 'jsonb', 'xml', 'bytea') AS nested,
        coalesce(array_position(i.indkey::int2[], a.attnum), -1) + 1 AS key_place
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype AND t.typtype = 'd'
      LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary
      WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'v', 'm', 'p', 'f') ORDER BY a.attnum`,
    values: [schema, table],
  });
  if (rows.length === 0) throw new DureError(serverRefused(path, "table"));
  return rows.map(({ name, type, nested, key_place }) => ({ name, type, isNested: nested, keyPlace: key_place }));
}

function checkTypes(definition: PostgresqlTable, columns: readonly Column[]): void {
  const problems = columns.flatMap(({ name, type, isNested }) => {
    if (isNested) return [notText(definition.path, name)];
    return type === "timestamptz" && definition.timeZone === undefined ? [needsTimeZone(definition.path, name)] : [];
  });
  if (problems.length > 0) throw new DureError(problems);
}

function selectRows(definition: PostgresqlTable, needed: readonly Column[], columns: readonly Column[]): Sql {
  const formats = dateFormatsOf(definition);
  const cells = needed.map((column) => asText(column, formats.get(column.name.normalize("NFC"))));
  const key = columns.filter(({ keyPlace }) => keyPlace > 0).sort((a, b) => a.keyPlace - b.keyPlace);
  const order = key.length > 0 ? key.map(({ name }) => identifier(name)) : cells.map((cell) => sql`${cell} COLLATE "C"`);
  const ordered = order.length === 0 ? sql`` : sql` ORDER BY ${join(order)}`;
  return sql`SELECT ${join(cells)} FROM ${identifier(definition.schema)}.${identifier(definition.table)}${ordered}`;
}

function asText({ name, type }: Column, format: string | undefined): Sql {
  const column = identifier(name);
  if (type === "date") return sql`to_char(${column}, ${pattern(format ?? OF_DATE)}::text)`;
  if (type === "timestamp" || type === "timestamptz") return sql`to_char(${column}, ${pattern(format ?? OF_TIME)}::text)`;
  return sql`${column}::text`;
}

const PATTERNS: Readonly<Record<string, string>> = { "%Y": "YYYY", "%m": "MM", "%d": "DD", "%H": "HH24", "%M": "MI", "%S": "SS" };

/** A mapping's format as `to_char` has it; its only letter besides the parts is T. */
const pattern = (format: string): string => format.replace(/%[YmdHMS]|T/g, (part) => PATTERNS[part] ?? `"${part}"`);

interface Copying {
  readonly table: string;
  readonly columns: readonly Column[];
  readonly request: ExportRequest;
}

async function copyRows(client: pg.Client, statement: Sql, { table, columns, request }: Copying): Promise<OpenedExport["sha256"]> {
  const copy = await TableCopy.create(request.copyPath, columns.length);
  try {
    if (columns.length > 0) await copyAll(client, statement, copy);
    return await copy.close();
  } catch (cause) {
    await copy.discard();
    request.signal?.throwIfAborted();
    throw isFileFault(cause) ? cause : queryFault(table, cause, copy.rowCount);
  }
}

/** Where the connection ends, the driver's stream waits for an answer that cannot come: it is told here. */
async function copyAll(client: pg.Client, statement: Sql, copy: TableCopy): Promise<void> {
  const { text, values } = renderSql(statement);
  const rows = client.query(new QueryStream(text, values, { rowMode: "array", batchSize: BATCH_ROWS }));
  const onEnd = (): void => void rows.emit("error", new Error("the connection ended"));
  client.once("end", onEnd);
  try {
    // Every cell is cast to text in the statement.
    for await (const row of rows as AsyncIterable<readonly (string | null)[]>) {
      copy.add(row);
      if (copy.isFull) await copy.flush();
    }
  } finally {
    client.off("end", onEnd);
  }
}

/** A full disk is the machine's, not the server's. */
const isFileFault = (cause: unknown): boolean =>
  cause instanceof Error && "syscall" in cause && cause.syscall === "write" && "errno" in cause;
