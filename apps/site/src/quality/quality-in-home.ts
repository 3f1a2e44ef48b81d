/** Quality of what a site's folder holds: run the checks, read a report, follow it over loads, change a threshold. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import {
  applyOverrides,
  type CheckResult,
  defaultChecks,
  NO_OVERRIDES,
  parseOverrides,
  type QualityCheck,
  type QualityOverride,
  type QualityOverrides,
  type QualitySummary,
  readOhdsiChecks,
  summariseResults,
  violatedPercent,
} from "@dure/clinical/quality";
import { type Clock, fromUtf8 } from "@dure/kernel";
import { writePrivateFile } from "@dure/machine";
import { readSettings, sitePaths } from "../home/site-home.ts";
import type { LoadReport } from "../ingest/load-report.ts";
import { type Snapshot, snapshotSchema } from "../store/clinical-store.ts";
import { openClinicalStoreWaiting } from "../store/open-clinical-store.ts";
import { noRun, nothingLoaded, snapshotAbsent, thresholdFileAbsent } from "./problems.ts";
import { type FailingRow, type LoadRequirement, type QualityRun, QualityStore } from "./quality-store.ts";
import { type QualityProgress, runQuality } from "./run-quality.ts";
import { shareReading } from "./shared-reading.ts";
import { formatOverrides } from "./write-overrides.ts";

export interface HomeQualityRun {
  readonly home: string;
  /** The newest where it is not given. */
  readonly snapshot?: number;
  /** A folder with OHDSI's threshold files, in place of the defaults. */
  readonly thresholds?: string;
  readonly isAnew?: boolean;
  readonly clock: Clock;
  readonly onProgress?: (progress: QualityProgress) => void;
  readonly signal?: AbortSignal;
}

/** One point of a trend: a run that came to its end. */
export interface QualityPoint {
  readonly run: QualityRun;
  readonly summary: QualitySummary;
}

export interface QualityReport {
  readonly organisation: string;
  readonly run: QualityRun;
  readonly results: readonly CheckResult[];
  readonly summary: QualitySummary;
  /** Runs up to this one, oldest first; the last ones only. */
  readonly trend: readonly QualityPoint[];
  /** By check, per cent of faults in each run of the trend; undefined where it was not counted. */
  readonly history: ReadonlyMap<string, readonly (number | undefined)[]>;
}

/** Runs in a trend: a year of monthly loads. */
const TREND_RUNS_MAX = 12;

/**
 * Runs the checks on a snapshot, or goes on with a run that was stopped.
 * @throws DureError `quality/*` of thresholds and overrides, all at once; `quality/nothing-loaded`; `store/*`. What was counted is kept.
 */
export async function runQualityInHome(options: HomeQualityRun): Promise<QualityReport> {
  const { home, clock, signal } = options;
  readSettings(home);
  const { clinical } = sitePaths(home);
  const checks = checksOf(home, options.thresholds);
  const open = () => openClinicalStoreWaiting(clinical, clock, signal);
  const first = await open();
  const snapshot = chooseSnapshot(await first.snapshots().finally(() => first.close()), options.snapshot);
  const store = new QualityStore(sitePaths(home).quality);
  try {
    await using reading = shareReading({ open, snapshot, clock, ...(signal === undefined ? {} : { signal }) });
    const run = await runQuality({
      ...{ read: reading.read, snapshot, schema: snapshotSchema(snapshot.number), checks, store, clock },
      ...{ requirements: requirementsOf(snapshot.report), isAnew: options.isAnew ?? false },
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
      ...(signal === undefined ? {} : { signal }),
    });
    return reportOf(home, store, run);
  } finally {
    store.close();
  }
}

/** @param number the last run where it is not given. @throws DureError `quality/no-run` */
export function readQualityReport(home: string, number?: number): QualityReport {
  return withStore(home, (store) => {
    const runs = store.runs();
    const run = number === undefined ? runs.at(-1) : runs.find((one) => one.number === number);
    if (run === undefined) throw noRun(number);
    return reportOf(home, store, run);
  });
}

/** Every run that came to its end, oldest first. */
export const listQualityRuns = (home: string): readonly QualityPoint[] =>
  withStore(home, (store) =>
    store
      .runs()
      .filter(isEnded)
      .map((run) => ({ run, summary: summariseResults(store.results(run.number)) })),
  );

/** Ids of rows at fault, of the last run. For the eyes of this hospital only. */
export const readFailingRows = (home: string, run: number, checkId: string): readonly FailingRow[] =>
  withStore(home, (store) => store.failingRows(run, checkId));

export const readOverrides = (home: string): QualityOverrides => overridesOf(home, defaultChecks());

/**
 * Adds an entry to the site's thresholds; the next run judges by it.
 * @throws DureError `quality/*` where the entry fits no check or lacks something; the document is then as before
 */
export function addOverride(home: string, entry: QualityOverride): QualityOverrides {
  readSettings(home);
  const path = sitePaths(home).qualityOverrides;
  const before = readOverrides(home);
  const content = formatOverrides({ ...before, overrides: [...before.overrides, entry] });
  const after = parseOverrides({ file: basename(path), text: content }, defaultChecks());
  writePrivateFile(path, content);
  return after;
}

const OHDSI_FILES = { descriptions: "Check_Descriptions", table: "Table_Level", field: "Field_Level", concept: "Concept_Level" } as const;

function withStore<Result>(home: string, work: (store: QualityStore) => Result): Result {
  readSettings(home);
  const store = new QualityStore(sitePaths(home).quality);
  try {
    return work(store);
  } finally {
    store.close();
  }
}

function checksOf(home: string, thresholds: string | undefined): readonly QualityCheck[] {
  const checks = thresholds === undefined ? defaultChecks() : ohdsiChecks(thresholds);
  return applyOverrides(checks, overridesOf(home, checks));
}

function overridesOf(home: string, checks: readonly QualityCheck[]): QualityOverrides {
  const path = sitePaths(home).qualityOverrides;
  return existsSync(path) ? parseOverrides({ file: basename(path), text: readFileSync(path, "utf8") }, checks) : NO_OVERRIDES;
}

function ohdsiChecks(folder: string): readonly QualityCheck[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const read = (part: string) => {
    const file = names.find((name) => name.toLowerCase().endsWith(`${part.toLowerCase()}.csv`));
    if (file === undefined) throw thresholdFileAbsent(folder, part);
    return { file, text: fromUtf8(readFileSync(join(folder, file))) };
  };
  const { descriptions, table, field, concept } = OHDSI_FILES;
  return readOhdsiChecks({ descriptions: read(descriptions), table: read(table), field: read(field), concept: read(concept) });
}

function chooseSnapshot(snapshots: readonly Snapshot[], number: number | undefined): Snapshot {
  const chosen = number === undefined ? snapshots.at(-1) : snapshots.find((snapshot) => snapshot.number === number);
  if (chosen !== undefined) return chosen;
  const kept = snapshots.map((snapshot) => snapshot.number);
  throw number === undefined || kept.length === 0 ? nothingLoaded() : snapshotAbsent(number, kept);
}

const requirementsOf = ({ contributors }: LoadReport): readonly LoadRequirement[] =>
  contributors.flatMap(({ contributor, requirements = [] }) => requirements.map((result) => ({ ...result, contributor })));

const isEnded = (run: QualityRun): boolean => run.endedAtMs !== undefined;

function reportOf(home: string, store: QualityStore, run: QualityRun): QualityReport {
  const results = store.results(run.number);
  const earlier = store.runs().filter((one) => one.number < run.number && isEnded(one));
  const past = earlier.slice(1 - TREND_RUNS_MAX).map((one) => ({ run: one, results: store.results(one.number) }));
  const points = [...past, { run, results }];
  const percents = points.map((point) => new Map(point.results.map(({ id, counts }) => [id, counts && violatedPercent(counts)] as const)));
  return {
    organisation: readSettings(home).organisation,
    ...{ run, results, summary: summariseResults(results) },
    trend: points.map((point) => ({ run: point.run, summary: summariseResults(point.results) })),
    history: new Map(results.map(({ id }) => [id, percents.map((one) => one.get(id))])),
  };
}
