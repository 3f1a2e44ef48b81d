/** The logistic function and its relatives in forms that neither overflow nor cancel. */

/**
 * 1 / (1 + exp(−η)). The plain form overflows to 0 or 1 with a needless loss for η < −709; the exponent here is never positive.
 *
 * @param eta any number but NaN
 */
export function logistic(eta: number): number {
  const e = Math.exp(-Math.abs(eta));
  return eta >= 0 ? 1 / (1 + e) : e / (1 + e);
}

/** log(1 + exp(η)) = max(η, 0) + log1p(exp(−|η|)): the plain form is ∞ from 710 on and 0 below −37. */
export const log1pExp = (eta: number): number => Math.max(eta, 0) + Math.log1p(Math.exp(-Math.abs(eta)));

/**
 * log(p / (1 − p)).
 *
 * @param p in (0, 1), else throws
 */
export function logit(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`probability is ${p}; it must lie between 0 and 1`);
  return Math.log(p) - Math.log1p(-p);
}
