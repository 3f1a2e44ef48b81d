/**
 * What rows that enter late change in the sums over risk sets: a row (entry, time] is in the risk sets after its entry only.
 *
 * A risk set's sum is that of all rows up to its time, less that of those which enter at or after it. Where most of the rows have come and
 * gone, that is a small difference of large sums: it is compensated, and every term is taken off as the double that it was added as.
 *
 * Source: Andersen & Gill 1982, Ann Stat 10:1100 (counting processes); Therneau & Grambsch 2000, section 3.7.
 */

import { BLOCK_ROWS } from "@dure/numerics/kernels";
import type { RiskSets, RowRisks } from "./cox-risk-sets.ts";
import type { CoxRows } from "./cox-rows.ts";

/** Takes Σ A over the event times before each row's entry off its weight again. O(n). */
export function takeOffBeforeEntry(weights: Float64Array, { risk }: RowRisks, sets: RiskSets, byEntry: Uint32Array): void {
  let hazard = 0;
  let k = sets.count - 1;
  for (let place = byEntry.length - 1; place >= 0; place--) {
    // Set k is not after this row's entry exactly where the row is not yet at risk in it.
    for (; k >= 0 && place < (sets.notYet?.[k] ?? 0); k--) hazard += sets.a[k] ?? 0;
    const row = byEntry[place] ?? 0;
    weights[row] = (weights[row] ?? 0) - (risk[row] ?? 0) * hazard;
  }
}

export interface LateColumn {
  readonly rows: CoxRows;
  readonly risks: RowRisks;
  readonly sets: RiskSets;
  readonly firstSet: number;
  readonly nextSet: number;
  /** S₁ of the column after the set before the first. */
  readonly atRisk: number;
}

/** As the column of means where all are at risk from the start, with those not yet entered taken off. Returns S₁ after the last event time. */
export function lateColumnMeansInto(columns: Float64Array, j: number, request: LateColumn): number {
  const { rows, risks, sets, firstSet, nextSet } = request;
  const { features, rowCount, byEntry } = rows;
  const base = j * rowCount;
  let [sum, lost] = [request.atRisk, 0];
  const add = (value: number): void => {
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  };
  const product = (row: number): number => (risks.risk[row] ?? 0) * (features[base + row] ?? 0);
  let line = j * BLOCK_ROWS;
  let row = firstSet === 0 ? 0 : (sets.to[firstSet - 1] ?? 0);
  let entering = firstSet === 0 ? 0 : (sets.notYet?.[firstSet - 1] ?? 0);
  for (let k = firstSet; k < nextSet; k++) {
    const [from, to, notYet] = [sets.from[k] ?? 0, sets.to[k] ?? 0, sets.notYet?.[k] ?? 0];
    let tied = 0;
    for (; row < to; row++) {
      const value = product(row);
      add(value);
      if (row >= from) tied += (risks.isEvent[row] ?? 0) * value;
    }
    for (; entering < notYet; entering++) add(-product(byEntry?.[entering] ?? 0));
    const [alpha, beta, gamma] = [sets.alpha[k] ?? 0, sets.beta[k] ?? 0, sets.gamma[k] ?? 0];
    columns[line++] = Math.sqrt(alpha) * (sum + lost - (beta / alpha) * tied);
    if (gamma > 0) columns[line++] = Math.sqrt(Math.max(0, gamma - (beta * beta) / alpha)) * tied;
  }
  return sum + lost;
}
