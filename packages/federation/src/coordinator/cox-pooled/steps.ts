/**
 * A step of Newton's method in two sums: over risk sets by interval, from which likelihood and score follow, and one matrix more for the
 * information (statistics/survival/cox-intervals.ts).
 *
 * Bounds of one site's entries. Columns u have Σ u² < n over all n rows, so Σ |u| ≤ n by Cauchy and |u| < √n. |η| ≤ 30, or the gate
 * refuses, so w = exp(η − shift) ≤ exp(30 − shift), and Σ w and |Σ w u| are at most n exp(30 − shift). The shift is such that a hundred times
 * that stays below 2^61, half of what the encoding holds; up to some million rows it is below 6, so that the encoding's 2^-64 is 1e-17 of a
 * weight at η = 0. The weights v of the second sum add up to the events over all rows at risk, so |Σ v u u'| < D n.
 */

import { packedLength } from "@dure/numerics";
import type { Sum, SumLayout, VectorLayout } from "@dure/privacy";
import { absorbCox, beginCox, binEndDays, intervalRisk } from "@dure/statistics";
import type { Absorbed, AnalysisRefusal } from "../../analysis.ts";
import type { CoxResult } from "../../cox-result.ts";
import { informationBound, newtonRefusal } from "../cox/fits.ts";
import type { Standardisation } from "../standardisation.ts";
import { entry, readVector } from "../sum-reading.ts";
import { type PooledDesign, pointsMax } from "./design.ts";
import type { PooledPhase, PooledState, RiskIntervals, RiskSummary } from "./state.ts";

type Step = Absorbed<PooledState, CoxResult>;

const ETA_MAX = 30;
const SITES_MAX = 100;
const TOTAL_MAX = 2 ** 61;

/** Of the weights' exponent; a function of the rows over all hospitals. */
export const shiftOf = (rows: number): number => Math.max(0, Math.ceil(Math.log((SITES_MAX * rows) / TOTAL_MAX) + ETA_MAX));

const wide = (name: string, length: number, bound: number): VectorLayout => ({ name, length, encoding: "wide", bound });

export function riskLayout(design: PooledDesign, { counts, intervals }: PooledPhase<"risk">): SumLayout {
  const bound = counts.rows * Math.exp(ETA_MAX - shiftOf(counts.rows)) * 1.001; // room for the rounding of exp and of the sum
  const [length, p] = [intervals.ends.length, design.features.length];
  const tied = [wide("tiedWeights", length, bound), wide("tiedSums", length * p, bound)];
  return {
    vectors: [
      wide("riskWeights", length, bound),
      wide("riskSums", length * p, bound),
      ...(design.ties === "efron" ? tied : []),
      wide("eventSums", p, counts.rows + 1),
      { name: "extremes", length: 2, encoding: "histogram", bound: counts.rows },
    ],
  };
}

export const spreadLayout = (design: PooledDesign, { counts }: PooledPhase<"spread">): SumLayout => ({
  vectors: [wide("spread", packedLength(design.features.length), informationBound(counts))],
});

export function startFit(
  design: PooledDesign,
  { counts, intervals }: PooledPhase<"centred">,
  standardisation: Standardisation,
): PooledPhase<"risk"> {
  return { phase: "risk", counts, intervals, standardisation, newton: beginCox(design.features.length) };
}

export function absorbRisk(design: PooledDesign, state: PooledPhase<"risk">, sum: Sum): Step {
  const { newton } = state;
  const risk = summarise(design, state, sum);
  if (risk === undefined) return { kind: "refused", refusal: { code: "not-converged", columns: [] } };
  const before = newton.accepted?.logLikelihood;
  const isWorse = before !== undefined && !(risk.logLikelihood >= before - 1e-13 * Math.abs(before));
  if (!isWorse) return { kind: "continue", state: { ...state, phase: "spread", risk } };
  // A step back needs no information.
  return advance(design, { ...state, phase: "spread", risk }, new Array<number>(packedLength(design.features.length)).fill(0));
}

export function absorbSpread(design: PooledDesign, state: PooledPhase<"spread">, sum: Sum): Step {
  const spread = readVector(sum, "spread", packedLength(design.features.length));
  return advance(
    design,
    state,
    spread.map((value, cell) => value - entry(state.risk.products[0] ?? [], cell)),
  );
}

function advance(design: PooledDesign, state: PooledPhase<"spread">, information: readonly number[]): Step {
  const { risk, ...kept } = state;
  const next = absorbCox(state.newton, { ...risk, information }, state.standardisation.basis);
  const refusal = refusalOf(design, next);
  if (refusal !== undefined) return { kind: "refused", refusal };
  if (next.kind === "running") return { kind: "continue", state: { ...kept, phase: "risk", newton: next } };
  if (next.kind === "converged") return { kind: "continue", state: { ...state, phase: "checks", newton: next } };
  throw new Error("a fit that failed was refused");
}

function refusalOf(design: PooledDesign, next: ReturnType<typeof absorbCox>): AnalysisRefusal | undefined {
  // The same persons' sums at more points would leave fewer unknown than figures.
  if (next.kind === "running" && next.sums >= pointsMax(design)) return { code: "not-converged", columns: [] };
  return newtonRefusal(design, next);
}

/** Time in units of the root mean square of the times of events, as the test of proportional hazards counts it. */
export function timeWeights({ grid }: PooledDesign, { ends, events }: RiskIntervals): readonly number[] {
  const times = ends.map((end) => binEndDays(grid, end));
  const total = events.reduce((sum, count) => sum + count, 0);
  const meanSquare = times.reduce((sum, time, k) => sum + time * time * (events[k] ?? 0), 0) / total;
  return times.map((time) => (meanSquare > 0 ? time / Math.sqrt(meanSquare) : 0));
}

/** Undefined where the sums are of no weights: a lie, or coefficients far out. */
function summarise(design: PooledDesign, { newton, intervals, counts }: PooledPhase<"risk">, sum: Sum): RiskSummary | undefined {
  const [length, p] = [intervals.ends.length, design.features.length];
  const read = (name: string, of: number): Float64Array =>
    name.startsWith("tied") && design.ties !== "efron" ? new Float64Array(of) : Float64Array.from(readVector(sum, name, of));
  const sums = {
    riskWeights: read("riskWeights", length),
    riskSums: read("riskSums", length * p),
    tiedWeights: read("tiedWeights", length),
    tiedSums: read("tiedSums", length * p),
  };
  if (!sums.riskWeights.every((weight, k) => weight > 0 && (sums.tiedWeights[k] ?? 0) <= weight * (1 + 1e-9))) return undefined;
  const options = { ties: design.ties, eventCounts: intervals.events, weights: timeWeights(design, intervals) };
  const found = intervalRisk(sums, options);
  const eventSums = readVector(sum, "eventSums", p);
  const eta = newton.trial.reduce((total, value, j) => total + value * entry(eventSums, j), 0);
  const eventCount = intervals.events.reduce((total, count) => total + count, 0);
  return {
    at: newton.trial,
    a: [...found.a],
    b: [...found.b],
    // log D of weights exp(η − shift) is smaller by the shift.
    logLikelihood: eta - found.logDenominators - eventCount * shiftOf(counts.rows),
    gradient: eventSums.map((value, j) => value - (found.means[0]?.[j] ?? 0)),
    extremeCounts: readVector(sum, "extremes", 2),
    means: found.means.map((values) => [...values]),
    products: found.products.map((values) => [...values]),
  };
}
