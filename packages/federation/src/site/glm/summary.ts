/** One site's part of the last sum: what every fitted model is judged by. */

import { packedIndex, packedLength } from "@dure/numerics";
import type { Contribution, Influence } from "@dure/privacy";
import { type GlmFitSums, type GlmRows, glmFitSums, profileContribution, profileFitSums } from "@dure/statistics";
import type { GlmDesign } from "../../coordinator/glm/design.ts";
import { unitOf } from "../../coordinator/glm/fits.ts";
import type { GlmFit, GlmPhase } from "../../coordinator/glm/state.ts";
import { convergedFits, slopeOrder } from "../../coordinator/glm/summary.ts";
import { directionsOf, sitesPoint } from "./fits.ts";

export function contributeSummary(design: GlmDesign, state: GlmPhase<"summary">, rows: GlmRows): Contribution {
  const unit = unitOf(design, state);
  const vectors = new Map<string, Float64Array>();
  const set = (name: string, values: ArrayLike<number>): void => {
    vectors.set(
      name,
      Float64Array.from(values, (value) => value / unit),
    );
  };
  const influence: Influence[] = [];
  for (const fit of convergedFits(state.fits)) {
    const { sums, ownEffects } = judge(design, state, { rows, fit });
    set(`${fit.name}/judged`, [sums.deviance, sums.pearson, sums.logLikelihood, sums.thetaInformation]);
    set(`${fit.name}/gradient`, sums.gradient);
    set(`${fit.name}/information`, sums.information);
    if (fit.isByHospital) {
      const { moved, squares } = ownEffectSums(sums, ownEffects);
      set(`${fit.name}/ownEffects`, moved);
      set(`${fit.name}/ownEffectSquares`, [squares]);
    }
    influence.push(...influenceOf(design, state, { name: fit.name, sums, rows }));
    if (fit.name !== "full") continue;
    if (design.errors === "sandwich") set("full/scoreProducts", sums.scoreProducts);
    if (design.errors === "site-clustered") set("full/clusterProducts", outerProduct(sums.gradient));
  }
  return { vectors, influence };
}

interface Judging {
  readonly name: string;
  readonly sums: GlmFitSums;
  readonly rows: GlmRows;
}

/** Rows that leave zeros leave nothing to dominate. In the middle of the sandwich a row counts by the square of its residual. */
function influenceOf(design: GlmDesign, { counts }: GlmPhase<"summary">, { name, sums, rows }: Judging): readonly Influence[] {
  if (!(sums.weightSum > 0)) return [];
  const common = {
    rowCount: rows.rowCount,
    totalRowCount: counts.n,
    parameterCount: slopeOrder(design),
    linearPredictorMax: sums.linearPredictorMax,
  };
  const weights = { weightSum: sums.weightSum, weightSquareSum: sums.weightSquareSum };
  const squares = { weightSum: sums.scoreSquares, weightSquareSum: sums.scoreFourths };
  const hasMiddle = name === "full" && design.errors === "sandwich";
  return [{ what: name, ...common, ...weights }, ...(hasMiddle ? [{ what: "sandwich", ...common, ...squares }] : [])];
}

interface FitRows {
  readonly rows: GlmRows;
  readonly fit: GlmFit;
}

interface JudgedFit {
  readonly sums: GlmFitSums;
  /** In a comparison of hospitals: the way from the common point to this hospital's own effect, in the space of all columns. */
  readonly ownEffects: readonly number[];
}

/** In a comparison of hospitals only the intercept is eliminated: the own effects are what is compared. */
function judge(design: GlmDesign, state: GlmPhase<"summary">, { rows, fit }: FitRows): JudgedFit {
  const params = sitesPoint(design, state, fit);
  if (!design.hasOwnIntercepts) return { sums: glmFitSums(design.model, rows, params), ownEffects: [] };
  const empty = { sums: emptySums(design), ownEffects: [] };
  if (!fit.isByHospital) return { sums: profileFitSums(design.model, rows, params, { slopes: [] }) ?? empty.sums, ownEffects: [] };
  const { slopes } = directionsOf(design, state, fit);
  const { own } = profileContribution(design.model, rows, params, { slopes });
  if (own === undefined) return empty;
  const ownEffects = params.map((_, j) => slopes.reduce((total, direction, d) => total + (own[d + 1] ?? 0) * (direction[j] ?? 0), 0));
  const at = params.map((value, j) => value + (ownEffects[j] ?? 0));
  return { sums: profileFitSums(design.model, rows, at, { slopes: [] }) ?? empty.sums, ownEffects };
}

/** J δ and δᵀ J δ. */
function ownEffectSums({ information, gradient }: GlmFitSums, ownEffects: readonly number[]) {
  const order = gradient.length;
  const moved = Float64Array.from({ length: order }, (_, i) => {
    let total = 0;
    for (let j = 0; j < order; j++) {
      total += (information[i <= j ? packedIndex(order, i, j) : packedIndex(order, j, i)] ?? 0) * (ownEffects[j] ?? 0);
    }
    return total;
  });
  return { moved, squares: moved.reduce((total, value, j) => total + value * (ownEffects[j] ?? 0), 0) };
}

/** U Uᵀ, packed. */
function outerProduct(score: Float64Array): Float64Array {
  const order = score.length;
  const out = new Float64Array(packedLength(order));
  for (let i = 0; i < order; i++) for (let j = i; j < order; j++) out[packedIndex(order, i, j)] = (score[i] ?? 0) * (score[j] ?? 0);
  return out;
}

/** Of rows that fit any common coefficients alike: all without an event, or of a logistic family all with it. */
function emptySums(design: GlmDesign): GlmFitSums {
  const order = slopeOrder(design);
  const packed = new Float64Array(packedLength(order));
  return {
    deviance: 0,
    pearson: 0,
    logLikelihood: 0,
    gradient: new Float64Array(order),
    information: packed,
    scoreProducts: packed,
    thetaInformation: 0,
    weightSum: 0,
    weightSquareSum: 0,
    scoreSquares: 0,
    scoreFourths: 0,
    linearPredictorMax: 0,
  };
}
