/** The public state of an analysis whose missing values are filled in, between two sums. JSON values throughout. */

import type { JsonValue } from "@dure/kernel";
import type { MultipleState } from "./multiple-state.ts";

/** By feature, in the order of the document. */
export type MissingCounts = {
  /** Rows, and below cases among them. */
  readonly n: number;
  readonly cases: number;
  /** Training hospitals, for an analysis that begins with their names. */
  readonly sites: readonly string[];
  readonly missing: readonly number[];
  /** Packed: rows that lack both of two. */
  readonly together: readonly number[];
  /** Rows at each level of the variables that have levels, one behind the other. */
  readonly levels: readonly number[];
  /** Hospitals without a value of it. */
  readonly hospitalsWithout: readonly number[];
  /** Most frequent level of a variable with levels; null of a number. */
  readonly modes: readonly (number | null)[];
  /** Variables with a column that says where a value was put in; and why those that are filled in have none. */
  readonly indicators: readonly string[];
  readonly withoutIndicator: readonly {
    readonly variable: string;
    readonly why: "too-few-rows" | "one-hospital" | "same-rows-as-another";
  }[];
};

/** By feature: what stands where a value is missing; null of a variable that is never missing. */
export type Fill = readonly (number | null)[];

export type MissingState =
  | { readonly phase: "missing"; readonly sites: readonly string[] }
  | { readonly phase: "fill"; readonly counts: MissingCounts }
  | { readonly phase: "analysis"; readonly counts: MissingCounts; readonly fill: Fill; readonly inner: JsonValue }
  | MultipleState;

export type MissingPhase<Phase extends MissingState["phase"]> = Extract<MissingState, { phase: Phase }>;
