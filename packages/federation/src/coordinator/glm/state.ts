/** The public state of a generalised linear model between two sums. JSON values throughout: stored, hashed, and rebuilt by every site. */

import type { NewtonState, OutcomeTotals } from "@dure/statistics";
import type { Centre, Standardisation } from "../standardisation.ts";
import type { PenalisedState } from "./penalised-state.ts";

export type GlmCounts = {
  readonly n: number;
  readonly siteCount: number;
  /** Of a logistic family: rows with the outcome. */
  readonly events: number;
  /** By `design.reasons`. */
  readonly excluded: readonly number[];
  /** Rows by fold; empty where no fold is left out. */
  readonly folds: readonly number[];
};

/** Sums over all rows of what depends on the outcome, the offset and the weight alone. */
export type OutcomeSums = {
  /** Σ a and Σ a². */
  readonly weight: number;
  readonly weightSquares: number;
  /** Σ a y and Σ a |y|, of the outcome with a linear or Gamma model's offset taken off. */
  readonly sum: number;
  readonly magnitude: number;
  /** Σ a × offset. */
  readonly offset: number;
  /** Σ of what no coefficient touches in the log-likelihood. */
  readonly constant: number;
};

/** (outcome − centre) / scale, and offset − `offset`. Fits of a family that knows no scale have 0 and 1. */
export type OutcomeScale = { readonly centre: number; readonly scale: number; readonly offset: number };

export type GlmFit = {
  /** `full`, `null`, `without <term>` or `by hospital`: own effects of a feature in every hospital. */
  readonly name: string;
  /** Columns of the design that the fit has in common for all hospitals. */
  readonly columns: readonly number[];
  /** Every hospital has effects of its own of the compared columns. */
  readonly isByHospital: boolean;
  readonly newton: NewtonState;
};

export type GlmKnown = {
  readonly counts: GlmCounts;
  readonly sums: OutcomeSums;
  readonly scale: OutcomeScale;
  readonly totals: OutcomeTotals;
  readonly standardisation: Standardisation;
};

export type GlmState =
  | { readonly phase: "counts" }
  | { readonly phase: "moments"; readonly counts: GlmCounts }
  | {
      /** `rough`: the outcome around its mean, in a unit near its size; the spread is summed on it. */
      readonly phase: "centred";
      readonly counts: GlmCounts;
      readonly sums: OutcomeSums;
      readonly rough: OutcomeScale;
      readonly centre: Centre;
    }
  | ({ readonly phase: "newton"; readonly fits: readonly GlmFit[] } & GlmKnown)
  | ({ readonly phase: "summary"; readonly fits: readonly GlmFit[] } & GlmKnown)
  | ({ readonly phase: "path" } & GlmKnown)
  | ({ readonly phase: "penalised"; readonly penalised: PenalisedState } & GlmKnown)
  | ({ readonly phase: "judged"; readonly penalised: PenalisedState } & GlmKnown);

export type GlmPhase<Phase extends GlmState["phase"]> = Extract<GlmState, { phase: Phase }>;
