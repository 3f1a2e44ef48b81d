/** Where a site's analysis tables come from: its own OMOP store, or a flat file of a research table. */

import type { ExcludedRows, RecordEvidence, SourceTable } from "@dure/records";
import type { FrozenStudy } from "@dure/study";

export interface ReadTable {
  readonly source: SourceTable;
  /** Persons with the table's index condition who are not rows of it, by the table's own reasons. */
  readonly excluded: readonly ExcludedRows[];
  /** By column of the table, for the columns of variables whose quality the study states. */
  readonly evidence: ReadonlyMap<string, RecordEvidence>;
  /** Number of the load that the rows come from; 0 for a flat file. */
  readonly snapshot: number;
  /** Identifies the content of that load. */
  readonly snapshotHash: string;
}

/** A port: the agent reads through it once per run, when it freezes the run's table. */
export interface TableSource {
  /**
   * @param tableDocument the research-table document that the study names, with the hash that the study's own hash covers
   * @throws DureError when the store is in use, empty, or lacks what the document names
   */
  read(study: FrozenStudy, tableDocument: Uint8Array): Promise<ReadTable>;
}
