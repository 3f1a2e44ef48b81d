/** The ledger as a file of lines that anybody can verify, as a page that a person can read, and the verifier over such a file. */

import { createReadStream } from "node:fs";
import { basename } from "node:path";
import {
  entryLine,
  type LedgerCheck,
  type LedgerEntry,
  type LedgerReport,
  ledgerOrigin,
  type NoteKey,
  verifyLedgerFile,
} from "@dure/identity";
import { DureError, text } from "@dure/kernel";
import { storedEntry } from "../run/ledger-writer.ts";
import type { SiteStore } from "../store/site-store.ts";
import { readLedgerDocument } from "./checkpoint-documents.ts";
import { knownLogKeys } from "./checkpoints.ts";

/** One canonical line an entry, line feed included. */
export function* exportLedger(store: SiteStore): Generator<string> {
  for (const entry of readLedger(store)) yield entryLine(entry);
}

export function* readLedger(store: SiteStore): Generator<LedgerEntry> {
  for (const line of store.ledger()) yield storedEntry(line);
}

export interface LedgerFileOptions {
  readonly path: string;
  readonly alliance: string;
  readonly siteId: string;
  /** Signed notes with their cosignatures, such as `fetchCosignedNotes` gives; without them a cut-off end cannot be seen. */
  readonly notes?: readonly string[];
  /** Identity key of the ledger's hospital; needed with notes. */
  readonly logKey?: string;
  readonly witnesses?: readonly NoteKey[];
}

/** `dure ledger verify FILE`: needs the file, and for its end the notes and public keys; no store and no line. */
export async function verifyExportedLedger(options: LedgerFileOptions): Promise<LedgerReport> {
  const { path, alliance, siteId, notes, logKey, witnesses } = options;
  const check: LedgerCheck = {
    origin: ledgerOrigin(alliance, siteId),
    file: basename(path),
    ...(notes === undefined ? {} : { checkpoints: notes }),
    ...(logKey === undefined ? {} : { logKey }),
    ...(witnesses === undefined ? {} : { witnesses }),
  };
  try {
    return await verifyLedgerFile(createReadStream(path), check);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** What this hospital's own store has to verify its own ledger with: the last stored checkpoint, and the witnesses' keys. */
export function ownLedgerCheck(
  store: SiteStore,
  { siteId, identityKey }: { readonly siteId: string; readonly identityKey: string },
): Pick<LedgerFileOptions, "notes" | "logKey" | "witnesses"> {
  const json = store.lastCheckpoint(siteId);
  const document = json === undefined ? undefined : readLedgerDocument(json);
  const witnesses = [...knownLogKeys(store)].flatMap(([name, keys]) =>
    name === siteId ? [] : keys.map((publicKey) => ({ name, publicKey })),
  );
  return { notes: document?.kind === "checkpoint" ? [document.note] : [], logKey: identityKey, witnesses };
}

function unreadable(path: string, cause: unknown): DureError {
  return new DureError(
    {
      code: "file/unreadable",
      severity: "error",
      place: { file: path },
      what: text("The ledger's file cannot be read.", "원장 파일을 읽을 수 없습니다."),
      remedy: text(
        "Check the path, or export the ledger again: dure site ledger --export FILE.",
        "경로를 확인하거나 원장을 다시 내보내 주십시오: dure site ledger --export 파일.",
      ),
    },
    { cause },
  );
}
