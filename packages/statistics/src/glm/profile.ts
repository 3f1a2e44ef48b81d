/**
 * Coefficients that each hospital keeps for itself: its own intercept, and in a comparison of hospitals its own effect of an exposure.
 *
 * A model with a dummy a hospital has the same estimates as one in which every hospital, for any common coefficients b, finds the own ones d
 * that fit its rows best, and gives the sums of what is left, its *profile* likelihood. With L the directions of the own coefficients:
 *
 *   gradient g (for L g = 0 at the best d), information I − I Lᵀ (L I Lᵀ)⁻¹ L I
 *
 * whose sums over hospitals are those of the model with dummies once the dummies are eliminated from it, and so are estimates and standard
 * errors. No hospital's own coefficient enters a sum. Of a linear model it is the within-hospital regression.
 *
 * Source: Patefield 1977, Sankhyā B 39:92 (information of a profile likelihood); Frisch & Waugh 1933 (the linear case).
 */

import { factorCholesky, packedIndex, packedLength, solveCholesky } from "@dure/numerics";
import type { Glm } from "./families.ts";
import { type GlmContribution, type GlmFitSums, type GlmRows, glmContribution, glmFitSums, glmTerms, weightedSums } from "./likelihood.ts";

/** The intercept alone, or the intercept and further directions: rows of L without the intercept's, each of length p. */
export interface OwnDirections {
  /** Row-major, one row a direction, as long as the coefficients with the intercept, whose entry is 0. */
  readonly slopes: readonly (readonly number[])[];
}

export interface ProfileContribution {
  readonly contribution: GlmContribution;
  /** Own coefficients, intercept first; undefined where these rows have no finite ones. */
  readonly own: readonly number[] | undefined;
}

const STEPS_MAX = 100;
/** λ² at or below this: the own coefficients are exact to 1e-12 of their standard errors. */
const DECREMENT_CONVERGED = 1e-24;
/** Longest run of an own coefficient on columns near unit scale: beyond it the rows are split. */
const OWN_MAX = 60;

/**
 * The profile likelihood's sums at common coefficients.
 *
 * @param params as for `glmContribution`; the intercept and whatever lies along the own directions counts as a start only
 * @returns zeros where all outcomes are 0 (or 1 of a logistic model): the own intercept runs to infinity and leaves nothing. Where own
 *   coefficients have no finite values for another reason (an own direction splits the rows) all rows are outside.
 * Numerics: O(own steps × n (1 + directions)² + n p²).
 */
export function profileContribution(model: Glm, rows: GlmRows, params: ArrayLike<number>, directions: OwnDirections): ProfileContribution {
  const own = fitOwn(model, rows, params, directions);
  const at = own === undefined ? Float64Array.from(params) : withOwn(params, own, directions);
  const full = glmContribution(model, rows, at);
  const hasNone = own === undefined && !isUniform(model, rows);
  if (own === undefined || full.outsideCount > 0)
    return { contribution: emptied(full, hasNone ? rows.rowCount : own === undefined ? 0 : full.outsideCount), own };
  const order = full.gradient.length;
  const basis = directionsOf(directions, order);
  const { information } = projected(full.information, basis, order);
  return { contribution: { ...full, gradient: withoutIntercept(full.gradient), information }, own };
}

/** `glmFitSums` of the profile likelihood: own coefficients are eliminated from expected information and score products. */
export function profileFitSums(model: Glm, rows: GlmRows, params: ArrayLike<number>, directions: OwnDirections): GlmFitSums | undefined {
  const own = fitOwn(model, rows, params, directions);
  if (own === undefined) return undefined;
  const sums = glmFitSums(model, rows, withOwn(params, own, directions));
  const order = sums.gradient.length;
  const basis = directionsOf(directions, order);
  const { information, projection } = projected(sums.information, basis, order);
  return {
    ...sums,
    gradient: withoutIntercept(sums.gradient),
    information,
    scoreProducts: transformed(sums.scoreProducts, projection, order),
  };
}

/** Newton over the own coefficients, the common part being an offset. */
function fitOwn(model: Glm, rows: GlmRows, params: ArrayLike<number>, directions: OwnDirections): readonly number[] | undefined {
  if (isUniform(model, rows)) return undefined;
  const common = ownRows(rows, params, directions);
  const theta = model.family === "negative-binomial" ? [params[params.length - 1] ?? Number.NaN] : [];
  const order = directions.slopes.length + 1;
  const start = ownStart(model, common);
  let point = { own: start, ...ownSums(model, common, [...start, ...theta]) };
  if (!point.isInside) return undefined;
  let before = Number.POSITIVE_INFINITY;
  for (let i = 0; i < STEPS_MAX; i++) {
    const factored = factorCholesky(point.information, order);
    if (factored.kind === "dependent") return undefined;
    const step = solveCholesky(factored, point.gradient);
    const decrement = step.reduce((total, value, j) => total + value * (point.gradient[j] ?? Number.NaN), 0);
    const hasSettled = decrement <= DECREMENT_CONVERGED || (decrement < 1e-16 && decrement > before / 4);
    if (hasSettled) return point.own.map((value, j) => value + (step[j] ?? Number.NaN));
    before = decrement;
    const next = stepBack(point, step, (own) => ownSums(model, common, [...own, ...theta]));
    if (next === undefined || next.own.some((value) => Math.abs(value) > OWN_MAX + Math.abs(start[0] ?? 0))) return undefined;
    point = next;
  }
  return undefined;
}

interface OwnPoint {
  readonly own: readonly number[];
  readonly logLikelihood: number;
  readonly gradient: Float64Array;
  readonly information: Float64Array;
  readonly isInside: boolean;
}

/** Halves a step until the likelihood does not fall. */
function stepBack(point: OwnPoint, step: Float64Array, sumsAt: (own: readonly number[]) => Omit<OwnPoint, "own">): OwnPoint | undefined {
  for (let halvings = 0; halvings < 40; halvings++) {
    const own = point.own.map((value, j) => value + (step[j] ?? Number.NaN) * 2 ** -halvings);
    const sums = sumsAt(own);
    if (sums.isInside && sums.logLikelihood >= point.logLikelihood - 1e-13 * Math.abs(point.logLikelihood)) return { own, ...sums };
  }
  return undefined;
}

function ownSums(model: Glm, rows: GlmRows, params: readonly number[]): Omit<OwnPoint, "own"> {
  const terms = glmTerms(model, rows, params);
  const { products: information, columnSums: gradient } = weightedSums(rows, terms.observed, terms.scores);
  return { logLikelihood: terms.logLikelihood, gradient, information, isInside: terms.outsideCount === 0 };
}

/** The rows as functions of the own coefficients alone: columns along the own directions, everything else in the offset. */
function ownRows(rows: GlmRows, params: ArrayLike<number>, { slopes }: OwnDirections): GlmRows {
  const { rowCount, featureCount, stride } = rows;
  const along = (weights: ArrayLike<number>, from: number, out: Float64Array): void => {
    for (let j = 0; j < featureCount; j++) {
      const weight = weights[j + 1] ?? Number.NaN;
      if (weight === 0) continue;
      for (let i = 0; i < rowCount; i++) out[from + i] = (out[from + i] ?? 0) + weight * (rows.features[j * stride + i] ?? Number.NaN);
    }
  };
  const features = new Float64Array(slopes.length * rowCount);
  slopes.forEach((direction, d) => {
    along(direction, d * rowCount, features);
  });
  const offset = rows.offset === undefined ? new Float64Array(rowCount) : rows.offset.slice(0, rowCount);
  along(params, 0, offset);
  return { ...rows, features, featureCount: slopes.length, stride: rowCount, offset };
}

/** A point inside whatever the common part is: the intercept that fits the mean at the middle of the offsets. */
function ownStart(model: Glm, { offset, outcome, weights, rowCount, featureCount }: GlmRows): readonly number[] {
  let [weight, total, shift, exposure] = [0, 0, 0, 0];
  for (let i = 0; i < rowCount; i++) {
    const a = weights?.[i] ?? 1;
    weight += a;
    total += a * (outcome[i] ?? 0);
    shift += a * (offset?.[i] ?? 0);
    exposure += a * Math.exp(Math.min(30, offset?.[i] ?? 0));
  }
  const mean = total / weight;
  const slopes = new Array<number>(featureCount).fill(0);
  switch (model.link) {
    case "identity":
      return [mean - shift / weight, ...slopes];
    case "log":
      return [Math.log(total / exposure), ...slopes];
    case "logit":
      return [Math.log(mean / (1 - mean)) - shift / weight, ...slopes];
    case "inverse":
      return [1 / mean - (offset ?? new Float64Array()).reduce((least, value) => Math.min(least, value), 0), ...slopes];
  }
}

/** All outcomes 0, or of a logistic model all 1: the own intercept has no finite value. */
function isUniform(model: Glm, { outcome, rowCount }: GlmRows): boolean {
  if (rowCount === 0) return true;
  if (model.family === "linear" || model.family === "gamma") return false;
  const own = outcome.subarray(0, rowCount);
  return own.every((y) => y === 0) || (model.family === "logistic" && own.every((y) => y === 1));
}

function withOwn(params: ArrayLike<number>, own: readonly number[], { slopes }: OwnDirections): Float64Array {
  const out = Float64Array.from(params);
  out[0] = own[0] ?? Number.NaN;
  slopes.forEach((direction, d) => {
    for (let j = 1; j < direction.length; j++) out[j] = (out[j] ?? 0) + (direction[j] ?? 0) * (own[d + 1] ?? Number.NaN);
  });
  return out;
}

/** L, one row a direction, the intercept's first. */
const directionsOf = ({ slopes }: OwnDirections, order: number): readonly (readonly number[])[] => [
  Array.from({ length: order }, (_, j) => Number(j === 0)),
  ...slopes.map((direction) => Array.from({ length: order }, (_, j) => direction[j] ?? 0)),
];

/** At the own maximum the intercept's entry is 0 but for rounding, which would be summed. */
function withoutIntercept(gradient: Float64Array): Float64Array {
  const out = Float64Array.from(gradient);
  out[0] = 0;
  return out;
}

/** I − I Lᵀ (L I Lᵀ)⁻¹ L I, and the projection P = 1 − I Lᵀ (L I Lᵀ)⁻¹ L that makes it, row-major. */
function projected(information: ArrayLike<number>, basis: readonly (readonly number[])[], order: number) {
  const get = (i: number, j: number): number => information[i <= j ? packedIndex(order, i, j) : packedIndex(order, j, i)] ?? Number.NaN;
  const own = basis.length;
  const half = basis.map((direction) =>
    Array.from({ length: order }, (_, i) => direction.reduce((total, value, j) => total + (value === 0 ? 0 : value * get(i, j)), 0)),
  );
  const inner = new Float64Array(packedLength(own));
  for (let a = 0; a < own; a++) for (let b = a; b < own; b++) inner[packedIndex(own, a, b)] = dot(basis[a] ?? [], half[b] ?? []);
  const factored = factorCholesky(inner, own);
  if (factored.kind === "dependent") throw new Error("own coefficients were found, so their information has an inverse");
  const out = new Float64Array(packedLength(order));
  const projection = new Float64Array(order * order);
  for (let i = 0; i < order; i++) {
    const solved = solveCholesky(
      factored,
      half.map((column) => column[i] ?? Number.NaN),
    );
    for (let j = 0; j < order; j++) {
      const lost = basis.reduce((total, direction, d) => total + (solved[d] ?? Number.NaN) * (direction[j] ?? 0), 0);
      projection[i * order + j] = Number(i === j) - lost;
      if (j >= i)
        out[packedIndex(order, i, j)] = get(i, j) - solved.reduce((total, value, d) => total + value * (half[d]?.[j] ?? Number.NaN), 0);
    }
  }
  return { information: out, projection };
}

/** P A Pᵀ of a packed A. */
function transformed(packed: ArrayLike<number>, matrix: Float64Array, order: number): Float64Array {
  const get = (i: number, j: number): number => packed[i <= j ? packedIndex(order, i, j) : packedIndex(order, j, i)] ?? Number.NaN;
  const half = new Float64Array(order * order);
  for (let i = 0; i < order; i++)
    for (let j = 0; j < order; j++) {
      let total = 0;
      for (let k = 0; k < order; k++) total += (matrix[i * order + k] ?? 0) * get(k, j);
      half[i * order + j] = total;
    }
  const out = new Float64Array(packedLength(order));
  for (let i = 0; i < order; i++)
    for (let j = i; j < order; j++) {
      let total = 0;
      for (let k = 0; k < order; k++) total += (half[i * order + k] ?? 0) * (matrix[j * order + k] ?? 0);
      out[packedIndex(order, i, j)] = total;
    }
  return out;
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((total, value, i) => total + value * (b[i] ?? Number.NaN), 0);

/** What rows leave that fit any common coefficients alike. */
const emptied = (full: GlmContribution, outsideCount: number): GlmContribution => ({
  ...full,
  logLikelihood: 0,
  gradient: new Float64Array(full.gradient.length),
  information: new Float64Array(full.information.length),
  outsideCount,
  extremeCounts: [0, 0],
  weightSum: 0,
  weightSquareSum: 0,
  linearPredictorMax: 0,
});
