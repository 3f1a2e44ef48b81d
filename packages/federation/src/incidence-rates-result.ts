/** The part of result.json that incidence rates write. Type aliases: each is a JSON value. */

import type { RateDifference, RateEstimate, RateRatio, StandardisedRateRatio } from "@dure/statistics";
import type { AnalysisRefusal } from "./analysis.ts";
import type { ReportedCount } from "./result.ts";

/** Figures that rest on a hidden number of events are left out. */
export type RateGroup = {
  /** Of all groups together: left out. */
  readonly level?: string;
  /** Patients. */
  readonly n: number;
  readonly events?: number;
  /** In units of `timeUnitDays`. */
  readonly personTime: number;
  /** Per `per` units; Garwood's exact interval. */
  readonly rate?: RateEstimate;
  /** Against the reference group. */
  readonly ratio?: RateRatio;
  /** Against the reference group, per `per` units; Wald's interval. */
  readonly difference?: RateDifference;
  /** Direct: per `per` units, Fay and Feuer's gamma interval. */
  readonly standardisedRate?: RateEstimate;
  /** Direct: against the reference group; Wald's interval on the log scale. */
  readonly standardisedRateRatio?: StandardisedRateRatio;
  /** Indirect: events that the standard rates would have given. */
  readonly expected?: number;
  /** Indirect: observed over expected; Garwood's exact interval. */
  readonly standardisedRatio?: RateEstimate;
};

/** One stratum of one group. */
export type RateStratum = {
  readonly levels: { readonly [variable: string]: string };
  readonly level?: string;
  readonly n: number;
  readonly events: number;
  readonly personTime: number;
  readonly rate: RateEstimate;
};

export type IncidenceAnalysis = {
  readonly kind: "incidence-rates";
  readonly n: number;
  /** All of them; a patient may have several where the study counts them. */
  readonly events: number;
  readonly excluded: readonly ({ readonly reason: string } & ReportedCount)[];
  readonly outcome: "estimated" | "refused";
  readonly refusal?: AnalysisRefusal;
  readonly per: number;
  readonly timeUnitDays: number;
  /** The variable with the role group. */
  readonly group?: { readonly variable: string; readonly reference: string };
  readonly total?: RateGroup;
  /** Those that have patients; empty without a group variable. */
  readonly groups: readonly RateGroup[];
  readonly standardisation?: "direct" | "indirect";
  /** Of groups of which every stratum has enough patients with the event, or none at all. */
  readonly strata: readonly RateStratum[];
};

export type IncidenceResult = { readonly analysis: IncidenceAnalysis };
