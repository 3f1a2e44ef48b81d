/**
 * Do hazard ratios stay the same over time? The score test of adding x · g(t) to the model, at the fitted coefficients and γ = 0.
 *
 *   u = Σ over events g(t) (x − x̄(t)),  I₁₂ = Σ g(t) V(t),  I₂₂ = Σ g(t)² V(t),  χ² = uᵀ (I₂₂ − I₂₁ I₁₁⁻¹ I₁₂)⁻¹ u
 *
 * with x̄(t) and V(t) the weighted mean and covariance in the risk set, ties as in the fit, and g(t) = t: unlike a transform by ranks or
 * by the survival curve it asks nothing of other hospitals' rows, so u, I₁₂ and I₂₂ are sums over strata. A constant added to g changes
 * nothing, because x itself is in the model; a factor neither.
 *
 * Source: Grambsch & Therneau 1994, Biometrika 81:515; the exact score form as in R's survival from 3.0 on, `cox.zph(transform =
 * "identity")`.
 */

import { chiSquaredUpperTail, factorCholesky, invertCholesky, packedIndex, packedLength, quadraticForm } from "@dure/numerics";
import { rowRisks, rowWeights, sumRiskSetMeans, sumRows } from "./cox-likelihood.ts";
import { type RiskSets, riskSets, type Ties } from "./cox-risk-sets.ts";
import type { CoxRows } from "./cox-rows.ts";

/** Mergeable: sums over strata. */
export interface TimeInteraction {
  /** u, shape (p,). */
  readonly score: Float64Array;
  /** I₁₂, packed. */
  readonly cross: Float64Array;
  /** I₂₂, packed. */
  readonly squared: Float64Array;
}

/**
 * @param timeUnit g(t) = t / timeUnit; > 0, equal in all strata
 * Numerics: O(n p + (n + event times) p²), two passes.
 */
export function timeInteraction(
  rows: CoxRows,
  params: ArrayLike<number>,
  { ties, timeUnit }: { readonly ties: Ties; readonly timeUnit: number },
): TimeInteraction {
  const risks = rowRisks(rows, params, undefined);
  const sets = riskSets(rows, risks, ties);
  const byTime = (power: number) => {
    const g = rows.times.map((time) => (time / timeUnit) ** power);
    const scaled = scaleSets(sets, g);
    const eventWeight = g.map((value, i) => value * (rows.events[i] ?? 0));
    // At its own event a row's share B is weighted by that event's g, which `scaled` has already; δ by the same.
    const { gradient, products } = sumRows(rows, eventWeight, rowWeights(rows, risks, scaled));
    const means = sumRiskSetMeans(rows, risks, scaled);
    return { gradient, information: products.map((value, cell) => value - (means[cell] ?? 0)) };
  };
  const once = byTime(1);
  return { score: once.gradient, cross: once.information, squared: byTime(2).information };
}

/** Every risk set's sums times g at its time; g ≥ 0. */
function scaleSets(sets: RiskSets, g: Float64Array): RiskSets {
  const times = (values: Float64Array): Float64Array => values.map((value, k) => value * (g[sets.from[k] ?? 0] ?? 0));
  return { ...sets, a: times(sets.a), b: times(sets.b), alpha: times(sets.alpha), beta: times(sets.beta), gamma: times(sets.gamma) };
}

export interface ScoreTest {
  readonly chisq: number;
  readonly df: number;
  readonly p: number;
}

/**
 * The tests from the strata's sums together.
 *
 * @param information I₁₁ at the fit, packed
 * @returns by column and of all together; undefined where time does not vary over the events, so that there is nothing to test
 * Numerics: O(p³).
 */
export function proportionalHazardsTest(
  information: ArrayLike<number>,
  { score, cross, squared }: { readonly [Sum in keyof TimeInteraction]: ArrayLike<number> },
): { readonly columns: readonly ScoreTest[]; readonly global: ScoreTest } | undefined {
  const order = score.length;
  const factored = factorCholesky(information, order);
  if (factored.kind === "dependent") return undefined;
  const adjusted = schurComplement(squared, cross, invertCholesky(factored));
  // Where all events are at one time, x · g is x itself and what is left of I₂₂ is rounding.
  const isVarying = (j: number): boolean => at(adjusted, packedIndex(order, j, j)) > 1e-9 * at(squared, packedIndex(order, j, j));
  const complement = factorCholesky(adjusted, order);
  if (complement.kind === "dependent" || !Array.from(score, (_, j) => j).every(isVarying)) return undefined;
  const columns = Array.from(score, (value, j) => chiSquared(value ** 2 / at(adjusted, packedIndex(order, j, j)), 1));
  return { columns, global: chiSquared(quadraticForm(invertCholesky(complement), score), order) };
}

const chiSquared = (chisq: number, df: number): ScoreTest => ({ chisq, df, p: chiSquaredUpperTail(chisq, df) });

/** C − B A⁻¹ B for packed symmetric matrices. */
function schurComplement(c: ArrayLike<number>, b: ArrayLike<number>, inverse: ArrayLike<number>): Float64Array {
  const order = Math.round((Math.sqrt(8 * c.length + 1) - 1) / 2);
  const cell = (packed: ArrayLike<number>, i: number, j: number): number =>
    at(packed, i <= j ? packedIndex(order, i, j) : packedIndex(order, j, i));
  const half = new Float64Array(order * order);
  for (let i = 0; i < order; i++) {
    for (let j = 0; j < order; j++) {
      for (let k = 0; k < order; k++) half[i * order + j] = at(half, i * order + j) + cell(b, i, k) * cell(inverse, k, j);
    }
  }
  const out = new Float64Array(packedLength(order));
  for (let i = 0; i < order; i++) {
    for (let j = i; j < order; j++) {
      let value = cell(c, i, j);
      for (let k = 0; k < order; k++) value -= at(half, i * order + k) * cell(b, k, j);
      out[packedIndex(order, i, j)] = value;
    }
  }
  return out;
}

const at = (values: ArrayLike<number>, index: number): number => values[index] ?? Number.NaN;
