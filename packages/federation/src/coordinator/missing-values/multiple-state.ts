/** Multiple imputation's part of the state. */

import type { JsonValue } from "@dure/kernel";
import type { NewtonState } from "@dure/statistics";
import type { Analysis } from "../../result.ts";
import type { MissingCounts } from "./state.ts";

/** Which features are drawn, from which rows, and by which columns. */
export type ImputationPlan = {
  /** Features whose values are drawn; those that too few rows lack are filled in once. */
  readonly targets: readonly number[];
  readonly models: readonly PlannedModel[];
};

export type PlannedModel = {
  /** Place among `modelsOf(targets)`. */
  readonly model: number;
  /** Features that a row of this model must have. */
  readonly requires: readonly number[];
  /** Rows of all hospitals, and those with the level. */
  readonly rows: number;
  readonly ones: number;
  /** Of `design.columns`; of none the level is drawn at its share. */
  readonly columns: readonly number[];
};

/** By column of `design.columns`, of the values that are there; a column that does not vary has the deviation 0 and is in no model. */
export type ColumnScales = { readonly means: readonly number[]; readonly deviations: readonly number[] };

/**
 * What has been drawn, visit by visit (the targets in turn, iteration after iteration), for each imputation: the parameters of the
 * target's models one behind the other. A hospital that lost its memory draws its patients' values again from it.
 */
export type DrawHistory = readonly (readonly (readonly number[])[])[];

type Known = { readonly counts: MissingCounts };
type Planned = Known & { readonly plan: ImputationPlan };
type Scaled = Planned & { readonly scales: ColumnScales };

export type CompletedRun = { readonly kind: "running"; readonly inner: JsonValue } | { readonly kind: "done"; readonly analysis: Analysis };

export type MultipleState =
  | ({ readonly phase: "candidates"; readonly targets: readonly number[]; readonly requires: readonly (readonly number[])[] } & Known)
  | ({ readonly phase: "centre" } & Planned)
  | ({ readonly phase: "spread"; readonly means: readonly number[] } & Planned)
  | ({
      readonly phase: "draw";
      readonly history: DrawHistory;
      /** Of the present target, one an imputation and logistic model with columns; null of a number. */
      readonly newton: readonly NewtonState[] | null;
    } & Scaled)
  | ({ readonly phase: "completed"; readonly history: DrawHistory; readonly runs: readonly CompletedRun[] } & Scaled);
