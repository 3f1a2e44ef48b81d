/**
 * The log-rank test of several groups, from risk sets. Its three sums add up over strata and over hospitals: within strata they are those of
 * each one's own risk sets.
 */

import { chiSquaredUpperTail, factorCholesky, packedIndex, packedLength, solveCholesky } from "@dure/numerics";

/** Risk sets of one stratum at common times; vectors of all groups one behind the other, each `timeCount` long. */
export interface GroupedRiskSets {
  readonly groupCount: number;
  readonly timeCount: number;
  /** Shape (groups × times,). */
  readonly atRisk: ArrayLike<number>;
  /** Shape (groups × times,). */
  readonly events: ArrayLike<number>;
}

export interface LogRankSums {
  /** Shape (groups,): events. */
  readonly observed: Float64Array;
  /** Shape (groups,): Σ over times of d·n_g / n. */
  readonly expected: Float64Array;
  /** Packed upper triangle, groups × groups: covariance of observed − expected. */
  readonly covariance: Float64Array;
}

/** JSON. */
export type LogRankTest = {
  readonly kind: "log-rank";
  readonly chisq: number;
  readonly df: number;
  readonly p: number;
  /** By group. */
  readonly observed: readonly number[];
  readonly expected: readonly number[];
};

/**
 * Observed and expected events by group, with their hypergeometric covariance.
 *
 *   E_g = Σ d n_g / n;  V_gh = Σ d (n − d) / (n − 1) · n_g (δ_gh n − n_h) / n²     over times with n > 1; n, d over all groups
 *
 * Numerics: O(times × groups²). Disclosure: sums over all times.
 * Source: Mantel 1966, Cancer Chemother Rep 50:163; Peto & Peto 1972, J R Stat Soc A 135:185.
 */
export function logRankSums(sets: GroupedRiskSets): LogRankSums {
  const { groupCount, timeCount } = sets;
  const observed = new Float64Array(groupCount);
  const expected = new Float64Array(groupCount);
  const covariance = new Float64Array(packedLength(groupCount));
  const atRisk = new Float64Array(groupCount);
  for (let time = 0; time < timeCount; time++) {
    let n = 0;
    let d = 0;
    for (let group = 0; group < groupCount; group++) {
      const own = sets.atRisk[group * timeCount + time] ?? 0;
      const events = sets.events[group * timeCount + time] ?? 0;
      atRisk[group] = own;
      n += own;
      d += events;
      observed[group] = (observed[group] ?? 0) + events;
    }
    if (d > 0) addTime({ expected, covariance }, { atRisk, n, d });
  }
  return { observed, expected, covariance };
}

/**
 * χ² = (O − E)ᵀ V⁻ (O − E) with one group fewer than there are, on those that expect an event.
 *
 * @returns undefined where fewer than two groups expect an event, or where the covariance is singular: there is nothing to compare
 */
export function logRankTest({ observed, expected, covariance }: LogRankSums): LogRankTest | undefined {
  const groups = [...expected.keys()].filter((group) => (expected[group] ?? 0) > 0);
  const compared = groups.slice(1);
  const df = compared.length;
  if (df === 0) return undefined;
  const differences = Float64Array.from(compared, (group) => (observed[group] ?? 0) - (expected[group] ?? 0));
  const part = new Float64Array(packedLength(df));
  compared.forEach((group, i) => {
    for (let j = i; j < df; j++) part[packedIndex(df, i, j)] = covariance[packedIndex(expected.length, group, compared[j] ?? 0)] ?? 0;
  });
  const factored = factorCholesky(part, df);
  if (factored.kind === "dependent") return undefined;
  const solved = solveCholesky(factored, differences);
  const chisq = differences.reduce((total, difference, i) => total + difference * (solved[i] ?? 0), 0);
  return { kind: "log-rank", chisq, df, p: chiSquaredUpperTail(Math.max(0, chisq), df), observed: [...observed], expected: [...expected] };
}

interface Time {
  readonly atRisk: Float64Array;
  readonly n: number;
  readonly d: number;
}

function addTime({ expected, covariance }: Pick<LogRankSums, "expected" | "covariance">, { atRisk, n, d }: Time): void {
  const groupCount = expected.length;
  const spread = n > 1 ? (d * (n - d)) / (n - 1) : 0;
  for (let g = 0; g < groupCount; g++) {
    const share = (atRisk[g] ?? 0) / n;
    expected[g] = (expected[g] ?? 0) + d * share;
    for (let h = g; h < groupCount; h++) {
      const cell = packedIndex(groupCount, g, h);
      covariance[cell] = (covariance[cell] ?? 0) + spread * share * ((g === h ? 1 : 0) - (atRisk[h] ?? 0) / n);
    }
  }
}
