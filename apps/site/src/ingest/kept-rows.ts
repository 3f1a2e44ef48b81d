/**
 * Rows of earlier deliveries, kept in the store so that a later delivery can hold changes only.
 *
 * Kept are the cells that the mapping reads, parsed, under the surrogate of their person: no hospital number, no resident registration
 * number and no visit's number, which are replaced by a keyed digest. The table is written in the load's own transaction, so a load that
 * fails has kept nothing either.
 *
 * - `whole` replaces all that was kept; `changes` replaces rows by key, removes those that `deletedWhen` names, and leaves the rest.
 * - Of several rows with one key the file's last one counts.
 * - Opted-out persons and rows of a sensitive category are not kept, and those of before are removed.
 */

import type { Mapping, MappingFile } from "@dure/clinical";
import { DureError, hashJson, type JsonValue } from "@dure/kernel";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, join, type Sql, sql } from "../store/clinical-sql.ts";
import type { DeliveryReport } from "./load-report.ts";
import { findPersons, type PersonKeyTable, resolvePersons } from "./person-keys.ts";
import { keptRowsDoNotFit } from "./problems.ts";

export interface KeepPlan {
  readonly session: SqlSession;
  readonly mapping: Mapping;
  readonly keyTable: PersonKeyTable;
  readonly file: string;
  readonly definition: MappingFile;
  /** The raw table of the delivery: `row_key`, `is_deleted`, `is_sensitive`, `was_merged` and the columns below. */
  readonly raw: Sql;
  readonly person: Sql;
  /** Columns to keep, by a name that does not depend on the order of the file's header. */
  readonly columns: readonly { readonly name: string; readonly column: Sql }[];
  /** What the kept columns depend on, besides the file's definition. */
  readonly sensitive: JsonValue;
}

/** Merges the delivery into the kept rows and puts all of them in place of the raw table, in the order of their keys. */
export async function keepRows(plan: KeepPlan): Promise<DeliveryReport> {
  const { session, raw, person } = plan;
  const kept = await openKept(plan);
  const received = await session.count(sql`SELECT count(*) FROM ${raw}`);
  await session.run(sql`
    CREATE TEMP TABLE arriving AS SELECT * FROM (SELECT *, row_number() OVER () - 1 AS n FROM ${raw})
    QUALIFY row_number() OVER (PARTITION BY row_key ORDER BY n DESC) = 1`);
  const leftOut = sql`is_sensitive OR ${person} IN (SELECT hospital_number FROM opt_out)`;
  const leftOutCount = await session.count(sql`SELECT count(*) FROM arriving WHERE ${leftOut}`);
  const isHere = sql`EXISTS (SELECT 1 FROM ${kept} k WHERE k.row_key = a.row_key)`;
  const counts = await session.rows(sql`
    SELECT count(*) FILTER (NOT (${leftOut}) AND NOT is_deleted AND NOT ${isHere}), count(*) FILTER (NOT (${leftOut}) AND NOT is_deleted AND ${isHere}), count(*) FILTER (is_deleted AND ${isHere}) FROM arriving a`);
  await resolve(plan, sql`SELECT ${person} FROM arriving WHERE NOT (${leftOut}) AND NOT is_deleted`);
  const replaced = plan.definition.delivery === "changes" ? sql`WHERE row_key IN (SELECT row_key FROM arriving)` : sql``;
  await session.run(sql`DELETE FROM ${kept} ${replaced}`);
  const names = plan.columns.map(({ name }) => identifier(name));
  await session.run(sql`
    INSERT INTO ${kept} (row_key, person_id, was_merged${names.length === 0 ? sql`` : sql`, ${join(names)}`})
    SELECT row_key, i.person_id, was_merged${plan.columns.length === 0 ? sql`` : sql`, ${join(plan.columns.map(({ column }) => sql`a.${column}`))}`}
    FROM arriving a LEFT JOIN person_ids i ON i.person_key = a.${person} WHERE NOT (${leftOut}) AND NOT is_deleted`);
  await session.run(sql`DROP TABLE person_ids`);
  await movePersons(plan, kept);
  await session.run(sql`DROP TABLE ${raw}`);
  await session.run(sql`
    CREATE TEMP TABLE ${raw} AS SELECT k.person_id::VARCHAR AS ${person}, ${join([...plan.columns.map(({ name, column }) => sql`k.${identifier(name)} AS ${column}`), sql`k.was_merged`, sql`false AS is_sensitive`, sql`a.n AS arrived_row`])}
    FROM ${kept} k LEFT JOIN arriving a ON a.row_key = k.row_key ORDER BY k.row_key`);
  await session.run(sql`DROP TABLE arriving`);
  const [added, changed, deleted] = (counts[0] ?? []).map(Number);
  return { received, added: added ?? 0, changed: changed ?? 0, deleted: deleted ?? 0, leftOut: leftOutCount };
}

/** Creates the table where it is missing; one of another shape is replaced by a whole delivery and by no other. */
async function openKept(plan: KeepPlan): Promise<Sql> {
  const { session, mapping, file, definition, raw, columns } = plan;
  await session.run(sql`CREATE SCHEMA IF NOT EXISTS kept_rows`);
  await session.run(
    sql`CREATE TABLE IF NOT EXISTS kept_rows.shape (mapping VARCHAR NOT NULL, file VARCHAR NOT NULL, shape VARCHAR NOT NULL)`,
  );
  const kept = sql`kept_rows.${identifier(`${mapping.id}/${file}`)}`;
  const reading = JSON.stringify([definition.values, definition.key, definition.person, definition.missing, plan.sensitive]);
  const shape = hashJson(JSON.parse(reading) as JsonValue); // JSON.parse gives JSON
  const [known] = await session.rows(sql`SELECT shape FROM kept_rows.shape WHERE mapping = ${mapping.id} AND file = ${file}`);
  if (known?.[0] === shape) return kept;
  if (known !== undefined && definition.delivery === "changes") throw new DureError(keptRowsDoNotFit(definition.path));
  const list = [
    sql`row_key`,
    sql`0::BIGINT AS person_id`,
    sql`was_merged`,
    ...columns.map(({ name, column }) => sql`${column} AS ${identifier(name)}`),
  ];
  await session.run(sql`CREATE OR REPLACE TABLE ${kept} AS SELECT ${join(list)} FROM ${raw} LIMIT 0`);
  await session.run(sql`DELETE FROM kept_rows.shape WHERE mapping = ${mapping.id} AND file = ${file}`);
  await session.run(sql`INSERT INTO kept_rows.shape VALUES (${mapping.id}, ${file}, ${shape})`);
  return kept;
}

/** `person_ids` of the query's numbers, with merges of this delivery and those before applied. */
async function resolve({ session, keyTable }: KeepPlan, numbers: Sql): Promise<void> {
  await resolvePersons(session, keyTable, numbers);
  await session.run(sql`CREATE TABLE IF NOT EXISTS kept_rows.merged (old_id BIGINT NOT NULL, new_id BIGINT NOT NULL)`);
  await session.run(sql`UPDATE person_ids SET person_id = m.new_id FROM kept_rows.merged m WHERE m.old_id = person_ids.person_id`);
}

/** Rows of before go to the person that their number is now; those of a person who has opted out since are removed. */
async function movePersons({ session, mapping, file, keyTable }: KeepPlan, kept: Sql): Promise<void> {
  if ((await session.count(sql`SELECT count(*) FROM merged`)) > 0) {
    await findPersons(session, keyTable, { numbers: sql`SELECT old_number FROM merged`, into: "old_ids" });
    await resolvePersons(session, keyTable, sql`SELECT new_number FROM merged WHERE old_number IN (SELECT person_key FROM old_ids)`);
    await session.run(sql`DELETE FROM kept_rows.merged WHERE old_id IN (SELECT person_id FROM old_ids)`);
    await session.run(sql`
      INSERT INTO kept_rows.merged SELECT o.person_id, n.person_id FROM merged m JOIN old_ids o ON o.person_key = m.old_number JOIN person_ids n ON n.person_key = m.new_number`);
    // A number that others were merged into before can be merged itself.
    await session.run(sql`UPDATE kept_rows.merged SET new_id = b.new_id FROM kept_rows.merged b WHERE b.old_id = kept_rows.merged.new_id`);
    for (const table of ["old_ids", "person_ids"]) await session.run(sql`DROP TABLE ${identifier(table)}`);
  }
  await session.run(sql`UPDATE ${kept} SET person_id = m.new_id, was_merged = true FROM kept_rows.merged m WHERE m.old_id = person_id`);
  if (file === mapping.persons) {
    await session.run(sql`DELETE FROM ${kept} WHERE was_merged AND person_id IN (SELECT person_id FROM ${kept} WHERE NOT was_merged)`);
  }
  await findPersons(session, keyTable, { numbers: sql`SELECT hospital_number FROM opt_out`, into: "opted_out_ids" });
  await session.run(sql`DELETE FROM ${kept} WHERE person_id IN (SELECT person_id FROM opted_out_ids)`);
  await session.run(sql`DROP TABLE opted_out_ids`);
}

/** The persons of kept rows are known by their surrogates already. */
export const keptPersonIds = (table: Sql): Sql =>
  sql`CREATE TEMP TABLE person_ids AS SELECT DISTINCT person_key, person_key::BIGINT AS person_id FROM ${table} WHERE person_key IS NOT NULL`;
