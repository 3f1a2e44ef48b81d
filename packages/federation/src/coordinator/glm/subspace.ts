/** Models with fewer columns, as subspaces of the one space of coefficients that sites know; see fits.ts. */

import { factorCholesky, packedIndex, packedLength, whitenCholesky } from "@dure/numerics";
import { invertUpper } from "@dure/statistics";
import type { Standardisation } from "../standardisation.ts";
import { type GlmDesign, hasTheta, siteOrder } from "./design.ts";

/** The coefficients of some columns within the space that sites know. */
export interface Subspace {
  /** N, row-major, `siteOrder` × `order`. */
  readonly embedding: readonly number[];
  readonly rows: number;
  readonly order: number;
  /** Row-major: coefficients of the standardised columns that stay, the intercept among them, = basis × d; without log θ. */
  readonly basis: readonly number[];
}

/** O(p³). */
export function subspaceOf(design: GlmDesign, { basis }: Standardisation, columns: readonly number[]): Subspace {
  const p = design.features.length;
  const inverse = invertUpper(basis, p);
  const own = columns.length === p ? basis : whiten(inverse, p, columns);
  const lead = design.hasOwnIntercepts ? 0 : 1;
  const slopes = columns.length;
  const inner = lead + slopes;
  const order = inner + Number(hasTheta(design));
  const rows = siteOrder(design);
  const embedding = new Array<number>(rows * order).fill(0);
  if (lead === 1) embedding[0] = 1;
  if (hasTheta(design)) embedding[rows * order - 1] = 1;
  for (let i = 0; i < p; i++) {
    for (let d = 0; d < slopes; d++) {
      const exact = columns.length === p ? Number(i === d) : undefined;
      const value = exact ?? columns.reduce((total, column, k) => total + at(inverse, i * p + column) * at(own, k * slopes + d), 0);
      embedding[(i + 1) * order + lead + d] = value;
    }
  }
  const whole = Array.from({ length: inner * inner }, (_, cell) => {
    const [i, j] = [Math.floor(cell / inner), cell % inner];
    return i < lead || j < lead ? Number(i === j) : at(own, (i - lead) * slopes + j - lead);
  });
  return { embedding, rows, order, basis: whole };
}

/** The coefficients at which sites are asked: c = N d. */
export const intoSites = ({ embedding, rows, order }: Subspace, d: readonly number[]): readonly number[] =>
  Array.from({ length: rows }, (_, i) => d.reduce((total, value, j) => total + at(embedding, i * order + j) * value, 0));

/** Nᵀ g. */
export const intoSubspace = ({ embedding, rows, order }: Subspace, gradient: ArrayLike<number>): Float64Array =>
  Float64Array.from({ length: order }, (_, j) => {
    let total = 0;
    for (let i = 0; i < rows; i++) total += at(embedding, i * order + j) * at(gradient, i);
    return total;
  });

/** Nᵀ A N of a packed A. */
export function congruence({ embedding, rows, order }: Subspace, packed: ArrayLike<number>): Float64Array {
  const half = new Float64Array(rows * order);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < order; j++) {
      let total = 0;
      for (let k = 0; k < rows; k++) {
        const share = at(embedding, k * order + j);
        if (share !== 0) total += share * at(packed, i <= k ? packedIndex(rows, i, k) : packedIndex(rows, k, i));
      }
      half[i * order + j] = total;
    }
  }
  const out = new Float64Array(packedLength(order));
  for (let i = 0; i < order; i++) {
    for (let j = i; j < order; j++) {
      let total = 0;
      for (let k = 0; k < rows; k++) total += at(embedding, k * order + i) * at(half, k * order + j);
      out[packedIndex(order, i, j)] = total;
    }
  }
  return out;
}

/** Of the columns that stay alone: their correlations are those of Rᵀ R with R the inverse of the basis. */
function whiten(inverse: Float64Array, p: number, columns: readonly number[]): Float64Array {
  const order = columns.length;
  const correlation = new Float64Array(packedLength(order));
  columns.forEach((column, i) => {
    columns.slice(i).forEach((other, k) => {
      let total = 0;
      for (let row = 0; row < p; row++) total += at(inverse, row * p + column) * at(inverse, row * p + other);
      correlation[packedIndex(order, i, i + k)] = total;
    });
  });
  const factored = factorCholesky(correlation, order);
  if (factored.kind === "dependent") throw new Error("columns that are independent together are so without some of them");
  return whitenCholesky(factored);
}

const at = (values: ArrayLike<number>, index: number): number => values[index] ?? Number.NaN;
