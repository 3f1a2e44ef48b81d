/**
 * The Aalen-Johansen estimate of cumulative incidence from risk sets: what share has had each kind of event by each time, where an event of
 * one cause ends the chance of the others.
 *
 *   F_c(t) = Σ over u ≤ t of S(u−) d_c(u) / n(u),  S the share without any event: Kaplan-Meier of all causes together
 *
 * Its input are counts, so it is the same whether they were counted on one table or summed over hospitals.
 */

import { normalQuantile } from "@dure/numerics";
import type { SurvivalInterval } from "./kaplan-meier.ts";

/** Times at which somebody had an event or could have had one, ascending. */
export interface CompetingRiskSets {
  readonly timesDays: ArrayLike<number>;
  /** n(t): followed until just before t. */
  readonly atRisk: ArrayLike<number>;
  /** By cause, d_c(t). */
  readonly events: readonly ArrayLike<number>[];
}

/** From its time on until the next. JSON. */
export type IncidenceStep = {
  readonly time: number;
  readonly atRisk: number;
  /** Of this cause. */
  readonly events: number;
  readonly incidence: number;
  /** Undefined where the incidence is 0. */
  readonly standardError?: number;
  readonly ci95?: readonly [number, number];
};

export type IncidenceAt = Pick<IncidenceStep, "incidence" | "standardError" | "ci95">;

const Z = normalQuantile(0.975);

/**
 * Steps of every cause, at all times with an event of any: the variance moves at the others' events too.
 *
 *   Var F_c(t) = Σ_u (F_c(t) − F_c(u))² d / (n (n − d)) + Σ_u S(u−)² d_c (n − d_c) / n³ − 2 Σ_u (F_c(t) − F_c(u)) S(u−) d_c / n²
 *
 * the delta method of Greenwood's type, over u ≤ t with d the events of all causes; a time with d = n adds nothing to the first sum, for F
 * stays as it is from there. It is the infinitesimal jackknife, which R's `survfit` gives. Intervals are on the scale of F, log F or
 * log(−log F).
 *
 * @returns by cause, in the order of `events`
 * Ties: whoever leaves without an event at u counts as at risk at u.
 * Fails: RangeError when the events of a time exceed n, or times do not ascend; names the place.
 * Numerics: O(risk sets × causes): the sums over u are expanded in powers of F_c(t), which costs some units in the last places.
 * Disclosure: every step tells a risk set and the causes of its events; merge bins before release.
 * Source: Aalen & Johansen 1978, Scand J Stat 5:141; variance: Gaynor et al. 1993, J Am Stat Assoc 88:400; Betensky & Schoenfeld 2001.
 */
export function aalenJohansen(sets: CompetingRiskSets, interval: SurvivalInterval): readonly (readonly IncidenceStep[])[] {
  const causes = sets.events.map(() => new CauseSums());
  const steps: IncidenceStep[][] = sets.events.map(() => []);
  let eventFree = 1;
  for (let i = 0; i < sets.timesDays.length; i++) {
    const { time, atRisk, byCause, events } = checkedSet(sets, i);
    if (events === 0) continue;
    for (const [c, sums] of causes.entries()) {
      sums.add({ atRisk, events, ofCause: byCause[c] ?? 0, eventFree });
      steps[c]?.push({ time, atRisk, events: byCause[c] ?? 0, ...sums.estimate(interval) });
    }
    eventFree *= (atRisk - events) / atRisk;
  }
  return steps;
}

/** The incidence at a time; 0 before the first step. The caller knows until when the curve is known. O(steps). */
export function incidenceAt(steps: readonly IncidenceStep[], timeDays: number): IncidenceAt {
  const step = steps.findLast(({ time }) => time <= timeDays);
  if (step === undefined) return { incidence: 0 };
  const { incidence, standardError, ci95 } = step;
  return { incidence, ...(standardError === undefined ? {} : { standardError }), ...(ci95 === undefined ? {} : { ci95 }) };
}

interface CauseSet {
  readonly atRisk: number;
  readonly events: number;
  readonly ofCause: number;
  /** S just before. */
  readonly eventFree: number;
}

/** Σ g, Σ g F, Σ g F², Σ S² d (n − d)/n³, Σ S d/n², Σ F S d/n² of one cause, g = d / (n (n − d)) of all. */
class CauseSums {
  #incidence = 0;
  #hazard: [number, number, number] = [0, 0, 0];
  #own = 0;
  #cross: [number, number] = [0, 0];

  add({ atRisk: n, events, ofCause, eventFree }: CauseSet): void {
    this.#incidence += (eventFree * ofCause) / n;
    const f = this.#incidence;
    const g = events < n ? events / (n * (n - events)) : 0;
    this.#hazard = [this.#hazard[0] + g, this.#hazard[1] + g * f, this.#hazard[2] + g * f * f];
    this.#own += (eventFree * eventFree * ofCause * (n - ofCause)) / (n * n * n);
    const share = (eventFree * ofCause) / (n * n);
    this.#cross = [this.#cross[0] + share, this.#cross[1] + share * f];
  }

  estimate(interval: SurvivalInterval): IncidenceAt {
    const f = this.#incidence;
    if (f === 0) return { incidence: 0 };
    const [g0, g1, g2] = this.#hazard;
    const [c0, c1] = this.#cross;
    const standardError = Math.sqrt(Math.max(0, f * f * g0 - 2 * f * g1 + g2 + this.#own - 2 * (f * c0 - c1)));
    return { incidence: f, standardError, ci95: intervalOf(f, standardError, interval) };
  }
}

function intervalOf(incidence: number, standardError: number, interval: SurvivalInterval): readonly [number, number] {
  const reach = Z * standardError;
  switch (interval) {
    case "plain":
      return [Math.max(0, incidence - reach), Math.min(1, incidence + reach)];
    case "log":
      return [incidence * Math.exp(-reach / incidence), Math.min(1, incidence * Math.exp(reach / incidence))];
    case "log-log": {
      if (incidence >= 1) return [1, 1];
      const spread = reach / (incidence * -Math.log(incidence));
      return [incidence ** Math.exp(spread), incidence ** Math.exp(-spread)];
    }
  }
}

function checkedSet({ timesDays, atRisk: all, events: ofCauses }: CompetingRiskSets, i: number) {
  const [time, atRisk] = [timesDays[i] ?? Number.NaN, all[i] ?? Number.NaN];
  const byCause = ofCauses.map((counts) => counts[i] ?? Number.NaN);
  const events = byCause.reduce((total, count) => total + count, 0);
  if (i > 0 && !(time > (timesDays[i - 1] ?? Number.NaN))) throw new RangeError(`times do not ascend at position ${i}`);
  if (!(byCause.every((count) => count >= 0) && events <= atRisk))
    throw new RangeError(`the risk set at position ${i} has more events than rows, or no count`);
  return { time, atRisk, byCause, events };
}
