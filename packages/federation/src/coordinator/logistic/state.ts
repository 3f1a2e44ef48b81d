/** The public state of a logistic regression between two sums. JSON values throughout: stored, hashed, and rebuilt by every site. */

import type { NewtonState } from "@dure/statistics";
import type { Centre, Standardisation } from "../standardisation.ts";

export type Counts = {
  readonly n: number;
  /** Rows without and with the outcome. */
  readonly classes: readonly [number, number];
  /** By `design.reasons`. */
  readonly excluded: readonly number[];
  /** Rows by subgroup variable, level and class. */
  readonly subgroups: readonly number[];
  /** Rows by fold and class; empty where no fold is left out. */
  readonly folds: readonly (readonly [number, number])[];
};

export type Fit = {
  /** `full`, or `fold 0` to `fold 4`: that fold's rows are left out. */
  readonly name: string;
  readonly leftOut: number | null;
  /** Rows of all sites in this fit. */
  readonly n: number;
  readonly newton: NewtonState;
};

export type LogisticState =
  | { readonly phase: "counts" }
  | { readonly phase: "moments"; readonly counts: Counts }
  | { readonly phase: "centred"; readonly counts: Counts; readonly centre: Centre }
  | { readonly phase: "newton"; readonly counts: Counts; readonly standardisation: Standardisation; readonly fits: readonly Fit[] }
  | { readonly phase: "scores"; readonly counts: Counts; readonly standardisation: Standardisation; readonly fits: readonly Fit[] };

export type PhaseState<Phase extends LogisticState["phase"]> = Extract<LogisticState, { phase: Phase }>;
