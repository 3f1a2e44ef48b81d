/**
 * The scalars of every risk set: all that ties and the order of times ask, so that the columns are only met in matrix products.
 *
 * At an event time with d events, S₀ = Σ w over those at risk, T₀ = Σ w over the events, w = exp(η). Breslow gives all d events the
 * denominator S₀; Efron gives the l-th (l = 0 … d − 1) S₀ − (l/d) T₀. With D_l that denominator and f_l = l/d:
 *
 *   A = Σ 1/D_l,  B = Σ f_l/D_l,  α = Σ 1/D_l²,  β = Σ f_l/D_l²,  γ = Σ f_l²/D_l²    (for Breslow f = 0: B = β = γ = 0)
 *
 * Source: Cox 1972, J R Stat Soc B 34:187; Efron 1977, J Am Stat Assoc 72:557; Breslow 1974, Biometrics 30:89.
 */

import { CompensatedSum } from "@dure/numerics";
import type { CoxRows } from "./cox-rows.ts";

export type Ties = "efron" | "breslow";

/** By event time, in the order of the rows: the latest first. */
export interface RiskSets {
  readonly count: number;
  /** The rows of that time: `from` included, `to` excluded; at risk are rows 0 to `to`. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly eventCounts: Uint32Array;
  /** Where rows enter late: how many of the latest entries are not before that time, so that those rows are not at risk yet. */
  readonly notYet?: Uint32Array;
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly alpha: Float64Array;
  readonly beta: Float64Array;
  readonly gamma: Float64Array;
  readonly logLikelihood: number;
}

/** A row's own terms under given coefficients; `risk` and `isEvent` are 0 for rows that are left out. */
export interface RowRisks {
  readonly eta: Float64Array;
  readonly risk: Float64Array;
  readonly isEvent: Uint8Array;
}

/**
 * O(n). S₀ of a late risk set is what is left of a long sum after those not yet entered have been taken off again, so it is compensated:
 * every term comes in and goes out as the same double, and nothing is lost but the last rounding.
 */
export function riskSets({ times, rowCount, entries, byEntry }: CoxRows, { eta, risk, isEvent }: RowRisks, ties: Ties): RiskSets {
  const count = countEventTimes(times, isEvent);
  const sets = emptySets(count);
  const notYet = entries === undefined ? undefined : new Uint32Array(count);
  const logLikelihood = new CompensatedSum();
  const late = new CompensatedSum();
  let atRisk = 0;
  let entering = 0;
  let next = 0;
  for (let from = 0, to = 0; from < rowCount; from = to) {
    let tied = 0;
    let eventCount = 0;
    let etaSum = 0;
    for (; to < rowCount && times[to] === times[from]; to++) {
      const weight = risk[to] ?? 0;
      if (entries === undefined) atRisk += weight;
      else late.add(weight);
      if (isEvent[to] !== 1) continue;
      tied += weight;
      eventCount++;
      etaSum += eta[to] ?? 0;
    }
    if (eventCount === 0) continue;
    if (entries !== undefined && byEntry !== undefined && notYet !== undefined) {
      const time = times[from] ?? Number.NaN;
      for (; entering < rowCount; entering++) {
        const row = byEntry[entering] ?? 0;
        if (!((entries[row] ?? Number.NaN) >= time)) break;
        late.add(-(risk[row] ?? 0));
      }
      notYet[next] = entering;
      atRisk = late.value;
    }
    sets.from[next] = from;
    sets.to[next] = to;
    sets.eventCounts[next] = eventCount;
    logLikelihood.add(etaSum - denominatorsInto(sets, next, { atRisk, tied: ties === "efron" ? tied : 0, eventCount }));
    next++;
  }
  return { ...sets, ...(notYet === undefined ? {} : { notYet }), logLikelihood: logLikelihood.value };
}

/** By risk set. */
export type DenominatorSums = { readonly [Of in "a" | "b" | "alpha" | "beta" | "gamma"]: Float64Array };

export interface Denominators {
  readonly atRisk: number;
  /** T₀; 0 for Breslow, whose denominators are all S₀. */
  readonly tied: number;
  readonly eventCount: number;
}

/** Returns Σ log D_l. */
export function denominatorsInto(sets: DenominatorSums, k: number, { atRisk, tied, eventCount }: Denominators): number {
  let [a, b, alpha, beta, gamma, logs] = [0, 0, 0, 0, 0, 0];
  for (let l = 0; l < eventCount; l++) {
    const share = tied === 0 ? 0 : l / eventCount;
    const denominator = atRisk - share * tied;
    const inverse = 1 / denominator;
    const square = inverse * inverse;
    a += inverse;
    b += share * inverse;
    alpha += square;
    beta += share * square;
    gamma += share * share * square;
    logs += Math.log(denominator);
  }
  sets.a[k] = a;
  sets.b[k] = b;
  sets.alpha[k] = alpha;
  sets.beta[k] = beta;
  sets.gamma[k] = gamma;
  return logs;
}

function countEventTimes(times: Float64Array, isEvent: Uint8Array): number {
  let count = 0;
  let last = Number.NaN;
  for (let i = 0; i < times.length; i++) {
    if (isEvent[i] !== 1 || times[i] === last) continue;
    count++;
    last = times[i] ?? Number.NaN;
  }
  return count;
}

const emptySets = (count: number) => ({
  count,
  from: new Uint32Array(count),
  to: new Uint32Array(count),
  eventCounts: new Uint32Array(count),
  a: new Float64Array(count),
  b: new Float64Array(count),
  alpha: new Float64Array(count),
  beta: new Float64Array(count),
  gamma: new Float64Array(count),
});
