/**
 * The last round: pairs for Harrell's C within hospitals, and what the test of proportional hazards needs beside the sums over risk sets,
 * which are known from the fit's last point. Then the result.
 *
 * Bounds as of the fit's sums; times are in units of their root mean square over events, so Σ g² = D over events and Σ g ≤ D by Cauchy.
 */

import { packedLength } from "@dure/numerics";
import type { Sum, SumLayout, VectorLayout } from "@dure/privacy";
import { binEndDays } from "@dure/statistics";
import type { Absorbed } from "../../analysis.ts";
import { cumulativeHazardAt } from "../../baseline-curve.ts";
import type { BaselineCurve, CoxResult, FrozenCoxModel, PooledBaseline } from "../../cox-result.ts";
import { fittedAnalysis, frozenModel } from "../cox/checks.ts";
import { gradientBound, informationBound } from "../cox/fits.ts";
import { entry, readVector } from "../sum-reading.ts";
import type { PooledDesign } from "./design.ts";
import type { PooledPhase, PooledState } from "./state.ts";
import { shiftOf } from "./steps.ts";

export function checksLayout(design: PooledDesign, { counts }: PooledPhase<"checks">): SumLayout {
  const order = design.features.length;
  const [n] = counts.cases;
  const wide = (name: string, length: number, bound: number): VectorLayout => ({ name, length, encoding: "wide", bound });
  return {
    vectors: [
      wide("pairs", 4, n * n),
      wide("pairSquares", 3, n),
      wide("timeGradient", order, gradientBound(counts)),
      wide("timeCross", packedLength(order), informationBound(counts)),
      wide("timeInformation", packedLength(order), informationBound(counts)),
    ],
  };
}

export function absorbChecks(design: PooledDesign, state: PooledPhase<"checks">, sum: Sum): Absorbed<PooledState, CoxResult> {
  const { newton, risk, standardisation } = state;
  const order = design.features.length;
  /** What hospitals summed, less what follows from the risk sets: g a and g a aᵀ. */
  const less = (name: string, of: readonly number[] | undefined): readonly number[] =>
    readVector(sum, name, of?.length ?? 0).map((value, i) => value - entry(of ?? [], i));
  const byTime = {
    score: readVector(sum, "timeGradient", order).map((value, j) => value - entry(risk.means[1] ?? [], j)),
    cross: less("timeCross", risk.products[1]),
    squared: less("timeInformation", risk.products[2]),
  };
  const model = frozenModel(design, standardisation, newton);
  const steps = baselineSteps(design, state);
  const analysis = { ...fittedAnalysis(design, state, { newton, sum, byTime }), baseline: ownBaseline(design, state, { model, steps }) };
  const full = { ...model, baseline: curveOf(steps, state) };
  return { kind: "done", result: { analysis, models: { full, folds: [] } } };
}

/** Of a row at the columns' means, for which η of the fit is 0. */
function baselineSteps({ grid }: PooledDesign, { intervals, risk, counts }: PooledPhase<"checks">): PooledBaseline["steps"] {
  const perWeight = Math.exp(-shiftOf(counts.rows)); // Σ exp(η) = exp(shift) × what was summed
  let cumulativeHazard = 0;
  return intervals.ends.map((end, k) => {
    cumulativeHazard += perWeight * entry(risk.a, k);
    return { time: binEndDays(grid, end), events: entry(intervals.events, k), cumulativeHazard };
  });
}

/** Where bins were merged a step at the end of each would lag: its events lie all over it. */
const curveOf = (steps: PooledBaseline["steps"], { intervals }: PooledPhase<"checks">): BaselineCurve => ({
  isInterpolated: !intervals.isExact,
  points: steps.map(({ time, cumulativeHazard }) => ({ time, cumulativeHazard })),
});

function ownBaseline(
  { grid: { binWidthDays, horizonDays }, at }: PooledDesign,
  state: PooledPhase<"checks">,
  { model, steps: ofMeans }: { readonly model: FrozenCoxModel; readonly steps: PooledBaseline["steps"] },
): PooledBaseline {
  const centreEta = model.coefficients.reduce((total, value, j) => total + value * entry(model.centre, j), 0);
  const steps = ofMeans.map((step) => ({ ...step, cumulativeHazard: step.cumulativeHazard * Math.exp(-centreEta) }));
  const curve = curveOf(steps, state);
  const known = at.filter((time) => time <= horizonDays);
  return {
    timeBinDays: binWidthDays,
    horizonDays,
    steps,
    at: known.map((time) => ({ time, cumulativeHazard: cumulativeHazardAt(curve, time) })),
  };
}
