/**
 * The last round: what every fitted model is judged by, at its coefficients: deviance, Pearson's χ², gradient and expected information, and of
 * the full model the middle of the sandwich, or Σ over hospitals of U Uᵀ with U a hospital's own score.
 *
 * That last sum holds each hospital's score only within a sum of outer products: with at least three honest hospitals it fixes the scores no
 * better than up to a continuous rotation, and there are at least five (`CLUSTERS_MIN`), of which two may collude.
 *
 * The comparison of hospitals: with J a hospital's expected information and δ its own effect as a step from the common point, Σ J δ and
 * Σ δᵀ J δ give Q = Σ δᵀ J δ − vᵀ (Σ J)⁻¹ v, v = Σ J δ: Wald's test that all own effects are one, in the model with a dummy a hospital.
 */

import { packedLength } from "@dure/numerics";
import type { Sum, SumLayout, VectorLayout } from "@dure/privacy";
import { momentsBound } from "../standardisation.ts";
import { entry, readVector } from "../sum-reading.ts";
import { type GlmDesign, hasTheta, siteOrder } from "./design.ts";
import { unitOf } from "./fits.ts";
import type { GlmFit, GlmPhase } from "./state.ts";

/** Deviance, Pearson's χ², the log-likelihood, and the information of log θ. */
const judgedLength = 4;

/** Coefficients with standard errors: intercept and columns, θ apart. */
export const slopeOrder = (design: GlmDesign): number => siteOrder(design) - Number(hasTheta(design));

export const convergedFits = (fits: readonly GlmFit[]): readonly GlmFit[] => fits.filter(({ newton }) => newton.kind === "converged");

/** Nothing bounds Pearson's χ² but the encoding: a count where the model expects almost none is a large number. */
export function summaryLayout(design: GlmDesign, state: GlmPhase<"summary">): SumLayout {
  const order = slopeOrder(design);
  const wide = (name: string, length: number): VectorLayout => ({ name, length, encoding: "wide", bound: momentsBound });
  const middle = design.errors === "site-clustered" ? "clusterProducts" : "scoreProducts";
  const vectors = convergedFits(state.fits).flatMap(({ name, isByHospital }): VectorLayout[] => [
    wide(`${name}/judged`, judgedLength),
    wide(`${name}/gradient`, order),
    wide(`${name}/information`, packedLength(order)),
    ...(isByHospital ? [wide(`${name}/ownEffects`, order), wide(`${name}/ownEffectSquares`, 1)] : []),
    ...(name === "full" && design.errors !== "model" ? [wide(`${name}/${middle}`, packedLength(order))] : []),
  ]);
  return { vectors };
}

export interface Judged {
  readonly deviance: number;
  readonly pearson: number;
  readonly logLikelihood: number;
  readonly thetaInformation: number;
  /** In the sites' space, without θ. */
  readonly gradient: Float64Array;
  readonly information: Float64Array;
}

export function readJudged(design: GlmDesign, name: string, { state, sum }: { state: GlmPhase<"summary">; sum: Sum }): Judged {
  const unit = unitOf(design, state);
  const judged = readVector(sum, `${name}/judged`, judgedLength);
  const order = slopeOrder(design);
  return {
    deviance: unit * entry(judged, 0),
    pearson: unit * entry(judged, 1),
    logLikelihood: unit * entry(judged, 2),
    thetaInformation: unit * entry(judged, 3),
    gradient: scaled(readVector(sum, `${name}/gradient`, order), unit),
    information: scaled(readVector(sum, `${name}/information`, packedLength(order)), unit),
  };
}

/** Packed; of clustered errors without the factor. */
export function readMiddle(design: GlmDesign, state: GlmPhase<"summary">, sum: Sum): Float64Array {
  const middle = design.errors === "site-clustered" ? "clusterProducts" : "scoreProducts";
  return scaled(readVector(sum, `full/${middle}`, packedLength(slopeOrder(design))), unitOf(design, state));
}

export function readOwnEffects(design: GlmDesign, state: GlmPhase<"summary">, sum: Sum) {
  const unit = unitOf(design, state);
  return {
    moved: scaled(readVector(sum, "by hospital/ownEffects", slopeOrder(design)), unit),
    squares: unit * entry(readVector(sum, "by hospital/ownEffectSquares", 1), 0),
  };
}

const scaled = (values: readonly number[], unit: number): Float64Array => Float64Array.from(values, (value) => unit * value);
