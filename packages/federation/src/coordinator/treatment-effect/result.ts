/** What the sums of a treatment effect say: the models in the columns' own units, balance, effects with their errors, and what they stand up to. */

import { packedDiagonal, transformSymmetric } from "@dure/numerics";
import {
  columnBalance,
  eValue,
  pooledDeviation,
  type Ratio,
  riskRatioOfDifference,
  riskRatioOfHazards,
  waldStatistics,
} from "@dure/statistics";
import type { AnalysisRefusal } from "../../analysis.ts";
import type { Term } from "../../result.ts";
import type {
  Balance,
  BalanceColumn,
  MeasuredEffect,
  PropensityModel,
  TreatmentEffectAnalysis,
  TreatmentEffectEstimate,
} from "../../treatment-effect-result.ts";
import { describeColumns } from "../described-columns.ts";
import type { Standardisation } from "../standardisation.ts";
import { withIntercept } from "../standardisation.ts";
import { entry } from "../sum-reading.ts";
import { controlsOf } from "./controls.ts";
import { outcomeName, type TreatmentDesign } from "./design.ts";
import { estimatesOf } from "./estimates.ts";
import type { BalanceSums, Finished, TreatmentCounts, TreatmentState } from "./state.ts";
import { subgroupsOf } from "./subgroups.ts";
import { survivalOf } from "./survival.ts";
import { propensitySteps, schemesOf } from "./totals.ts";

/** @param influence Σ h hᵀ by block; none of weighted curves, which carry their own errors */
export function composeAnalysis(
  design: TreatmentDesign,
  state: Finished,
  influence: readonly (readonly number[])[],
): TreatmentEffectAnalysis {
  const { counts, standardisation, fits, totals } = state;
  const estimates = estimatesOf(design, state, influence);
  const survival = survivalOf(design, state);
  const subgroups = subgroupsOf(design, state, influence);
  const negativeControls = controlsOf(design, state, { influence, estimates });
  const robustness = eValueOf(design, state, estimates);
  return {
    ...describeStudy(design, counts, standardisation),
    outcome: "estimated",
    propensity: propensityModel(design, { standardisation, fits, histogram: totals.histogram }),
    balance: balanceOf(design, totals.balance),
    estimates,
    ...(survival.length === 0 ? {} : { survival }),
    ...(robustness === undefined ? {} : { eValue: robustness }),
    ...(subgroups.length === 0 ? {} : { subgroups }),
    ...(negativeControls === undefined ? {} : { negativeControls }),
    leftOut: [
      ...design.subgroups.filter((_, i) => !counts.subgroups.includes(i)).map(({ variable }) => variable),
      ...design.controls.filter((_, i) => !counts.controls.includes(i)),
    ],
  };
}

/** The counts, the moments if they were taken, and why. */
export function refusedTreatmentEffect(design: TreatmentDesign, state: TreatmentState, refusal: AnalysisRefusal): TreatmentEffectAnalysis {
  const empty: TreatmentCounts = {
    arms: [0, 0],
    cases: null,
    excluded: design.reasons.map(() => 0),
    controls: [],
    subgroups: [],
    subgroupArms: [],
    intervals: null,
  };
  const known = describeStudy(
    design,
    state.phase === "counts" ? empty : state.counts,
    "standardisation" in state ? state.standardisation : undefined,
  );
  const separated = ["treatment-separated", "separated", "monotone-likelihood"].includes(refusal.code);
  const outcome = separated ? "separated" : refusal.code === "not-converged" ? refusal.code : "refused";
  return { ...known, outcome, refusal, estimates: [], leftOut: [] };
}

function describeStudy(
  design: TreatmentDesign,
  { arms, cases, excluded: counts }: TreatmentCounts,
  standardisation: Standardisation | undefined,
) {
  const n = arms[0] + arms[1];
  const arm = (index: 0 | 1): TreatmentEffectAnalysis["arms"][number] => ({
    n: arms[index],
    ...(cases === null ? {} : { events: cases[index] }),
  });
  return {
    kind: "treatment-effect",
    n,
    ...(cases === null ? {} : { events: cases[0] + cases[1] }),
    treatment: design.treatment,
    outcomeVariable: outcomeName(design),
    outcomeModel: design.outcomeModel,
    siteTerms: design.siteTerms,
    ...(design.truncation > 0 ? { truncation: design.truncation } : {}),
    arms: [arm(0), arm(1)],
    ...describeColumns(design, { n, excluded: counts, standardisation }),
  } as const;
}

/** Coefficients of the columns as they are: β = basis b / s, and, where hospitals share an intercept, β₀ = b₀ − Σ β m. */
function propensityModel(
  design: TreatmentDesign,
  { standardisation, fits, histogram }: Pick<Finished, "standardisation" | "fits"> & { readonly histogram: readonly number[] },
): PropensityModel {
  const newton = fits.find(({ name }) => name === "propensity")?.newton;
  if (newton?.kind !== "converged") throw new Error("a result is of models that converged");
  const { means, standardDeviations } = standardisation;
  const whole = Float64Array.from(withIntercept(standardisation));
  const order = means.length + 1;
  for (let column = 0; column < order; column++) {
    for (let i = 1; i < order; i++) {
      const slope = entry(whole, i * order + column) / entry(standardDeviations, i - 1);
      whole[i * order + column] = slope;
      whole[column] = entry(whole, column) - slope * entry(means, i - 1);
    }
  }
  const skipped = design.siteTerms ? 1 : 0;
  const size = order - skipped;
  const matrix = Float64Array.from({ length: size * size }, (_, cell) =>
    entry(whole, (Math.floor(cell / size) + skipped) * order + (cell % size) + skipped),
  );
  const estimates = newton.params.map((_, i) => newton.params.reduce((total, value, j) => total + entry(matrix, i * size + j) * value, 0));
  const errors = packedDiagonal(transformSymmetric(newton.covariance, matrix, size), size).map(Math.sqrt);
  const names = design.siteTerms ? design.names : ["(intercept)", ...design.names];
  const terms = names.map((name, i): Term => {
    const [estimate, standardError] = [entry(estimates, i), entry(errors, i)];
    return { name, estimate, standardError, ...waldStatistics(estimate, standardError) };
  });
  const { iterations, logLikelihood } = newton;
  return { terms, iterations, logLikelihood, steps: joinedSteps(design, histogram) };
}

function joinedSteps({ minimumCell }: TreatmentDesign, counts: readonly number[]): PropensityModel["steps"] {
  const least = Math.max(1, minimumCell);
  const joined: { from: number; to: number; arms: [number, number] }[] = [];
  let open: { from: number; arms: [number, number] } = { from: 0, arms: [0, 0] };
  for (let step = 0; step < propensitySteps; step++) {
    const to = (step + 1) / propensitySteps;
    open.arms = [open.arms[0] + entry(counts, step), open.arms[1] + entry(counts, propensitySteps + step)];
    if (open.arms.some((count) => count < least)) continue;
    joined.push({ ...open, to });
    open = { from: to, arms: [0, 0] };
  }
  const last = joined.at(-1);
  if (last === undefined) return [{ from: 0, to: 1, arms: open.arms }];
  if (open.from < 1) [last.to, last.arms] = [1, [last.arms[0] + open.arms[0], last.arms[1] + open.arms[1]]];
  return joined;
}

function balanceOf(design: TreatmentDesign, balance: readonly BalanceSums[]): Balance {
  const p = design.names.length;
  const armSums = ({ weights, sums, squares }: BalanceSums, column: number) => {
    const arm = (index: 0 | 1) => ({
      weightSum: entry(weights, index),
      sum: entry(sums, index * p + column),
      sumOfSquares: entry(squares, index * p + column),
    });
    return [arm(0), arm(1)] as const;
  };
  const [unweighted] = balance;
  const columns = design.features.map(({ name, term }, j): BalanceColumn => {
    const deviation = unweighted === undefined ? Number.NaN : pooledDeviation(armSums(unweighted, j));
    return { name, term, standardisedDifferences: balance.map((of) => columnBalance(armSums(of, j), deviation).standardisedDifference) };
  });
  const effective = ({ weights }: BalanceSums, arm: 0 | 1): number => entry(weights, arm) ** 2 / entry(weights, 2 + arm);
  const schemes = schemesOf(design).map((weights, i) => {
    const own = balance[i] ?? { weights: [], sums: [], squares: [] };
    return { weights, effectiveSampleSizes: [effective(own, 0), effective(own, 1)] as const };
  });
  return { schemes, columns };
}

/** Of the first estimator: its risk ratio where there is one, else a hazard ratio or a difference as VanderWeele & Ding convert them. */
function eValueOf(
  design: TreatmentDesign,
  { counts, scale }: Pick<Finished, "counts" | "scale">,
  estimates: readonly TreatmentEffectEstimate[],
): TreatmentEffectAnalysis["eValue"] {
  const [first] = estimates;
  const effect = (measures: readonly MeasuredEffect["measure"][]): MeasuredEffect | undefined =>
    first?.effects.find(({ measure }) => measures.includes(measure));
  const found = effect(["risk-ratio", "mean-ratio", "hazard-ratio"]) ?? effect(["mean-difference"]);
  const ratio = found === undefined ? undefined : asRiskRatio(design, { counts, found, deviation: scale.deviation });
  return first === undefined || found === undefined || ratio === undefined
    ? undefined
    : { of: found.measure, estimator: first.estimator, ...eValue(ratio) };
}

/** An outcome is common where more than 15 % have it. */
const RARE_MAX = 0.15;

function asRiskRatio(
  { survival }: TreatmentDesign,
  {
    counts: { arms, cases },
    found,
    deviation,
  }: { readonly counts: TreatmentCounts; readonly found: MeasuredEffect; readonly deviation: number | undefined },
): Ratio | undefined {
  if (found.measure === "mean-difference") {
    if (deviation === undefined) return undefined;
    return riskRatioOfDifference({ estimate: found.estimate / deviation, standardError: found.standardError / deviation });
  }
  const isCommon = cases !== null && cases[0] + cases[1] > RARE_MAX * (arms[0] + arms[1]);
  return survival !== undefined && isCommon ? riskRatioOfHazards(found) : found;
}
