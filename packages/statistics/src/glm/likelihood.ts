/**
 * What rows add to the likelihood of a generalised linear model: its value, gradient and information, and the sums that judge a fit.
 *
 *   η = offset + b₀ + Σ xⱼ bⱼ;  gradient Σ a s x, information Σ a w x xᵀ   (x₀ = 1; a prior weight, s and w of families.ts)
 *
 * With a negative binomial family the last coefficient is log θ, and its derivatives are the last row of gradient and information. All are sums
 * over rows: hospitals add theirs, and the total is that of the rows put together.
 */

import { CompensatedSum, packedIndex, packedLength, sum } from "@dure/numerics";
import { BLOCK_ROWS, sumBlocks } from "@dure/numerics/kernels";
import { emptyTerms, type Glm, type GlmFamily, glmFamily } from "./families.ts";

/** Rows of one fit. The intercept is implied: coefficient 0 belongs to a column of ones that nobody stores. */
export interface GlmRows {
  readonly rowCount: number;
  /** Column-major: feature j of row i at j × stride + i. */
  readonly features: Float64Array;
  readonly featureCount: number;
  /** Rows from one column to the next, ≥ rowCount. */
  readonly stride: number;
  /** By row; 0 or 1 of a logistic, a whole number ≥ 0 of a Poisson or negative binomial, > 0 of a Gamma family. */
  readonly outcome: Float64Array;
  /** Prior weights, > 0; absent: 1. */
  readonly weights?: Float64Array;
  /** Added to η; absent: 0. */
  readonly offset?: Float64Array;
}

/** Mergeable sums over rows, at one point. */
export interface GlmContribution {
  /** At most 0: minus half the deviance; of a logistic or negative binomial family the log-likelihood. */
  readonly logLikelihood: number;
  /** Shape (p,), with log θ behind where there is one. */
  readonly gradient: Float64Array;
  /** Observed, packed upper triangle by rows. */
  readonly information: Float64Array;
  /** Rows where the model has no mean at this point: they are in no other sum, and no fit may stay there. */
  readonly outsideCount: number;
  /** Of a logit link: rows with |η| above 10, and above 24. */
  readonly extremeCounts: readonly [number, number];
  /** Σ and Σ of squares of prior × expected weight, for the gate. */
  readonly weightSum: number;
  readonly weightSquareSum: number;
  /** max |η| of a logit or log link; 0 of other links. */
  readonly linearPredictorMax: number;
}

/** Mergeable sums at a fitted point, all rows inside. */
export interface GlmFitSums {
  readonly deviance: number;
  /** Σ a (y − μ)² / V(μ). */
  readonly pearson: number;
  readonly logLikelihood: number;
  readonly gradient: Float64Array;
  /** Expected, without θ: what standard errors come from. */
  readonly information: Float64Array;
  /** Σ (a s)² x xᵀ: the middle of the sandwich. */
  readonly scoreProducts: Float64Array;
  /** −∂²l/∂(log θ)²; 0 of a family without θ. */
  readonly thetaInformation: number;
  /** For the gate: of the weights of the information, as in `GlmContribution`, and of those of the score products, Σ (a s)² and Σ (a s)⁴. */
  readonly weightSum: number;
  readonly weightSquareSum: number;
  readonly scoreSquares: number;
  readonly scoreFourths: number;
  readonly linearPredictorMax: number;
}

/** Every row's terms at one point, prior weights included. */
export interface GlmTerms {
  readonly eta: Float64Array;
  readonly scores: Float64Array;
  readonly observed: Float64Array;
  readonly expected: Float64Array;
  /** −∂²l/∂η∂log θ; empty of a family without θ. */
  readonly thetaCross: Float64Array;
  readonly logLikelihood: number;
  readonly deviance: number;
  readonly pearson: number;
  readonly thetaScore: number;
  readonly thetaObserved: number;
  readonly outsideCount: number;
}

/** Rows `from` (included) to `to` (excluded), or all. */
export interface GlmRange {
  readonly from?: number;
  readonly to?: number;
}

const EXTREME_AT = [10, 24] as const;

/**
 * The sums of some rows at a point.
 *
 * @param params intercept, one a feature and, of a negative binomial family, log θ; finite
 * Fails: throws when their number does not fit the features.
 * Numerics: O(n p²) time; memory beside the rows O(n + p²). Sums are compensated.
 * Disclosure: a sum over one hospital's rows; the gate asks that no few of them dominate it.
 */
export function glmContribution(model: Glm, rows: GlmRows, params: ArrayLike<number>, range: GlmRange = {}): GlmContribution {
  const part = rowsOf(rows, range);
  const terms = glmTerms(model, part, params);
  const { products, columnSums } = weightedSums(part, terms.observed, terms.scores);
  const { gradient, information } = glmFamily(model, 1).hasTheta
    ? withTheta(part, terms, { gradient: columnSums, information: products })
    : { gradient: columnSums, information: products };
  const counts = model.family === "logistic" ? EXTREME_AT.map((mark) => terms.eta.filter((eta) => Math.abs(eta) > mark).length) : [0, 0];
  return {
    logLikelihood: terms.logLikelihood,
    gradient,
    information,
    outsideCount: terms.outsideCount,
    extremeCounts: [counts[0] ?? 0, counts[1] ?? 0],
    ...weightTotals(terms.expected),
    linearPredictorMax: terms.outsideCount > 0 ? 0 : linearPredictorMax(model, terms.eta),
  };
}

const weightTotals = (weights: Float64Array) => ({
  weightSum: sum(weights),
  weightSquareSum: sum(weights.map((weight) => weight * weight)),
});

const linearPredictorMax = ({ link }: Glm, eta: Float64Array): number =>
  link === "identity" || link === "inverse" ? 0 : eta.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/**
 * What a fitted point is judged by; parameters as for `glmContribution`.
 *
 * Fails: throws where a row has no mean: the point is no fit.
 */
export function glmFitSums(model: Glm, rows: GlmRows, params: ArrayLike<number>, range: GlmRange = {}): GlmFitSums {
  const part = rowsOf(rows, range);
  const terms = glmTerms(model, part, params);
  if (terms.outsideCount > 0) throw new RangeError("a fitted model has a mean for every row");
  const { products: information, columnSums: gradient } = weightedSums(part, terms.expected, terms.scores);
  const squares = terms.scores.map((score) => score * score);
  const { products: scoreProducts } = weightedSums(part, squares, terms.scores);
  const { deviance, pearson, logLikelihood, thetaObserved: thetaInformation } = terms;
  return {
    ...{ deviance, pearson, logLikelihood, gradient, information, scoreProducts, thetaInformation },
    ...weightTotals(terms.expected),
    scoreSquares: sum(squares),
    scoreFourths: sum(squares.map((square) => square * square)),
    linearPredictorMax: linearPredictorMax(model, terms.eta),
  };
}

/** Every row's terms; see `glmContribution`. O(n p). */
export function glmTerms(model: Glm, rows: GlmRows, params: ArrayLike<number>): GlmTerms {
  const { rowCount, outcome, weights } = rows;
  const { family, slopes } = familyAt(model, rows, params);
  const eta = glmLinearPredictor(rows, slopes);
  const arrays = { scores: new Float64Array(rowCount), observed: new Float64Array(rowCount), expected: new Float64Array(rowCount) };
  const thetaCross = new Float64Array(family.hasTheta ? rowCount : 0);
  const totals = Array.from({ length: 5 }, () => new CompensatedSum());
  const [logLikelihood, deviance, pearson, thetaScore, thetaObserved] = totals;
  const row = emptyTerms();
  let outsideCount = 0;
  for (let i = 0; i < rowCount; i++) {
    const at = eta[i] ?? Number.NaN;
    if (!family.hasMean(at)) {
      outsideCount++;
      continue;
    }
    const weight = weights === undefined ? 1 : (weights[i] ?? Number.NaN);
    family.rowTerms(at, outcome[i] ?? Number.NaN, row);
    arrays.scores[i] = weight * row.score;
    arrays.observed[i] = weight * row.observed;
    arrays.expected[i] = weight * row.expected;
    if (family.hasTheta) thetaCross[i] = weight * row.thetaCross;
    logLikelihood?.add(weight * row.value);
    deviance?.add(weight * row.deviance);
    pearson?.add(weight * row.pearson);
    thetaScore?.add(weight * row.thetaScore);
    thetaObserved?.add(weight * row.thetaObserved);
  }
  const [value = 0, dev = 0, chi = 0, score = 0, info = 0] = totals.map((total) => total.value);
  return {
    eta,
    ...arrays,
    thetaCross,
    logLikelihood: value,
    deviance: dev,
    pearson: chi,
    thetaScore: score,
    thetaObserved: info,
    outsideCount,
  };
}

/** η of every row, offset included. @param slopes intercept first, without θ */
export function glmLinearPredictor(rows: GlmRows, slopes: ArrayLike<number>): Float64Array {
  const { rowCount, featureCount, features, stride, offset } = rows;
  const eta = new Float64Array(rowCount).fill(slopes[0] ?? Number.NaN);
  for (let j = 0; j < featureCount; j++) {
    const slope = slopes[j + 1] ?? Number.NaN;
    if (slope === 0) continue;
    for (let i = 0; i < rowCount; i++) eta[i] = (eta[i] ?? 0) + slope * (features[j * stride + i] ?? Number.NaN);
  }
  if (offset !== undefined) for (let i = 0; i < rowCount; i++) eta[i] = (eta[i] ?? 0) + (offset[i] ?? Number.NaN);
  return eta;
}

/** Σ vector x and Σ weight x xᵀ, intercept first. */
export function weightedSums(
  { rowCount, features: values, featureCount: columnCount, stride }: GlmRows,
  weight: Float64Array,
  vector: Float64Array,
): { readonly products: Float64Array; readonly columnSums: Float64Array } {
  return sumBlocks({ columnCount, hasIntercept: true }, (block) => {
    for (let start = 0; start < rowCount; start += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, rowCount - start);
      block.load({ values, columnCount, stride }, start, count);
      block.weight.set(weight.subarray(start, start + count));
      block.vector.set(vector.subarray(start, start + count));
      block.addProducts();
      block.addColumnSums();
    }
  });
}

/** Rows `from` to `to` as rows of their own, without a copy. */
export function rowsOf(rows: GlmRows, { from = 0, to = rows.rowCount }: GlmRange): GlmRows {
  if (from === 0 && to === rows.rowCount) return rows;
  const { weights, offset } = rows;
  return {
    ...rows,
    rowCount: to - from,
    features: rows.features.subarray(from),
    outcome: rows.outcome.subarray(from, to),
    ...(weights === undefined ? {} : { weights: weights.subarray(from, to) }),
    ...(offset === undefined ? {} : { offset: offset.subarray(from, to) }),
  };
}

interface Derivatives {
  readonly gradient: Float64Array;
  readonly information: Float64Array;
}

/** The derivatives of log θ behind those of the coefficients. */
function withTheta(rows: GlmRows, terms: GlmTerms, { gradient, information }: Derivatives): Derivatives {
  const order = gradient.length;
  const { columnSums: cross } = weightedSums({ ...rows, featureCount: rows.featureCount }, terms.thetaCross, terms.thetaCross);
  const wider = new Float64Array(packedLength(order + 1));
  for (let i = 0; i < order; i++) {
    for (let j = i; j < order; j++) wider[packedIndex(order + 1, i, j)] = information[packedIndex(order, i, j)] ?? Number.NaN;
    wider[packedIndex(order + 1, i, order)] = cross[i] ?? Number.NaN;
  }
  wider[packedIndex(order + 1, order, order)] = terms.thetaObserved;
  return { gradient: Float64Array.of(...gradient, terms.thetaScore), information: wider };
}

function familyAt(
  model: Glm,
  { featureCount }: GlmRows,
  params: ArrayLike<number>,
): { readonly family: GlmFamily; readonly slopes: ArrayLike<number> } {
  const hasTheta = model.family === "negative-binomial";
  if (params.length !== featureCount + 1 + Number(hasTheta)) {
    throw new RangeError(`${params.length} coefficients for ${featureCount} features and an intercept${hasTheta ? ", and θ" : ""}`);
  }
  return { family: glmFamily(model, hasTheta ? Math.exp(params[featureCount + 1] ?? Number.NaN) : undefined), slopes: params };
}
