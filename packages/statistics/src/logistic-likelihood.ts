/**
 * What one block of rows adds to the logistic likelihood: its value, gradient and Fisher information at given coefficients.
 *
 *   η = b₀ + Σ xⱼ bⱼ,  p = 1 / (1 + exp(−η)),  w = p (1 − p)
 *   log-likelihood Σ y η − log(1 + exp(η));  gradient Σ (y − p) x;  information Σ w x xᵀ   (x₀ = 1)
 *
 * All three are sums over rows, so hospitals add theirs and the total is that of the rows put together. One pass: rows go in
 * small blocks whose working arrays stay in the processor's first cache, and blocks are added with compensation, so the rounding
 * error does not grow with the number of rows. The order of additions is fixed by the order of the rows alone.
 */

import { CompensatedSum, CompensatedVector, packedLength } from "@dure/numerics";

/** Rows of one fit. The intercept is implied: coefficient 0 belongs to a column of ones that nobody stores. */
export interface LogisticRows {
  readonly rowCount: number;
  /** Column-major: feature j of row i at j × stride + i. */
  readonly features: Float64Array;
  readonly featureCount: number;
  /** Rows from one column to the next, ≥ rowCount. */
  readonly stride: number;
  /** 0 or 1 by row. */
  readonly outcome: Float64Array;
}

/** Mergeable sums over rows. */
export interface LogisticContribution {
  readonly logLikelihood: number;
  readonly gradient: Float64Array;
  /** Packed upper triangle by rows. */
  readonly information: Float64Array;
  readonly weightSum: number;
  readonly weightSquareSum: number;
  /** max |η|; 0 of no rows. */
  readonly linearPredictorMax: number;
  /** Rows with |η| above each of `extremeAt`: the first sign of separation. */
  readonly extremeCounts: readonly [number, number];
}

/** The two marks of `extremeCounts`. At 24 a probability is 4e-11; at 30 the gate refuses the round. */
export const extremeAt = [10, 24] as const;

/** Rows a block: seven arrays of this many doubles fit in 32 KiB beside the columns being read. */
const BLOCK_ROWS = 256;
/** Rows whose 1 + exp(−|η|) are multiplied before one logarithm: at most 2^32, and one rounding each. */
const LOG_ROWS = 32;

/** Accumulates blocks of rows in the order given. */
export class LogisticAccumulator {
  readonly #params: Float64Array;
  readonly #vector: CompensatedVector;
  readonly #blockSums: Float64Array;
  readonly #logLikelihood = new CompensatedSum();
  readonly #weights = new CompensatedSum();
  readonly #squares = new CompensatedSum();
  readonly #scratch = {
    eta: new Float64Array(BLOCK_ROWS),
    weight: new Float64Array(BLOCK_ROWS),
    residual: new Float64Array(BLOCK_ROWS),
    weighted: new Float64Array(BLOCK_ROWS),
  };
  #etaMax = 0;
  #extremeLow = 0;
  #extremeHigh = 0;

  /** @param params intercept first, then one a feature; finite */
  constructor(params: ArrayLike<number>) {
    this.#params = Float64Array.from(params);
    if (!this.#params.every(Number.isFinite)) throw new RangeError("coefficients must be finite");
    const order = params.length;
    this.#blockSums = new Float64Array(order + packedLength(order));
    this.#vector = new CompensatedVector(order + packedLength(order));
  }

  /**
   * Adds rows `from` (included) to `to` (excluded).
   * Fails: throws when the number of features does not fit the coefficients or a linear predictor is not finite.
   * Numerics: O((to − from) p²) time, O(p²) memory.
   */
  add(rows: LogisticRows, from = 0, to: number = rows.rowCount): void {
    if (rows.featureCount + 1 !== this.#params.length) {
      throw new RangeError(`${rows.featureCount} features for ${this.#params.length} coefficients with the intercept`);
    }
    for (let start = from; start < to; start += BLOCK_ROWS) this.#addBlock(rows, start, Math.min(BLOCK_ROWS, to - start));
  }

  result(): LogisticContribution {
    const order = this.#params.length;
    const values = this.#vector.values;
    return {
      logLikelihood: this.#logLikelihood.value,
      gradient: values.slice(0, order),
      information: values.slice(order),
      weightSum: this.#weights.value,
      weightSquareSum: this.#squares.value,
      linearPredictorMax: this.#etaMax,
      extremeCounts: [this.#extremeLow, this.#extremeHigh],
    };
  }

  #addBlock(rows: LogisticRows, start: number, count: number): void {
    this.#predict(rows, start, count);
    this.#likelihood(rows.outcome, start, count);
    const { weight, residual, weighted } = this.#scratch;
    const { features, featureCount, stride } = rows;
    const sums = this.#blockSums;
    const order = featureCount + 1;
    sums[0] = total(residual, count);
    sums[order] = total(weight, count);
    const columns = { features, base: start, stride, count };
    dotsInto({ ...columns, vector: residual, columnCount: featureCount }, sums, 1);
    dotsInto({ ...columns, vector: weight, columnCount: featureCount }, sums, order + 1);
    let cell = order + order;
    for (let j = 0; j < featureCount; j++) {
      const base = j * stride + start;
      for (let i = 0; i < count; i++) weighted[i] = (weight[i] ?? 0) * (features[base + i] ?? 0);
      dotsInto({ ...columns, vector: weighted, base, columnCount: featureCount - j }, sums, cell);
      cell += featureCount - j;
    }
    this.#vector.add(sums);
  }

  #predict(rows: LogisticRows, start: number, count: number): void {
    const eta = this.#scratch.eta;
    const params = this.#params;
    eta.fill(params[0] ?? 0, 0, count);
    for (let j = 0; j < rows.featureCount; j++) {
      const slope = params[j + 1] ?? 0;
      if (slope === 0) continue;
      const base = j * rows.stride + start;
      for (let i = 0; i < count; i++) eta[i] = (eta[i] ?? 0) + slope * (rows.features[base + i] ?? 0);
    }
  }

  /** Weights, residuals and the log-likelihood: y η − log(1 + exp(η)) = min(η, 0) − (1 − y) η − log(1 + exp(−|η|)). */
  #likelihood(outcome: Float64Array, start: number, count: number): void {
    const { eta, weight, residual } = this.#scratch;
    let value = 0;
    let product = 1;
    let squares = 0;
    let magnitudeMax = 0;
    for (let i = 0; i < count; i++) {
      const h = eta[i] ?? 0;
      const y = outcome[start + i] ?? 0;
      const magnitude = Math.abs(h);
      const e = Math.exp(-magnitude);
      const inverse = 1 / (1 + e);
      const w = e * inverse * inverse;
      weight[i] = w;
      squares += w * w;
      // y − p without cancellation: 1 − p = e / (1 + e) where η ≥ 0.
      const near = e * inverse;
      residual[i] = y - (h >= 0 ? 1 - near : near);
      if (h >= 0 && y === 1) residual[i] = near;
      value += (h < 0 ? h : 0) - (1 - y) * h;
      product *= 1 + e;
      if (i % LOG_ROWS === LOG_ROWS - 1) {
        value -= Math.log(product);
        product = 1;
      }
      if (!(magnitude <= magnitudeMax)) magnitudeMax = magnitude;
    }
    if (!Number.isFinite(value)) throw new RangeError("a linear predictor is not finite");
    this.#logLikelihood.add(value - Math.log(product));
    this.#weights.add(total(weight, count));
    this.#squares.add(squares);
    this.#noteExtremes(magnitudeMax, count);
  }

  #noteExtremes(magnitudeMax: number, count: number): void {
    if (magnitudeMax > this.#etaMax) this.#etaMax = magnitudeMax;
    if (magnitudeMax <= extremeAt[0]) return;
    for (let i = 0; i < count; i++) {
      const magnitude = Math.abs(this.#scratch.eta[i] ?? 0);
      if (magnitude > extremeAt[0]) this.#extremeLow++;
      if (magnitude > extremeAt[1]) this.#extremeHigh++;
    }
  }
}

/** The contribution of all rows at once; see `LogisticAccumulator`. */
export function logisticContribution(rows: LogisticRows, params: ArrayLike<number>): LogisticContribution {
  const accumulator = new LogisticAccumulator(params);
  accumulator.add(rows);
  return accumulator.result();
}

/**
 * The linear predictor of every row.
 *
 * @param params intercept first
 * @returns shape (rowCount,)
 */
export function linearPredictor(rows: LogisticRows, params: ArrayLike<number>): Float64Array {
  const eta = new Float64Array(rows.rowCount).fill(params[0] ?? Number.NaN);
  for (let j = 0; j < rows.featureCount; j++) {
    const slope = params[j + 1] ?? Number.NaN;
    for (let i = 0; i < rows.rowCount; i++) eta[i] = (eta[i] ?? 0) + slope * (rows.features[j * rows.stride + i] ?? 0);
  }
  if (!eta.every(Number.isFinite)) throw new RangeError("a linear predictor is not finite");
  return eta;
}

interface ColumnDots {
  readonly vector: Float64Array;
  readonly features: Float64Array;
  /** Where the first column's block starts; the next is `stride` on. */
  readonly base: number;
  readonly stride: number;
  /** Rows of the block. */
  readonly count: number;
  readonly columnCount: number;
}

/** Vector times each of some columns. Four columns at a time: the vector is read once for four, and no addition waits for another. */
function dotsInto({ vector, features, base, stride, count, columnCount }: ColumnDots, out: Float64Array, outFrom: number): void {
  let k = 0;
  for (; k + 3 < columnCount; k += 4) {
    const b0 = base + k * stride;
    const b1 = b0 + stride;
    const b2 = b1 + stride;
    const b3 = b2 + stride;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let i = 0; i < count; i++) {
      const value = vector[i] ?? 0;
      s0 += value * (features[b0 + i] ?? 0);
      s1 += value * (features[b1 + i] ?? 0);
      s2 += value * (features[b2 + i] ?? 0);
      s3 += value * (features[b3 + i] ?? 0);
    }
    out[outFrom + k] = s0;
    out[outFrom + k + 1] = s1;
    out[outFrom + k + 2] = s2;
    out[outFrom + k + 3] = s3;
  }
  for (; k < columnCount; k++) out[outFrom + k] = dot(vector, features, base + k * stride, count);
}

/** Four partial sums: the additions do not wait for one another. */
function dot(a: Float64Array, b: Float64Array, base: number, count: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < count; i += 4) {
    s0 += (a[i] ?? 0) * (b[base + i] ?? 0);
    s1 += (a[i + 1] ?? 0) * (b[base + i + 1] ?? 0);
    s2 += (a[i + 2] ?? 0) * (b[base + i + 2] ?? 0);
    s3 += (a[i + 3] ?? 0) * (b[base + i + 3] ?? 0);
  }
  for (; i < count; i++) s0 += (a[i] ?? 0) * (b[base + i] ?? 0);
  return s0 + s1 + (s2 + s3);
}

function total(a: Float64Array, count: number): number {
  let s0 = 0;
  let s1 = 0;
  let i = 0;
  for (; i + 1 < count; i += 2) {
    s0 += a[i] ?? 0;
    s1 += a[i + 1] ?? 0;
  }
  if (i < count) s0 += a[i] ?? 0;
  return s0 + s1;
}
