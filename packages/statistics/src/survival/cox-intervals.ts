/**
 * The Cox partial likelihood with one baseline hazard over all hospitals, on intervals of time that all agree on.
 *
 * A risk set reaches over hospitals here, so its logarithm does not add. What adds, by interval, are S₀ = Σ w and S₁ = Σ w x over those at
 * risk and T₀, T₁ over those with the event, w = exp(η). From their totals follow the log-likelihood and the score. The information needs
 * S₂ = Σ w x xᵀ, but not by interval: with A and B of the totals (see cox-risk-sets.ts) it is
 *
 *   Σ over intervals of (A S₂ − B T₂) − Σ_l a_l a_lᵀ,   and   Σ (A S₂ − B T₂) = Σ over rows of v x xᵀ,   v = w (Σ A while at risk − B at its event)
 *
 * so a second sum of p (p + 1)/2 entries, in which each hospital weighs its own rows by the totals' A and B, completes it exactly. So a step
 * takes two sums: intervals × (1 + p), twice for Efron's ties, and p (p + 1)/2.
 *
 * Source: as in cox-risk-sets.ts and cox-likelihood.ts.
 */

import { CompensatedSum, packedIndex, packedLength } from "@dure/numerics";
import { influence, sumRows } from "./cox-likelihood.ts";
import { type DenominatorSums, denominatorsInto, type Ties } from "./cox-risk-sets.ts";

/** Rows placed on intervals 0, 1, …: at risk in those after `entered` up to and with `left`. */
export interface IntervalRows {
  readonly rowCount: number;
  /** Column-major: feature j of row i at j × rowCount + i. */
  readonly features: Float64Array;
  readonly featureCount: number;
  /** 1 = event in the interval `left`. */
  readonly events: Uint8Array;
  /** −1: at risk from the first on. */
  readonly entered: Int32Array;
  /** At most `entered`: never at risk, and then without an event. */
  readonly left: Int32Array;
  readonly persons?: Uint32Array;
}

export interface IntervalRiskSums {
  /** Shape (intervals,): Σ w over those at risk. */
  readonly riskWeights: Float64Array;
  /** Shape (intervals × p,), by interval: Σ w x over those at risk. */
  readonly riskSums: Float64Array;
  /** The same over those with the event; for Efron's ties. */
  readonly tiedWeights: Float64Array;
  readonly tiedSums: Float64Array;
  /** Shape (p,): Σ x over events. */
  readonly eventSums: Float64Array;
}

export interface IntervalOptions {
  readonly intervalCount: number;
  /** w = exp(η − shift): keeps sums within a bound. */
  readonly shift: number;
}

/** |η| is cut here, where the gate refuses: the bound of the sums is derived with it. */
const ETA_MAX = 30;

/**
 * One hospital's share of the sums at given coefficients.
 *
 * Numerics: O(n p + intervals × p). Where rows enter late they are taken off as the doubles that they were added as, compensated.
 * Disclosure: neighbouring intervals differ by whoever came or left between them: merge them until those are enough.
 */
export function intervalRiskSums(rows: IntervalRows, params: ArrayLike<number>, { intervalCount, shift }: IntervalOptions) {
  const risks = intervalRisks(rows, params, shift);
  const { featureCount: p, rowCount, features, events } = rows;
  const riskSums = new Float64Array(intervalCount * p);
  const tiedSums = new Float64Array(intervalCount * p);
  const eventSums = new Float64Array(p);
  const values = new Float64Array(rowCount);
  for (let j = 0; j < p; j++) {
    const total = new CompensatedSum();
    for (let i = 0; i < rowCount; i++) {
      const x = features[j * rowCount + i] ?? 0;
      values[i] = (risks.risk[i] ?? 0) * x;
      if (events[i] === 1) total.add(x);
    }
    eventSums[j] = total.value;
    const column = sumByInterval(rows, values, intervalCount);
    for (let k = 0; k < intervalCount; k++) {
      riskSums[k * p + j] = column.atRisk[k] ?? 0;
      tiedSums[k * p + j] = column.tied[k] ?? 0;
    }
  }
  const { atRisk, tied } = sumByInterval(rows, risks.risk, intervalCount);
  const sums: IntervalRiskSums = { riskWeights: atRisk, riskSums, tiedWeights: tied, tiedSums, eventSums };
  return { sums, ...influence({ ...risks, isEvent: events }, rows.persons, undefined) };
}

/** exp(η − shift) by row; 0 of rows that are never at risk. */
function intervalRisks({ rowCount, features, entered, left }: IntervalRows, params: ArrayLike<number>, shift: number) {
  const eta = new Float64Array(rowCount);
  for (let j = 0; j < params.length; j++) {
    const slope = params[j] ?? 0;
    for (let i = 0; i < rowCount; i++) eta[i] = (eta[i] ?? 0) + slope * (features[j * rowCount + i] ?? 0);
  }
  if (!eta.every(Number.isFinite)) throw new RangeError("a linear predictor is not finite");
  const risk = eta.map((value, i) =>
    (left[i] ?? -1) > (entered[i] ?? -1) ? Math.exp(Math.max(-ETA_MAX, Math.min(ETA_MAX, value)) - shift) : 0,
  );
  return { eta, risk };
}

function sumByInterval({ rowCount, events, entered, left }: IntervalRows, values: Float64Array, intervalCount: number) {
  const [leaving, entering, tied] = [0, 1, 2].map(() => new Float64Array(intervalCount)) as [Float64Array, Float64Array, Float64Array]; // three of three
  let isLate = false;
  for (let i = 0; i < rowCount; i++) {
    const [last, before, value] = [left[i] ?? -1, entered[i] ?? -1, values[i] ?? 0];
    if (last <= before) continue;
    leaving[last] = (leaving[last] ?? 0) + value;
    if (events[i] === 1) tied[last] = (tied[last] ?? 0) + value;
    if (before < 0) continue;
    entering[before] = (entering[before] ?? 0) + value;
    isLate = true;
  }
  const total = new CompensatedSum();
  const atRisk = new Float64Array(intervalCount);
  for (let k = intervalCount - 1; k >= 0; k--) {
    total.add(leaving[k] ?? 0);
    if (isLate) total.add(-(entering[k] ?? 0));
    atRisk[k] = total.value;
  }
  return { atRisk, tied };
}

/** What follows from the totals over all hospitals. JSON but for the arrays. */
export interface IntervalRisk {
  /** Shape (intervals,): the increments of the baseline hazard, for exp(η − shift); and Efron's B. */
  readonly a: Float64Array;
  readonly b: Float64Array;
  /** Σ over events and denominators of log D. */
  readonly logDenominators: number;
  /** By power 0, 1, 2 of g: Σ g^power Σ_l a_l, shape (p,), and Σ g^power Σ_l a_l a_lᵀ, packed. */
  readonly means: readonly Float64Array[];
  readonly products: readonly Float64Array[];
}

/**
 * @param eventCounts by interval, at least 1
 * @param weights     g by interval, for the test of proportional hazards; ≥ 0
 * Fails: RangeError where a denominator is not above 0: those are no sums of weights.
 * Numerics: O(intervals × p² + events).
 */
export function intervalRisk(
  sums: Omit<IntervalRiskSums, "eventSums">,
  { ties, eventCounts, weights }: { readonly ties: Ties; readonly eventCounts: readonly number[]; readonly weights: readonly number[] },
): IntervalRisk {
  const count = eventCounts.length;
  const p = sums.riskSums.length / count;
  const make = (): Float64Array => new Float64Array(count);
  const sets: DenominatorSums = { a: make(), b: make(), alpha: make(), beta: make(), gamma: make() };
  const logs = new CompensatedSum();
  const means = [0, 1, 2].map(() => new Float64Array(p));
  const products = [0, 1, 2].map(() => new Float64Array(packedLength(p)));
  for (const [k, eventCount] of eventCounts.entries()) {
    const [atRisk, tied] = [sums.riskWeights[k] ?? 0, ties === "efron" ? (sums.tiedWeights[k] ?? 0) : 0];
    const log = denominatorsInto(sets, k, { atRisk, tied, eventCount });
    if (!Number.isFinite(log)) throw new RangeError(`interval ${k} has no weight at risk`);
    logs.add(log);
    for (const power of [0, 1, 2])
      addMeans({ means: means[power], products: products[power] }, { sums, sets, k, scale: (weights[k] ?? 0) ** power });
  }
  return { a: sets.a, b: sets.b, logDenominators: logs.value, means, products };
}

interface OneInterval {
  readonly sums: Omit<IntervalRiskSums, "eventSums">;
  readonly sets: DenominatorSums;
  readonly k: number;
  readonly scale: number;
}

/** Σ_l a_l = A S₁ − B T₁;  Σ_l a_l a_lᵀ = α S₁S₁ᵀ − β (S₁T₁ᵀ + T₁S₁ᵀ) + γ T₁T₁ᵀ. */
function addMeans(
  {
    means = new Float64Array(),
    products = new Float64Array(),
  }: { readonly means: Float64Array | undefined; readonly products: Float64Array | undefined },
  { sums, sets, k, scale }: OneInterval,
): void {
  const p = means.length;
  const of = (name: keyof DenominatorSums): number => scale * (sets[name][k] ?? 0);
  const [a, b, alpha, beta, gamma] = [of("a"), of("b"), of("alpha"), of("beta"), of("gamma")];
  for (let i = 0; i < p; i++) {
    const [s, t] = [sums.riskSums[k * p + i] ?? 0, sums.tiedSums[k * p + i] ?? 0];
    means[i] = (means[i] ?? 0) + a * s - b * t;
    for (let j = i; j < p; j++) {
      const [s2, t2] = [sums.riskSums[k * p + j] ?? 0, sums.tiedSums[k * p + j] ?? 0];
      const cell = packedIndex(p, i, j);
      products[cell] = (products[cell] ?? 0) + alpha * s * s2 - beta * (s * t2 + t * s2) + gamma * t * t2;
    }
  }
}

/**
 * One hospital's Σ v x xᵀ, packed, with v from the totals' A and B; and Σ δ g x over its events.
 *
 * @param weights g by interval; the sums are of g A and g B
 * Numerics: O(n p²).
 */
export function intervalSpread(
  rows: IntervalRows,
  params: ArrayLike<number>,
  {
    a,
    b,
    shift,
    weights,
  }: { readonly a: ArrayLike<number>; readonly b: ArrayLike<number>; readonly shift: number; readonly weights: ArrayLike<number> },
): { readonly eventSums: Float64Array; readonly products: Float64Array } {
  const { risk } = intervalRisks(rows, params, shift);
  const hazards = new Float64Array(a.length + 1); // Σ A over the intervals before
  for (let k = 0; k < a.length; k++) hazards[k + 1] = (hazards[k] ?? 0) + (weights[k] ?? 0) * (a[k] ?? 0);
  const ofEvents = new Float64Array(rows.rowCount);
  const v = risk.map((weight, i) => {
    const [before, last] = [rows.entered[i] ?? -1, rows.left[i] ?? -1];
    if (last <= before) return 0;
    const ofEvent = rows.events[i] === 1 ? (weights[last] ?? 0) : 0;
    ofEvents[i] = ofEvent;
    return weight * ((hazards[last + 1] ?? 0) - (hazards[before + 1] ?? 0) - ofEvent * (b[last] ?? 0));
  });
  // Σ (δ − v) x with δ = events + v is that over events.
  const { products, gradient: eventSums } = sumRows(
    rows,
    ofEvents.map((weight, i) => weight + (v[i] ?? 0)),
    v,
  );
  return { products, eventSums };
}
