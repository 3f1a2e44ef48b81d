/**
 * Backup of a whole store into one file, and back into an empty one, on either database.
 *
 * The backup is one serializable transaction: the store as it stood at one moment, while the coordinator goes on. It becomes `file` only
 * when it is whole and on the disk. A restore first reads the file to its end and checks the hash, then writes everything in one
 * transaction: the new store holds all of it or nothing.
 */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { assert, DureError, text } from "@dure/kernel";
import { sql } from "kysely";
import { BACKUP_FORMAT, type BackupHeader, parseLine, printEnd, printHeader, printRow, type Row, tablesInOrder } from "./backup-format.ts";
import { latestSchema, migrateWithin } from "./migrate.ts";
import { backupDamaged, backupTooNew, backupUnreadable, storeNotEmpty } from "./problems.ts";
import type { CoordinatorStore } from "./store.ts";
import type { StoreTransaction } from "./tables.ts";

export interface BackupReport {
  readonly file: string;
  readonly rows: number;
  readonly bytes: number;
  /** Of every byte before the last line. */
  readonly sha256: string;
}

const LINE_FEED = 0x0a;
const READ_BYTES = 2 ** 20;
/** Rows fetched or written at a time. */
const BATCH_ROWS = 100;
/** Tables whose rows hold up to 64 MB each are fetched one by one. */
const LARGE_ROWS = new Set(["blob", "run", "sealed_result", "own_release", "run_summary"]);

/**
 * Writes the store as it stands into `file`, readable by this user only. An older file of that name is replaced when the new one is whole.
 *
 * @throws DureError `store/backup-unreadable` where the file cannot be written, and those of `transaction`
 */
export async function backupStore(
  store: CoordinatorStore,
  options: { readonly file: string; readonly atMs: number },
): Promise<BackupReport> {
  const unfinished = `${options.file}.unfinished`;
  const report = await store
    .transaction("back up store", (tx) => writeUnfinished(tx, unfinished, options.atMs))
    .catch(async (cause: unknown) => {
      await rm(unfinished, { force: true }).catch(() => undefined);
      throw isFileFault(cause) ? backupUnreadable(options.file, cause) : cause;
    });
  await rename(unfinished, options.file).catch((cause: unknown) => {
    throw backupUnreadable(options.file, cause);
  });
  return { file: options.file, ...report };
}

/**
 * Restores a backup into a store that holds no rows yet; the backup may come from an older schema, and from the other database.
 *
 * @throws DureError `store/not-empty`, `store/backup-damaged`, `store/backup-too-new`, `store/backup-unreadable`, and those of `transaction`
 */
export async function restoreStore(store: CoordinatorStore, file: string): Promise<BackupReport> {
  const checked = await checkBackup(file).catch((cause: unknown) => {
    throw isFileFault(cause) ? backupUnreadable(file, cause) : cause;
  });
  await store.transaction("restore store", async (tx) => {
    await assertEmpty(tx, store.place);
    await migrateWithin(tx, checked.header.schema, store.place);
    const rows = await insertAll(tx, file);
    assert(rows === checked.report.rows, "the backup did not change between its check and its restore");
    await migrateWithin(tx, latestSchema, store.place);
  });
  return checked.report;
}

/** May run more than once: each time it starts the file anew. */
async function writeUnfinished(tx: StoreTransaction, file: string, atMs: number): Promise<Omit<BackupReport, "file">> {
  const handle = await open(file, "w", 0o600);
  try {
    // Waits for a snapshot that no other transaction can spoil; from then on the backup never has to give way.
    await sql`set transaction read only, deferrable`.execute(tx);
    const out = new HashingWriter(handle);
    await out.write(printHeader({ dureBackup: BACKUP_FORMAT, schema: latestSchema, createdAtMs: atMs }));
    let rows = 0;
    for (const table of tablesInOrder) {
      for await (const row of readTable(tx, table)) {
        await out.write(printRow(table, row));
        rows++;
      }
    }
    const end = { rows, sha256: out.digest() };
    await out.write(printEnd(end));
    await handle.sync();
    return { ...end, bytes: out.bytes };
  } finally {
    await handle.close();
  }
}

class HashingWriter {
  readonly #handle: FileHandle;
  readonly #hash = createHash("sha256");
  bytes = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async write(line: string): Promise<void> {
    const bytes = Buffer.from(line);
    this.#hash.update(bytes);
    this.bytes += bytes.byteLength;
    await this.#handle.appendFile(bytes);
  }

  digest(): string {
    return this.#hash.copy().digest("hex");
  }
}

/** Rows of one table through a cursor of the transaction, so that memory does not grow with the table. */
async function* readTable(tx: StoreTransaction, table: string): AsyncGenerator<Row> {
  const plain = tx.withoutPlugins(); // columns as SQL names them
  const key = await primaryKey(tx, table);
  const batchRows = LARGE_ROWS.has(table) ? 1 : BATCH_ROWS;
  await sql`declare backup_rows no scroll cursor for select * from ${sql.table(table)} order by ${sql.join(key.map((column) => sql.ref(column)))}`.execute(
    plain,
  );
  for (;;) {
    const { rows } = await sql<Row>`fetch ${sql.lit(batchRows)} from backup_rows`.execute(plain);
    if (rows.length === 0) break;
    yield* rows;
  }
  await sql`close backup_rows`.execute(plain);
}

async function primaryKey(tx: StoreTransaction, table: string): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select a.attname as name from pg_index i cross join unnest(i.indkey) with ordinality as k (attnum, position)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
    where i.indrelid = ${table}::regclass and i.indisprimary order by k.position
  `.execute(tx.withoutPlugins());
  return rows.map((row) => row.name);
}

/** Reads the whole file once, and says what is wrong with it before anything is written. */
async function checkBackup(file: string): Promise<{ readonly header: BackupHeader; readonly report: BackupReport }> {
  const hash = createHash("sha256");
  let header: BackupHeader | undefined;
  let report: BackupReport | undefined;
  let lineNumber = 0;
  let rows = 0;
  let bytes = 0;
  for await (const line of linesOf(file)) {
    lineNumber++;
    const parsed = parseLine(line.toString("utf8"));
    if (parsed === undefined || report !== undefined) throw damaged(file, lineNumber, "unknown-line");
    bytes += line.byteLength + 1;
    if (parsed.kind === "header") {
      if (lineNumber !== 1) throw damaged(file, lineNumber, "unknown-line");
      header = assertKnownHeader(file, parsed.header);
    } else if (header === undefined) throw damaged(file, lineNumber, "unknown-line");
    if (parsed.kind === "row") rows++;
    if (parsed.kind === "end") {
      const found = hash.copy().digest("hex");
      if (found !== parsed.end.sha256 || rows !== parsed.end.rows) throw damaged(file, lineNumber, "changed");
      report = { file, rows, bytes, sha256: found };
    }
    hash.update(line).update("\n");
  }
  if (header === undefined || report === undefined) throw damaged(file, lineNumber, "cut-short");
  return { header, report };
}

function assertKnownHeader(file: string, header: BackupHeader): BackupHeader {
  if (header.dureBackup > BACKUP_FORMAT) throw backupTooNew(file, `format ${header.dureBackup}`, `format ${BACKUP_FORMAT}`);
  if (header.schema > latestSchema) throw backupTooNew(file, `schema ${header.schema}`, `schema ${latestSchema}`);
  return header;
}

async function insertAll(tx: StoreTransaction, file: string): Promise<number> {
  let batch: { readonly table: string; readonly rows: Row[] } | undefined;
  let inserted = 0;
  for await (const line of linesOf(file)) {
    const parsed = parseLine(line.toString("utf8"));
    if (parsed?.kind !== "row") continue;
    const isFull = batch !== undefined && batch.rows.length >= (LARGE_ROWS.has(parsed.table) ? 1 : BATCH_ROWS);
    if (batch !== undefined && (isFull || batch.table !== parsed.table)) {
      await insertRows(tx, batch.table, batch.rows);
      batch = undefined;
    }
    batch ??= { table: parsed.table, rows: [] };
    batch.rows.push(parsed.row);
    inserted++;
  }
  if (batch !== undefined) await insertRows(tx, batch.table, batch.rows);
  return inserted;
}

/** All rows of a table have the same columns: the backup printed each of them. */
async function insertRows(tx: StoreTransaction, table: string, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  const values = rows.map((row) => sql`(${sql.join(columns.map((column) => row[column] ?? null))})`);
  const names = sql.join(columns.map((column) => sql.ref(column)));
  await sql`insert into ${sql.table(table)} (${names}) values ${sql.join(values)}`.execute(tx.withoutPlugins());
}

async function assertEmpty(tx: StoreTransaction, place: string): Promise<void> {
  for (const table of tablesInOrder) {
    const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(tx.withoutPlugins());
    if (rows.length > 0) throw storeNotEmpty(place, table);
  }
}

/** Cut at line feeds only: inside a JSON string other line separators may stand as they are. */
async function* linesOf(file: string): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  for await (const chunk of createReadStream(file, { highWaterMark: READ_BYTES })) {
    const bytes = Buffer.from(chunk);
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      yield Buffer.concat([...parts, bytes.subarray(start, end)]);
      parts = [];
      start = end + 1;
    }
    parts.push(bytes.subarray(start));
  }
  const rest = Buffer.concat(parts);
  if (rest.byteLength > 0) yield rest;
}

function damaged(file: string, line: number, kind: "unknown-line" | "changed" | "cut-short"): DureError {
  const found = {
    "unknown-line": text("this line is not one that a backup holds", "백업에 있을 수 없는 줄입니다"),
    changed: text("its content does not have the hash in its last line", "내용이 마지막 줄의 해시와 일치하지 않습니다"),
    "cut-short": text("it ends before its last line", "마지막 줄이 없이 끝납니다"),
  };
  return backupDamaged(file, line, found[kind]);
}

/** A system error of the file system, with a code such as ENOENT. */
const isFileFault = (cause: unknown): boolean => !(cause instanceof DureError) && cause instanceof Error && "syscall" in cause;
