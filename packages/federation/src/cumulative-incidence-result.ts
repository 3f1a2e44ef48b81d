/** The part of result.json that an analysis of cumulative incidence writes. Type aliases: each is a JSON value. */

import type { IncidenceAt, IncidenceStep, SurvivalInterval } from "@dure/statistics";
import type { AnalysisRefusal } from "./analysis.ts";
import type { ReportedCount } from "./result.ts";

export type IncidenceGroup = {
  /** Value of each variable with the role group; empty where the study has none. */
  readonly group: { readonly [variable: string]: boolean | string | number };
  readonly n: number;
  /** In the order of the analysis' causes. */
  readonly causes: readonly IncidenceOfCause[];
  readonly numbersAtRisk: readonly { readonly time: number; readonly atRisk: number }[];
  /** The curves are known until here; where all have had an event they stay. */
  readonly followedDays: number;
};

export type IncidenceOfCause = {
  readonly cause: string;
  /** Up to the horizon. */
  readonly events: number;
  /** At the times that the study names, as far as this group was followed. */
  readonly at: readonly IncidenceAtTime[];
  readonly curve: readonly IncidenceStep[];
};

export type IncidenceAtTime = IncidenceAt & {
  readonly time: number;
  /** Followed until just before this time; where bins are merged, until just before the interval in which it lies. */
  readonly atRisk: number;
  /** Where bins are merged: the day on which the curves last moved. */
  readonly lastStep?: number;
};

export type CumulativeIncidenceAnalysis = {
  readonly kind: "cumulative-incidence";
  readonly n: number;
  /** Of any cause, up to the horizon; later ones count as follow-up without an event. */
  readonly events: number;
  readonly excluded: readonly ({ readonly reason: string } & ReportedCount)[];
  readonly outcome: "estimated" | "refused";
  readonly refusal?: AnalysisRefusal;
  readonly timeBinDays: number;
  readonly horizonDays: number;
  readonly intervals: SurvivalInterval;
  readonly causes: readonly string[];
  readonly groups: readonly IncidenceGroup[];
};

export type CumulativeIncidenceResult = { readonly analysis: CumulativeIncidenceAnalysis };
