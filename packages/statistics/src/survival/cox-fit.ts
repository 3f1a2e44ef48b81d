/** Cox regression on rows that lie together, one part a stratum: the oracle of the federated fit in tests, and what benchmarks time. */

import { type CoxOptions, coxContribution } from "./cox-likelihood.ts";
import { absorbCox, addCoxContributions, beginCox, type CoxNewtonState } from "./cox-newton.ts";
import type { CoxRows } from "./cox-rows.ts";

/**
 * Maximum partial likelihood fit.
 *
 * @param strata one or more, of the same features, centred and on a scale near 1
 * Numerics: O(iterations × n p²); see cox-newton.ts for the stopping rule.
 */
export function fitCoxRegression(
  strata: readonly CoxRows[],
  options: Pick<CoxOptions, "ties">,
): Exclude<CoxNewtonState, { kind: "running" }> {
  let state: CoxNewtonState = beginCox(strata[0]?.featureCount ?? 0);
  while (state.kind === "running") {
    const { trial } = state;
    state = absorbCox(state, addCoxContributions(strata.map((rows) => coxContribution(rows, trial, options))));
  }
  return state;
}
