/** Columns of features, whatever the outcome: what the two rounds of moments sum, and how rows are standardised. */

import { CompensatedSum } from "@dure/numerics";
import { BLOCK_ROWS, type ProductBlock, sumBlocks, sumColumns } from "@dure/numerics/kernels";
import type { Contribution } from "@dure/privacy";
import type { Standardisation } from "../coordinator/standardisation.ts";

export interface FeatureRows {
  readonly rowCount: number;
  /** Column-major: feature j of row i at j × stride + i. Columns behind `featureCount` are counted only. */
  readonly features: Float64Array;
  readonly featureCount: number;
  readonly stride: number;
}

/** Σ x and Σ x² of every column. */
export function sumMoments(rows: FeatureRows): Contribution {
  const squares = Float64Array.from({ length: rows.featureCount }, (_, j) => sumOfSquares(featureColumn(rows, j)));
  const table = { values: rows.features, columnCount: rows.featureCount, stride: rows.stride };
  const sums = sumColumns(table, { from: 0, to: rows.rowCount });
  const vectors = new Map([
    ["sums", sums],
    ["squares", squares],
  ]);
  return { vectors, influence: [] };
}

/** Σ z and Σ z z' of the columns z = (x − mean) / scale. */
export function sumCentred(rows: FeatureRows, map: AffineMap): Contribution {
  const { products, columnSums } = sumBlocks({ columnCount: rows.featureCount }, (block) => {
    block.vector.fill(1);
    for (let from = 0; from < rows.rowCount; from += BLOCK_ROWS) {
      block.setRowCount(Math.min(BLOCK_ROWS, rows.rowCount - from));
      mapBlockInto(block, { rows, map, from });
      block.addProducts({ isWeighted: false });
      block.addColumnSums();
    }
  });
  const vectors = new Map([
    ["deviations", columnSums],
    ["products", products],
  ]);
  return { vectors, influence: [] };
}

function sumOfSquares(column: Float64Array): number {
  const total = new CompensatedSum();
  for (let i = 0; i < column.length; i++) total.add((column[i] ?? 0) ** 2);
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
  const { featureCount, stride } = rows;
  const ones = new Array<number>(featureCount).fill(1);
  const same = { means: ones.map(() => 0), standardDeviations: ones, basis };
  return standardiseRows(rows, same, new Float64Array(featureCount * stride));
}

/**
 * Rows on the columns that fits work on, u = ((x − mean) / standard deviation) × basis.
 *
 * @param out column-major, the stride of the rows; may be the rows' own features, which are then overwritten, so that no second copy is made
 * Numerics: O(n p²).
 */
export function standardiseRows<Rows extends FeatureRows>(rows: Rows, standardisation: Standardisation, out: Float64Array): Rows {
  const { featureCount, stride, rowCount } = rows;
  const map = { means: standardisation.means, scales: standardisation.standardDeviations };
  const shares = Array.from({ length: featureCount }, (_, j) => basisColumn(standardisation.basis, featureCount, j));
  sumBlocks({ columnCount: featureCount }, (block) => {
    for (let from = 0; from < rowCount; from += BLOCK_ROWS) {
      block.setRowCount(Math.min(BLOCK_ROWS, rowCount - from));
      mapBlockInto(block, { rows, map, from });
      shares.forEach((share, j) => {
        block.predict(share);
        out.set(block.predictor.subarray(0, block.rowCount), j * stride + from);
      });
    }
  });
  return { ...rows, features: out.subarray(0, featureCount * stride) };
}

const basisColumn = (basis: readonly number[], order: number, j: number): Float64Array =>
  Float64Array.from({ length: order }, (_, i) => basis[i * order + j] ?? Number.NaN);

interface BlockRequest {
  readonly rows: FeatureRows;
  readonly map: AffineMap;
  /** Where the block's first row stands. */
  readonly from: number;
}

/** (x − mean) / scale into the block's columns. */
function mapBlockInto({ columns, rowCount }: Pick<ProductBlock, "columns" | "rowCount">, { rows, map, from }: BlockRequest): void {
  for (let j = 0; j < rows.featureCount; j++) {
    const mean = map.means[j] ?? Number.NaN;
    const scale = map.scales[j] ?? Number.NaN;
    const start = j * rows.stride + from;
    const to = j * BLOCK_ROWS;
    for (let i = 0; i < rowCount; i++) columns[to + i] = ((rows.features[start + i] ?? Number.NaN) - mean) / scale;
  }
}

export const featureColumn = (rows: FeatureRows, j: number): Float64Array =>
  rows.features.subarray(j * rows.stride, j * rows.stride + rows.rowCount);
