/**
 * The identity of a snapshot: equal rows give equal hashes, in whatever order the engine stored them and whatever its version.
 *
 * Each row is written as text (field number, value) and hashed by SHA-256, and 120 bits of each hash are added as two words of 60:
 * a sum does not depend on the order, needs no sort, and unlike an exclusive or tells two equal rows from none. The sums, row counts
 * and table names are then hashed together. Two different sets of rows meet by chance once in 2^120. Somebody free to choose many
 * rows could make two sets meet (a generalised birthday search), but the site computes this about its own rows, and a site that wanted
 * to deceive would load other rows in the first place.
 *
 * CDM_SOURCE is left out: it says when the load was, and the same rows a day later are the same snapshot. The vocabulary, millions of
 * rows that many snapshots share, enters by its version. Tables that extend OMOP (images) count like its own.
 */

import { isOmopTable, isSharedVocabulary, type OmopTable, omopFields, omopTables } from "@dure/clinical";
import { hashJson, type Sha256 } from "@dure/kernel";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, integer, join, type Sql, sql, textLiteral } from "../store/clinical-sql.ts";

export async function hashSnapshot(session: SqlSession, schema: string, vocabularyVersion: string): Promise<Sha256> {
  const ofOmop = omopTables.filter((table) => table !== "cdm_source" && !isSharedVocabulary(table));
  const rows = [
    ...(await session.rows(
      join(
        ofOmop.map((table) => tableSums(schema, table)),
        " UNION ALL ",
      ),
    )),
  ];
  for (const table of await extensionTables(session, schema))
    rows.push(...(await session.rows(await extensionSums(session, schema, table))));
  const tables = Object.fromEntries(rows.map(([table, ...sums]) => [String(table), sums.map(String)]));
  return hashJson({ format: "dure-snapshot-3", vocabulary: vocabularyVersion, tables });
}

async function extensionTables(session: SqlSession, schema: string): Promise<readonly string[]> {
  const tables = await session.rows(sql`SELECT table_name FROM duckdb_tables() WHERE schema_name = ${schema} ORDER BY table_name`);
  return tables.map(([name]) => String(name)).filter((name) => !isOmopTable(name));
}

async function extensionSums(session: SqlSession, schema: string, table: string): Promise<Sql> {
  const columns = await session.rows(sql`
    SELECT column_name, data_type = 'VARCHAR' FROM duckdb_columns() WHERE schema_name = ${schema} AND table_name = ${table} ORDER BY column_index`);
  return rowSums(
    schema,
    table,
    columns.map(([name, isText]) => ({ name: String(name), isText: isText === true })),
  );
}

function tableSums(schema: string, table: OmopTable): Sql {
  const columns = omopFields(table).map(([name, { type }]) => ({ name, isText: type === "text" || type.startsWith("varchar") }));
  return rowSums(schema, table, columns);
}

function rowSums(schema: string, table: string, columns: readonly { readonly name: string; readonly isText: boolean }[]): Sql {
  // An empty field gives NULL, which concat_ws leaves out: most fields of most rows are empty.
  const cells = columns.map(({ name, isText }, i) => {
    // A bar inside a text is doubled, and a field begins with a digit: no two rows give one text.
    return sql`${textLiteral(`${i}=`)} || ${isText ? sql`replace(${identifier(name)}, '|', '||')` : sql`${identifier(name)}::VARCHAR`}`;
  });
  const word = (i: number): Sql => sql`sum(('0x' || substr(h, ${integer(1 + 15 * i)}, 15))::BIGINT)::VARCHAR`;
  return sql`
    SELECT ${textLiteral(table)}, count(*), ${join([0, 1].map(word))}
    FROM (SELECT sha256(concat_ws('|', ${join(cells)})) AS h FROM ${identifier(schema)}.${identifier(table)})`;
}
