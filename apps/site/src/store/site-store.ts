/** The site's own record (node:sqlite, WAL, synchronous=FULL): a promise is on the disk before it is kept. */

import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import type { SiteRunDurable } from "@dure/federation/protocol";
import { canonicalJson, DureError, type JsonValue, type Sha256, text } from "@dure/kernel";
import { namingFullDisk } from "@dure/machine";
import { siteSchema, siteSchemaVersion } from "./site-schema.ts";

const OWNER_ONLY = 0o600;

export interface StudyRecord {
  readonly hash: Sha256;
  readonly canonical: string;
  readonly proposal: string;
  readonly roster: string;
  readonly receivedAtMs: number;
}

export interface DecisionRecord {
  readonly study: Sha256;
  readonly kind: "approved" | "declined";
  readonly document: string;
  readonly decidedAtMs: number;
  readonly isDelivered: boolean;
}

export interface FrozenTableRecord {
  readonly run: string;
  readonly study: string;
  readonly tableHash: string;
  readonly snapshot: number;
  readonly snapshotHash: string;
  readonly rowCount: number;
  readonly rowKeyHashes: Uint8Array;
  readonly frozenAtMs: number;
}

/** How long one of the two processes waits for the other's transaction, which takes milliseconds. */
const BUSY_MS = 10_000;

type Row = Record<string, SQLOutputValue>;

const str = (row: Row, name: string): string => String(row[name]);
const num = (row: Row, name: string): number => Number(row[name]);

export class SiteStore {
  readonly #db: DatabaseSync;

  /** @param path a file, or `:memory:`. @throws DureError `site-store/newer` when a newer version wrote it. */
  constructor(path: string) {
    if (path !== ":memory:") closeSync(openSync(path, "a", OWNER_ONLY)); // the engine would make it as the process's mask says
    // The timeout holds from the first statement: the agent and the steward's command open the file at any moment.
    this.#db = new DatabaseSync(path, { timeout: BUSY_MS });
    namingFullDisk(() => this.#prepare(path));
  }

  #prepare(path: string): void {
    this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
    const found = num(this.#db.prepare("PRAGMA user_version").get() ?? {}, "user_version");
    if (found > siteSchemaVersion) throw newerStore(path, found);
    this.#db.exec(siteSchema);
    this.#db.exec(`PRAGMA user_version = ${siteSchemaVersion}`);
  }

  close(): void {
    this.#db.close();
  }

  /** Everything inside is on the disk when this returns, or nothing of it is. @throws DureError `store/disk-full` (transient). */
  transaction<Result>(work: () => Result): Result {
    return namingFullDisk(() => {
      this.#db.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        this.#db.exec("COMMIT");
        return result;
      } catch (error) {
        // A full disk makes the database roll back by itself.
        if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
        throw error;
      }
    });
  }

  putStudy(study: StudyRecord, files: readonly { readonly sha256: string; readonly name: string; readonly content: Uint8Array }[]): void {
    this.transaction(() => {
      this.#run(
        "INSERT OR IGNORE INTO study VALUES (?, ?, ?, ?, ?)",
        study.hash,
        study.canonical,
        study.proposal,
        study.roster,
        study.receivedAtMs,
      );
      for (const file of files) this.#run("INSERT OR IGNORE INTO study_file VALUES (?, ?, ?)", file.sha256, file.name, file.content);
    });
  }

  findStudy(hash: string): StudyRecord | undefined {
    const row = this.#get("SELECT * FROM study WHERE hash = ?", hash);
    return row === undefined ? undefined : studyOf(row);
  }

  listStudies(): readonly StudyRecord[] {
    return this.#all("SELECT * FROM study ORDER BY received_at_ms, hash").map(studyOf);
  }

  findFile(sha256: string): Uint8Array | undefined {
    const content = this.#get("SELECT content FROM study_file WHERE sha256 = ?", sha256)?.["content"];
    return content instanceof Uint8Array ? content : undefined;
  }

  putDecision(decision: DecisionRecord): void {
    this.#run(
      `INSERT INTO decision VALUES (?, ?, ?, ?, ?) ON CONFLICT (study) DO UPDATE SET
       kind = excluded.kind, document = excluded.document, decided_at_ms = excluded.decided_at_ms, is_delivered = excluded.is_delivered`,
      decision.study,
      decision.kind,
      decision.document,
      decision.decidedAtMs,
      decision.isDelivered ? 1 : 0,
    );
  }

  findDecision(study: string): DecisionRecord | undefined {
    const row = this.#get("SELECT * FROM decision WHERE study = ?", study);
    return row === undefined ? undefined : decisionOf(row);
  }

  undeliveredDecisions(): readonly DecisionRecord[] {
    return this.#all("SELECT * FROM decision WHERE is_delivered = 0").map(decisionOf);
  }

  findRun(run: string): SiteRunDurable | undefined {
    const row = this.#get("SELECT durable FROM run WHERE run = ?", run);
    return row === undefined ? undefined : (JSON.parse(str(row, "durable")) as SiteRunDurable); // written by putRun only
  }

  putRun(durable: SiteRunDurable): void {
    const value = canonicalJson(durable as unknown as JsonValue); // JSON by its type's own promise
    this.#run(
      "INSERT INTO run VALUES (?, ?, ?) ON CONFLICT (run) DO UPDATE SET durable = excluded.durable",
      durable.run,
      durable.study,
      value,
    );
  }

  /** Of one study, or of all. */
  listRuns(study?: string): readonly SiteRunDurable[] {
    const rows =
      study === undefined
        ? this.#all("SELECT durable FROM run ORDER BY run")
        : this.#all("SELECT durable FROM run WHERE study = ? ORDER BY run", study);
    return rows.map((row) => JSON.parse(str(row, "durable")) as SiteRunDurable); // as above
  }

  putFrozenTable(record: FrozenTableRecord): void {
    this.#run(
      "INSERT OR IGNORE INTO frozen_table VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)",
      record.run,
      record.study,
      record.tableHash,
      record.snapshot,
      record.snapshotHash,
      record.rowCount,
      record.rowKeyHashes,
      record.frozenAtMs,
    );
  }

  findFrozenTable(run: string): FrozenTableRecord | undefined {
    const row = this.#get("SELECT * FROM frozen_table WHERE run = ?", run);
    return row === undefined ? undefined : frozenOf(row);
  }

  markTableLeft(run: string): void {
    this.#run("UPDATE frozen_table SET has_left = 1 WHERE run = ?", run);
  }

  /** Every table that left sums or may still leave some, of any study: one that differs by a few rows would show those rows. */
  frozenTables(): readonly FrozenTableRecord[] {
    return this.#all("SELECT * FROM frozen_table ORDER BY run").map(frozenOf);
  }

  dropTableThatNeverLeft(run: string): void {
    this.#run("DELETE FROM frozen_table WHERE run = ? AND has_left = 0", run);
  }

  appendLedger(sequence: number, entry: string): void {
    this.#run("INSERT INTO ledger VALUES (?, ?)", sequence, entry);
  }

  /** In order, from that number on. */
  *ledger(from = 0): Generator<string> {
    const rows = this.#db.prepare("SELECT entry FROM ledger WHERE sequence >= ? ORDER BY sequence").iterate(from);
    for (const row of rows) yield str(row, "entry");
  }

  putCheckpoint(site: string, size: number, document: string): void {
    this.#run(
      "INSERT INTO checkpoint VALUES (?, ?, ?) ON CONFLICT (site, size) DO UPDATE SET document = excluded.document",
      site,
      size,
      document,
    );
  }

  lastCheckpoint(site: string): string | undefined {
    const row = this.#get("SELECT document FROM checkpoint WHERE site = ? ORDER BY size DESC LIMIT 1", site);
    return row === undefined ? undefined : str(row, "document");
  }

  putRefusal(refusal: { readonly atMs: number; readonly run: string; readonly code: string }): void {
    this.#run("INSERT INTO refusal (at_ms, run, code) VALUES (?, ?, ?)", refusal.atMs, refusal.run, refusal.code);
  }

  listRefusals(): readonly { readonly atMs: number; readonly run: string; readonly code: string }[] {
    const rows = this.#all("SELECT * FROM refusal ORDER BY sequence");
    return rows.map((row) => ({ atMs: num(row, "at_ms"), run: str(row, "run"), code: str(row, "code") }));
  }

  findCountAnswer(question: string): string | undefined {
    const row = this.#get("SELECT answer FROM count_answer WHERE question = ?", question);
    return row === undefined ? undefined : str(row, "answer");
  }

  countQuestionsOf(asker: string, day: string): number {
    return num(this.#get("SELECT count(*) AS n FROM count_answer WHERE asker = ? AND day = ?", asker, day) ?? {}, "n");
  }

  putCountAnswer(answer: { readonly question: string; readonly asker: string; readonly day: string; readonly answer: string }): void {
    this.#run("INSERT OR IGNORE INTO count_answer VALUES (?, ?, ?, ?)", answer.question, answer.asker, answer.day, answer.answer);
  }

  findSetting(name: string): JsonValue | undefined {
    const row = this.#get("SELECT value FROM setting WHERE name = ?", name);
    return row === undefined ? undefined : (JSON.parse(str(row, "value")) as JsonValue); // written by putSetting only
  }

  putSetting(name: string, value: JsonValue): void {
    this.#run("INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, canonicalJson(value));
  }

  #run(sql: string, ...values: readonly (string | number | Uint8Array)[]): void {
    namingFullDisk(() => this.#db.prepare(sql).run(...values));
  }

  #get(sql: string, ...values: readonly (string | number)[]): Row | undefined {
    return this.#db.prepare(sql).get(...values);
  }

  #all(sql: string, ...values: readonly (string | number)[]): readonly Row[] {
    return this.#db.prepare(sql).all(...values);
  }
}

const studyOf = (row: Row): StudyRecord => ({
  hash: str(row, "hash") as Sha256, // the primary key that putStudy wrote
  canonical: str(row, "canonical"),
  proposal: str(row, "proposal"),
  roster: str(row, "roster"),
  receivedAtMs: num(row, "received_at_ms"),
});

const decisionOf = (row: Row): DecisionRecord => ({
  study: str(row, "study") as Sha256, // as above
  kind: str(row, "kind") === "approved" ? "approved" : "declined",
  document: str(row, "document"),
  decidedAtMs: num(row, "decided_at_ms"),
  isDelivered: num(row, "is_delivered") === 1,
});

function frozenOf(row: Row): FrozenTableRecord {
  const hashes = row["row_key_hashes"];
  return {
    run: str(row, "run"),
    study: str(row, "study"),
    tableHash: str(row, "table_hash"),
    snapshot: num(row, "snapshot"),
    snapshotHash: str(row, "snapshot_hash"),
    rowCount: num(row, "row_count"),
    rowKeyHashes: hashes instanceof Uint8Array ? hashes : new Uint8Array(),
    frozenAtMs: num(row, "frozen_at_ms"),
  };
}

function newerStore(path: string, found: number): DureError {
  return new DureError({
    code: "site-store/newer",
    severity: "error",
    place: { file: path },
    what: text(
      `The site's record has version ${found}; this program knows versions up to ${siteSchemaVersion}.`,
      `이 기관의 기록은 버전 ${found}이며, 이 프로그램은 버전 ${siteSchemaVersion}까지만 압니다.`,
    ),
    remedy: text("Update the program.", "프로그램을 업데이트해 주십시오."),
  });
}
