/**
 * Cox regression on the treatment alone, each patient weighted, each hospital a stratum with a baseline hazard of its own.
 *
 *   at an event time: S₀ = Σ w exp(β a) and S₁ = Σ w a exp(β a) over those at risk, ā = S₁ / S₀, d = Σ w over the events
 *   score Σ over events w (a − ā);   information Σ over event times d ā (1 − ā)                    (ties as Breslow's)
 *   L = δ (a − ā(t)) − exp(β a) Σ over event times u ≤ t of (a − ā(u)) d(u) / S₀(u),   by patient
 *
 * Σ w L is the score, and w L is how far one patient moves it: with the weights as given, the robust variance is Σ (w L)² / information².
 * A weight's own change moves the score by L times that change.
 *
 * Source: Cox 1972; Breslow 1974; Lin & Wei 1989, J Am Stat Assoc 84:1074; Binder 1992, Biometrika 79:139; for estimated weights Shu, Young,
 * Toh & Wang 2021, Biometrics 77:1101.
 */

import { CompensatedSum } from "@dure/numerics";
import { sortCoxRows } from "../survival/cox-rows.ts";

/** Sorted by time, the latest first. */
export interface TreatmentTimes {
  readonly times: Float64Array;
  readonly events: Uint8Array;
  readonly treated: Float64Array;
  /** Where each row stood in the columns that it came from. */
  readonly order: Uint32Array;
}

export interface WeightedCoxSums {
  /** Σ over events w (β a + log w − log S₀): at most 0, and up to a constant the weighted partial log-likelihood. */
  readonly logLikelihood: number;
  readonly score: number;
  readonly information: number;
}

/** Fails: as `sortCoxRows`. O(n). */
export function sortTreatmentTimes(times: Float64Array, events: ArrayLike<number>, treated: Float64Array): TreatmentTimes {
  const sorted = sortCoxRows({ times, events, features: treated, featureCount: 1 });
  return { times: sorted.times, events: sorted.events, treated: sorted.features, order: sorted.order };
}

interface EventTime {
  /** Rows of that time: `from` included, `to` excluded; at risk are rows 0 to `to`. */
  readonly from: number;
  readonly to: number;
  /** d, and that of the treated. */
  readonly events: number;
  readonly treatedEvents: number;
  readonly atRisk: number;
  /** ā. */
  readonly share: number;
}

/** @param weights > 0, in the order of the columns that the rows came from */
export function weightedCoxSums(rows: TreatmentTimes, weights: Float64Array, logHazardRatio: number): WeightedCoxSums {
  const logLikelihood = new CompensatedSum();
  const score = new CompensatedSum();
  const information = new CompensatedSum();
  for (const { from, to, events, treatedEvents, atRisk, share } of eventTimes(rows, weights, logHazardRatio)) {
    for (let i = from; i < to; i++) {
      const weight = rows.events[i] === 1 ? weightAt(rows, weights, i) : 0;
      if (weight > 0) logLikelihood.add(weight * (logHazardRatio * (rows.treated[i] ?? 0) + Math.log(weight) - Math.log(atRisk)));
    }
    score.add(treatedEvents - events * share);
    information.add(events * share * (1 - share));
  }
  return { logLikelihood: logLikelihood.value, score: score.value, information: information.value };
}

/** L by row, in the order of the columns that the rows came from. O(n). */
export function weightedCoxResiduals(rows: TreatmentTimes, weights: Float64Array, logHazardRatio: number): Float64Array {
  const out = new Float64Array(rows.order.length);
  const ascending = eventTimes(rows, weights, logHazardRatio).reverse();
  // Σ d / S₀ and Σ ā d / S₀ up to a time.
  let [hazard, weighted, next] = [0, 0, 0];
  for (let i = rows.order.length - 1; i >= 0; i--) {
    while (next < ascending.length && (ascending[next]?.to ?? 0) > i) {
      const { events = 0, atRisk = 1, share = 0 } = ascending[next] ?? {};
      hazard += events / atRisk;
      weighted += (share * events) / atRisk;
      next++;
    }
    const treated = rows.treated[i] ?? 0;
    const own = rows.events[i] === 1 ? treated - (ascending[next - 1]?.share ?? 0) : 0;
    out[rows.order[i] ?? 0] = own - Math.exp(logHazardRatio * treated) * (treated * hazard - weighted);
  }
  return out;
}

const weightAt = ({ order }: TreatmentTimes, weights: Float64Array, row: number): number => weights[order[row] ?? 0] ?? Number.NaN;

/** The latest first. */
function eventTimes(rows: TreatmentTimes, weights: Float64Array, logHazardRatio: number): EventTime[] {
  const found: EventTime[] = [];
  const hazardRatio = Math.exp(logHazardRatio);
  const rowCount = rows.order.length;
  let [untreated, treated] = [0, 0];
  for (let from = 0, to = 0; from < rowCount; from = to) {
    let [events, treatedEvents] = [0, 0];
    for (; to < rowCount && rows.times[to] === rows.times[from]; to++) {
      const weight = weightAt(rows, weights, to);
      const isTreated = rows.treated[to] === 1;
      if (isTreated) treated += weight * hazardRatio;
      else untreated += weight;
      if (rows.events[to] !== 1) continue;
      events += weight;
      if (isTreated) treatedEvents += weight;
    }
    const atRisk = untreated + treated;
    if (events > 0) found.push({ from, to, events, treatedEvents, atRisk, share: treated / atRisk });
  }
  return found;
}
