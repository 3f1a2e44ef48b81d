/**
 * What Newton's method has to know of a logistic likelihood; see newton.ts.
 *
 * A log-likelihood above −log 2 says that every row's −log p is below log 2, so that every row is on its own side: the classes *are* split.
 * From |η| = 10 on a step may lengthen the coefficients by at most a fifth, so that no row passes 30, where the gate refuses, before
 * separation is seen. Column 0 is the intercept.
 */

import { absorbNewton, type LikelihoodSums, type NewtonRules, type NewtonRunning, type NewtonState } from "./newton.ts";

export const logisticRules: NewtonRules = {
  hasIntercept: true,
  separatedAbove: -Math.LN2,
  stepLengthMax: Number.POSITIVE_INFINITY,
  lengtheningShareMax: 0.2,
  convergence: "quadratic",
};

/** `absorbNewton` by those rules. */
export const absorbLogistic = (state: NewtonRunning, sums: LikelihoodSums, basis?: readonly number[]): NewtonState =>
  absorbNewton(state, sums, { rules: logisticRules, ...(basis === undefined ? {} : { basis }) });
