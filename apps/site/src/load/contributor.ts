/**
 * A load builds a snapshot from all that a hospital has: exports read by mappings, FHIR resources taken in, another OMOP database.
 * Each of them is a contributor to the one snapshot, inside the one transaction of the load.
 */

import type { OmopTable } from "@dure/clinical";
import type { Clock } from "@dure/kernel";
import type { PersonKeyTable } from "../ingest/person-keys.ts";
import type { SqlSession } from "../store/clinical-session.ts";
import type { CodeLookup } from "../vocabulary/code-lookup.ts";
import type { ContributorReport } from "./contributor-report.ts";

export interface Contributor {
  /** Such as `mapping:hospital-a` or `fhir:emr`: names its rows in the report. */
  readonly name: string;
  /** Files that the engine itself must be allowed to read during the load. */
  readonly filePaths: readonly string[];
  /** What an engine of its own may take in memory meanwhile: that of the load takes so much less. */
  readonly besideMb?: number;
  /**
   * Writes this contributor's rows into the snapshot's tables.
   * @throws DureError with every problem found; the load then fails as a whole and the previous snapshot stands.
   */
  readonly contribute: (context: SnapshotContext) => Promise<ContributorReport>;
}

export interface SnapshotContext {
  readonly session: SqlSession;
  /** The snapshot's schema: all tables of OMOP CDM v5.4 stand in it, those of the vocabulary filled. */
  readonly schema: string;
  readonly keyTable: PersonKeyTable;
  /** Hospital numbers of patients who opted out. */
  readonly optOut: readonly string[];
  readonly codes: CodeLookup;
  /** The first of `count` ids of a table that nobody else uses. The same order of calls gives the same ids. */
  readonly reserveIds: (table: OmopTable, count: number) => number;
  readonly clock: Clock;
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly signal?: AbortSignal;
}

/** Counts only: what a terminal shows. */
export interface LoadProgress {
  readonly contributor: string;
  /** Such as `checking`, `reading`, `writing`; a word of the program, never of the data. */
  readonly step: string;
  /** A file of the mapping, a resource type, a table. */
  readonly item: string;
  readonly done: number;
  /** Absent where the whole is not known. */
  readonly of?: number;
}
