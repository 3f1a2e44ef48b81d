/** The public state of a treatment effect between two sums. JSON values throughout: stored, hashed, and rebuilt by every site. */

import type { NewtonState } from "@dure/statistics";
import type { ByArm } from "../../treatment-effect-result.ts";
import type { Centre, Standardisation } from "../standardisation.ts";

/** One arm on the public grid: last bin of each interval that the gate has merged, and what the counts alone tell of the curve. */
export type ArmIntervals = {
  readonly ends: readonly number[];
  readonly numbersAtRisk: readonly { readonly time: number; readonly atRisk: number }[];
  readonly followedDays: number;
};

export type TreatmentCounts = {
  readonly arms: ByArm<number>;
  /** Rows with the outcome or the event by arm; null where the outcome is a number. */
  readonly cases: ByArm<number> | null;
  /** By `design.reasons`. */
  readonly excluded: readonly number[];
  /** Indices of negative controls and of subgroup variables that have enough of everything. */
  readonly controls: readonly number[];
  readonly subgroups: readonly number[];
  /** By index of `design.subgroups`, level and arm. */
  readonly subgroupArms: readonly (readonly ByArm<number>[])[];
  /** For weighted survival curves only. */
  readonly intervals: ByArm<ArmIntervals> | null;
};

/** Outcomes are summed as (y − mean) / deviation; 0 and 1 where the outcome is no measurement. */
export type OutcomeScale = { readonly mean: number; readonly deviation: number };

export type ModelFit = { readonly name: "propensity" | "outcome"; readonly newton: NewtonState };

type Known = { readonly counts: TreatmentCounts };
type Scaled = Known & { readonly standardisation: Standardisation; readonly scale: OutcomeScale };
type Fitted = Scaled & { readonly fits: readonly ModelFit[] };

/** By block of targets; see blocks.ts. */
export type BlockTotals = { readonly denominators: readonly number[]; readonly means: readonly number[] };

/** Per weighting: Σ w and Σ w² by arm, and Σ w x, Σ w x² by arm and column. */
export type BalanceSums = {
  readonly weights: readonly number[];
  readonly sums: readonly number[];
  readonly squares: readonly number[];
};

export type CurveSums = { readonly events: readonly number[]; readonly atRisk: readonly number[]; readonly squares: readonly number[] };

export type Totals = {
  readonly blocks: readonly BlockTotals[];
  /** `unweighted` first, then by `design.weightings`. */
  readonly balance: readonly BalanceSums[];
  /** By arm and step of propensity. */
  readonly histogram: readonly number[];
  /** By weighting and arm. */
  readonly curves: readonly CurveSums[];
};

/** One weighting's Cox regression. */
export type HazardFit = { readonly newton: NewtonState; readonly information: number };

type Summed = Fitted & { readonly totals: Totals };

/** By block: I⁻¹ D a target, one behind the other, and Σ ψ ψᵀ; both empty where the block's errors need no model. */
export type BlockSlopes = { readonly directions: readonly number[]; readonly fixed: readonly number[] };

/** All that a result is made of, but the last sum. */
export type Finished = Summed & { readonly slopes: readonly BlockSlopes[] };

export type TreatmentState =
  | { readonly phase: "counts" }
  | ({ readonly phase: "moments" } & Known)
  | ({ readonly phase: "centred"; readonly centre: Centre } & Known)
  | ({ readonly phase: "models" } & Fitted)
  | ({ readonly phase: "totals" } & Fitted)
  | ({ readonly phase: "hazards"; readonly hazards: readonly HazardFit[] } & Summed)
  | ({ readonly phase: "slopes" } & Summed)
  | ({ readonly phase: "influence" } & Finished);

export type TreatmentPhase<Phase extends TreatmentState["phase"]> = Extract<TreatmentState, { phase: Phase }>;
