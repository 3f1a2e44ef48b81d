/**
 * The link between a hospital's own numbers and the random surrogates that OMOP rows carry.
 *
 * It lies in the schema `person_key`, outside OMOP, and is of no use without the key that the caller keeps elsewhere: a number is
 * found through its HMAC-SHA256 (so that a patient keeps the surrogate over all loads), and read back only by opening the sealed
 * batch it was stored in (AES-256-GCM). The HMAC is computed by the SQL engine, set-wise: H((k ⊕ opad) ‖ H((k ⊕ ipad) ‖ m)), RFC 2104.
 * Surrogates are uniform over 15-digit numbers: as texts they sort as they do as numbers, and they fit a double exactly.
 */

import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import { assert, DureError, fromUtf8, hmacSha256, type SecureRandom, toHex, utf8 } from "@dure/kernel";
import type { SqlSession } from "../store/clinical-session.ts";
import { identifier, type Sql, sql } from "../store/clinical-sql.ts";
import { wrongKey } from "./problems.ts";

/** 32 bytes, kept apart from the store. */
export interface PersonKeyTable {
  readonly key: Uint8Array;
  readonly random: SecureRandom;
}

const SURROGATE_MIN = 100_000_000_000_000n;
const SURROGATE_COUNT = 900_000_000_000_000n;
/** Numbers sealed together: one nonce and one tag for each batch instead of for each number. */
const BATCH_SIZE = 1024;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Creates the tables where they are missing; refuses a key other than the first load's. */
export async function openPersonKeys(session: SqlSession, table: PersonKeyTable): Promise<void> {
  assert(table.key.byteLength === 32, "the key has 32 bytes");
  await session.run(sql`CREATE SCHEMA IF NOT EXISTS person_key`);
  await session.run(
    sql`CREATE TABLE IF NOT EXISTS person_key.link (lookup VARCHAR NOT NULL, person_id BIGINT NOT NULL, batch BIGINT NOT NULL, position BIGINT NOT NULL)`,
  );
  await session.run(sql`CREATE TABLE IF NOT EXISTS person_key.sealed (batch BIGINT NOT NULL, numbers BLOB NOT NULL)`);
  await session.run(sql`CREATE TABLE IF NOT EXISTS person_key.proof (hmac VARCHAR NOT NULL)`);
  const proof = toHex(hmacSha256(subkey(table.key, "lookup"), utf8("dure person key proof")));
  const stored = await session.rows(sql`SELECT hmac FROM person_key.proof`);
  if (stored.length === 0) await session.run(sql`INSERT INTO person_key.proof VALUES (${proof})`);
  else if (stored[0]?.[0] !== proof) throw new DureError(wrongKey());
}

/**
 * Fills `person_ids (person_key, person_id)` for every distinct text of `keys`, a one-column query; unknown ones get a surrogate.
 * @returns how many were new.
 */
export async function resolvePersons(session: SqlSession, table: PersonKeyTable, keys: Sql): Promise<number> {
  const lookup = hmacSql(subkey(table.key, "lookup"), sql`person_key`);
  await session.run(
    sql`CREATE TEMP TABLE looked_up AS SELECT person_key, ${lookup} AS lookup FROM (SELECT DISTINCT person_key FROM (${keys}) t(person_key) WHERE person_key IS NOT NULL)`,
  );
  const [numbers = [], lookups = []] = await session.columns(sql`
    SELECT person_key, u.lookup FROM looked_up u ANTI JOIN person_key.link k ON k.lookup = u.lookup ORDER BY u.lookup`);
  await addPersons(session, table, numbers.map(String), lookups.map(String));
  await session.run(
    sql`CREATE TEMP TABLE person_ids AS SELECT u.person_key, k.person_id FROM looked_up u JOIN person_key.link k ON k.lookup = u.lookup`,
  );
  await session.run(sql`DROP TABLE looked_up`);
  return numbers.length;
}

/** Fills the temporary table `into` (person_key, person_id) for those numbers of a one-column query that have a surrogate already. */
export async function findPersons(
  session: SqlSession,
  table: PersonKeyTable,
  options: { readonly numbers: Sql; readonly into: string },
): Promise<void> {
  const lookup = hmacSql(subkey(table.key, "lookup"), sql`n.person_key`);
  await session.run(sql`
    CREATE TEMP TABLE ${identifier(options.into)} AS
    SELECT n.person_key, k.person_id FROM (SELECT DISTINCT person_key FROM (${options.numbers}) t(person_key) WHERE person_key IS NOT NULL) n
    JOIN person_key.link k ON k.lookup = ${lookup}`);
}

/** What a key of the source is mixed with before it is stored: without it a visit's number could be guessed from its digest. */
export const linkSalt = (table: PersonKeyTable): string => toHex(subkey(table.key, "link"));

/** The surrogates of hospital numbers, for those that have one. */
export async function findPersonIds(
  session: SqlSession,
  key: Uint8Array,
  numbers: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const lookups = new Map(numbers.map((number) => [toHex(hmacSha256(subkey(key, "lookup"), utf8(number))), number]));
  const rows = await session.rows(sql`SELECT lookup, person_id FROM person_key.link`);
  return new Map(
    rows.flatMap(([lookup, id]) => {
      const number = lookups.get(String(lookup));
      return number === undefined ? [] : [[number, String(id)] as const];
    }),
  );
}

/** Finding a patient again: the hospital number of a surrogate. The caller has checked who asks, why, and has written it down. */
export async function findHospitalNumber(session: SqlSession, key: Uint8Array, personId: string): Promise<string | undefined> {
  const rows = await session.rows(sql`
    SELECT l.batch, l.position, hex(s.numbers) FROM person_key.link l JOIN person_key.sealed s ON s.batch = l.batch WHERE l.person_id = ${personId}::BIGINT`);
  const [batch, position, sealed] = rows[0] ?? [];
  if (sealed === undefined) return undefined;
  return openBatch(key, BigInt(String(batch)), Buffer.from(String(sealed), "hex"))[Number(position)];
}

async function addPersons(
  session: SqlSession,
  table: PersonKeyTable,
  numbers: readonly string[],
  lookups: readonly string[],
): Promise<void> {
  if (numbers.length === 0) return;
  const taken = new Set((await session.columns(sql`SELECT person_id::VARCHAR FROM person_key.link`))[0]?.map(String));
  const firstBatch = BigInt(await session.count(sql`SELECT coalesce(max(batch) + 1, 0) FROM person_key.sealed`));
  const surrogates = drawSurrogates(table.random, numbers.length, taken);
  const batchOf = (i: number) => firstBatch + BigInt(Math.floor(i / BATCH_SIZE));
  await session.append(
    "person_key.link",
    ["text", "bigint", "bigint", "bigint"],
    lookups.map((lookup, i) => [lookup, surrogates[i] ?? 0n, batchOf(i), BigInt(i % BATCH_SIZE)]),
  );
  const batches: [bigint, Uint8Array][] = [];
  for (let start = 0; start < numbers.length; start += BATCH_SIZE) {
    const batch = batchOf(start);
    batches.push([batch, sealBatch(table, batch, numbers.slice(start, start + BATCH_SIZE))]);
  }
  await session.append("person_key.sealed", ["bigint", "blob"], batches);
}

/** Uniform over the 15-digit numbers, by rejection of the incomplete last multiple of 2^64. */
function drawSurrogates(random: SecureRandom, count: number, taken: Set<string>): readonly bigint[] {
  const limit = (2n ** 64n / SURROGATE_COUNT) * SURROGATE_COUNT;
  const out: bigint[] = [];
  while (out.length < count) {
    const bytes = random.bytes(8 * Math.min(count - out.length, 4096));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.byteLength && out.length < count; at += 8) {
      const word = view.getBigUint64(at);
      const surrogate = SURROGATE_MIN + (word % SURROGATE_COUNT);
      if (word >= limit || taken.has(String(surrogate))) continue;
      taken.add(String(surrogate));
      out.push(surrogate);
    }
  }
  return out;
}

function sealBatch(table: PersonKeyTable, batch: bigint, numbers: readonly string[]): Uint8Array {
  const nonce = table.random.bytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", subkey(table.key, "seal"), nonce);
  cipher.setAAD(utf8(`dure person key batch ${batch}`));
  return Buffer.concat([nonce, cipher.update(utf8(JSON.stringify(numbers))), cipher.final(), cipher.getAuthTag()]);
}

function openBatch(key: Uint8Array, batch: bigint, sealed: Uint8Array): readonly string[] {
  const decipher = createDecipheriv("aes-256-gcm", subkey(key, "seal"), sealed.subarray(0, NONCE_BYTES));
  decipher.setAAD(utf8(`dure person key batch ${batch}`));
  decipher.setAuthTag(sealed.subarray(sealed.byteLength - TAG_BYTES));
  try {
    const clear = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, sealed.byteLength - TAG_BYTES)), decipher.final()]);
    const numbers: unknown = JSON.parse(fromUtf8(clear));
    assert(Array.isArray(numbers), "a batch holds a list");
    return numbers.map(String);
  } catch (cause) {
    throw new DureError(wrongKey(), { cause });
  }
}

const subkey = (key: Uint8Array, purpose: "lookup" | "seal" | "link"): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", key, new Uint8Array(), `dure person key ${purpose}`, 32));

/** HMAC-SHA256 of a text expression, in lower-case hexadecimal. */
function hmacSql(key: Uint8Array, message: Sql): Sql {
  const block = new Uint8Array(64);
  block.set(key);
  const inner = toHex(block.map((byte) => byte ^ 0x36));
  const outer = toHex(block.map((byte) => byte ^ 0x5c));
  return sql`sha256(unhex(${outer}) || unhex(sha256(unhex(${inner}) || encode(${message}))))`;
}
