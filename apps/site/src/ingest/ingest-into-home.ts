/** One load into a site's folder: exports in, a numbered snapshot out, and an entry in the ledger that says so. */

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { parseMapping } from "@dure/clinical";
import { type Clock, DureError, fromUtf8, type SecureRandom, text } from "@dure/kernel";
import { readKey, readSettings, sitePaths } from "../home/site-home.ts";
import { LedgerWriter } from "../run/ledger-writer.ts";
import { openClinicalStore, openClinicalStoreWaiting } from "../store/open-clinical-store.ts";
import { SiteStore } from "../store/site-store.ts";
import { type IngestProgress, ingestExports } from "./ingest-exports.ts";
import type { LoadReport } from "./load-report.ts";
import { nothingLoaded } from "./problems.ts";

export interface HomeLoad {
  readonly home: string;
  readonly mappingPath: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Where the exported files lie. */
  readonly directory: string;
  /** One hospital number a line: patients who opted out. */
  readonly optOutPath?: string;
  readonly clock: Clock;
  readonly random: SecureRandom;
  readonly onProgress?: (progress: IngestProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * The same export twice makes no new snapshot. A run that has begun keeps its frozen table, whatever is loaded meanwhile.
 * @throws DureError with every problem of mapping and files; the store is then as before
 */
export async function ingestIntoHome(load: HomeLoad): Promise<LoadReport> {
  const settings = readSettings(load.home);
  const paths = sitePaths(load.home);
  const mapping = parseMapping({ file: basename(load.mappingPath), text: readText(load.mappingPath) });
  const optOut =
    load.optOutPath === undefined
      ? []
      : readText(load.optOutPath)
          .split(/\r?\n/)
          .filter((line) => line !== "");
  const store = await openClinicalStoreWaiting(paths.clinical, load.clock, load.signal);
  try {
    const report = await ingestExports({
      store,
      mapping,
      parameters: load.parameters,
      directory: load.directory,
      keyTable: { key: readKey(paths.personKey), random: load.random },
      optOut,
      holder: settings.organisation,
      clock: load.clock,
      ...(load.onProgress === undefined ? {} : { onProgress: load.onProgress }),
      ...(load.signal === undefined ? {} : { signal: load.signal }),
    }).catch((cause: unknown) => {
      throw sayingThatNothingWasLoaded(cause);
    });
    if (!report.unchanged) recordLoad(paths.decisions, { ...settings, ...load }, report);
    return report;
  } finally {
    await store.close();
  }
}

/** Every snapshot's report, oldest first: what was read, what became of it, what was left out and why. */
export async function listLoads(home: string): Promise<readonly LoadReport[]> {
  const store = await openClinicalStore(sitePaths(home).clinical);
  try {
    return (await store.snapshots()).map((snapshot) => snapshot.report);
  } finally {
    await store.close();
  }
}

function sayingThatNothingWasLoaded(cause: unknown): unknown {
  if (!(cause instanceof DureError)) return cause;
  const hasRows = cause.problems.some(({ place }) => place.row !== undefined);
  return new DureError([...cause.problems, nothingLoaded(hasRows)], { retry: cause.retry, cause });
}

interface Recorder {
  readonly alliance: string;
  readonly siteId: string;
  readonly clock: Clock;
  readonly random: SecureRandom;
}

function recordLoad(decisionsPath: string, { alliance, siteId, clock, random }: Recorder, report: LoadReport): void {
  const store = new SiteStore(decisionsPath);
  try {
    const ledger = new LedgerWriter({ store, alliance, siteId, clock, random });
    const details = [
      `snapshot-${report.snapshot}`,
      `persons-${report.personCount}`,
      `mapping-${report.mapping.id}-${report.mapping.version}`,
    ];
    store.transaction(() => ledger.append({ kind: "load", objectSha256: report.snapshotHash, details }));
  } finally {
    store.close();
  }
}

function readText(path: string): string {
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
