/**
 * Rows of patients, ready for an analysis. Only a site may hold these: the coordinator's side cannot import this package.
 *
 * Every row is complete: rows with a missing value were left out and counted by reason before. Only where the study imputes features may
 * those be missing, and are NaN then; and where it describes them.
 */

import type { Sha256 } from "@dure/kernel";

export interface ExcludedRows {
  /** Such as `hormon: missing` or `include: not met`; a variable and a reason, never a value. */
  readonly reason: string;
  readonly rowCount: number;
}

export interface AnalysisTable {
  /** Unique, ascending by UTF-16 code units: the order of every sum, whatever the thread count. */
  readonly rowKeys: readonly string[];
  readonly rowCount: number;
  /**
   * By variable name, length rowCount, finite; booleans as 0 and 1, categories as the index of their level, identifiers as numbers that are
   * equal where the identifiers are. NaN: a feature that the study imputes or describes.
   */
  readonly columns: ReadonlyMap<string, Float64Array>;
  /** 1 where the row belongs to the held-out split, else 0. */
  readonly heldOut: Uint8Array;
  readonly excluded: readonly ExcludedRows[];
  /** Over keys, columns and split, in order. */
  readonly hash: Sha256;
}

/** A column as a source gives it. A missing entry has 1 in `missing`; its value is then 0 or "" and means nothing. */
export type SourceColumn =
  | { readonly kind: "number"; readonly values: Float64Array; readonly missing: Uint8Array }
  | { readonly kind: "text"; readonly values: readonly string[]; readonly missing: Uint8Array };

/** A research table as a store or a flat file gives it, before the study's expressions. Booleans are numbers 0 and 1. */
export interface SourceTable {
  readonly rowKeys: readonly string[];
  readonly columns: ReadonlyMap<string, SourceColumn>;
}
