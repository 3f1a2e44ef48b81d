/** For tests only: everything that lies in a site's folder, as text, whatever engine wrote it. */

import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { join, relative } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DuckDBInstance } from "@duckdb/node-api";
import pg from "pg";

/** One table or one file. */
export interface Written {
  /** Such as `clinical.duckdb snapshot_1.person`. */
  readonly place: string;
  readonly text: string;
}

/** Every row of every table of every database below the folder, and every other file as it is: in UTF-8 and in UTF-16. */
export async function readEverything(folder: string): Promise<readonly Written[]> {
  const root = realpathSync(folder);
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const written: Written[] = [{ place: "names of files", text: paths.map((path) => relative(root, path)).join("\n") }];
  for (const path of paths) {
    const place = relative(root, path);
    if (/\.duckdb$/.test(path)) written.push(...(await readDuckdb(path, place)));
    else if (/\.(sqlite|db)$/.test(path)) written.push(...readSqlite(path, place));
    const bytes = readFileSync(path);
    written.push({ place, text: `${bytes.toString("utf8")}\n${bytes.toString("utf16le")}` });
  }
  return written;
}

async function readDuckdb(path: string, place: string): Promise<readonly Written[]> {
  const instance = await DuckDBInstance.create(path, { access_mode: "READ_ONLY" });
  try {
    const connection = await instance.connect();
    const tables = await connection.runAndReadAll("SELECT schema_name, table_name FROM duckdb_tables()");
    const written: Written[] = [];
    for (const [schema, table] of tables.getRows()) {
      const name = `"${schema}"."${table}"`;
      const rows = await connection.runAndReadAll(`SELECT string_agg(t::VARCHAR, chr(10)) FROM ${name} t`);
      written.push({ place: `${place} ${schema}.${table}`, text: String(rows.getRows()[0]?.[0] ?? "") });
    }
    return written;
  } finally {
    instance.closeSync();
  }
}

function readSqlite(path: string, place: string): readonly Written[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all();
    return tables.map(({ name }) => {
      const rows = database.prepare(`SELECT * FROM "${String(name)}"`).all();
      const cells = rows.flatMap((row) => Object.values(row));
      return { place: `${place} ${String(name)}`, text: cells.map(textOf).join("\n") };
    });
  } finally {
    database.close();
  }
}

/** Every row of every table of a PostgreSQL database that is not the server's own, nor in the schema `except`. */
export async function readPostgres(url: string, except: string): Promise<readonly Written[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await client.query(
      "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema', $1)",
      [except],
    );
    const written: Written[] = [];
    for (const { table_schema: schema, table_name: table } of tables.rows) {
      const { rows } = await client.query(`SELECT string_agg(t::text, chr(10)) AS text FROM "${schema}"."${table}" t`);
      written.push({ place: `postgresql ${schema}.${table}`, text: String(rows[0]?.text ?? "") });
    }
    return written;
  } finally {
    await client.end();
  }
}

const textOf = (cell: unknown): string => (cell instanceof Uint8Array ? Buffer.from(cell).toString("utf8") : String(cell));
