/**
 * Small dense symmetric positive definite matrices: information matrices of a few to a few hundred columns.
 *
 * A symmetric matrix of order p travels packed: its upper triangle row by row, p (p + 1) / 2 numbers. Before it is factored
 * it is scaled to a unit diagonal, so that the pivot of column j is 1 − R²(j | columns before it) whatever the units; a pivot
 * near 0 then means that the column is a linear combination of those before it, and the column can be named.
 */

/** Pivots of the unit-diagonal matrix at or below this are rounding: the condition number would be beyond about 1e11. */
export const PIVOT_MIN = 1e-11;

/** A = D L Lᵀ D with D = diag(scale) and unit-diagonal D⁻¹ A D⁻¹. Made by `factorCholesky` only. */
export interface CholeskyFactor {
  readonly kind: "factor";
  readonly order: number;
  /** Row-major lower triangle of L, order × order, zeros above. */
  readonly lower: Float64Array;
  readonly scale: Float64Array;
}

export type Factored = CholeskyFactor | { readonly kind: "dependent"; readonly columnIndex: number };

export const packedLength = (order: number): number => (order * (order + 1)) / 2;

/** Place of entry (i, j) of a packed matrix of the given order; needs i ≤ j. O(1). */
export const packedIndex = (order: number, i: number, j: number): number => i * order - (i * (i - 1)) / 2 + (j - i);

/**
 * Cholesky factorisation of a packed symmetric matrix, with a pivot check that names the first dependent column.
 *
 * @param packed shape (p (p + 1) / 2,), upper triangle by rows; finite
 * @returns the factor, or `dependent` with the first column whose relative pivot is ≤ pivotMin (or whose diagonal is ≤ 0)
 * Fails: throws on a length that does not fit the order and on a value that is not finite.
 * Numerics: O(p³) time, O(p²) memory; backward stable.
 * Source: Higham 2002, Accuracy and Stability of Numerical Algorithms, 2nd ed., algorithm 10.2 and section 10.3 (scaling).
 */
export function factorCholesky(packed: ArrayLike<number>, order: number, pivotMin: number = PIVOT_MIN): Factored {
  assertPacked(packed, order);
  const scale = new Float64Array(order);
  for (let j = 0; j < order; j++) {
    const diagonal = at(packed, packedIndex(order, j, j));
    if (!(diagonal > 0)) return { kind: "dependent", columnIndex: j };
    scale[j] = Math.sqrt(diagonal);
  }
  const lower = new Float64Array(order * order);
  for (let j = 0; j < order; j++) {
    let pivot = 1;
    for (let k = 0; k < j; k++) pivot -= at(lower, j * order + k) ** 2;
    if (!(pivot > pivotMin)) return { kind: "dependent", columnIndex: j };
    const root = Math.sqrt(pivot);
    lower[j * order + j] = root;
    for (let i = j + 1; i < order; i++) {
      let value = at(packed, packedIndex(order, j, i)) / (at(scale, i) * at(scale, j));
      for (let k = 0; k < j; k++) value -= at(lower, i * order + k) * at(lower, j * order + k);
      lower[i * order + j] = value / root;
    }
  }
  return { kind: "factor", order, lower, scale };
}

/** x with A x = b. O(p²). */
export function solveCholesky(factor: CholeskyFactor, right: ArrayLike<number>): Float64Array {
  const { order, lower, scale } = factor;
  if (right.length !== order) throw new RangeError(`right side has ${right.length} entries; the matrix has order ${order}`);
  const x = new Float64Array(order);
  for (let i = 0; i < order; i++) {
    let value = at(right, i) / at(scale, i);
    for (let k = 0; k < i; k++) value -= at(lower, i * order + k) * at(x, k);
    x[i] = value / at(lower, i * order + i);
  }
  for (let i = order - 1; i >= 0; i--) {
    let value = at(x, i);
    for (let k = i + 1; k < order; k++) value -= at(lower, k * order + i) * at(x, k);
    x[i] = value / at(lower, i * order + i);
  }
  for (let i = 0; i < order; i++) x[i] = at(x, i) / at(scale, i);
  return x;
}

/** A⁻¹, packed as A was. O(p³). */
export function invertCholesky(factor: CholeskyFactor): Float64Array {
  const { order } = factor;
  const inverse = new Float64Array(packedLength(order));
  const unit = new Float64Array(order);
  for (let j = 0; j < order; j++) {
    unit.fill(0);
    unit[j] = 1;
    const column = solveCholesky(factor, unit);
    for (let i = 0; i <= j; i++) inverse[packedIndex(order, i, j)] = at(column, i);
  }
  return inverse;
}

/**
 * T with Tᵀ A T = I, upper triangular, row-major: columns x of covariance A become uncorrelated columns xᵀ T, column j a combination
 * of columns 0 to j. O(p³).
 */
export function whitenCholesky(factor: CholeskyFactor): Float64Array {
  const { order, lower, scale } = factor;
  const out = new Float64Array(order * order);
  // Lᵀ S T = I with S = diag(scale): column by column, backwards.
  for (let j = 0; j < order; j++) {
    for (let i = j; i >= 0; i--) {
      let value = i === j ? 1 : 0;
      for (let k = i + 1; k <= j; k++) value -= at(lower, k * order + i) * at(scale, k) * at(out, k * order + j);
      out[i * order + j] = value / (at(lower, i * order + i) * at(scale, i));
    }
  }
  return out;
}

/** xᵀ A x for a packed A. O(p²). */
export function quadraticForm(packed: ArrayLike<number>, x: ArrayLike<number>): number {
  const order = x.length;
  assertPacked(packed, order);
  let total = 0;
  for (let i = 0; i < order; i++) {
    let row = at(packed, packedIndex(order, i, i)) * at(x, i);
    for (let j = i + 1; j < order; j++) row += 2 * at(packed, packedIndex(order, i, j)) * at(x, j);
    total += at(x, i) * row;
  }
  return total;
}

/**
 * M A Mᵀ for a packed symmetric A of order p and a square M of the same order: the covariance of M b when A is that of b.
 *
 * @param matrix row-major, p × p
 * Numerics: O(p³).
 */
export function transformSymmetric(packed: ArrayLike<number>, matrix: ArrayLike<number>, order: number): Float64Array {
  assertPacked(packed, order);
  if (matrix.length !== order * order) throw new RangeError(`transformation has ${matrix.length} entries; ${order * order} are needed`);
  const half = new Float64Array(order * order);
  for (let i = 0; i < order; i++) {
    for (let j = 0; j < order; j++) {
      let value = 0;
      for (let k = 0; k < order; k++) value += at(matrix, i * order + k) * symmetricAt(packed, order, k, j);
      half[i * order + j] = value;
    }
  }
  const out = new Float64Array(packedLength(order));
  for (let i = 0; i < order; i++) {
    for (let j = i; j < order; j++) {
      let value = 0;
      for (let k = 0; k < order; k++) value += at(half, i * order + k) * at(matrix, j * order + k);
      out[packedIndex(order, i, j)] = value;
    }
  }
  return out;
}

/** The diagonal of a packed matrix. */
export function packedDiagonal(packed: ArrayLike<number>, order: number): Float64Array {
  return Float64Array.from({ length: order }, (_, j) => at(packed, packedIndex(order, j, j)));
}

const symmetricAt = (packed: ArrayLike<number>, order: number, i: number, j: number): number =>
  at(packed, i <= j ? packedIndex(order, i, j) : packedIndex(order, j, i));

function assertPacked(packed: ArrayLike<number>, order: number): void {
  if (packed.length !== packedLength(order)) {
    throw new RangeError(`packed matrix has ${packed.length} entries; order ${order} needs ${packedLength(order)}`);
  }
  for (let i = 0; i < packed.length; i++) {
    if (!Number.isFinite(packed[i])) throw new RangeError(`entry ${i} of the packed matrix is not finite`);
  }
}

/** Indices here come from loops over the order, which was checked against the length. */
function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? Number.NaN;
}
