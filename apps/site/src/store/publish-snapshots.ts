/**
 * What a load wrote, from the DuckDB file in which it was made into PostgreSQL: the kept snapshots, the vocabularies they look into, and the
 * list of them. One transaction there, so a reader sees the snapshots before the load or after it.
 *
 * Rows go through a file, written by the one engine and read by the other's COPY: neither ever holds a table in memory. The file lies
 * beside the store, readable by its owner only, and one table long.
 */

import { createReadStream } from "node:fs";
import { chmod, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { isOmopTable } from "@dure/clinical";
import { assert } from "@dure/kernel";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import type { SqlSession } from "./clinical-session.ts";
import { identifier, join, renderSql, type Sql, sql, textLiteral } from "./clinical-sql.ts";
import { snapshotSchema } from "./clinical-store.ts";

/** A text that no cell of OMOP holds unquoted. Cells are always quoted, so even that text would be told from an absent one. */
const ABSENT = String.raw`\N`;
const OWNER_ONLY = 0o600;
/** Any number: two publications into one database wait for each other. */
const PUBLICATION_LOCK = 7_318_221_905n;

export interface Publication {
  /** The load's own session, in its transaction: it sees what is not committed yet. */
  readonly session: SqlSession;
  readonly client: pg.Client;
  /** Which the session may write. */
  readonly scratchPath: string;
}

/** Creates what this product keeps beside the snapshots' schemas. */
export async function ensurePublished(client: pg.Client): Promise<void> {
  await client.query("CREATE SCHEMA IF NOT EXISTS dure");
  await client.query("CREATE TABLE IF NOT EXISTS dure.snapshot (number integer PRIMARY KEY, hash text NOT NULL, report text NOT NULL)");
  await client.query("CREATE TABLE IF NOT EXISTS dure.published (schema_name text PRIMARY KEY, content text NOT NULL)");
}

/** Afterwards PostgreSQL has the snapshots that the session has, and no other. Unchanged ones are left as they are. */
export async function publishSnapshots(publication: Publication): Promise<void> {
  const { client, session } = publication;
  await client.query("BEGIN");
  try {
    await client.query("SELECT pg_advisory_xact_lock($1)", [PUBLICATION_LOCK]);
    const snapshots = await session.rows(sql`SELECT number, hash, report FROM dure.snapshot ORDER BY number`);
    const wanted = new Map<string, string>(snapshots.map(([number, hash]) => [snapshotSchema(Number(number)), String(hash)]));
    for (const schema of await vocabulariesOf(session, [...wanted.keys()])) wanted.set(schema, await contentOf(session, schema));
    await dropOthers(client, wanted);
    const published = await client.query<{ readonly schema_name: string }>("SELECT schema_name FROM dure.published");
    const isThere = new Set(published.rows.map(({ schema_name: name }) => name));
    // Vocabularies first: the snapshots' views look into them.
    const missing = [...wanted].filter(([schema]) => !isThere.has(schema)).sort(([a], [b]) => (a < b ? 1 : -1));
    for (const [schema, content] of missing) await publishSchema(publication, schema, content);
    await client.query("DELETE FROM dure.snapshot");
    for (const row of snapshots) await client.query("INSERT INTO dure.snapshot VALUES ($1, $2, $3)", [...row]);
    await client.query("COMMIT");
  } catch (cause) {
    await client.query("ROLLBACK").catch(() => undefined); // the connection may be gone; the first cause is the one to tell
    throw cause;
  } finally {
    await rm(publication.scratchPath, { force: true });
  }
}

/** The schemas that views of these schemas look into. */
async function vocabulariesOf(session: SqlSession, schemas: readonly string[]): Promise<readonly string[]> {
  const views = await session.rows(sql`SELECT schema_name, sql FROM duckdb_views() WHERE NOT internal`);
  const used = views.flatMap(([schema, text]) => (schemas.includes(String(schema)) ? [targetOf(String(text)).schema] : []));
  return [...new Set(used)];
}

/** Tells a vocabulary from another of the same number: its tables' names and row counts. */
async function contentOf(session: SqlSession, schema: string): Promise<string> {
  const tables = await tablesOf(session, schema);
  const counts = [];
  for (const table of tables)
    counts.push(`${table}:${await session.count(sql`SELECT count(*) FROM ${identifier(schema)}.${identifier(table)}`)}`);
  return counts.join(",");
}

/** Of a vocabulary only what OMOP knows: look-up tables of loads stay in the workshop. */
const tablesOf = async (session: SqlSession, schema: string): Promise<readonly string[]> =>
  (await everyTable(session, schema)).filter((table) => !schema.startsWith("vocabulary_") || isOmopTable(table));

const everyTable = async (session: SqlSession, schema: string): Promise<readonly string[]> =>
  (await session.rows(sql`SELECT table_name FROM duckdb_tables() WHERE schema_name = ${schema} ORDER BY table_name`)).map(([name]) =>
    String(name),
  );

/** A snapshot that was replaced (same number, other rows) is dropped and published anew. CASCADE takes the views that look into it. */
async function dropOthers(client: pg.Client, wanted: ReadonlyMap<string, string>): Promise<void> {
  const { rows } = await client.query<{ readonly schema_name: string; readonly content: string }>(
    "SELECT schema_name, content FROM dure.published",
  );
  for (const { schema_name: schema, content } of rows) {
    if (wanted.get(schema) === content) continue;
    await client.query(`DROP SCHEMA IF EXISTS ${text(identifier(schema))} CASCADE`);
    await client.query("DELETE FROM dure.published WHERE schema_name = $1", [schema]);
    if (schema.startsWith("vocabulary_")) await client.query("DELETE FROM dure.published WHERE schema_name LIKE 'snapshot\\_%'");
  }
}

async function publishSchema({ session, client, scratchPath }: Publication, schema: string, content: string): Promise<void> {
  await client.query(`DROP SCHEMA IF EXISTS ${text(identifier(schema))} CASCADE`);
  await client.query(`CREATE SCHEMA ${text(identifier(schema))}`);
  for (const table of await tablesOf(session, schema)) await publishTable({ session, client, scratchPath }, schema, table);
  const views = await session.rows(sql`SELECT view_name, sql FROM duckdb_views() WHERE schema_name = ${schema} ORDER BY view_name`);
  for (const [name, definition] of views) {
    const target = targetOf(String(definition));
    await client.query(
      text(sql`
      CREATE VIEW ${identifier(schema)}.${identifier(String(name))} AS SELECT * FROM ${identifier(target.schema)}.${identifier(target.table)}`),
    );
  }
  await client.query("INSERT INTO dure.published VALUES ($1, $2)", [schema, content]);
}

async function publishTable({ session, client, scratchPath }: Publication, schema: string, table: string): Promise<void> {
  const described = await session.rows(sql`
    SELECT column_name, data_type, is_nullable FROM duckdb_columns() WHERE schema_name = ${schema} AND table_name = ${table} ORDER BY column_index`);
  const columns = described.map(([name, type, isNullable]) => ({
    name: String(name),
    type: postgresType(String(type)),
    isNullable: isNullable === true,
  }));
  const definitions = columns.map(({ name, type, isNullable }) => sql`${identifier(name)} ${type}${isNullable ? sql`` : sql` NOT NULL`}`);
  const target = sql`${identifier(schema)}.${identifier(table)}`;
  await client.query(text(sql`CREATE TABLE ${target} (${join(definitions)})`));
  if ((await session.count(sql`SELECT count(*) FROM ${target}`)) > 0) {
    const cells = join(columns.map(({ name }) => identifier(name)));
    await session.run(sql`
      COPY (SELECT ${cells} FROM ${target}) TO ${textLiteral(scratchPath)} (FORMAT csv, HEADER false, NULLSTR ${textLiteral(ABSENT)}, FORCE_QUOTE *)`);
    await chmod(scratchPath, OWNER_ONLY);
    const copy = text(sql`COPY ${target} (${cells}) FROM STDIN (FORMAT csv, NULL ${textLiteral(ABSENT)})`);
    await pipeline(createReadStream(scratchPath), client.query(copyFrom(copy)));
    await rm(scratchPath);
  }
  for (const column of INDEXED.filter((name) => columns.some((candidate) => candidate.name === name)))
    await client.query(text(sql`CREATE INDEX ON ${target} (${identifier(column)})`));
}

/** What joins and look-ups go by, in OMOP and in its vocabulary. */
const INDEXED = ["person_id", "concept_id", "concept_id_1", "descendant_concept_id"];

function postgresType(duckdb: string): Sql {
  const type = POSTGRES_TYPES[duckdb];
  assert(type !== undefined, "a snapshot's columns have the types of OMOP");
  return type;
}

const POSTGRES_TYPES: Readonly<Record<string, Sql>> = {
  BIGINT: sql`bigint`,
  INTEGER: sql`integer`,
  DOUBLE: sql`double precision`,
  DATE: sql`date`,
  TIMESTAMP: sql`timestamp`,
  VARCHAR: sql`text`,
  BOOLEAN: sql`boolean`,
};

/** A snapshot's views are all of one form, written by this product: everything of one table of a vocabulary. */
function targetOf(definition: string): { readonly schema: string; readonly table: string } {
  const [, schema, table] = /\bAS SELECT \* FROM "?(vocabulary_\d+)"?\."?([a-z_]+)"?;?\s*$/i.exec(definition) ?? [];
  assert(schema !== undefined && table !== undefined, "a view of a snapshot shows one table of a vocabulary");
  return { schema, table };
}

/** A statement without bound values. */
function text(statement: Sql): string {
  const { text: rendered, values } = renderSql(statement);
  assert(values.length === 0, "definitions bind no value");
  return rendered;
}
