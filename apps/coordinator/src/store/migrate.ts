/**
 * The schema, forward and back: numbered SQL, each file applied whole, in one transaction with the note that it was applied.
 *
 * A store remembers the hash of each migration that made it. A program that has another text under the same number, or a store with
 * numbers that the program does not know, is refused: guessing would lose columns in silence.
 */

import { readdirSync, readFileSync } from "node:fs";
import { assert, sha256 } from "@dure/kernel";
import { type Kysely, sql } from "kysely";
import { type StorePlace, storeMigrationChanged, storeTooNew } from "./problems.ts";
import type { CoordinatorTables, StoreTransaction } from "./tables.ts";

interface Migration {
  readonly number: number;
  /** Such as `0001-alliance`. */
  readonly name: string;
  readonly up: string;
  readonly down: string;
  /** SHA-256 of `up`. */
  readonly hash: string;
}

export const migrations: readonly Migration[] = readMigrations(new URL("./migrations/", import.meta.url));
export const latestSchema: number = migrations.length;

/** Any number: it keeps two migrators of one database apart. */
const MIGRATION_LOCK = 7_203_117;

/** Brings an open database to schema `target`, forward or back, in one transaction. Back drops tables with their rows. */
export async function migrateTo(db: Kysely<CoordinatorTables>, target: number, place: StorePlace): Promise<void> {
  await db.transaction().execute((tx) => migrateWithin(tx, target, place));
}

/** As `migrateTo`, within a transaction that is already open. */
export async function migrateWithin(tx: StoreTransaction, target: number, place: StorePlace): Promise<void> {
  assert(Number.isInteger(target) && target >= 0 && target <= latestSchema, "the target is a schema that this program knows");
  await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(tx);
  await createJournal(tx);
  const applied = await readApplied(tx, place);
  for (const migration of migrations.slice(applied, target)) {
    await sql.raw(migration.up).execute(tx);
    await sql`insert into schema_migration (number, name, sha256) values (${migration.number}, ${migration.name}, ${migration.hash})`.execute(
      tx,
    );
  }
  for (const migration of migrations.slice(target, applied).reverse()) {
    await sql.raw(migration.down).execute(tx);
    await sql`delete from schema_migration where number = ${migration.number}`.execute(tx);
  }
}

async function createJournal(tx: StoreTransaction): Promise<void> {
  const { rows } = await sql`select 1 where to_regclass('schema_migration') is not null`.execute(tx);
  if (rows.length === 0) await sql.raw(JOURNAL).execute(tx);
}

const JOURNAL = `
  CREATE TABLE schema_migration (number integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL);
  COMMENT ON COLUMN schema_migration.number IS 'Number of an applied migration, from 1 without gaps. Unit: count. Sensitivity: public. Mutability: fixed.';
  COMMENT ON COLUMN schema_migration.name IS 'Name of its file. Unit: none. Sensitivity: public. Mutability: fixed.';
  COMMENT ON COLUMN schema_migration.sha256 IS 'SHA-256 of its forward text. Unit: 64 lower-case hexadecimal digits. Sensitivity: public. Mutability: fixed.';
`;

/** How many migrations the store has. */
async function readApplied(tx: StoreTransaction, place: StorePlace): Promise<number> {
  const { rows } = await sql<{ number: number; name: string; sha256: string }>`
    select number, name, sha256 from schema_migration order by number
  `.execute(tx);
  if (rows.length > latestSchema) throw storeTooNew(place, rows.length, latestSchema);
  for (const [index, row] of rows.entries()) {
    if (migrations[index]?.hash !== row.sha256) throw storeMigrationChanged(place, row.name);
  }
  return rows.length;
}

function readMigrations(folder: URL): Migration[] {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(".up.sql"))
    .map((file) => file.slice(0, -".up.sql".length))
    .sort();
  return names.map((name, index) => {
    const number = Number(name.slice(0, 4));
    assert(number === index + 1, "migrations are numbered from 1 without gaps");
    const up = readFileSync(new URL(`${name}.up.sql`, folder), "utf8");
    return { number, name, up, down: readFileSync(new URL(`${name}.down.sql`, folder), "utf8"), hash: sha256(up) };
  });
}
