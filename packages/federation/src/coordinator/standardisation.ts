/**
 * Two rounds for means, standard deviations and correlations: first Σ x and Σ x², then the same and Σ x x' around the mean.
 *
 * Σ x² − n m² loses every digit where the mean is large against the spread (a year of birth loses six). So the first round gives
 * only the centre and the size, and the spread is summed around the centre, in units near the spread. The products tell the correlation
 * of the columns, as the first information matrix would. These rounds always run: `standardise: false` means raw columns in a
 * penalty and in the report, but fits work on standardised, uncorrelated columns, where bounds hold for any units and rounding is
 * not magnified by the condition of the information.
 */

import { factorCholesky, packedIndex, packedLength, whitenCholesky } from "@dure/numerics";
import type { Sum, SumLayout } from "@dure/privacy";
import { momentsFromCentred } from "@dure/statistics";
import type { AnalysisRefusal } from "../analysis.ts";
import { entry, readVector } from "./sum-reading.ts";

/** One number a feature. */
export type Centre = {
  readonly means: readonly number[];
  /** A power of two near the spread: dividing by it is exact. */
  readonly scales: readonly number[];
  /** Root mean square: a spread is constant only against this. */
  readonly magnitudes: readonly number[];
};

/**
 * One number a feature; standard deviations with n − 1. Every fit works on u = ((x − mean) / standard deviation) × basis, columns that
 * are uncorrelated over all rows together. With correlated columns (condition number 1e6) sums of x itself would lose six digits.
 */
export type Standardisation = {
  readonly means: readonly number[];
  readonly standardDeviations: readonly number[];
  /** Row-major, upper triangular. */
  readonly basis: readonly number[];
};

/** Whose columns: names in the order of the features, and rows of all sites together. */
export interface SummedColumns {
  readonly names: readonly string[];
  readonly n: number;
}

export type OrRefused<Value> =
  | { readonly kind: "known"; readonly value: Value }
  | { readonly kind: "refused"; readonly refusal: AnalysisRefusal };

/** The bound of the first round, which nothing can be derived from yet: 100 sites stay below 2^62. */
export const momentsBound = 2 ** 55;
/** A root mean square below this is lost in the encoding's 2^-64: choose another unit. Counted as constant. */
const MAGNITUDE_MIN = 2 ** -28;
/** Σ x² / n − m² is noise below these: the rounding of doubles against the magnitude, and the encoding's 2^-64 a site. */
const ROUGH_VARIANCE_MIN = { relative: 1e-14, absolute: 2 ** -60 };
/** A standard deviation of 1e-10 of the magnitude keeps six digits; below, the column is constant. */
const RELATIVE_SPREAD_MIN = 1e-10;

export function momentsLayout(length: number): SumLayout {
  return {
    vectors: [
      { name: "sums", length, encoding: "wide", bound: momentsBound },
      { name: "squares", length, encoding: "wide", bound: momentsBound },
    ],
  };
}

export function centreOf({ names, n }: SummedColumns, sum: Sum): OrRefused<Centre> {
  const means = readVector(sum, "sums", names.length).map((value) => value / n);
  const meanSquares = readVector(sum, "squares", names.length).map((square) => Math.max(0, square) / n);
  const magnitudes = meanSquares.map(Math.sqrt);
  const columns = names.filter((_, j) => entry(magnitudes, j) < MAGNITUDE_MIN);
  if (columns.length > 0) return { kind: "refused", refusal: { code: "constant-column", columns } };
  const scales = meanSquares.map((square, j) => scaleNear(square, entry(means, j)));
  return { kind: "known", value: { means, scales, magnitudes } };
}

/** A power of two near the spread, from a column's mean square and mean. */
export function scaleNear(meanSquare: number, mean: number): number {
  const rough = Math.max(meanSquare - mean ** 2, ROUGH_VARIANCE_MIN.relative * meanSquare, ROUGH_VARIANCE_MIN.absolute);
  return 2 ** Math.round(Math.log2(rough) / 2);
}

/**
 * With z = (x − m) / s and s² within a factor 2 of the variance, or above it where that was noise: Σ z² ≤ 2.2 n over all sites, so over
 * one, and |Σ z|, |Σ z z'| ≤ 2.2 n by Cauchy.
 */
export function centredLayout({ names, n }: SummedColumns): SumLayout {
  const { length } = names;
  const bound = 4 * n;
  return {
    vectors: [
      { name: "deviations", length, encoding: "wide", bound },
      { name: "products", length: packedLength(length), encoding: "wide", bound },
    ],
  };
}

export function standardisationOf(
  { names, n }: SummedColumns,
  { means, scales, magnitudes }: Centre,
  sum: Sum,
): OrRefused<Standardisation> {
  const order = names.length;
  const deviations = readVector(sum, "deviations", order);
  const products = readVector(sum, "products", packedLength(order));
  const scaled = scales.map((_, j) =>
    momentsFromCentred({ n, mean: 0, sum: entry(deviations, j), sumOfSquares: entry(products, packedIndex(order, j, j)) }),
  );
  const standardDeviations = scales.map((scale, j) => scale * (scaled[j]?.standardDeviation ?? 0));
  const columns = names.filter((_, j) => !(entry(standardDeviations, j) > RELATIVE_SPREAD_MIN * entry(magnitudes, j)));
  if (columns.length > 0) return { kind: "refused", refusal: { code: "constant-column", columns } };
  const correlation = correlations({ n, deviations, products, spreads: scaled.map((moments) => moments.standardDeviation ?? 0) });
  const factored = factorCholesky(correlation, order);
  if (factored.kind === "dependent") {
    return { kind: "refused", refusal: { code: "collinear-column", columns: [names[factored.columnIndex] ?? ""] } };
  }
  const value = {
    means: means.map((mean, j) => mean + entry(scales, j) * (scaled[j]?.mean ?? 0)),
    standardDeviations,
    basis: [...whitenCholesky(factored)],
  };
  return { kind: "known", value };
}

interface CentredSums {
  readonly n: number;
  readonly deviations: readonly number[];
  readonly products: readonly number[];
  readonly spreads: readonly number[];
}

/** (Σ z z' − Σ z Σ z' / n) / ((n − 1) s s'), packed. */
function correlations({ n, deviations, products, spreads }: CentredSums): Float64Array {
  const order = spreads.length;
  const out = new Float64Array(packedLength(order));
  for (let i = 0; i < order; i++) {
    for (let j = i; j < order; j++) {
      const cell = packedIndex(order, i, j);
      const covariance = (entry(products, cell) - (entry(deviations, i) * entry(deviations, j)) / n) / (n - 1);
      out[cell] = covariance / (entry(spreads, i) * entry(spreads, j));
    }
  }
  return out;
}

/** Coefficients on standardised columns = this × coefficients on u; the intercept stays. Row-major. */
export function withIntercept({ basis, means }: Standardisation): readonly number[] {
  const order = means.length + 1;
  return Array.from({ length: order * order }, (_, cell) => {
    const [i, j] = [Math.floor(cell / order), cell % order];
    return i === 0 || j === 0 ? Number(i === j) : entry(basis, (i - 1) * (order - 1) + j - 1);
  });
}
