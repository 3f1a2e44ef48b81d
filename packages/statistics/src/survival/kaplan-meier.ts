/**
 * The Kaplan-Meier estimate from risk sets, and what is read off it: intervals, median, survival at given times, restricted mean.
 *
 * Its input are counts, so it is the same whether they were counted on one table or summed over hospitals.
 */

import { normalQuantile } from "@dure/numerics";

/** Times at which somebody had the event or could have had it, ascending. */
export interface RiskSets {
  readonly timesDays: ArrayLike<number>;
  /** n(t): followed until just before t. */
  readonly atRisk: ArrayLike<number>;
  /** d(t). Risk sets without an event leave the curve as it is. */
  readonly events: ArrayLike<number>;
}

/** `plain`: S ± z·SE; `log`: exp(log S ± z·SE/S); `log-log`: S^exp(± z·SE/(S log S)). */
export type SurvivalInterval = "log" | "log-log" | "plain";

/** From its time on until the next. JSON. */
export type SurvivalStep = {
  readonly time: number;
  readonly atRisk: number;
  readonly events: number;
  readonly survival: number;
  /** Greenwood's, of S itself. Undefined where S is 0. */
  readonly standardError?: number;
  readonly ci95?: readonly [number, number];
};

export interface SurvivalCurve {
  readonly steps: readonly SurvivalStep[];
  readonly interval: SurvivalInterval;
  /** Follow-up ends here: behind it nothing is known, unless S is 0. */
  readonly lastTimeDays: number;
}

export type SurvivalAt = {
  readonly survival: number;
  readonly standardError?: number;
  readonly ci95?: readonly [number, number];
};

/** `null`: the curve, or that end of its interval, stays above a half. */
export type MedianSurvival = { readonly estimate: number | null; readonly ci95: readonly [number | null, number | null] };

export type RestrictedMean = {
  readonly estimate: number;
  readonly standardError: number;
  readonly ci95: readonly [number, number];
};

const Z = normalQuantile(0.975);

/**
 * Kaplan-Meier estimate of the survival function, with Greenwood's variance.
 *
 *   S(t) = ∏ over u ≤ t of (1 − d(u) / n(u));  SE(t) = S(t) √(Σ over u ≤ t of d(u) / (n(u) (n(u) − d(u))))
 *
 * @returns a step for each time with an event
 * Ties: whoever leaves without an event at u counts as at risk at u.
 * Fails: RangeError when d > n, n < 1 where d > 0, or times do not ascend; names the place.
 * Numerics: O(risk sets). Relative error of S about 1e-16 a step. Where S reaches 0 Greenwood's sum diverges: no SE and no interval.
 * Disclosure: every step tells a risk set; merge bins before release.
 * Source: Kaplan & Meier 1958, J Am Stat Assoc 53:457; Greenwood 1926; intervals: Kalbfleisch & Prentice 1980, section 1.3.
 */
export function kaplanMeier(
  sets: RiskSets,
  options: { readonly interval: SurvivalInterval; readonly lastTimeDays: number },
): SurvivalCurve {
  const { interval, lastTimeDays } = options;
  const steps: SurvivalStep[] = [];
  let survival = 1;
  let greenwood = 0;
  for (let i = 0; i < sets.timesDays.length; i++) {
    const { time, atRisk, events } = checkedSet(sets, i);
    if (events === 0) continue;
    survival *= (atRisk - events) / atRisk;
    if (events < atRisk) greenwood += events / (atRisk * (atRisk - events));
    steps.push({ time, atRisk, events, ...estimateOf(survival, Math.sqrt(greenwood), interval) });
  }
  return { steps, interval, lastTimeDays };
}

/** S at a time, with its interval; undefined where follow-up ended before. O(log steps). */
export function survivalAt(curve: SurvivalCurve, timeDays: number): SurvivalAt | undefined {
  const index = lastStepUntil(curve.steps, timeDays);
  const step = curve.steps[index];
  if (timeDays > curve.lastTimeDays && step?.survival !== 0) return undefined;
  if (step === undefined) return { survival: 1, standardError: 0, ci95: [1, 1] };
  const { survival, standardError, ci95 } = step;
  return { survival, ...(standardError === undefined ? {} : { standardError }), ...(ci95 === undefined ? {} : { ci95 }) };
}

/**
 * The first time at which S, and each end of its interval, is at most a half. Where a curve runs exactly at a half, the middle of that
 * stretch.
 *
 * Source: Brookmeyer & Crowley 1982, Biometrics 38:29.
 */
export function medianSurvival({ steps }: SurvivalCurve): MedianSurvival {
  const crossing = (value: (step: SurvivalStep) => number | undefined): number | null => {
    const points = steps.flatMap((step) => {
      const y = value(step);
      return y === undefined ? [] : [{ time: step.time, y }];
    });
    const first = points.find(({ y }) => y < 0.5 + HALF_TOLERANCE);
    if (first === undefined) return null;
    const below = Math.abs(first.y - 0.5) < HALF_TOLERANCE ? points.find(({ y, time }) => time > first.time && y < first.y) : undefined;
    return below === undefined ? first.time : (first.time + below.time) / 2;
  };
  return { estimate: crossing(({ survival }) => survival), ci95: [crossing(({ ci95 }) => ci95?.[0]), crossing(({ ci95 }) => ci95?.[1])] };
}

/** Products of fractions miss a half by a few last digits. */
const HALF_TOLERANCE = 2 ** -26;

/**
 * Mean time without the event, counted up to a time τ: the area under the curve.
 *
 *   μ = ∫ from 0 to τ of S;  Var μ = Σ over t ≤ τ of (∫ from t to τ of S)² d(t) / (n(t) (n(t) − d(t)))
 *
 * @param untilDays τ > 0
 * @returns undefined where follow-up ended before τ with S above 0: the curve is not known there
 * Numerics: O(steps). A last step with d = n adds nothing to the variance: the area behind it is 0.
 * Source: Royston & Parmar 2013, BMC Med Res Methodol 13:152; the variance without the factor m/(m − 1), as in R's survival.
 */
export function restrictedMean(curve: SurvivalCurve, untilDays: number): RestrictedMean | undefined {
  const steps = curve.steps.filter((step) => step.time <= untilDays);
  if (untilDays > curve.lastTimeDays && steps.at(-1)?.survival !== 0) return undefined;
  let area = 0;
  let variance = 0;
  let right = untilDays;
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i];
    if (step === undefined) break;
    area += (right - step.time) * step.survival;
    right = step.time;
    const { atRisk, events } = step;
    if (events < atRisk) variance += (area * area * events) / (atRisk * (atRisk - events));
  }
  const estimate = area + right;
  const standardError = Math.sqrt(variance);
  return { estimate, standardError, ci95: [estimate - Z * standardError, estimate + Z * standardError] };
}

/** Survival with its error: `logError` is that of log S. */
function estimateOf(
  survival: number,
  logError: number,
  interval: SurvivalInterval,
): Pick<SurvivalStep, "survival" | "standardError" | "ci95"> {
  if (survival === 0) return { survival };
  return { survival, standardError: survival * logError, ci95: intervalOf(survival, logError, interval) };
}

function intervalOf(survival: number, logError: number, interval: SurvivalInterval): readonly [number, number] {
  const reach = Z * logError;
  switch (interval) {
    case "plain":
      return [Math.max(0, survival - reach * survival), Math.min(1, survival + reach * survival)];
    case "log":
      return [survival * Math.exp(-reach), Math.min(1, survival * Math.exp(reach))];
    case "log-log": {
      const spread = reach / -Math.log(survival);
      return [survival ** Math.exp(spread), survival ** Math.exp(-spread)];
    }
  }
}

function checkedSet(sets: RiskSets, i: number): { readonly time: number; readonly atRisk: number; readonly events: number } {
  const time = sets.timesDays[i] ?? Number.NaN;
  const atRisk = sets.atRisk[i] ?? Number.NaN;
  const events = sets.events[i] ?? Number.NaN;
  if (i > 0 && !(time > (sets.timesDays[i - 1] ?? Number.NaN))) throw new RangeError(`times do not ascend at position ${i}`);
  if (!(events >= 0 && events <= atRisk)) throw new RangeError(`the risk set at position ${i} has more events than rows, or no count`);
  return { time, atRisk, events };
}

/** Index of the last step at or before a time; −1 before the first. */
function lastStepUntil(steps: readonly SurvivalStep[], timeDays: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((steps[middle]?.time ?? Number.NaN) <= timeDays) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
