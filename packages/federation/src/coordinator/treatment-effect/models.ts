/**
 * The rounds that fit the propensity model and, where an estimator asks for it, the regression of the outcome on treatment, columns and their
 * products. Both advance together, one sum for all that are not finished.
 *
 * Where hospitals have an intercept of their own it is found inside (statistics/causal/own-intercept.ts); what is summed is a sum over rows of
 * the same form. Bounds of one site's entries of the propensity model, on columns u with Σ u² = n − 1 over all rows: |Σ (a − e) u| < n by Cauchy;
 * the information, less what the intercept takes, is at most Σ e (1 − e) u u' < n / 4; |log-likelihood| ≤ n (30 + log 2) while |η| ≤ 30,
 * which the gate asks. Of the outcome's regression no such bound is public, for a count has none and a trial point of a Poisson model may lie
 * anywhere: they keep to that of the moments, beyond which a site refuses by name.
 */

import { logit, packedIndex, packedLength } from "@dure/numerics";
import type { Sum, SumLayout, VectorLayout } from "@dure/privacy";
import { absorbNewton, beginNewton, type ModelForm, meanModelRules, momentsFromCentred } from "@dure/statistics";
import type { Absorbed, AnalysisRefusal } from "../../analysis.ts";
import type { TreatmentEffectResult } from "../../treatment-effect-result.ts";
import { countVector } from "../count-vectors.ts";
import {
  type Centre,
  centreOf,
  momentsBound,
  type OrRefused,
  type Standardisation,
  type SummedColumns,
  standardisationOf,
} from "../standardisation.ts";
import { entry, readVector } from "../sum-reading.ts";
import { regressionNames, type TreatmentDesign } from "./design.ts";
import type { ModelFit, TreatmentCounts, TreatmentPhase, TreatmentState } from "./state.ts";

type Step = Absorbed<TreatmentState, TreatmentEffectResult>;

/** Features, and the outcome behind them where it is a measurement. */
export const summedColumns = ({ names, outcome }: TreatmentDesign, { arms }: TreatmentCounts): SummedColumns => ({
  names: outcome === undefined || outcome.isBoolean ? names : [...names, outcome.name],
  n: arms[0] + arms[1],
});

export function absorbMoments(design: TreatmentDesign, { counts }: TreatmentPhase<"moments">, sum: Sum): Step {
  const centre = centreOf(summedColumns(design, counts), sum);
  return centre.kind === "refused" ? centre : { kind: "continue", state: { phase: "centred", counts, centre: centre.value } };
}

export function absorbCentred(design: TreatmentDesign, { counts, centre }: TreatmentPhase<"centred">, sum: Sum): Step {
  const columns = summedColumns(design, counts);
  const order = columns.names.length;
  const featureCount = design.names.length;
  // The outcome may follow from the features: only they are held against each other.
  const deviations = readVector(sum, "deviations", order);
  const products = readVector(sum, "products", packedLength(order));
  const ofFeatures = Array.from({ length: featureCount }, (_, i) =>
    products.slice(packedIndex(order, i, i), packedIndex(order, i, i) + featureCount - i),
  ).flat();
  const vectors = new Map([
    ["deviations", Float64Array.from(deviations.slice(0, featureCount))],
    ["products", Float64Array.from(ofFeatures)],
  ]);
  const found: OrRefused<Standardisation> = standardisationOf({ ...columns, names: design.names }, firstOf(centre, featureCount), {
    ...sum,
    vectors,
  });
  if (found.kind === "refused") return found;
  const last = order - 1;
  const { mean, standardDeviation = 0 } = momentsFromCentred({
    n: columns.n,
    mean: 0,
    sum: entry(deviations, last),
    sumOfSquares: entry(products, packedIndex(order, last, last)),
  });
  const unit = entry(centre.scales, last);
  const measured = { mean: entry(centre.means, last) + unit * mean, deviation: unit * standardDeviation };
  if (order > featureCount && !(standardDeviation > 0))
    return { kind: "refused", refusal: { code: "constant-column", columns: [columns.names[last] ?? ""] } };
  const scale = order > featureCount && design.outcomeModel === "linear" ? measured : { mean: 0, deviation: 1 };
  const fits = startFits(design, counts, order > featureCount ? measured.mean : undefined);
  return { kind: "continue", state: { phase: "models", counts, standardisation: found.value, scale, fits } };
}

const firstOf = ({ means, scales, magnitudes }: Centre, count: number): Centre => ({
  means: means.slice(0, count),
  scales: scales.slice(0, count),
  magnitudes: magnitudes.slice(0, count),
});

export const modelForm = (design: TreatmentDesign, name: ModelFit["name"]): ModelForm => ({
  model: name === "propensity" ? "logistic" : (design.outcomeRegression ?? "linear"),
  ownIntercept: design.siteTerms,
});

/** Without the intercept of a hospital's own. */
const termNames = (design: TreatmentDesign, name: ModelFit["name"]): readonly string[] => [
  ...(design.siteTerms ? [] : ["(intercept)"]),
  ...(name === "propensity" ? design.names : regressionNames(design)),
];

/** A shared intercept starts at the overall mean, on the model's scale. */
function startFits(design: TreatmentDesign, { arms, cases }: TreatmentCounts, mean: number | undefined): readonly ModelFit[] {
  const n = arms[0] + arms[1];
  const overall = cases === null ? (mean ?? 0) : (cases[0] + cases[1]) / n;
  const intercepts = {
    linear: cases === null ? 0 : overall,
    logistic: overall > 0 && overall < 1 ? logit(overall) : 0,
    poisson: overall > 0 ? Math.log(overall) : 0,
  };
  const fit = (name: ModelFit["name"], intercept: number): ModelFit => ({
    name,
    newton: beginNewton(termNames(design, name).map((term) => (term === "(intercept)" ? intercept : 0))),
  });
  const { outcomeRegression } = design;
  return [
    fit("propensity", logit(arms[1] / n)),
    ...(outcomeRegression === undefined ? [] : [fit("outcome", intercepts[outcomeRegression])]),
  ];
}

export const runningFits = (state: TreatmentPhase<"models">): readonly ModelFit[] =>
  state.fits.filter(({ newton }) => newton.kind === "running");

export function modelsLayout(design: TreatmentDesign, state: TreatmentPhase<"models">): SumLayout {
  const n = state.counts.arms[0] + state.counts.arms[1];
  const vectors = runningFits(state).flatMap(({ name }): VectorLayout[] => {
    const order = termNames(design, name).length;
    const wide = (vector: string, length: number, bound: number): VectorLayout => ({
      name: `${name}/${vector}`,
      length,
      encoding: "wide",
      bound: name === "propensity" ? bound : momentsBound,
    });
    return [
      wide("logLikelihood", 1, 31 * n),
      wide("gradient", order, n + 1),
      wide("information", packedLength(order), (n + 1) / 4),
      countVector(`${name}/extremes`, 2),
    ];
  });
  return { vectors };
}

export function absorbModels(design: TreatmentDesign, state: TreatmentPhase<"models">, sum: Sum): Step {
  const fits = state.fits.map((fit) => advance(design, fit, { sum, basis: state.standardisation.basis }));
  const refusal = fits.map((fit) => refusalOf(design, fit)).find((found) => found !== undefined);
  if (refusal !== undefined) return { kind: "refused", refusal };
  const isFinished = fits.every(({ newton }) => newton.kind === "converged");
  return { kind: "continue", state: { ...state, phase: isFinished ? "totals" : "models", fits } };
}

interface Opened {
  readonly sum: Sum;
  readonly basis: readonly number[];
}

function advance(design: TreatmentDesign, fit: ModelFit, { sum, basis }: Opened): ModelFit {
  if (fit.newton.kind !== "running") return fit;
  const order = termNames(design, fit.name).length;
  const sums = {
    logLikelihood: entry(readVector(sum, `${fit.name}/logLikelihood`, 1), 0),
    gradient: readVector(sum, `${fit.name}/gradient`, order),
    information: readVector(sum, `${fit.name}/information`, packedLength(order)),
    extremeCounts: readVector(sum, `${fit.name}/extremes`, 2),
  };
  const form = modelForm(design, fit.name);
  return { ...fit, newton: absorbNewton(fit.newton, sums, { rules: meanModelRules(form), basis: blockBasis(design, fit.name, basis) }) };
}

/** Columns as of the study's own, standardised: the basis stands for the columns, and again for their products with the treatment. */
function blockBasis({ siteTerms, names }: TreatmentDesign, name: ModelFit["name"], basis: readonly number[]): readonly number[] {
  const p = names.length;
  const starts = name === "propensity" ? [siteTerms ? 0 : 1] : [siteTerms ? 1 : 2, (siteTerms ? 1 : 2) + p];
  const order = (starts.at(-1) ?? 0) + p;
  return Array.from({ length: order * order }, (_, cell) => {
    const [i, j] = [Math.floor(cell / order), cell % order];
    const start = starts.findLast((from) => i >= from);
    if (start === undefined) return Number(i === j);
    return j >= start && j < start + p ? entry(basis, (i - start) * p + (j - start)) : 0;
  });
}

function refusalOf(design: TreatmentDesign, { name, newton }: ModelFit): AnalysisRefusal | undefined {
  if (newton.kind === "running" || newton.kind === "converged") return undefined;
  const code = newton.kind === "dependent" ? "collinear-column" : newton.kind;
  const terms = termNames(design, name);
  return {
    code: name === "propensity" && code === "separated" ? "treatment-separated" : code,
    columns: newton.columns.map((column) => terms[column] ?? ""),
  };
}
