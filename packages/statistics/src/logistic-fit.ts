/** Logistic regression on rows that lie together: a hospital's own recalibration, and the oracle of the federated fit in tests. */

import { logit, sum } from "@dure/numerics";
import { type LogisticRows, logisticContribution } from "./logistic-likelihood.ts";
import { logisticRules } from "./logistic-newton.ts";
import { fitNewton, type NewtonConverged, type NewtonFailed } from "./newton.ts";

export type FittedLogistic = NewtonConverged | NewtonFailed | { readonly kind: "one-class" };

/**
 * Maximum likelihood fit of a logistic regression with intercept.
 *
 * @param rows features on a scale near 1 (standardise first): the rules for separation measure on it
 * @returns converged with coefficients (intercept first) and covariance, or why there is no fit
 * Numerics: O(iterations × n p²); see newton.ts for the stopping rule.
 */
export function fitLogisticRegression(rows: LogisticRows): FittedLogistic {
  const events = sum(rows.outcome.subarray(0, rows.rowCount));
  if (events === 0 || events === rows.rowCount) return { kind: "one-class" };
  const start = [logit(events / rows.rowCount), ...new Array<number>(rows.featureCount).fill(0)];
  return fitNewton(start, (params) => logisticContribution(rows, params), { rules: logisticRules });
}

/**
 * The intercept a of logit P(y = 1) = a + offset.
 *
 * @param offset shape (n,), finite
 * @returns undefined where the outcome has one class only
 * Numerics: Newton in one dimension on a strictly concave likelihood, steps of at most 1; O(n) a step.
 */
export function fitInterceptWithOffset(outcome: Float64Array, offset: Float64Array): number | undefined {
  const events = sum(outcome);
  if (events === 0 || events === outcome.length) return undefined;
  const rows: LogisticRows = { rowCount: outcome.length, features: offset, featureCount: 1, stride: outcome.length, outcome };
  let intercept = 0;
  for (let i = 0; i < 200; i++) {
    const { gradient, information } = logisticContribution(rows, [intercept, 1]);
    if (!((information[0] ?? 0) > 0)) return undefined; // every |η| is beyond 745
    const step = Math.max(-1, Math.min(1, (gradient[0] ?? 0) / (information[0] ?? 1)));
    intercept += step;
    if (Math.abs(step) < 1e-13 * Math.max(1, Math.abs(intercept))) return intercept;
  }
  return undefined;
}
