/**
 * What one block of rows adds to the logistic likelihood: its value, gradient and Fisher information at given coefficients.
 *
 *   η = b₀ + Σ xⱼ bⱼ,  p = 1 / (1 + exp(−η)),  w = p (1 − p)
 *   log-likelihood Σ y η − log(1 + exp(η));  gradient Σ (y − p) x;  information Σ w x xᵀ   (x₀ = 1)
 *
 * All three are sums over rows, so hospitals add theirs and the total is that of the rows put together. One pass over blocks of rows, whose
 * η and products the kernel of @dure/numerics makes; blocks are added with compensation, so the rounding error does not grow with the
 * number of rows. The order of additions is fixed by the order of the rows alone.
 */

import { CompensatedSum, CompensatedVector, packedLength } from "@dure/numerics";
import { BLOCK_ROWS, type ProductBlock, sumBlocks } from "@dure/numerics/kernels";
import { extremeAt } from "./newton.ts";

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

/** Rows whose 1 + exp(−|η|) are multiplied before one logarithm: at most 2^32, and one rounding each. */
const LOG_ROWS = 32;

/** Accumulates blocks of rows in the order given. */
export class LogisticAccumulator {
  readonly #params: Float64Array;
  readonly #gradient: CompensatedVector;
  readonly #information: CompensatedVector;
  readonly #logLikelihood = new CompensatedSum();
  readonly #weights = new CompensatedSum();
  readonly #squares = new CompensatedSum();
  #etaMax = 0;
  #extremeLow = 0;
  #extremeHigh = 0;

  /** @param params intercept first, then one a feature; finite */
  constructor(params: ArrayLike<number>) {
    this.#params = Float64Array.from(params);
    if (!this.#params.every(Number.isFinite)) throw new RangeError("coefficients must be finite");
    this.#gradient = new CompensatedVector(params.length);
    this.#information = new CompensatedVector(packedLength(params.length));
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
    const { features: values, featureCount: columnCount, stride, outcome } = rows;
    const { products, columnSums } = sumBlocks({ columnCount, hasIntercept: true }, (block) => {
      for (let start = from; start < to; start += BLOCK_ROWS) {
        block.load({ values, columnCount, stride }, start, Math.min(BLOCK_ROWS, to - start));
        block.predict(this.#params);
        this.#likelihood(outcome, start, block);
        block.addProducts();
        block.addColumnSums();
      }
    });
    this.#gradient.add(columnSums);
    this.#information.add(products);
  }

  result(): LogisticContribution {
    return {
      logLikelihood: this.#logLikelihood.value,
      gradient: this.#gradient.values,
      information: this.#information.values,
      weightSum: this.#weights.value,
      weightSquareSum: this.#squares.value,
      linearPredictorMax: this.#etaMax,
      extremeCounts: [this.#extremeLow, this.#extremeHigh],
    };
  }

  /** Weights, residuals and the log-likelihood: y η − log(1 + exp(η)) = min(η, 0) − (1 − y) η − log(1 + exp(−|η|)). */
  #likelihood(outcome: Float64Array, start: number, block: ProductBlock): void {
    const { predictor: eta, weight, vector: residual, rowCount: count } = block;
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
    this.#noteExtremes(magnitudeMax, block);
  }

  #noteExtremes(magnitudeMax: number, { predictor, rowCount }: ProductBlock): void {
    if (magnitudeMax > this.#etaMax) this.#etaMax = magnitudeMax;
    if (magnitudeMax <= extremeAt[0]) return;
    for (let i = 0; i < rowCount; i++) {
      const magnitude = Math.abs(predictor[i] ?? 0);
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
