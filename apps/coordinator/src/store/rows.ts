/**
 * Writing a row once, and reading what comes back.
 *
 * Every write of the store may be sent again after an ambiguous failure (the connection broke while it was committed), so every write
 * says which of three things it found: nothing yet, itself, or something else under the same key.
 */

import { assert, type JsonValue } from "@dure/kernel";
import { type Insertable, sql } from "kysely";
import type { CoordinatorTables, StoreTransaction } from "./tables.ts";

export type WriteOutcome =
  /** Written now. */
  | { readonly kind: "stored" }
  /** It was there already, with the same content: a repeated write. */
  | { readonly kind: "repeated" }
  /** Something else stands under the same key, and stays. `columns` names what differs; empty where another row holds a unique value. */
  | { readonly kind: "conflict"; readonly columns: readonly string[] };

type TableName = keyof CoordinatorTables & string;
type ColumnName<Name extends TableName> = keyof CoordinatorTables[Name] & string;

export interface InsertOnce<Name extends TableName> {
  readonly table: Name;
  readonly row: Insertable<CoordinatorTables[Name]>;
  readonly key: readonly ColumnName<Name>[];
  /** Columns in which a repeated write may differ, such as the time at which it came. */
  readonly mayDiffer?: readonly ColumnName<Name>[];
}

/** Inserts the row, or says what already stands under its key. Never overwrites. */
export async function insertOnce<Name extends TableName>(tx: StoreTransaction, insert: InsertOnce<Name>): Promise<WriteOutcome> {
  const row = new Map(Object.entries<unknown>(insert.row).filter(([, value]) => value !== undefined));
  const columns = sql.join([...row.keys()].map((name) => sql.ref(name)));
  const written = await sql`
    insert into ${sql.table(insert.table)} (${columns}) values (${sql.join([...row.values()])}) on conflict do nothing
  `.execute(tx);
  if (written.numAffectedRows === 1n) return { kind: "stored" };
  const matches = insert.key.map((name) => sql`${sql.ref(name)} = ${row.get(name)}`);
  const found = await sql<Record<string, unknown>>`
    select * from ${sql.table(insert.table)} where ${sql.join(matches, sql` and `)}
  `.execute(tx);
  const existing = found.rows[0];
  if (existing === undefined) return { kind: "conflict", columns: [] };
  const ignored = new Set<string>(insert.mayDiffer ?? []);
  const differing = [...row].filter(([name, value]) => !ignored.has(name) && !sameValue(existing[name], value)).map(([name]) => name);
  return differing.length === 0 ? { kind: "repeated" } : { kind: "conflict", columns: differing };
}

/** A BIGINT as a number. Times, sizes and counts stay far below 2^53. */
export function wholeNumber(digits: string): number {
  const value = Number(digits);
  assert(Number.isSafeInteger(value), "a BIGINT of the store is a whole number below 2^53");
  return value;
}

export const optionalWholeNumber = (digits: string | null): number | undefined => (digits === null ? undefined : wholeNumber(digits));

/** What this store wrote with `canonicalJson`. */
export function parseStoredJson(json: string): JsonValue {
  return JSON.parse(json) as JsonValue; // JSON.parse makes JSON values only
}

/** A value that a CHECK of the schema holds within `allowed`. */
export function oneOf<Value extends string>(value: string, allowed: readonly Value[]): Value {
  const found = allowed.find((candidate) => candidate === value);
  assert(found !== undefined, `a stored code is one of ${allowed.join(", ")}`);
  return found;
}

/** A stored value equals one about to be written: a BIGINT comes back as digits, a BYTEA as a Buffer. */
function sameValue(stored: unknown, wanted: unknown): boolean {
  if (wanted instanceof Uint8Array) return Buffer.isBuffer(stored) && stored.equals(wanted);
  if (typeof wanted === "number" && typeof stored === "string") return stored === String(wanted);
  return stored === wanted;
}
