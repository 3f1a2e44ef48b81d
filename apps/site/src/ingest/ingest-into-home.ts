/** One load into a site's folder: exports in, a numbered snapshot out, and an entry in the ledger that says so. */

import { basename } from "node:path";
import { parseMapping } from "@dure/clinical";
import type { Clock, SecureRandom } from "@dure/kernel";
import { readKey, readSettings, sitePaths } from "../home/site-home.ts";
import { keepUnmapped, readDocumentText, readOptOut, recordLoads, sayingThatNothingWasLoaded } from "../load/record-load.ts";
import { openClinicalStore, openClinicalStoreWaiting } from "../store/open-clinical-store.ts";
import { type IngestProgress, ingestExports } from "./ingest-exports.ts";
import type { LoadReport } from "./load-report.ts";

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
  const mapping = parseMapping({ file: basename(load.mappingPath), text: readDocumentText(load.mappingPath) });
  const optOut = readOptOut(load.optOutPath);
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
      onUnmapped: keepUnmapped(load.home),
      ...(load.onProgress === undefined ? {} : { onProgress: load.onProgress }),
      ...(load.signal === undefined ? {} : { signal: load.signal }),
    }).catch((cause: unknown) => {
      throw sayingThatNothingWasLoaded(cause);
    });
    await recordLoads(paths.decisions, { ...settings, ...load }, store);
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
