/** The public state of a meta-analysis between two sums. JSON values throughout: stored, hashed, and rebuilt by every site. */

import type { TauState } from "@dure/statistics";

export type MetaAnalysisCounts = {
  readonly n: number;
  readonly events: number;
  /** Hospitals whose own fit enters. */
  readonly fitted: number;
  /** By `LEFT_OUT_REASONS`. */
  readonly left: readonly number[];
  /** By `design.reasons`. */
  readonly excluded: readonly number[];
};

/** By term. */
type Scales = {
  readonly counts: MetaAnalysisCounts;
  /** Powers of two near a sixteenth of a hospital's standard error: what estimates are divided by before they are summed. */
  readonly scales: readonly number[];
};

/** Fixed-effect estimates, in those units. */
type Centred = Scales & { readonly centres: readonly number[] };

export type MetaAnalysisState =
  /** `alone`: a hospital on its own, or its preview: nothing is opened to anybody. */
  | { readonly phase: "counts"; readonly alone: boolean }
  | { readonly phase: "scales"; readonly counts: MetaAnalysisCounts }
  | ({ readonly phase: "means" } & Scales)
  | ({ readonly phase: "spread" } & Centred)
  | ({ readonly phase: "between" } & Centred & {
        /** The nine sums of each term at τ² = 0. */
        readonly atZero: readonly (readonly number[])[];
        readonly searches: readonly TauState[];
        readonly rounds: number;
      });

export type MetaAnalysisPhase<Phase extends MetaAnalysisState["phase"]> = Extract<MetaAnalysisState, { phase: Phase }>;
