/** The public state of incidence rates between their two sums. JSON values throughout: stored, hashed, and rebuilt by every site. */

/** By group and stratum, strata fastest. */
export type IncidenceCounts = {
  readonly patients: readonly number[];
  readonly events: readonly number[];
  readonly withEvent: readonly number[];
  readonly excluded: readonly number[];
};

export type IncidenceState =
  | { readonly phase: "counts" }
  /** `opens`: person-time of every group and stratum, or of every group only. */
  | { readonly phase: "time"; readonly counts: IncidenceCounts; readonly opens: "strata" | "groups" };

export type TimeState = Extract<IncidenceState, { readonly phase: "time" }>;
