/** Quality runs on disk (node:sqlite): each result is kept as it comes, so that a killed run goes on where it was. */

import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { type CheckResult, type CheckStatus, checkId, type NotApplicableReason, type QualityCheck } from "@dure/clinical/quality";
import { DureError, hashJson, type JsonValue, parseSha256, type Sha256, text } from "@dure/kernel";
import { namingFullDisk } from "@dure/machine";
import type { RequirementResult } from "../load/contributor-report.ts";
import { qualitySchema, qualitySchemaVersion } from "./quality-schema.ts";

export interface QualityRun {
  readonly number: number;
  readonly snapshot: number;
  readonly snapshotHash: Sha256;
  readonly definitionHash: Sha256;
  /** What the load held against the FHIR-to-OMOP guide; empty where nothing came from FHIR. */
  readonly requirements: readonly LoadRequirement[];
  /** `YYYY-MM-DD`. */
  readonly today: string;
  readonly startedAtMs: number;
  /** Undefined where the run was stopped before its end. */
  readonly endedAtMs?: number;
}

export interface LoadRequirement extends RequirementResult {
  readonly contributor: string;
}

/** A row at fault: the field whose id it is, and the id. Stays in the hospital. */
export interface FailingRow {
  readonly field: string;
  readonly id: string;
}

const OWNER_ONLY = 0o600;
/** How long one process waits for another's transaction, which takes milliseconds. */
const BUSY_MS = 10_000;

type Row = Record<string, SQLOutputValue>;

export class QualityStore {
  readonly #db: DatabaseSync;

  /** @throws DureError `store/newer-quality` where a newer version wrote the file, `store/disk-full` (transient). */
  constructor(path: string) {
    if (path !== ":memory:") closeSync(openSync(path, "a", OWNER_ONLY)); // the engine would make it as the process's mask says
    this.#db = new DatabaseSync(path, { timeout: BUSY_MS });
    namingFullDisk(() => {
      this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
      const found = Number(this.#db.prepare("PRAGMA user_version").get()?.["user_version"]);
      if (found > qualitySchemaVersion) throw newerStore(path);
      this.#db.exec(qualitySchema);
      this.#db.exec(`PRAGMA user_version = ${qualitySchemaVersion}`);
    });
  }

  close(): void {
    this.#db.close();
  }

  /** The unfinished run of the same snapshot and checks, if there is one and no later run, else a new one. */
  beginRun(run: Omit<QualityRun, "number" | "endedAtMs" | "definitionHash">, checks: readonly QualityCheck[], isAnew: boolean): QualityRun {
    const definitionHash = hashJson(checks as unknown as JsonValue); // checks are plain values by their type
    const last = this.runs().at(-1);
    const goesOn =
      last !== undefined &&
      last.endedAtMs === undefined &&
      last.snapshotHash === run.snapshotHash &&
      last.definitionHash === definitionHash;
    if (goesOn && !isAnew) return last;
    const begun: QualityRun = { ...run, number: (last?.number ?? 0) + 1, definitionHash };
    this.#transaction(() => {
      this.#run("INSERT OR IGNORE INTO definition VALUES (?, ?)", definitionHash, JSON.stringify(checks));
      this.#run(
        "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
        ...[begun.number, begun.snapshot, begun.snapshotHash, definitionHash, JSON.stringify(begun.requirements)],
        ...[begun.today, begun.startedAtMs],
      );
    });
    return begun;
  }

  /** All of them or, at a kill, none. */
  putResults(run: number, results: readonly CheckResult[], rows: ReadonlyMap<string, readonly FailingRow[]> = new Map()): void {
    this.#transaction(() => {
      for (const result of results) this.#putResult(run, result);
      for (const [id, failing] of rows)
        failing.forEach((row, i) => {
          this.#run("INSERT OR REPLACE INTO failing_row VALUES (?, ?, ?, ?, ?)", run, id, i, row.field, row.id);
        });
    });
  }

  /** Rows at fault of earlier runs are forgotten: they are looked up while they are news. */
  endRun(run: number, endedAtMs: number): void {
    this.#transaction(() => {
      this.#run("UPDATE run SET ended_at_ms = ? WHERE number = ?", endedAtMs, run);
      this.#run("DELETE FROM failing_row WHERE run <> ?", run);
    });
  }

  runs(): readonly QualityRun[] {
    return this.#all("SELECT * FROM run ORDER BY number").map(runOf);
  }

  checkedIds(run: number): ReadonlySet<string> {
    return new Set(this.#all("SELECT check_id FROM result WHERE run = ?", run).map((row) => String(row["check_id"])));
  }

  /** In the order of the checks. */
  results(run: number): readonly CheckResult[] {
    const [definition] = this.#all("SELECT checks FROM definition WHERE hash = (SELECT definition_hash FROM run WHERE number = ?)", run);
    if (definition === undefined) return [];
    const checks = JSON.parse(String(definition["checks"])) as readonly QualityCheck[]; // written by `beginRun`
    const rows = new Map(this.#all("SELECT * FROM result WHERE run = ?", run).map((row) => [String(row["check_id"]), row] as const));
    return checks.flatMap((check) => {
      const row = rows.get(checkId(check));
      return row === undefined ? [] : [resultOf(check, row)];
    });
  }

  failingRows(run: number, id: string): readonly FailingRow[] {
    return this.#all("SELECT field, id FROM failing_row WHERE run = ? AND check_id = ? ORDER BY place", run, id).map((row) => ({
      field: String(row["field"]),
      id: String(row["id"]),
    }));
  }

  #putResult(run: number, { id, status, counts, reason, errorCode, conceptName, durationMs }: CheckResult): void {
    this.#run(
      "INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      ...[run, id, status, counts?.violatedCount ?? null, counts?.denominatorCount ?? null],
      ...[reason ?? null, errorCode ?? null, conceptName ?? null, durationMs],
    );
  }

  #transaction(work: () => void): void {
    namingFullDisk(() => {
      this.#db.exec("BEGIN IMMEDIATE");
      try {
        work();
        this.#db.exec("COMMIT");
      } catch (error) {
        if (this.#db.isTransaction) this.#db.exec("ROLLBACK"); // a full disk makes the database roll back by itself
        throw error;
      }
    });
  }

  #run(statement: string, ...values: readonly (string | number | null)[]): void {
    this.#db.prepare(statement).run(...values);
  }

  #all(statement: string, ...values: readonly (string | number)[]): readonly Row[] {
    return this.#db.prepare(statement).all(...values);
  }
}

const runOf = (row: Row): QualityRun => ({
  number: Number(row["number"]),
  snapshot: Number(row["snapshot"]),
  snapshotHash: parseSha256(String(row["snapshot_hash"])),
  definitionHash: parseSha256(String(row["definition_hash"])),
  requirements: JSON.parse(String(row["requirements"])) as readonly LoadRequirement[], // written by `beginRun`
  today: String(row["today"]),
  startedAtMs: Number(row["started_at_ms"]),
  ...(row["ended_at_ms"] === null ? {} : { endedAtMs: Number(row["ended_at_ms"]) }),
});

function resultOf(check: QualityCheck, row: Row): CheckResult {
  const [violated, denominator, reason, errorCode, conceptName] = [
    row["violated_count"],
    row["denominator_count"],
    row["reason"],
    row["error_code"],
    row["concept_name"],
  ];
  return {
    id: String(row["check_id"]),
    check,
    status: String(row["status"]) as CheckStatus, // written by `putResults`, as is the reason
    ...(violated === null ? {} : { counts: { violatedCount: Number(violated), denominatorCount: Number(denominator) } }),
    ...(reason === null ? {} : { reason: String(reason) as NotApplicableReason }), // likewise
    ...(errorCode === null ? {} : { errorCode: String(errorCode) }),
    ...(conceptName === null ? {} : { conceptName: String(conceptName) }),
    durationMs: Number(row["duration_ms"]),
  };
}

const newerStore = (path: string): DureError =>
  new DureError({
    code: "store/newer-quality",
    severity: "error",
    place: { file: path },
    what: text("A newer version of dure wrote the record of quality runs.", "품질 점검 기록이 더 새로운 버전의 dure로 작성되었습니다."),
    remedy: text("Use that version or a newer one.", "그 버전이나 더 새로운 버전을 사용해 주십시오."),
  });
