/**
 * What Newton's method has to know of the Cox partial likelihood; see newton.ts.
 *
 * The log-likelihood is concave and the start is 0, where every row has the same hazard: the decrement there is the score test, and the
 * value the null likelihood. No step is longer than 2 on uncorrelated columns, so a row would have to lie 15 deviations out before one step
 * takes it past |η| = 30, where the gate refuses. There is no intercept.
 *
 * What ends as `separated` is a monotone likelihood: some direction of the columns orders the events perfectly, a level without events
 * being the common case (Heinze & Schemper 2001, Biometrics 57:114).
 */

import { quadraticForm } from "@dure/numerics";
import {
  absorbNewton,
  beginNewton,
  type LikelihoodSums,
  type NewtonConverged,
  type NewtonFailed,
  type NewtonRules,
  type NewtonRunning,
} from "../newton.ts";
import type { CoxContribution } from "./cox-likelihood.ts";

export type CoxConverged = Omit<NewtonConverged, "start"> & {
  readonly logLikelihoodNull: number;
  readonly scoreTest: number;
  readonly waldTest: number;
};

/** A JSON value. */
export type CoxNewtonState = NewtonRunning | CoxConverged | NewtonFailed;

const rules: NewtonRules = {
  hasIntercept: false,
  separatedAbove: 0,
  stepLengthMax: 2,
  lengtheningShareMax: Number.POSITIVE_INFINITY,
  convergence: "quadratic",
};

export const beginCox = (order: number): NewtonRunning => beginNewton(new Array<number>(order).fill(0));

/**
 * `absorbNewton` by those rules, and the three tests of all coefficients being 0 when it has converged. Iterations count as R's: steps.
 *
 * @param basis row-major p × p: coefficients of standardised columns = basis × params; without it the columns are those
 */
export function absorbCox(state: NewtonRunning, sums: LikelihoodSums, basis?: readonly number[]): CoxNewtonState {
  const next = absorbNewton(state, sums, { rules, ...(basis === undefined ? {} : { basis }) });
  if (next.kind !== "converged") return next;
  const { start, iterations, ...found } = next;
  return {
    ...found,
    logLikelihoodNull: start.logLikelihood,
    scoreTest: start.scoreTest,
    waldTest: quadraticForm(sums.information, found.params),
    iterations: iterations - 1,
  };
}

/** The sums of several strata together. */
export function addCoxContributions(parts: readonly CoxContribution[]): LikelihoodSums {
  const add = (a: ArrayLike<number>, b: ArrayLike<number>): ArrayLike<number> => Array.from(a, (value, i) => value + (b[i] ?? Number.NaN));
  const [first, ...rest] = parts;
  if (first === undefined) throw new RangeError("a fit needs at least one stratum");
  return rest.reduce<LikelihoodSums>(
    (total, part) => ({
      logLikelihood: total.logLikelihood + part.logLikelihood,
      gradient: add(total.gradient, part.gradient),
      information: add(total.information, part.information),
      extremeCounts: add(total.extremeCounts, part.extremeCounts),
    }),
    first,
  );
}
