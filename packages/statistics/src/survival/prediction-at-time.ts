/**
 * How well predicted risks are borne out by a given time, where follow-up of some ended before: patients whose state at that time is known
 * are weighted by the inverse probability of being followed so long (inverse probability of censoring weighting).
 *
 *   case:    event at T ≤ t, weight 1 / G(T−);   control: T > t, weight 1 / G(t);   whoever was censored by t has none
 *
 * G is the Kaplan-Meier estimate of not being censored, from the same rows: the product of 1 − c(s)/n(s) over censorings at s, n(s) all
 * with T ≥ s, up to just before T, or up to and with t. It asks that censoring does not go with the predicted risk.
 *
 * Source: Uno et al. 2007, J Am Stat Assoc 102:527 (AUC); Graf et al. 1999, Stat Med 18:2529, and Gerds & Schumacher 2006, Biom J 48:1029
 * (Brier score).
 */

import { roundScore } from "../discrimination.ts";
import type { SurvivalOutcome } from "./concordance.ts";

export type PredictionAtTime = {
  readonly timeDays: number;
  /** Events up to and with the time, and rows followed beyond it. */
  readonly caseCount: number;
  readonly controlCount: number;
  /** Share of pairs of a case and a control, weighted, in which the case has the higher risk. */
  readonly auc: number;
  /** With the weights taken as known. */
  readonly aucSe: number;
  /** Mean squared distance of predicted risk and state at the time. */
  readonly brier: number;
  /** That of the Kaplan-Meier estimate of all rows, for everybody. */
  readonly brierReference: number;
};

/**
 * @param risks predicted probability of the event by that time, 0 to 1, by row; ranks are of these, equal after rounding to 1e-10
 * @returns undefined where there is no case, no control, or nobody followed so long
 * Numerics: O(n log n). SE of the AUC: Σ of squared influences of cases and controls, weights fixed:
 *   Σ w² (V − A)² / (Σ w)² over cases, V the share of controls below; Σ (V − A)² / m² over m controls, V the weighted share of cases above.
 * Disclosure: figures of a few rows tell them; ask for enough cases and controls.
 */
export function predictionAt(
  outcome: Pick<SurvivalOutcome, "times" | "events">,
  risks: Float64Array,
  timeDays: number,
): PredictionAtTime | undefined {
  const { times, events } = outcome;
  const censoring = censoringWeights(outcome, timeDays);
  const [cases, controls] = [casesAt(outcome, timeDays), rowsWhere(times, (time) => time > timeDays)];
  if (cases.length === 0 || controls.length === 0 || !(censoring.atTime > 0)) return undefined;
  const rounded = risks.map(roundScore);
  const reference = 1 - eventFreeAt(outcome, timeDays);
  let [brier, brierReference] = [0, 0];
  for (let i = 0; i < times.length; i++) {
    const isCase = events[i] === 1 && (times[i] ?? 0) <= timeDays;
    const isControl = (times[i] ?? 0) > timeDays;
    const weight = isCase ? 1 / (censoring.before[i] ?? 1) : isControl ? 1 / censoring.atTime : 0;
    brier += weight * ((isCase ? 1 : 0) - (risks[i] ?? 0)) ** 2;
    brierReference += weight * ((isCase ? 1 : 0) - reference) ** 2;
  }
  return {
    timeDays,
    caseCount: cases.length,
    controlCount: controls.length,
    ...weightedAuc({ cases, controls, weights: censoring.before, rounded }),
    brier: brier / times.length,
    brierReference: brierReference / times.length,
  };
}

/** Rows with the event up to and with the time. */
const casesAt = ({ times, events }: Pick<SurvivalOutcome, "times" | "events">, timeDays: number): readonly number[] =>
  rowsWhere(times, (time, row) => time <= timeDays && events[row] === 1);

const rowsWhere = (times: Float64Array, holds: (time: number, row: number) => boolean): readonly number[] =>
  Array.from(times.keys()).filter((row) => holds(times[row] ?? Number.NaN, row));

/** Kaplan-Meier of the event: the share without it by that time. O(n log n). */
export const eventFreeAt = ({ times, events }: Pick<SurvivalOutcome, "times" | "events">, timeDays: number): number =>
  productLimit(times, (row) => events[row] === 1, timeDays).atTime;

/** G just before each row's time, and at the given time. */
const censoringWeights = ({ times, events }: Pick<SurvivalOutcome, "times" | "events">, timeDays: number) =>
  productLimit(times, (row) => events[row] !== 1, timeDays);

function productLimit(times: Float64Array, counts: (row: number) => boolean, timeDays: number) {
  const order = Uint32Array.from(times, (_, row) => row).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
  const before = new Float64Array(times.length);
  let product = 1;
  let atTime = 1;
  for (let from = 0, to = 0; from < order.length; from = to) {
    const time = times[order[from] ?? 0] ?? Number.NaN;
    let count = 0;
    for (; to < order.length && times[order[to] ?? 0] === time; to++) {
      before[order[to] ?? 0] = product;
      if (counts(order[to] ?? 0)) count++;
    }
    product *= 1 - count / (order.length - from);
    if (time <= timeDays) atTime = product;
  }
  return { before, atTime };
}

interface Ranked {
  readonly cases: readonly number[];
  readonly controls: readonly number[];
  /** G by row. */
  readonly weights: Float64Array;
  readonly rounded: Float64Array;
}

function weightedAuc({ cases, controls, weights, rounded }: Ranked): Pick<PredictionAtTime, "auc" | "aucSe"> {
  const weightOf = (row: number): number => 1 / (weights[row] ?? 1);
  const sortedControls = Float64Array.from(controls, (row) => rounded[row] ?? 0).sort();
  const byRisk = cases.toSorted((a, b) => (rounded[a] ?? 0) - (rounded[b] ?? 0));
  const sortedCases = Float64Array.from(byRisk, (row) => rounded[row] ?? 0);
  const sums = [0];
  for (const row of byRisk) sums.push((sums.at(-1) ?? 0) + weightOf(row));
  const total = sums.at(-1) ?? 0;
  const below = (row: number): number => midRank(sortedControls, rounded[row] ?? 0) / controls.length;
  const auc = cases.reduce((sum, row) => sum + weightOf(row) * below(row), 0) / total;
  const ofCases = cases.reduce((sum, row) => sum + (weightOf(row) * (below(row) - auc)) ** 2, 0) / total ** 2;
  const above = (row: number): number => {
    const [low, high] = [lowerBound(sortedCases, rounded[row] ?? 0), upperBound(sortedCases, rounded[row] ?? 0)];
    return (total - ((sums[low] ?? 0) + (sums[high] ?? 0)) / 2) / total;
  };
  const ofControls = controls.reduce((sum, row) => sum + (above(row) - auc) ** 2, 0) / controls.length ** 2;
  return { auc, aucSe: Math.sqrt(ofCases + ofControls) };
}

/** Values below, and half of those equal. */
const midRank = (sorted: Float64Array, value: number): number => (lowerBound(sorted, value) + upperBound(sorted, value)) / 2;

const lowerBound = (sorted: Float64Array, value: number): number => partition(sorted, (other) => other < value);
const upperBound = (sorted: Float64Array, value: number): number => partition(sorted, (other) => other <= value);

/** How many of the first hold; they come first. */
function partition(sorted: Float64Array, holds: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(sorted[middle] ?? Number.NaN)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One group of rows of neighbouring predicted risk. */
export type RiskGroupAtTime = {
  readonly n: number;
  readonly meanPredicted: number;
  /** One less the Kaplan-Meier estimate of the group at the time. */
  readonly observed: number;
  /** With the event up to and with the time. */
  readonly events: number;
};

/**
 * Calibration at a time: rows in up to `groupCount` groups of equal size by predicted risk.
 *
 * @returns as many groups, at most, as let each hold `minimumCell` rows, events by the time and rows without; none where one cannot
 * Numerics: O(groups × n log n). Rows of equal risk may fall into two groups, by their order.
 * Disclosure: no group tells fewer than the minimum cell of patients with, or without, the event.
 */
export function calibrationAt(
  { times, events }: Pick<SurvivalOutcome, "times" | "events">,
  risks: Float64Array,
  { timeDays, groupCount, minimumCell }: { readonly timeDays: number; readonly groupCount: number; readonly minimumCell: number },
): readonly RiskGroupAtTime[] {
  const order = Uint32Array.from(risks, (_, row) => row).sort((a, b) => (risks[a] ?? 0) - (risks[b] ?? 0) || a - b);
  for (let count = Math.min(groupCount, order.length); count > 0; count--) {
    const groups = Array.from({ length: count }, (_, g) =>
      describeGroup(
        { times, events, risks },
        order.subarray(Math.floor((g * order.length) / count), Math.floor(((g + 1) * order.length) / count)),
        timeDays,
      ),
    );
    const least = Math.max(1, minimumCell);
    if (groups.every((group) => group.events >= minimumCell && group.n - group.events >= minimumCell && group.n >= least)) return groups;
  }
  return [];
}

interface Predicted {
  readonly times: Float64Array;
  readonly events: ArrayLike<number>;
  readonly risks: Float64Array;
}

function describeGroup({ times, events, risks }: Predicted, rows: Uint32Array, timeDays: number): RiskGroupAtTime {
  const own = { times: Float64Array.from(rows, (row) => times[row] ?? 0), events: Uint8Array.from(rows, (row) => events[row] ?? 0) };
  return {
    n: rows.length,
    meanPredicted: rows.reduce((sum, row) => sum + (risks[row] ?? 0), 0) / rows.length,
    observed: 1 - eventFreeAt(own, timeDays),
    events: casesAt(own, timeDays).length,
  };
}
