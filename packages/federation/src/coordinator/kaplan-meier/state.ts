/** The public state of a Kaplan-Meier analysis between two sums. JSON values throughout: stored, hashed, and rebuilt by every site. */

import type { KaplanMeierAnalysis } from "../../kaplan-meier-result.ts";

export type KaplanMeierState =
  | { readonly phase: "counts" }
  /** Only for a test within sites: everything but the test is known. */
  | {
      readonly phase: "strata";
      readonly analysis: KaplanMeierAnalysis;
      /** Last bin of each merged interval, over all groups together. */
      readonly ends: readonly number[];
      /** By combination of group values, those without a row included. */
      readonly observed: readonly number[];
    };

export type StrataState = Extract<KaplanMeierState, { phase: "strata" }>;
