/** What every load into a site's folder has in common: its documents, its entry in the ledger, and how a failure is told. */

import { readFileSync } from "node:fs";
import { type Clock, DureError, fromUtf8, type SecureRandom, text } from "@dure/kernel";
import { sitePaths } from "../home/site-home.ts";
import { nothingLoaded } from "../ingest/problems.ts";
import { ReviewStore } from "../map-review/review-store.ts";
import { LedgerWriter, storedEntry } from "../run/ledger-writer.ts";
import type { ClinicalStore } from "../store/clinical-store.ts";
import { SiteStore } from "../store/site-store.ts";
import type { UnmappedCode } from "./unmapped-codes.ts";

export interface Recorder {
  readonly alliance: string;
  readonly siteId: string;
  readonly clock: Clock;
  readonly random: SecureRandom;
}

/**
 * An entry in the ledger for every snapshot of the store that has none. A process killed between the load's end and its entry leaves the
 * entry to the next load. A hospital of no alliance has no ledger yet, since a ledger is bound to its alliance: the first load after it
 * has joined enters what is there.
 */
export async function recordLoads(decisionsPath: string, recorder: Recorder, clinical: ClinicalStore): Promise<void> {
  if (recorder.alliance === "") return;
  const snapshots = await clinical.snapshots();
  const { alliance, siteId, clock, random } = recorder;
  const store = new SiteStore(decisionsPath);
  try {
    const ledger = new LedgerWriter({ store, alliance, siteId, clock, random });
    store.transaction(() => {
      const recorded = recordedLoads(store);
      for (const { report } of snapshots) {
        const snapshot = `snapshot-${report.snapshot}`;
        if (recorded.has(`${snapshot} ${report.snapshotHash}`)) continue;
        const details = [snapshot, `persons-${report.personCount}`, `mapping-${report.mapping.id}-${report.mapping.version}`];
        ledger.append({ kind: "load", objectSha256: report.snapshotHash, details });
      }
    });
  } finally {
    store.close();
  }
}

function recordedLoads(store: SiteStore): ReadonlySet<string> {
  const recorded = new Set<string>();
  for (const text of store.ledger()) {
    const { kind, details, objectSha256 } = storedEntry(text);
    if (kind === "load") recorded.add(`${details?.[0] ?? ""} ${objectSha256 ?? ""}`);
  }
  return recorded;
}

/** Codes without a concept go to where people map them, whether the load is kept or not. */
export const keepUnmapped =
  (home: string): ((codes: readonly UnmappedCode[]) => void) =>
  (codes) => {
    using reviews = new ReviewStore(sitePaths(home).mappingReview);
    reviews.putUnmapped(codes);
  };

export function sayingThatNothingWasLoaded(cause: unknown): unknown {
  if (!(cause instanceof DureError)) return cause;
  const hasRows = cause.problems.some(({ place }) => place.row !== undefined);
  return new DureError([...cause.problems, nothingLoaded(hasRows)], { retry: cause.retry, cause });
}

/** Hospital numbers, one a line. */
export const readOptOut = (path: string | undefined): readonly string[] =>
  path === undefined
    ? []
    : readDocumentText(path)
        .split(/\r?\n/)
        .filter((line) => line !== "");

/** @throws DureError `ingest/document-unreadable`. */
export function readDocumentText(path: string): string {
  try {
    return fromUtf8(readFileSync(path));
  } catch (cause) {
    const problem = {
      code: "ingest/document-unreadable",
      severity: "error" as const,
      place: { file: path },
      what: text("The file is not there, or is not UTF-8 text.", "파일이 없거나 UTF-8 텍스트가 아닙니다."),
      remedy: text("Check the path, and save the document as UTF-8.", "경로를 확인하고 문서를 UTF-8로 저장해 주십시오."),
    };
    throw new DureError(problem, { cause });
  }
}
