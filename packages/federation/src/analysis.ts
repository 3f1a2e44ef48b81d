/** The two halves of an analysis: a study is a sequence of sums. */

import type { JsonValue } from "@dure/kernel";
import type { Contribution, Sum, SumLayout } from "@dure/privacy";
import type { RefusalCode } from "./refusal-codes.ts";

/** Why a study ended without a model; every reason follows from sums, so every site finds the same. A JSON value. */
export type AnalysisRefusal = {
  readonly code: RefusalCode;
  readonly columns: readonly string[];
};

export type Absorbed<State, Result> =
  | { readonly kind: "continue"; readonly state: State }
  | { readonly kind: "done"; readonly result: Result }
  | { readonly kind: "refused"; readonly refusal: AnalysisRefusal };

/** Pure: sees the sum only. Every site re-runs `absorb` and refuses a state that does not follow from the last sum. */
export interface CoordinatorPart<State extends JsonValue, Result extends JsonValue> {
  /** An exact analysis keeps the contributors of its first sum. */
  readonly exact: boolean;
  begin(siteIds: readonly string[]): State;
  layout(state: State): SumLayout;
  absorb(state: State, sum: Sum): Absorbed<State, Result>;
}

/** The only half that sees rows. No effects. One vector per layout entry. `Table` is records' AnalysisTable at a site. */
export interface SitePart<State extends JsonValue, Table> {
  contribute(state: State, table: Table): Contribution | Promise<Contribution>;
}
