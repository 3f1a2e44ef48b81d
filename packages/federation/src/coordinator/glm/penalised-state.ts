/** Where the penalised fits stand between two sums. */

import type { PenalisedFitState } from "@dure/statistics";

export type PenalisedFit = {
  readonly lambda: number;
  /** The fifth of the rows that is left out, or null. */
  readonly leftOut: number | null;
  readonly fit: PenalisedFitState;
};

export type PenalisedState = {
  /** Descending. */
  readonly lambdas: readonly number[];
  /** λ by λ, and for each the full fit first, then those that leave a fifth out. */
  readonly fits: readonly PenalisedFit[];
};
