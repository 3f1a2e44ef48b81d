/**
 * The hospital's records in one standard, as numbered snapshots. A port: the DuckDB adapter keeps them in one file; a hospital that
 * outgrows it brings another engine behind the same names.
 */

import type { Sha256 } from "@dure/kernel";
import type { LoadReport } from "../ingest/load-report.ts";
import type { SqlSession } from "./clinical-session.ts";

export interface Snapshot {
  readonly number: number;
  readonly hash: Sha256;
  readonly report: LoadReport;
}

export interface ClinicalStore {
  /** Beside which scratch files of a load may lie. */
  readonly path: string;
  /** Reads, with no access to any file but the store. */
  readonly read: <Result>(work: (session: SqlSession) => Promise<Result>) => Promise<Result>;
  /**
   * One transaction that may read the files named: all of it or nothing. Reads and loads wait for each other.
   * @throws DureError `store/disk-full`, after which the previous snapshot stands.
   */
  readonly load: <Result>(
    filePaths: readonly string[],
    work: (session: SqlSession) => Promise<Commit<Result>>,
    memory?: LoadMemory,
  ) => Promise<Result>;
  /** Newest last; the last ones only are kept. */
  readonly snapshots: () => Promise<readonly Snapshot[]>;
  readonly close: () => Promise<void>;
}

export interface LoadMemory {
  /** Of a load's memory, what others of the same process take meanwhile. */
  readonly besideMb: number;
}

/** What a load gives back, and whether its work is to be kept. */
export interface Commit<Result> {
  readonly keep: boolean;
  readonly result: Result;
}

/** Snapshots kept: the running study's, the newest, and one between. */
export const SNAPSHOTS_KEPT = 3;

export const snapshotSchema = (number: number): string => `snapshot_${number}`;
