/**
 * Standardised differences between two groups: how far apart they are, in standard deviations, whatever their size.
 *
 * Source: Austin 2009, Stat Med 28:3083 (numbers, shares); Yang & Dalton 2012, SAS Global Forum paper 335 (categories).
 */

import { factorCholesky, packedIndex, packedLength, solveCholesky } from "@dure/numerics";

export interface MeanAndSpread {
  readonly mean: number;
  readonly standardDeviation: number;
}

/** (m₁ − m₂) / √((s₁² + s₂²) / 2); undefined where neither group varies. */
export function standardisedMeanDifference(first: MeanAndSpread, second: MeanAndSpread): number | undefined {
  const spread = Math.sqrt((first.standardDeviation ** 2 + second.standardDeviation ** 2) / 2);
  return spread > 0 ? (first.mean - second.mean) / spread : undefined;
}

/**
 * Of a category's levels. Two levels: (p₁ − p₂) / √((p₁(1 − p₁) + p₂(1 − p₂)) / 2) for the last level, with its sign. More levels: the
 * Mahalanobis distance √((p₁ − p₂)ᵀ S⁻¹ (p₁ − p₂)) over all but the first, S the mean of both multinomial covariances, never negative.
 *
 * @param first, second patients by level, equally many levels, each group with at least one patient
 * @returns undefined where S cannot be inverted, such as a level that is everybody's
 * Levels that nobody has are left out: they would make S singular and say nothing.
 */
export function standardisedLevelDifference(first: readonly number[], second: readonly number[]): number | undefined {
  const held = first.map((_, level) => level).filter((level) => (first[level] ?? 0) + (second[level] ?? 0) > 0);
  const [p, q] = [first, second].map((counts) => sharesOf(held.map((level) => counts[level] ?? 0)));
  if (p === undefined || q === undefined || held.length < 2) return undefined;
  const order = held.length - 1;
  const packed = new Float64Array(packedLength(order));
  for (let i = 0; i < order; i++) {
    for (let j = i; j < order; j++) packed[packedIndex(order, i, j)] = (covariance(p, i, j) + covariance(q, i, j)) / 2;
  }
  const difference = p.slice(1).map((share, i) => share - (q[i + 1] ?? 0));
  const factored = factorCholesky(packed, order);
  if (factored.kind === "dependent") return undefined;
  const solved = solveCholesky(factored, difference);
  const square = difference.reduce((total, value, i) => total + value * (solved[i] ?? 0), 0);
  const distance = Math.sqrt(Math.max(0, square));
  return order === 1 && (difference[0] ?? 0) < 0 ? -distance : distance;
}

function sharesOf(counts: readonly number[]): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / total);
}

/** Of the levels behind the first. */
function covariance(shares: readonly number[], i: number, j: number): number {
  const [a, b] = [shares[i + 1] ?? 0, shares[j + 1] ?? 0];
  return i === j ? a * (1 - a) : -a * b;
}
