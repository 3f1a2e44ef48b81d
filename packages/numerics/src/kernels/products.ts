/**
 * Sums of products of columns over rows, XᵀWX and Xᵀv: what every Newton step, moment and sandwich of this project costs.
 *
 * Rows go through a WASM kernel (plain simd128) in blocks of 256, whose columns stay in the second cache while each meets all others; a
 * second copy of the table is never made. Sums are compensated after every 128 rows, so the error does not grow with the number of rows, and
 * where a table is cut into calls changes the last digits at most. The order of additions follows from the order of the rows alone, no
 * operation is fused: every machine gives the same bits.
 *
 * `sumProducts` and `sumColumns` are for weights that are known beforehand. A Newton step has to find its weights from the rows, so
 * `sumBlocks` shows each block to its caller, who can have the linear predictor, sets weights, and has the products added:
 *
 *   const { products, columnSums } = sumBlocks({ columnCount, hasIntercept: true }, (block) => {
 *     for (let from = 0; from < rowCount; from += BLOCK_ROWS) {
 *       block.load(table, from, Math.min(BLOCK_ROWS, rowCount - from));
 *       block.predict(params);
 *       for (let i = 0; i < block.rowCount; i++) …           // block.predictor → block.weight, block.vector
 *       block.addProducts();
 *       block.addColumnSums();
 *     }
 *   });
 *
 * NaN and infinities are not looked for: a NaN in a column makes the sums with that column NaN and no others; one in a weight makes all.
 */

import { packedLength } from "../symmetric.ts";
import { wasmBase64 } from "./gen/gram.ts";
import { Kernel, type KernelInstance, PAGE_BYTES } from "./web-assembly.ts";

/** Rows a block: fifty columns of them take a tenth of a second cache. The kernel's source has the same number. */
export const BLOCK_ROWS = 256;

/** Most columns of one sum, the intercept included: their sums of products fill most of the 128 MiB that the kernel may have. */
export const PRODUCT_COLUMNS_MAX = 3000;

/** Columns one behind the other: row i of column j at j × stride + i. */
export interface ColumnTable {
  readonly values: Float64Array;
  readonly columnCount: number;
  /** Rows from one column to the next. */
  readonly stride: number;
}

export interface ProductShape {
  readonly columnCount: number;
  /** A column of ones comes before the others, in all sums and parameters; nobody stores it. */
  readonly hasIntercept?: boolean;
}

/** p counts the intercept, if there is one. */
export interface ProductSums {
  /** Σ weight × x xᵀ, upper triangle by rows, shape (p (p + 1) / 2,). */
  readonly products: Float64Array;
  /** Σ vector × x, shape (p,). */
  readonly columnSums: Float64Array;
}

/** Sums of a block and what has been added so far. */
export interface ProductBlock {
  readonly rowCount: number;
  /** Without the intercept: column j of row i at j × BLOCK_ROWS + i. For callers that make their columns; others `load`. */
  readonly columns: Float64Array;
  /** By row of the block, shape (BLOCK_ROWS,): written by the caller before a sum is added. */
  readonly weight: Float64Array;
  readonly vector: Float64Array;
  /** By row of the block: written by `predict`. */
  readonly predictor: Float64Array;
  /** Copies rows `from` to `from + rowCount` of the table in. Throws where the table has no such rows, or other columns. */
  load(table: ColumnTable, from: number, rowCount: number): void;
  /** Says how many rows of `columns` the caller has written or will, up to BLOCK_ROWS. */
  setRowCount(rowCount: number): void;
  /** η = x b for every row. @param params shape (p,); a product with 0 is added like any other */
  predict(params: ArrayLike<number>): void;
  /** @param options `isWeighted: false` for weights of 1 */
  addProducts(options?: { readonly isWeighted: boolean }): void;
  addColumnSums(): void;
}

/**
 * Σ weight × x xᵀ over rows `from` (included) to `to` (excluded).
 *
 * @param weight by row of the table; absent for 1; any sign
 * @returns packed upper triangle by rows, shape (p (p + 1) / 2,); zeros of no rows
 * Numerics: O((to − from) p²) time; memory beside the table O(p²) + 2 KiB a column. Each sum is within 66 × 2⁻⁵³ × Σ|terms| of
 * the exact one, however many rows: 64 additions between two compensated ones, and two products. 2e-16 is usual.
 * Source: Knuth, TAOCP vol. 2, section 4.2.2, theorem B (the error of an addition); Goto & van de Geijn 2008, ACM TOMS 34:12 (blocking).
 */
export function sumProducts(table: ColumnTable, { from, to, weight }: RowRange): Float64Array {
  return sumBlocks(table, (block) => {
    for (let start = from; start < to; start += BLOCK_ROWS) {
      const rowCount = Math.min(BLOCK_ROWS, to - start);
      block.load(table, start, rowCount);
      if (weight !== undefined) block.weight.set(rowsOf(weight, start, rowCount));
      block.addProducts({ isWeighted: weight !== undefined });
    }
  }).products;
}

/** Σ weight × x, shape (p,), as `sumProducts`. O((to − from) p). */
export function sumColumns(table: ColumnTable, { from, to, weight }: RowRange): Float64Array {
  return sumBlocks(table, (block) => {
    block.vector.fill(1);
    for (let start = from; start < to; start += BLOCK_ROWS) {
      const rowCount = Math.min(BLOCK_ROWS, to - start);
      block.load(table, start, rowCount);
      if (weight !== undefined) block.vector.set(rowsOf(weight, start, rowCount));
      block.addColumnSums();
    }
  }).columnSums;
}

export interface RowRange {
  readonly from: number;
  readonly to: number;
  /** By row of the table. */
  readonly weight?: Float64Array;
}

/**
 * The sums that `visit` had added, block by block; see above. The block is good until `visit` returns; one sum is made at a time.
 *
 * Fails: throws beyond PRODUCT_COLUMNS_MAX, and within another `visit`.
 */
export function sumBlocks(shape: ProductShape, visit: (block: ProductBlock) => void): ProductSums {
  if (isBusy) throw new Error("a sum of products is made within another");
  isBusy = true;
  try {
    const block = new KernelBlock(shape);
    visit(block);
    return block.sums();
  } finally {
    isBusy = false;
  }
}

const operations = ["addProducts", "addColumnSums", "addPredictor"] as const;
type Operation = (typeof operations)[number];

const kernel = new Kernel(wasmBase64, operations);
/** One for all sums: each starts by emptying it. */
let sharedInstance: KernelInstance<Operation> | undefined;
let isBusy = false;

/** As in the kernel's source. */
const PANEL_COLUMNS = 3;
const TILE_DOUBLES = 20;

class KernelBlock implements ProductBlock {
  rowCount = 0;
  readonly columns: Float64Array;
  readonly weight: Float64Array;
  readonly vector: Float64Array;
  readonly predictor: Float64Array;
  readonly #functions: KernelInstance<Operation>["functions"];
  readonly #order: number;
  readonly #hasIntercept: boolean;
  readonly #panelCount: number;
  /** All columns with the intercept and zeros up to an even number and a whole panel. */
  readonly #padded: Float64Array;
  readonly #scratch: Float64Array;
  readonly #params: Float64Array;
  readonly #tiles: Float64Array;
  readonly #sums: Float64Array;

  constructor({ columnCount, hasIntercept = false }: ProductShape) {
    const order = columnCount + (hasIntercept ? 1 : 0);
    if (!Number.isInteger(columnCount) || columnCount < 0 || order > PRODUCT_COLUMNS_MAX) {
      throw new RangeError(`products of ${order} columns; at most ${PRODUCT_COLUMNS_MAX} can be summed`);
    }
    this.#order = order;
    this.#hasIntercept = hasIntercept;
    this.#panelCount = Math.ceil(order / PANEL_COLUMNS);
    const paddedCount = PANEL_COLUMNS * this.#panelCount + 1;
    const tilesLength = TILE_DOUBLES * packedLength(this.#panelCount);
    const memory = new KernelMemory((paddedCount + PANEL_COLUMNS + 3) * BLOCK_ROWS + 3 * evenCount(order) + tilesLength);
    this.#functions = memory.functions;
    this.#padded = memory.take(paddedCount * BLOCK_ROWS);
    this.#scratch = memory.take(PANEL_COLUMNS * BLOCK_ROWS);
    this.weight = memory.take(BLOCK_ROWS);
    this.vector = memory.take(BLOCK_ROWS);
    this.predictor = memory.take(BLOCK_ROWS);
    this.#params = memory.take(evenCount(order));
    this.#sums = memory.take(2 * evenCount(order));
    this.#tiles = memory.take(tilesLength);
    if (hasIntercept) this.#padded.fill(1, 0, BLOCK_ROWS);
    this.#padded.fill(0, order * BLOCK_ROWS);
    for (const view of [this.#params, this.#sums, this.#tiles]) view.fill(0);
    this.columns = this.#padded.subarray((order - columnCount) * BLOCK_ROWS, order * BLOCK_ROWS);
  }

  load({ values, columnCount, stride }: ColumnTable, from: number, rowCount: number): void {
    if (columnCount * BLOCK_ROWS !== this.columns.length) {
      throw new RangeError(`${columnCount} columns for ${this.columns.length / BLOCK_ROWS}`);
    }
    if (!(from >= 0 && from + rowCount <= stride) || (columnCount - 1) * stride + from + rowCount > values.length) {
      throw new RangeError(`rows ${from} to ${from + rowCount} of ${columnCount} columns of ${stride} in ${values.length} values`);
    }
    this.setRowCount(rowCount);
    for (let j = 0, start = from; j < columnCount; j++, start += stride) {
      this.columns.set(values.subarray(start, start + rowCount), j * BLOCK_ROWS);
    }
  }

  setRowCount(rowCount: number): void {
    if (!(rowCount >= 0 && rowCount <= BLOCK_ROWS)) throw new RangeError(`${rowCount} rows; a block has at most ${BLOCK_ROWS}`);
    // The last block's row of zeros, where it had one, is a row again.
    if (this.rowCount % 2 === 1 && this.#hasIntercept) this.#padded[this.rowCount] = 1;
    this.rowCount = rowCount;
  }

  predict(params: ArrayLike<number>): void {
    if (params.length !== this.#order) throw new RangeError(`${params.length} parameters for ${this.#order} columns`);
    this.#params.set(params);
    this.predictor.fill(0);
    this.#functions.addPredictor(at(this.#padded), evenCount(this.#order), at(this.#params), this.#evenBytes(), at(this.predictor));
  }

  addProducts({ isWeighted } = { isWeighted: true }): void {
    const byteCount = this.#evenBytes();
    const weight = isWeighted ? at(this.weight) : 0;
    this.#functions.addProducts(at(this.#padded), this.#panelCount, weight, at(this.#scratch), byteCount, at(this.#tiles));
  }

  addColumnSums(): void {
    const byteCount = this.#evenBytes();
    this.#functions.addColumnSums(at(this.#padded), evenCount(this.#order), at(this.vector), byteCount, at(this.#sums));
  }

  sums(): ProductSums {
    const columnSums = Float64Array.from({ length: this.#order }, (_, j) => compensated(this.#sums, j));
    const products = new Float64Array(packedLength(this.#order));
    let next = 0;
    for (let i = 0; i < this.#order; i++) {
      for (let j = i; j < this.#order; j++) products[next++] = this.#product(i, j);
    }
    return { products, columnSums };
  }

  #product(i: number, j: number): number {
    const [row, column] = [Math.floor(i / PANEL_COLUMNS), Math.floor(j / PANEL_COLUMNS)];
    const tile = row * this.#panelCount - (row * (row - 1)) / 2 + (column - row);
    const cell = PANEL_COLUMNS * (i % PANEL_COLUMNS) + (j % PANEL_COLUMNS);
    return compensated(this.#tiles.subarray(tile * TILE_DOUBLES), cell);
  }

  /** The kernel takes rows in pairs: an odd last one is followed by zeros, whatever was there. */
  #evenBytes(): number {
    if (this.rowCount % 2 === 1) {
      for (let row = this.rowCount; row < this.#padded.length; row += BLOCK_ROWS) this.#padded[row] = 0;
      this.weight[this.rowCount] = 0;
      this.vector[this.rowCount] = 0;
    }
    return 8 * evenCount(this.rowCount);
  }
}

/** Views of the kernel's memory, one behind the other, past the first page, where AssemblyScript keeps its (here empty) static data. */
class KernelMemory {
  readonly functions: KernelInstance<Operation>["functions"];
  readonly #buffer: ArrayBuffer;
  #offset = PAGE_BYTES;

  /** @param length doubles that will be taken in all */
  constructor(length: number) {
    sharedInstance ??= kernel.instantiate();
    const { memory, functions } = sharedInstance;
    const missingBytes = PAGE_BYTES + 8 * length - memory.buffer.byteLength;
    if (missingBytes > 0) memory.grow(Math.ceil(missingBytes / PAGE_BYTES));
    this.functions = functions;
    this.#buffer = memory.buffer;
  }

  take(length: number): Float64Array {
    const view = new Float64Array(this.#buffer, this.#offset, length);
    this.#offset += view.byteLength;
    return view;
  }
}

const evenCount = (count: number): number => count + (count % 2);
const at = (view: Float64Array): number => view.byteOffset;
const compensated = (pairs: Float64Array, index: number): number => {
  const place = 4 * (index >> 1) + (index & 1);
  return (pairs[place] ?? Number.NaN) + (pairs[place + 2] ?? Number.NaN);
};

function rowsOf(values: Float64Array, from: number, count: number): Float64Array {
  if (from + count > values.length) throw new RangeError(`rows ${from} to ${from + count} of ${values.length} weights`);
  return values.subarray(from, from + count);
}
