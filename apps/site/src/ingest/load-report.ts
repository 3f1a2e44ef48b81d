/** What a load did: for each file and each rule of its mapping, rows in = rows out + rows excluded by reason. */

import type { ConceptName, OmopTable } from "@dure/clinical";
import type { Problem, Sha256 } from "@dure/kernel";
import type { ContributorReport } from "../load/contributor-report.ts";
import type { EraCounts, FollowUp, PeriodEffect } from "../load/snapshot-counts.ts";

export interface ExcludedCount {
  readonly reason: string;
  readonly rowCount: number;
}

export interface RuleReport {
  /** Such as `3: measurement tumour-size`, counting the file's row rules from 1. */
  readonly rule: string;
  readonly table: OmopTable;
  /** The file's rows less the file's excluded ones. */
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly excluded: readonly ExcludedCount[];
}

export interface FileReport {
  /** The name in the mapping and the name on disk. */
  readonly file: string;
  readonly path: string;
  readonly sha256: Sha256;
  readonly rowsIn: number;
  /** Left out of every rule: opt-outs, the mapping's `exclude`, persons not in the persons file. */
  readonly excluded: readonly ExcludedCount[];
  readonly rules: readonly RuleReport[];
  readonly rowsOutByTable: Readonly<Partial<Record<OmopTable, number>>>;
  /** The first rows that a mapping's `onFault: exclude` left out, as problems with row, column and remedy. */
  readonly setAside?: readonly Problem[];
  /** Of a file whose rows are kept: what its delivery did to them. `rowsIn` then counts the rows kept. */
  readonly delivery?: DeliveryReport;
}

export interface DeliveryReport {
  readonly received: number;
  readonly added: number;
  /** Rows with the key of a kept one, corrected or not. */
  readonly changed: number;
  readonly deleted: number;
  /** Opted out or of a sensitive category: never kept. */
  readonly leftOut: number;
}

export interface LoadReport {
  readonly snapshot: number;
  /** Over the rows of the snapshot: equal rows, equal hash, whatever their order. */
  readonly snapshotHash: Sha256;
  /** The load gave the very rows of the last snapshot, so no new one was made. */
  readonly unchanged: boolean;
  /** The document that steered the load: a mapping, or the plan of a load from several sources. */
  readonly mapping: { readonly id: string; readonly version: number; readonly hash: Sha256 };
  readonly parameters: Readonly<Record<string, string>>;
  readonly loadedAtMs: number;
  readonly personCount: number;
  readonly newPersonCount: number;
  /** Of all mappings of the load, rule by rule. */
  readonly files: readonly FileReport[];
  readonly contributors: readonly ContributorReport[];
  /** Persons that two contributors brought: the first one's PERSON and DEATH rows stand. */
  readonly personsOfSeveralContributors: number;
  /** In: persons loaded. Out: persons with a period. */
  readonly observationPeriods: RuleReport;
  readonly periodEffect: PeriodEffect;
  readonly eras: EraCounts;
  readonly followUp: FollowUp;
  readonly vocabularyVersion: string;
}

/** Left out before any count, on top of what the mapping leaves out. */
export interface SensitiveCategories {
  /** Rows whose concept or value is one of these never enter the store. */
  readonly concepts: readonly ConceptName[];
  /** Rows of a file with one of these codes in a column of the source never enter the store either, whatever the mapping makes of them. */
  readonly cells?: readonly SensitiveCells[];
}

export interface SensitiveCells {
  /** The file's name in the mapping, and a column of its header line; both must be there. */
  readonly file: string;
  readonly column: string;
  /** Beginnings of codes, such as `B20` or `F`; `F2` takes in F20.0. */
  readonly startsWith: readonly string[];
}
