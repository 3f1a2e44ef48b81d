/**
 * Penalised fits: at a λ that the study gives, or along a path of λ chosen by leaving each fifth of the rows out in turn. All λ and all fifths
 * advance together, so a path costs a fit's few sums, not as many times that.
 *
 * Minimised over the coefficients b of columns with standard deviation 1 (n in its denominator, as in glmnet), with d the outcome's own units:
 *
 *   −l / W + λ (mix Σ |bⱼ| + ½ (1 − mix) Σ bⱼ²);  l = −½ Σ (y − μ)² of a linear model
 *
 * Path: from the λ at which every coefficient is 0 down to a thousandth of it, in equal steps of its logarithm. The λ with the least deviance
 * of patients left out is taken. Weights and own intercepts of hospitals do not go with a penalty (the study's rules say so).
 *
 * Source: Friedman, Hastie & Tibshirani 2010, J Stat Softw 33(1).
 */

import { packedLength } from "@dure/numerics";
import type { Sum, SumLayout, VectorLayout } from "@dure/privacy";
import { absorbPenalised, beginPenalised, type GlmContribution, invertUpper } from "@dure/statistics";
import type { Absorbed } from "../../analysis.ts";
import type { FrozenGlm, GlmResult, PathPoint } from "../../glm-result.ts";
import { foldCount } from "../folds.ts";
import { momentsBound } from "../standardisation.ts";
import { entry, readVector } from "../sum-reading.ts";
import { type GlmDesign, siteOrder } from "./design.ts";
import { boundsOf, startOf, unitOf } from "./fits.ts";
import type { PenalisedFit, PenalisedState } from "./penalised-state.ts";
import { knownAnalysis, ownUnits } from "./result.ts";
import type { GlmKnown, GlmPhase, GlmState } from "./state.ts";
import { subspaceOf } from "./subspace.ts";

type Step = Absorbed<GlmState, GlmResult>;

const PATH_LENGTH = { most: 30, least: 8 } as const;
const PATH_RATIO = 1e-3;
/** Entries of a round's information matrices: 64 MB as they are sent. */
const PATH_ENTRIES_MAX = 2 ** 22;
/** A ridge has no λ at which every coefficient is 0: its path starts as if so much of it were a lasso. */
const PATH_MIX_MIN = 1e-3;

export function pathLayout(design: GlmDesign, state: GlmPhase<"path">): SumLayout {
  const { gradient: bound } = boundsOf(design, state);
  return { vectors: [{ name: "path/gradient", length: siteOrder(design), encoding: "wide", bound }] };
}

export function absorbPath(design: GlmDesign, state: GlmPhase<"path">, sum: Sum): Step {
  const order = siteOrder(design);
  const unit = unitOf(design, state);
  const gradient = readVector(sum, "path/gradient", order).map((value) => unit * value);
  const inverse = invertUpper(subspaceOf(design, state.standardisation, allColumns(design)).basis, order);
  const own = Array.from({ length: order }, (_, j) =>
    gradient.reduce((total, value, i) => total + value * entry(inverse, i * order + j), 0),
  );
  const steepest = Math.max(...own.slice(1).map(Math.abs));
  const mix = Math.max(PATH_MIX_MIN, design.penalty?.mix ?? 0);
  const most = (outcomeUnit(design, state) * steepest) / (state.sums.weight * columnUnit(state.counts.n) * mix);
  const room = Math.floor(PATH_ENTRIES_MAX / ((foldCount + 1) * packedLength(order)));
  const length = Math.max(PATH_LENGTH.least, Math.min(PATH_LENGTH.most, room));
  const lambdas = Array.from({ length }, (_, i) => most * PATH_RATIO ** (i / (length - 1)));
  return { kind: "continue", state: { ...state, phase: "penalised", penalised: startPenalised(design, state, lambdas) } };
}

/** @param lambdas descending */
export function startPenalised(design: GlmDesign, { totals }: Pick<GlmKnown, "totals">, lambdas: readonly number[]): PenalisedState {
  const fit = beginPenalised(startOf(design, totals));
  const leftOut = [null, ...(design.hasFolds ? Array.from({ length: foldCount }, (_, fold) => fold) : [])];
  return { lambdas, fits: lambdas.flatMap((lambda) => leftOut.map((fold): PenalisedFit => ({ lambda, leftOut: fold, fit }))) };
}

/** Points at which sums are asked for: fits of one part of the rows that stand at one point share theirs. */
export interface AskedPoint {
  readonly leftOut: number | null;
  readonly params: readonly number[];
}

export function askedPoints({ fits }: PenalisedState): readonly AskedPoint[] {
  const points = new Map<string, AskedPoint>();
  for (const { leftOut, fit } of fits) {
    if (fit.kind === "running") points.set(pointKey(leftOut, fit.trial), { leftOut, params: fit.trial });
  }
  return [...points.values()];
}

const pointKey = (leftOut: number | null, params: readonly number[]): string => JSON.stringify([leftOut, params]);

export function penalisedLayout(design: GlmDesign, state: GlmPhase<"penalised">): SumLayout {
  const count = askedPoints(state.penalised).length;
  const order = siteOrder(design);
  const bounds = boundsOf(design, state);
  const wide = (name: string, length: number, bound: number): VectorLayout => ({ name, length, encoding: "wide", bound });
  return {
    vectors: [
      wide("penalised/logLikelihood", count, bounds.logLikelihood),
      wide("penalised/gradient", count * order, bounds.gradient),
      wide("penalised/information", count * packedLength(order), bounds.information),
      { name: "penalised/outside", length: count, encoding: "histogram", bound: state.counts.n },
    ],
  };
}

export function absorbPenalisedRound(design: GlmDesign, state: GlmPhase<"penalised">, sum: Sum): Step {
  const sums = readPoints(design, state, sum);
  const { basis } = subspaceOf(design, state.standardisation, allColumns(design));
  const fits = state.penalised.fits.map((own): PenalisedFit => {
    const { fit, lambda, leftOut } = own;
    const contribution = fit.kind === "running" ? sums.get(pointKey(leftOut, fit.trial)) : undefined;
    if (fit.kind !== "running" || contribution === undefined) return own;
    const step = { ...penaltyAt(design, state, { lambda, leftOut }), basis, isQuadratic: design.model.family === "linear" };
    return { ...own, fit: absorbPenalised(fit, contribution, step) };
  });
  const isFinished = fits.every(({ fit }) => fit.kind !== "running");
  return { kind: "continue", state: { ...state, phase: isFinished ? "judged" : "penalised", penalised: { ...state.penalised, fits } } };
}

/** Both parts of the penalty times the rows of the fit, on the fit's own units. */
function penaltyAt(design: GlmDesign, state: GlmKnown, { lambda, leftOut }: Pick<PenalisedFit, "lambda" | "leftOut">) {
  const { n, folds } = state.counts;
  const rows = leftOut === null ? n : n - entry(folds, leftOut);
  const mix = design.penalty?.mix ?? 0;
  const unit = columnUnit(n);
  return { l1: (rows * lambda * mix * unit) / outcomeUnit(design, state), l2: rows * lambda * (1 - mix) * unit * unit };
}

/** A column standardised with n − 1 has this standard deviation with n. */
const columnUnit = (n: number): number => Math.sqrt((n - 1) / n);

const outcomeUnit = ({ model }: GlmDesign, { scale }: Pick<GlmKnown, "scale">): number => (model.family === "linear" ? scale.scale : 1);

function readPoints(design: GlmDesign, state: GlmPhase<"penalised">, sum: Sum): ReadonlyMap<string, GlmContribution> {
  const points = askedPoints(state.penalised);
  const order = siteOrder(design);
  const unit = unitOf(design, state);
  const size = packedLength(order);
  const read = (name: string, length: number): Float64Array =>
    Float64Array.from(readVector(sum, `penalised/${name}`, points.length * length), (value) => unit * value);
  const [values, gradients, informations] = [read("logLikelihood", 1), read("gradient", order), read("information", size)];
  const outside = readVector(sum, "penalised/outside", points.length);
  return new Map(
    points.map(({ leftOut, params }, i) => [
      pointKey(leftOut, params),
      {
        logLikelihood: entry(values, i),
        gradient: gradients.slice(i * order, (i + 1) * order),
        information: informations.slice(i * size, (i + 1) * size),
        outsideCount: entry(outside, i),
        extremeCounts: [0, 0],
        weightSum: 0,
        weightSquareSum: 0,
        linearPredictorMax: 0,
      },
    ]),
  );
}

/** Deviance of all rows at every λ; of the rows that a fit had not seen by λ and fifth. */
export function judgedLayout(design: GlmDesign, { penalised: { lambdas }, counts }: GlmPhase<"judged">): SumLayout {
  const folds = design.hasFolds ? foldCount * lambdas.length : 0;
  const whole: VectorLayout = { name: "penalised/deviance", length: lambdas.length, encoding: "wide", bound: momentsBound };
  if (folds === 0) return { vectors: [whole] };
  return {
    vectors: [
      whole,
      { name: "penalised/heldOutDeviance", length: folds, encoding: "wide", bound: momentsBound },
      { name: "penalised/heldOutOutside", length: folds, encoding: "histogram", bound: counts.n },
    ],
  };
}

export function absorbJudged(design: GlmDesign, state: GlmPhase<"judged">, sum: Sum): Step {
  const { penalty } = design;
  if (penalty === undefined) throw new Error("only penalised fits are judged so");
  const { lambdas, fits } = state.penalised;
  const path = design.hasFolds ? pathOf(design, state, sum) : undefined;
  const chosen = path === undefined ? 0 : bestOf(path);
  const full = fits.find(({ lambda, leftOut }) => leftOut === null && lambda === entry(lambdas, chosen));
  if (full?.fit.kind !== "converged") return { kind: "refused", refusal: { code: "not-converged", columns: [design.outcome] } };
  const model = withZeros(ownModel(design, state, full.fit.params), nonZeros(design, state, full.fit.params));
  const square = design.model.family === "linear" ? state.scale.scale ** 2 : 1;
  const deviance = square * unitOf(design, state) * entry(readVector(sum, "penalised/deviance", lambdas.length), chosen);
  const analysis: GlmResult["analysis"] = {
    ...knownAnalysis(design, state),
    iterations: full.fit.iterations,
    outcome: "converged",
    terms: [],
    errors: { kind: "model" },
    deviance,
    penalty: {
      kind: penalty.kind,
      mix: penalty.mix,
      lambda: full.lambda,
      ...(path === undefined ? {} : { path: path.filter(isFinitePoint), lambdaOneStandardError: oneErrorAway(path, chosen) }),
      coefficients: model.terms.map((name, i) => ({ name, estimate: entry(model.coefficients, i) })),
    },
  };
  return { kind: "done", result: { analysis, model } };
}

const ownModel = (design: GlmDesign, state: GlmKnown, params: readonly number[]): FrozenGlm =>
  ownUnits(design, state, { params, covariance: new Float64Array(packedLength(siteOrder(design))) }).model;

const withZeros = ({ terms, coefficients }: FrozenGlm, isNonZero: readonly boolean[]): FrozenGlm => ({
  terms,
  coefficients: coefficients.map((value, i) => (isNonZero[i] === true ? value : 0)),
});

/** A λ at which a fifth has no fit, or a patient whom the fit cannot place, is no candidate: its deviance is infinite. */
function pathOf(design: GlmDesign, state: GlmPhase<"judged">, sum: Sum): readonly PathPoint[] {
  const { lambdas, fits } = state.penalised;
  const count = foldCount * lambdas.length;
  const square = design.model.family === "linear" ? state.scale.scale ** 2 : 1;
  const deviances = readVector(sum, "penalised/heldOutDeviance", count).map((value) => square * unitOf(design, state) * value);
  const outside = readVector(sum, "penalised/heldOutOutside", count);
  const { n, folds } = state.counts;
  return lambdas.map((lambda, i) => {
    const own = fits.filter((fit) => fit.lambda === lambda);
    const isComplete =
      own.every(({ fit }) => fit.kind === "converged") && outside.slice(i * foldCount, (i + 1) * foldCount).every((rows) => rows === 0);
    const means = folds.map((rows, fold) => entry(deviances, i * foldCount + fold) / rows);
    const deviance = isComplete
      ? means.reduce((total, value, fold) => total + (value * entry(folds, fold)) / n, 0)
      : Number.POSITIVE_INFINITY;
    const spread = means.reduce((total, value, fold) => total + ((value - deviance) ** 2 * entry(folds, fold)) / n, 0);
    return { lambda, deviance, standardError: Math.sqrt(spread / (foldCount - 1)), nonZeroCount: nonZeroCount(design, state, own[0]) };
  });
}

/** Which slopes are not 0. A 0 that went through the fit's own columns and back is one to rounding. */
function nonZeros(design: GlmDesign, { standardisation }: GlmKnown, params: readonly number[]): readonly boolean[] {
  const { basis, order } = subspaceOf(design, standardisation, allColumns(design));
  return Array.from(
    { length: order },
    (_, i) => i === 0 || Math.abs(params.reduce((total, value, j) => total + entry(basis, i * order + j) * value, 0)) > 1e-12,
  );
}

function nonZeroCount(design: GlmDesign, state: GlmKnown, full: PenalisedFit | undefined): number {
  return full?.fit.kind === "converged" ? nonZeros(design, state, full.fit.params).filter(Boolean).length - 1 : 0;
}

const isFinitePoint = ({ deviance }: PathPoint): boolean => Number.isFinite(deviance);

const bestOf = (path: readonly PathPoint[]): number =>
  path.reduce((best, { deviance }, i) => (deviance < (path[best]?.deviance ?? Number.POSITIVE_INFINITY) ? i : best), 0);

function oneErrorAway(path: readonly PathPoint[], chosen: number): number {
  const best = path[chosen];
  const limit = (best?.deviance ?? 0) + (best?.standardError ?? 0);
  return path.find(({ deviance }) => deviance <= limit)?.lambda ?? best?.lambda ?? 0;
}

const allColumns = (design: GlmDesign): readonly number[] => design.features.map((_, j) => j);
