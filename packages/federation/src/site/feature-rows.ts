/** Columns of features, whatever the outcome: what the two rounds of moments sum, and how rows are standardised. */

import { CompensatedSum, sum } from "@dure/numerics";
import { sumColumns, sumProducts } from "@dure/numerics/kernels";
import type { Contribution } from "@dure/privacy";

export interface FeatureRows {
  readonly rowCount: number;
  /** Column-major: feature j of row i at j × stride + i. Columns behind `featureCount` are counted only. */
  readonly features: Float64Array;
  readonly featureCount: number;
  readonly stride: number;
}

/** Σ x and Σ x² of every column. */
export function sumMoments(rows: FeatureRows): Contribution {
  const columns = Array.from({ length: rows.featureCount }, (_, j) => featureColumn(rows, j));
  const vectors = new Map([
    ["sums", Float64Array.from(columns, sum)],
    ["squares", Float64Array.from(columns, (column) => sumOfProducts(column, column))],
  ]);
  return { vectors, influence: [] };
}

/** Σ z and Σ z z' of columns that were centred. */
export function sumCentred(rows: FeatureRows): Contribution {
  const table = { values: rows.features, columnCount: rows.featureCount, stride: rows.stride };
  const range = { from: 0, to: rows.rowCount };
  const vectors = new Map([
    ["deviations", sumColumns(table, range)],
    ["products", sumProducts(table, range)],
  ]);
  return { vectors, influence: [] };
}

function sumOfProducts(a: Float64Array, b: Float64Array): number {
  const total = new CompensatedSum();
  for (let i = 0; i < a.length; i++) total.add((a[i] ?? 0) * (b[i] ?? 0));
  return total.value;
}

export interface AffineMap {
  readonly means: readonly number[];
  readonly scales: readonly number[];
}

/** The same rows with (x − mean) / scale in every column. */
export function mapRows<Rows extends FeatureRows>(rows: Rows, map: AffineMap): Rows {
  const features = new Float64Array(rows.featureCount * rows.stride);
  for (let j = 0; j < rows.featureCount; j++) {
    const mean = map.means[j] ?? Number.NaN;
    const scale = map.scales[j] ?? Number.NaN;
    const start = j * rows.stride;
    for (let i = start; i < start + rows.rowCount; i++) features[i] = ((rows.features[i] ?? Number.NaN) - mean) / scale;
  }
  return { ...rows, features };
}

/**
 * The same rows with feature j replaced by Σ over i ≤ j of feature i × basis(i, j).
 *
 * @param basis row-major, upper triangular, one row a feature
 */
export function combineRows<Rows extends FeatureRows>(rows: Rows, basis: readonly number[]): Rows {
  const { featureCount, stride, rowCount } = rows;
  const features = new Float64Array(rows.featureCount * rows.stride);
  for (let j = 0; j < featureCount; j++) {
    const out = features.subarray(j * stride, j * stride + rowCount);
    for (let i = 0; i <= j; i++) {
      const share = basis[i * featureCount + j] ?? Number.NaN;
      const column = featureColumn(rows, i);
      for (let row = 0; row < rowCount; row++) out[row] = (out[row] ?? 0) + share * (column[row] ?? 0);
    }
  }
  return { ...rows, features };
}

export const featureColumn = (rows: FeatureRows, j: number): Float64Array =>
  rows.features.subarray(j * rows.stride, j * rows.stride + rows.rowCount);
