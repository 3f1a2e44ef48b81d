/**
 * Weights that make two arms alike in what the propensity model knows, and how they change with its linear predictor.
 *
 *   e = P(treated | x) = 1 / (1 + exp(−η))
 *   ate: 1/e treated, 1/(1 − e) untreated: everybody;   att: 1 and e/(1 − e): those who were treated;
 *   ato: 1 − e and e: those who could have had either treatment ("overlap")
 *
 * Truncation at t sets propensities below t to t, and above 1 − t to 1 − t; such a weight no longer moves with η. Overlap weights never
 * exceed 1 and are not truncated.
 *
 * Source: Rosenbaum & Rubin 1983, Biometrika 70:41; Robins, Hernán & Brumback 2000, Epidemiology 11:550 (stabilised); Cole & Hernán 2008,
 * Am J Epidemiol 168:656 (truncated); Li, Morgan & Zaslavsky 2018, J Am Stat Assoc 113:390 (overlap).
 */

export type Estimand = "ate" | "att" | "ato";

export interface WeightForm {
  readonly estimand: Estimand;
  /** From 0 (none) to below ½. */
  readonly truncation: number;
  /** What the weights of the untreated and the treated are multiplied by, so that they keep to about 1; changes no arm's mean. */
  readonly shares: readonly [number, number];
}

export interface RowWeights {
  readonly weight: Float64Array;
  /** d weight / dη. */
  readonly slope: Float64Array;
}

/**
 * @param treated 0 or 1 by row
 * @param eta     linear predictor of treatment by row, finite
 * Numerics: exp(±η) directly, so that no 1 − e cancels. O(n).
 */
export function balancingWeights(treated: Float64Array, eta: Float64Array, form: WeightForm): RowWeights {
  const { estimand, truncation, shares } = form;
  const etaMax = truncation > 0 && estimand !== "ato" ? Math.log1p(-truncation) - Math.log(truncation) : Number.POSITIVE_INFINITY;
  const weight = new Float64Array(eta.length);
  const slope = new Float64Array(eta.length);
  for (let i = 0; i < eta.length; i++) {
    const own = eta[i] ?? Number.NaN;
    const h = Math.max(-etaMax, Math.min(etaMax, own));
    const arm = treated[i] === 1 ? 1 : 0;
    const [value, change] = weightOf(estimand, arm, h);
    weight[i] = shares[arm] * value;
    slope[i] = h === own ? shares[arm] * change : 0;
  }
  return { weight, slope };
}

function weightOf(estimand: Estimand, arm: 0 | 1, eta: number): readonly [weight: number, slope: number] {
  const odds = Math.exp(arm === 1 ? -eta : eta);
  const sign = arm === 1 ? -1 : 1;
  if (estimand === "ate") return [1 + odds, sign * odds];
  if (estimand === "att") return arm === 1 ? [1, 0] : [odds, odds];
  // The other arm's probability, odds / (1 + odds); its slope is e (1 − e).
  const other = odds / (1 + odds);
  return [other, sign * (other / (1 + odds))];
}
