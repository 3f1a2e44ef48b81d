/** The part of result.json that a Kaplan-Meier analysis writes. Type aliases: each is a JSON value. */

import type { LogRankTest, MedianSurvival, RestrictedMean, SurvivalInterval, SurvivalStep } from "@dure/statistics";
import type { AnalysisRefusal } from "./analysis.ts";
import type { ReportedCount } from "./result.ts";

export type SurvivalGroup = {
  /** Value of each variable with the role group; empty where the study has none. */
  readonly group: { readonly [variable: string]: boolean | string | number };
  readonly n: number;
  /** Up to the horizon. */
  readonly events: number;
  readonly median: MedianSurvival;
  /** At the times that the study names, as far as this group was followed. */
  readonly at: readonly SurvivalAtTime[];
  /** Only where the study asks for it and the group was followed so long. */
  readonly restrictedMean?: RestrictedMean & { readonly untilDays: number };
  readonly numbersAtRisk: readonly { readonly time: number; readonly atRisk: number }[];
  /** The curve is known until here; where S is 0 it stays there. */
  readonly followedDays: number;
  readonly curve: readonly SurvivalStep[];
};

export type SurvivalAtTime = {
  readonly time: number;
  readonly survival: number;
  readonly standardError?: number;
  readonly ci95?: readonly [number, number];
  /** Followed until just before this time; where bins are merged, until just before the interval in which it lies. */
  readonly atRisk: number;
  /** Where bins are merged: the day on which the curve last moved; events after it are told with the next step. */
  readonly lastStep?: number;
};

export type KaplanMeierAnalysis = {
  readonly kind: "kaplan-meier";
  readonly n: number;
  /** Up to the horizon; later ones count as follow-up without an event. */
  readonly events: number;
  readonly excluded: readonly ({ readonly reason: string } & ReportedCount)[];
  readonly outcome: "estimated" | "refused";
  readonly refusal?: AnalysisRefusal;
  readonly timeBinDays: number;
  readonly horizonDays: number;
  readonly intervals: SurvivalInterval;
  readonly groups: readonly SurvivalGroup[];
  /** `strata`: groups were compared within each hospital. */
  readonly test?: LogRankTest & { readonly strata?: "site" };
};

export type KaplanMeierResult = { readonly analysis: KaplanMeierAnalysis };
