/**
 * The shared model with this hospital taken out of it, judged on this hospital's patients.
 *
 * Fitting again without one hospital would need sums that differ from those of all by just that hospital's: whoever opens both has its
 * aggregate. So the hospital takes itself out, at home: one Newton step from the shared coefficients on the sums of the others, which are
 * the shared ones minus its own. At the shared fit the gradient of all is 0, so that of the others is minus its own:
 *
 *   β₋ₛ = β̂ − (V⁻¹ − Iₛ)⁻¹ gₛ,   V the shared covariance, Iₛ and gₛ this hospital's information and gradient at β̂
 *
 * A step is near the refit where the hospital is a small part of all, and the further away the larger its part.
 *
 * Source: Pregibon 1981, Ann Stat 9:705 (one-step deletion); Debray et al. 2015, J Clin Epidemiol 68:279 (why: internal-external validation).
 */

import { factorCholesky, invertCholesky, solveCholesky } from "@dure/numerics";
import { aucDeLong, type LogisticRows, linearPredictor, logisticContribution, recalibrate } from "@dure/statistics";
import type { WithoutSiteFigures } from "../../classifier-result.ts";
import type { FrozenModel } from "../../result.ts";

/**
 * @param rows the hospital's training rows on the columns' own units
 * @returns undefined where the others' information cannot be solved (this hospital alone carries a column) or a class is empty
 * Numerics: O(n p²).
 */
export function withoutSite(rows: LogisticRows, { coefficients, covariance }: FrozenModel): WithoutSiteFigures | undefined {
  if (covariance === undefined) return undefined;
  const order = coefficients.length;
  const own = logisticContribution(rows, coefficients);
  const shared = factorCholesky(covariance, order);
  if (shared.kind !== "factor") return undefined;
  const others = factorCholesky(
    invertCholesky(shared).map((value, cell) => value - (own.information[cell] ?? 0)),
    order,
  );
  if (others.kind !== "factor") return undefined;
  const step = solveCholesky(others, own.gradient);
  const eta = linearPredictor(
    rows,
    coefficients.map((value, j) => value - (step[j] ?? 0)),
  );
  const area = aucDeLong(eta, rows.outcome);
  if (area === undefined) return undefined;
  const calibration = recalibrate(eta, rows.outcome);
  return {
    estimator: "one-step",
    auc: area.auc,
    ...(area.se === undefined ? {} : { aucSe: area.se }),
    ...(calibration === undefined ? {} : { calibration }),
  };
}
