/** What result.json says of values that were filled in, under `analysis.missing`. Type aliases: each is a JSON value. */

import type { ReportedCount } from "./result.ts";

export type MissingVariable = {
  readonly variable: string;
  readonly missing: ReportedCount;
  /** Of the rows of the analysis; absent where the count is suppressed. */
  readonly share?: number;
  /** Hospitals of whose patients none has a value; absent where there is none such. */
  readonly hospitalsWithout?: number;
  /** Single imputation, and in multiple imputation of a variable that too few rows lack: the mean, or the most frequent level. */
  readonly filledWith?: number | string | boolean;
  /** Single imputation: whether a column says where the value was put in. */
  readonly indicator?: "kept" | "too-few-rows" | "one-hospital" | "same-rows-as-another";
  /** Multiple imputation: the model that the values were drawn from. */
  readonly model?: "linear" | "logistic" | "nested-dichotomies";
};

/** Of one coefficient over the imputations, by Rubin's rules. */
export type PooledTerm = {
  readonly name: string;
  readonly withinVariance: number;
  readonly betweenVariance: number;
  /** Barnard and Rubin 1999. */
  readonly df: number;
  /** (B + B / m) / T. */
  readonly varianceShare: number;
  readonly fractionMissingInformation: number;
};

export type MissingValuesReport = {
  readonly method: "single-imputation" | "multiple-imputation";
  readonly variables: readonly MissingVariable[];
  readonly imputations?: number;
  readonly iterations?: number;
  readonly seed?: number;
  readonly terms?: readonly PooledTerm[];
};
