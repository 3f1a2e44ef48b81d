/** The public state of a Cox regression between two sums. JSON values throughout: stored, hashed, and rebuilt by every site. */

import type { CoxNewtonState } from "@dure/statistics";
import type { Centre, Standardisation } from "../standardisation.ts";

/** Persons, and how many of them have the event. */
export type Cases = readonly [number, number];

export type CoxCounts = {
  readonly cases: Cases;
  /** As many as persons, unless a person may have several. */
  readonly rows: number;
  /** By `design.reasons`. */
  readonly excluded: readonly number[];
  /** By fold; empty where no fold is left out. */
  readonly folds: readonly Cases[];
};

export type CoxFit = {
  /** `full`, or `fold 0` to `fold 4`: the persons of that fold are left out. */
  readonly name: string;
  readonly leftOut: number | null;
  readonly cases: Cases;
  readonly newton: CoxNewtonState;
};

export type CoxState =
  | { readonly phase: "counts" }
  | { readonly phase: "moments"; readonly counts: CoxCounts }
  /** `timeUnit`: root mean square of the times of events. */
  | { readonly phase: "centred"; readonly counts: CoxCounts; readonly timeUnit: number; readonly centre: Centre }
  | CoxFitted<"newton">
  | CoxFitted<"checks">;

export type CoxFitted<Phase> = {
  readonly phase: Phase;
  readonly counts: CoxCounts;
  readonly timeUnit: number;
  readonly standardisation: Standardisation;
  readonly fits: readonly CoxFit[];
};

export type CoxPhase<Phase extends CoxState["phase"]> = Extract<CoxState, { phase: Phase }>;
