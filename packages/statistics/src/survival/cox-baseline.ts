/** The baseline hazard of one stratum, and where it may be shown. */

import { coxLinearPredictor } from "./cox-likelihood.ts";
import { riskSets, type Ties } from "./cox-risk-sets.ts";
import type { CoxRows } from "./cox-rows.ts";

export interface BaselinePoint {
  readonly time: number;
  readonly cumulativeHazard: number;
  /** Events since the point before. */
  readonly eventCount: number;
}

/**
 * Cumulative hazard of a row whose columns are all 0, at each of some times: Breslow's estimate, with Efron's denominators where the fit
 * has them.
 *
 *   H₀(t) = Σ over event times u ≤ t of Σ_l 1 / (S₀(u) − (l/d) T₀(u))
 *
 * An interval between two times that holds fewer than `minimumCell` events is merged with the next: its time is left out, and so is
 * what stands behind the last interval that holds enough.
 *
 * @param at ascending
 * Numerics: O(n p).
 * Disclosure: a step between two neighbouring points rests on at least minimumCell events.
 * Source: Breslow 1974, Biometrics 30:89; Therneau & Grambsch 2000, section 10.2 (Efron).
 */
export function baselineHazardAt(
  rows: CoxRows,
  params: ArrayLike<number>,
  { ties, at, minimumCell }: { readonly ties: Ties; readonly at: readonly number[]; readonly minimumCell: number },
): readonly BaselinePoint[] {
  // Far from 0 the columns' own origin may overflow exp: hazards are taken against the mean predictor and moved back at the end.
  const eta = coxLinearPredictor(rows, params);
  const middle = eta.reduce((total, value) => total + value / Math.max(1, eta.length), 0);
  const risks = { eta, risk: eta.map((value) => Math.exp(value - middle)), isEvent: rows.events };
  const sets = riskSets(rows, risks, ties);
  const points: BaselinePoint[] = [];
  let hazard = 0;
  let eventCount = 0;
  let k = sets.count - 1;
  for (const time of at) {
    for (; k >= 0 && (rows.times[sets.from[k] ?? 0] ?? Number.NaN) <= time; k--) {
      hazard += sets.a[k] ?? 0;
      eventCount += sets.eventCounts[k] ?? 0;
    }
    if (eventCount < minimumCell) continue;
    points.push({ time, cumulativeHazard: hazard * Math.exp(-middle), eventCount });
    eventCount = 0;
  }
  return points;
}
