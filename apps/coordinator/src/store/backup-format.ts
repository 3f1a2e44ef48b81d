/**
 * A backup: one text file, the same for both databases.
 *
 * Each line is a JSON value. The first says what it is: `{"dureBackup":1,"schema":4,"createdAtMs":…}`. Then, table by table in an order
 * in which every reference points backwards, a row is `{"table":"member","row":{…}}` with its columns as SQL names them; bytes are
 * `{"base64url":"…"}`, a BIGINT its digits. The last line is `{"end":{"rows":1234,"sha256":"…"}}`: SHA-256 of every byte before it.
 * A file that was cut short lacks the last line; one that was changed has another hash. The hash finds damage, not forgery: who can
 * write the file can write its hash. Keep it where only the operator writes.
 */

import { fromBase64, toBase64 } from "@dure/kernel";

/** The one place of the format's version. */
export const BACKUP_FORMAT = 1;

/** Every table, referenced ones first. A test compares it with the catalogue of the database. */
export const tablesInOrder: readonly string[] = [
  "alliance",
  "member",
  "certificate",
  "enrolment_token",
  "certificate_revocation",
  "study",
  "study_transition",
  "blob",
  "study_file",
  "decision",
  "feasibility_question",
  "feasibility_answer",
  "run",
  "run_message",
  "own_release",
  "run_summary",
  "sealed_result",
  "sealed_result_recipient",
  "refusal",
  "ledger_checkpoint",
  "ledger_cosignature",
];

export type CellValue = string | number | boolean | null | Uint8Array;
export type Row = Readonly<Record<string, CellValue>>;

export interface BackupHeader {
  readonly dureBackup: number;
  readonly schema: number;
  readonly createdAtMs: number;
}

export interface BackupEnd {
  readonly rows: number;
  readonly sha256: string;
}

export type BackupLine =
  | { readonly kind: "header"; readonly header: BackupHeader }
  | { readonly kind: "row"; readonly table: string; readonly row: Row }
  | { readonly kind: "end"; readonly end: BackupEnd };

export const printHeader = (header: BackupHeader): string => `${JSON.stringify(header)}\n`;
export const printEnd = (end: BackupEnd): string => `${JSON.stringify({ end })}\n`;

export function printRow(table: string, row: Row): string {
  const cells = Object.entries(row).map(([column, value]) => [
    column,
    value instanceof Uint8Array ? { base64url: toBase64(value) } : value,
  ]);
  return `${JSON.stringify({ table, row: Object.fromEntries(cells) })}\n`;
}

/** Undefined for anything that this program would not have printed. */
export function parseLine(line: string): BackupLine | undefined {
  const value = parseJson(line);
  if (!isObject(value)) return undefined;
  const { dureBackup, schema, createdAtMs, table, row, end } = value;
  if (typeof dureBackup === "number" && typeof schema === "number" && typeof createdAtMs === "number") {
    return { kind: "header", header: { dureBackup, schema, createdAtMs } };
  }
  if (isObject(end) && typeof end["rows"] === "number" && typeof end["sha256"] === "string") {
    return { kind: "end", end: { rows: end["rows"], sha256: end["sha256"] } };
  }
  if (typeof table !== "string" || !tablesInOrder.includes(table) || !isObject(row)) return undefined;
  const cells = parseRow(row);
  return cells === undefined ? undefined : { kind: "row", table, row: cells };
}

/** Column names go into SQL as quoted identifiers; only such as this program makes are let in at all. */
function parseRow(row: Record<string, unknown>): Row | undefined {
  const cells: [string, CellValue][] = [];
  for (const [column, value] of Object.entries(row)) {
    const cell = parseCell(value);
    if (cell === undefined || !/^[a-z][a-z0-9_]*$/.test(column)) return undefined;
    cells.push([column, cell]);
  }
  return cells.length === 0 ? undefined : Object.fromEntries(cells);
}

function parseCell(value: unknown): CellValue | undefined {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (!isObject(value) || typeof value["base64url"] !== "string" || !/^[A-Za-z0-9_-]*$/.test(value["base64url"])) return undefined;
  return fromBase64(value["base64url"]);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
