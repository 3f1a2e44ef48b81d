/** The part of result.json that a description of the patients writes. Type aliases: each is a JSON value. */

import type { ChiSquaredTest, FisherAnswer, RankTest, WelchTest } from "@dure/statistics";
import type { AnalysisRefusal } from "./analysis.ts";
import type { ReportedCount } from "./result.ts";

export type DescribedGroup = { readonly level: string; readonly n: number };

/**
 * The roundest number of an interval that holds at least the minimum cell of values, or the mixture of two such numbers that type 7 asks for.
 * The quantile itself lies within `tolerance` of it.
 */
export type QuantileEstimate = { readonly probability: number; readonly value: number; readonly tolerance: number };

export type NumberSummary = {
  /** Patients with a value, and without. A hidden count has neither `n` nor `lessThan` where it protects another. */
  readonly n: ReportedCount;
  readonly missing: ReportedCount;
  readonly mean?: number;
  /** n − 1 in the denominator. */
  readonly standardDeviation?: number;
  /** First quartile, median, third quartile. */
  readonly quartiles?: readonly QuantileEstimate[];
};

export type LevelsSummary = {
  readonly n: ReportedCount;
  readonly missing: ReportedCount;
  /** In the order of the variable's levels. */
  readonly counts: readonly ReportedCount[];
};

/** Of each group but the reference, against the reference. Left out where it has no value. */
export type StandardisedDifference = { readonly level: string; readonly value: number };

export type DescribedVariable =
  | {
      readonly variable: string;
      readonly kind: "number";
      readonly total: NumberSummary;
      /** In the order of the result's groups; empty without groups. */
      readonly groups: readonly NumberSummary[];
      /** Means and deviations are rounded to about a tenth of a deviation: exact ones would tell a hidden count. */
      readonly isRounded?: true;
      /** Too few patients differ in it, or one hospital alone has it, in some group or at all: no figures of each group, or of all. */
      readonly unsupported?: "by-group" | "at-all";
      readonly differences?: readonly StandardisedDifference[];
      readonly means?: WelchTest;
      /** Of values put into so many bins. */
      readonly ranks?: RankTest & { readonly binCount: number };
    }
  | {
      readonly variable: string;
      readonly kind: "boolean" | "category";
      readonly levels: readonly string[];
      readonly total: LevelsSummary;
      readonly groups: readonly LevelsSummary[];
      readonly differences?: readonly StandardisedDifference[];
      readonly chiSquared?: ChiSquaredTest;
      readonly fisher?: FisherAnswer;
    };

export type DescribeAnalysis = {
  readonly kind: "describe";
  readonly n: number;
  /** A description has no event. */
  readonly events?: never;
  readonly excluded: readonly ({ readonly reason: string } & ReportedCount)[];
  readonly outcome: "described" | "refused";
  readonly refusal?: AnalysisRefusal;
  /** The variable with the role group. */
  readonly group?: { readonly variable: string; readonly reference: string };
  /** Those that have patients; empty without a group variable. */
  readonly groups: readonly DescribedGroup[];
  readonly variables: readonly DescribedVariable[];
};

export type DescribeResult = { readonly analysis: DescribeAnalysis };
