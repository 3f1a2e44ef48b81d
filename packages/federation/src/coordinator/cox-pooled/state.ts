/** The public state of a Cox regression with one baseline hazard, between two sums. JSON values throughout. */

import type { CoxConverged, NewtonRunning } from "@dure/statistics";
import type { CoxCounts } from "../cox/state.ts";
import type { Centre, Standardisation } from "../standardisation.ts";

/** Risk sets: one an interval of bins of the public grid. */
export type RiskIntervals = {
  /** Last bin of each; where bins are not merged, the one bin of its events. */
  readonly ends: readonly number[];
  readonly events: readonly number[];
  /** Bins are as they were: whoever is censored between two of them was at risk in the earlier one. */
  readonly isExact: boolean;
};

/** What the sums over risk sets came to at `at`. */
export type RiskSummary = {
  readonly at: readonly number[];
  /** By interval, for exp(η − shift). */
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly logLikelihood: number;
  readonly gradient: readonly number[];
  readonly extremeCounts: readonly number[];
  /** By power 0, 1, 2 of time; see `IntervalRisk`. */
  readonly means: readonly (readonly number[])[];
  readonly products: readonly (readonly number[])[];
};

type Counted<Phase> = { readonly phase: Phase; readonly counts: CoxCounts };

type Fitted<Phase> = Counted<Phase> & { readonly intervals: RiskIntervals; readonly standardisation: Standardisation };

export type PooledState =
  | { readonly phase: "counts" }
  /** Only where rows enter late or persons have several: persons are counted once more on the merged intervals. */
  | (Counted<"intervals"> & { readonly ends: readonly number[] })
  | (Counted<"moments"> & { readonly intervals: RiskIntervals })
  | (Counted<"centred"> & { readonly intervals: RiskIntervals; readonly centre: Centre })
  | (Fitted<"risk"> & { readonly newton: NewtonRunning })
  | (Fitted<"spread"> & { readonly newton: NewtonRunning; readonly risk: RiskSummary })
  | (Fitted<"checks"> & { readonly newton: CoxConverged; readonly risk: RiskSummary });

export type PooledPhase<Phase extends PooledState["phase"]> = Extract<PooledState, { phase: Phase }>;
