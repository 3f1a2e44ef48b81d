/** The public state of a description between two sums. JSON values throughout: stored, hashed, and rebuilt by every site. */

import type { Bracket } from "@dure/statistics";

/** What the first sum told. */
export type DescribeCounts = {
  /** By group level. */
  readonly rows: readonly number[];
  readonly excluded: readonly number[];
  /** By column, group and level; of a number one level: has a value. */
  readonly cells: readonly (readonly (readonly number[])[])[];
  /** What of each number is opened: by group, of all patients together, or nothing. */
  readonly opened: readonly ("groups" | "total" | "nothing")[];
};

/** A number of one group, or of all patients (`group` null), whose values are summed. */
export type SummedPart = { readonly column: number; readonly group: number | null; readonly n: number };

export type Moments = SummedPart & { readonly mean: number; readonly standardDeviation: number };

/** A bracket in which some of a part's quartiles lie; `part` counts the moments. */
export type Search = { readonly part: number; readonly ranks: readonly number[]; readonly low: number; readonly high: number };

export type FoundRank = { readonly part: number; readonly rank: number; readonly bracket: Bracket };

export type DescribeState =
  | { readonly phase: "counts" }
  | { readonly phase: "moments"; readonly counts: DescribeCounts }
  | {
      readonly phase: "centred";
      readonly counts: DescribeCounts;
      readonly centres: readonly { readonly mean: number; readonly scale: number }[];
    }
  | {
      readonly phase: "quartiles";
      readonly counts: DescribeCounts;
      readonly moments: readonly Moments[];
      readonly searches: readonly Search[];
      readonly found: readonly FoundRank[];
    }
  | {
      readonly phase: "ranks";
      readonly counts: DescribeCounts;
      readonly moments: readonly Moments[];
      readonly found: readonly FoundRank[];
    };

export type PhaseState<Phase extends DescribeState["phase"]> = Extract<DescribeState, { readonly phase: Phase }>;
