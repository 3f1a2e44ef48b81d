/**
 * Sums of products of columns: XᵀWX over a block of rows, the cost of every Newton step.
 *
 * Rows come in blocks small enough that the columns stay in the processor's cache while each is met with all others.
 */

/** Columns that lie `stride` apart in one array; a block is `count` rows of them. */
export interface ColumnBlock {
  readonly values: Float64Array;
  /** Where the block's first row stands in the first column. */
  readonly base: number;
  readonly stride: number;
  readonly columnCount: number;
  readonly count: number;
}

/** Rows a block: a few dozen columns of this many doubles fit in the second cache. */
export const BLOCK_ROWS = 256;

/**
 * Writes Σ weight x xᵀ over the block, upper triangle by rows, into `out`.
 *
 * Two rows of the triangle at a time against four columns: a value read serves eight products, and no addition waits for another.
 *
 * @param weight  by row of the block; undefined for 1
 * @param scratch at least 2 × `count` long; overwritten
 * @param out     shape (p (p + 1) / 2,)
 * Numerics: O(count × p²); plain sums of at most a block's rows, for the caller to add with compensation.
 */
export function crossProductsInto(block: ColumnBlock, weight: Float64Array | undefined, scratch: Float64Array, out: Float64Array): void {
  const { base, stride, columnCount, count } = block;
  const first = scratch.subarray(0, count);
  const second = scratch.subarray(count, 2 * count);
  let next = 0;
  for (let j = 0; j < columnCount; j += 2) {
    const from = base + j * stride;
    weighInto(block, from, weight, first);
    productsInto(first, { ...block, base: from, columnCount: 1 }, out, next);
    const rest = columnCount - j - 1;
    if (rest === 0) return;
    weighInto(block, from + stride, weight, second);
    pairProductsInto([first, second], { ...block, base: from + stride, columnCount: rest }, out, next + 1);
    next += 2 * rest + 1;
  }
}

function weighInto({ values, count }: ColumnBlock, from: number, weight: Float64Array | undefined, out: Float64Array): void {
  if (weight === undefined) for (let i = 0; i < count; i++) out[i] = values[from + i] ?? 0;
  else for (let i = 0; i < count; i++) out[i] = (weight[i] ?? 0) * (values[from + i] ?? 0);
}

/** Both vectors times each column: the first's products from `outFrom` on, the second's behind them. */
function pairProductsInto(
  [first, second]: readonly [Float64Array, Float64Array],
  block: ColumnBlock,
  out: Float64Array,
  outFrom: number,
): void {
  const { values, base, stride, columnCount, count } = block;
  const behind = outFrom + columnCount;
  let k = 0;
  for (; k + 3 < columnCount; k += 4) {
    const b0 = base + k * stride;
    const b1 = b0 + stride;
    const b2 = b1 + stride;
    const b3 = b2 + stride;
    let [s0, s1, s2, s3, t0, t1, t2, t3] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let i = 0; i < count; i++) {
      const u = first[i] ?? 0;
      const v = second[i] ?? 0;
      const x0 = values[b0 + i] ?? 0;
      const x1 = values[b1 + i] ?? 0;
      const x2 = values[b2 + i] ?? 0;
      const x3 = values[b3 + i] ?? 0;
      s0 += u * x0;
      s1 += u * x1;
      s2 += u * x2;
      s3 += u * x3;
      t0 += v * x0;
      t1 += v * x1;
      t2 += v * x2;
      t3 += v * x3;
    }
    out.set([s0, s1, s2, s3], outFrom + k);
    out.set([t0, t1, t2, t3], behind + k);
  }
  const rest = { ...block, base: base + k * stride, columnCount: columnCount - k };
  productsInto(first, rest, out, outFrom + k);
  productsInto(second, rest, out, behind + k);
}

/**
 * Writes Σ vector × column over the block for each column into `out` from `outFrom` on. Four columns at a time: the vector is read
 * once for four, and no addition waits for another.
 */
export function productsInto(vector: Float64Array, block: ColumnBlock, out: Float64Array, outFrom: number): void {
  const { values, base, stride, columnCount, count } = block;
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
      s0 += value * (values[b0 + i] ?? 0);
      s1 += value * (values[b1 + i] ?? 0);
      s2 += value * (values[b2 + i] ?? 0);
      s3 += value * (values[b3 + i] ?? 0);
    }
    out[outFrom + k] = s0;
    out[outFrom + k + 1] = s1;
    out[outFrom + k + 2] = s2;
    out[outFrom + k + 3] = s3;
  }
  for (; k < columnCount; k++) {
    const from = base + k * stride;
    let total = 0;
    for (let i = 0; i < count; i++) total += (vector[i] ?? 0) * (values[from + i] ?? 0);
    out[outFrom + k] = total;
  }
}
