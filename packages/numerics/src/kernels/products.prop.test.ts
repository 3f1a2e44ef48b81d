import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { CompensatedSum } from "../sums.ts";
import { packedIndex, packedLength } from "../symmetric.ts";
import { wasmBase64 } from "./gen/gram.ts";
import { BLOCK_ROWS, type ColumnTable, PRODUCT_COLUMNS_MAX, sumBlocks, sumColumns, sumProducts } from "./products.ts";

interface Shape {
  readonly columnCount: number;
  readonly rowCount: number;
  /** Rows before and behind, which belong to no sum. */
  readonly before: number;
  readonly behind: number;
  readonly seed: number;
}

/** Row counts around blocks and pairs of rows, column counts around panels. */
const shapes = fc.record<Shape>({
  columnCount: fc.integer({ min: 1, max: 11 }),
  rowCount: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: BLOCK_ROWS - 3, max: 3 * BLOCK_ROWS + 3 })),
  before: fc.integer({ min: 0, max: 3 }),
  behind: fc.integer({ min: 0, max: 3 }),
  seed: fc.nat(),
});

/** Numbers in [0, 1) from a seed: Park and Miller's generator, plenty for rows of a test. */
function uniforms(seed: number): () => number {
  let state = 1 + (seed % 2147483646);
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

/** Columns of units between 1e-3 and 1e3, with and without a mean far from 0; NaN where no sum may look. */
function makeTable({ columnCount, rowCount, before, behind, seed }: Shape) {
  const uniform = uniforms(seed);
  const stride = before + rowCount + behind;
  const isOfSum = (row: number): boolean => row >= before && row < before + rowCount;
  const units = Array.from({ length: columnCount }, () => 10 ** (6 * uniform() - 3));
  const means = units.map(() => (uniform() < 0.5 ? 10 : 0));
  const draw = (j: number): number => (units[j] ?? 0) * ((means[j] ?? 0) + 4 * uniform() - 2);
  const values = Float64Array.from({ length: columnCount * stride }, (_, i) =>
    isOfSum(i % stride) ? draw(Math.floor(i / stride)) : Number.NaN,
  );
  const weight = Float64Array.from({ length: stride }, (_, i) => (isOfSum(i) ? uniform() - 0.1 : Number.NaN));
  return { table: { values, columnCount, stride } satisfies ColumnTable, weight, range: { from: before, to: before + rowCount } };
}

/** The sum of terms, and of their absolute values. */
function plainly(terms: readonly number[]): readonly [number, number] {
  const [total, size] = [new CompensatedSum(), new CompensatedSum()];
  for (const term of terms) {
    total.add(term);
    size.add(Math.abs(term));
  }
  return [total.value, size.value];
}

const column = ({ values, stride }: ColumnTable, j: number, { from, to }: { readonly from: number; readonly to: number }): Float64Array =>
  values.subarray(j * stride + from, j * stride + to);

function assertNear(actual: number | undefined, terms: readonly number[], what: string): void {
  const [expected, size] = plainly(terms);
  assert.ok(actual !== undefined && Math.abs(actual - expected) <= 1e-15 * size, `${what}: ${actual} against ${expected}`);
}

test("sums of products and of columns equal plain sums to 1e-15, whatever the number of rows and columns", () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const { table, weight, range } = makeTable(shape);
      const weighted = sumProducts(table, { ...range, weight });
      const plain = sumProducts(table, range);
      const columns = sumColumns(table, { ...range, weight });
      assert.equal(weighted.length, packedLength(shape.columnCount));
      const w = weight.subarray(range.from, range.to);
      for (let i = 0; i < shape.columnCount; i++) {
        const x = [...column(table, i, range)];
        assertNear(
          columns[i],
          x.map((value, row) => (w[row] ?? 0) * value),
          `column ${i}`,
        );
        for (let j = i; j < shape.columnCount; j++) {
          const y = column(table, j, range);
          const cell = packedIndex(shape.columnCount, i, j);
          assertNear(
            weighted[cell],
            x.map((value, row) => (w[row] ?? 0) * value * (y[row] ?? 0)),
            `weighted ${i}, ${j}`,
          );
          assertNear(
            plain[cell],
            x.map((value, row) => value * (y[row] ?? 0)),
            `unweighted ${i}, ${j}`,
          );
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("a table cut anywhere has the sums of the whole to 1e-15", () => {
  fc.assert(
    fc.property(shapes, fc.double({ min: 0, max: 1, noNaN: true }), (shape, share) => {
      const { table, weight, range } = makeTable(shape);
      const cut = range.from + Math.floor(share * shape.rowCount);
      const whole = sumProducts(table, { ...range, weight });
      const first = sumProducts(table, { from: range.from, to: cut, weight });
      const second = sumProducts(table, { from: cut, to: range.to, weight });
      const sizes = sumProducts({ ...table, values: table.values.map(Math.abs) }, { ...range, weight: weight.map(Math.abs) });
      whole.forEach((value, cell) => {
        const parts = (first[cell] ?? 0) + (second[cell] ?? 0);
        assert.ok(Math.abs(value - parts) <= 1e-15 * (sizes[cell] ?? 0), `cell ${cell}: ${value} against ${parts}`);
      });
    }),
    { numRuns: 60 },
  );
});

const RUN_ROWS = 128;

/** The kernel's order of additions, written out: even rows, odd rows, then both, run after run with the error of each addition kept. */
function inKernelOrder(terms: readonly number[]): number {
  let [total, lost] = [0, 0];
  for (let start = 0; start < terms.length; start += RUN_ROWS) {
    let [even, odd] = [0, 0];
    for (let i = start; i < Math.min(start + RUN_ROWS, terms.length); i += 2) {
      even += terms[i] ?? 0;
      odd += terms[i + 1] ?? 0;
    }
    const value = even + odd;
    const after = total + value;
    const taken = after - total;
    lost += total - (after - taken) + (value - taken);
    total = after;
  }
  return total + lost;
}

test("the order of additions is fixed: a plain loop in that order has the same bits", () => {
  const { table, weight, range } = makeTable({ columnCount: 5, rowCount: 5 * BLOCK_ROWS + 77, before: 1, behind: 2, seed: 5 });
  const w = weight.subarray(range.from, range.to);
  const products = sumProducts(table, { ...range, weight });
  const columns = sumColumns(table, { ...range, weight });
  for (let i = 0; i < 5; i++) {
    const weighted = Array.from(column(table, i, range), (x, row) => (w[row] ?? 0) * x);
    assert.equal(columns[i], inKernelOrder(weighted));
    for (let j = i; j < 5; j++) {
      const y = column(table, j, range);
      assert.equal(products[packedIndex(5, i, j)], inKernelOrder(weighted.map((x, row) => x * (y[row] ?? 0))), `${i}, ${j}`);
    }
  }
});

test("a visited block has the intercept as its first column, and predicts in the order of the columns", () => {
  for (const rowCount of [1, 2, BLOCK_ROWS - 1, BLOCK_ROWS, 2 * BLOCK_ROWS + 5]) {
    const { table } = makeTable({ columnCount: 4, rowCount, before: 0, behind: 0, seed: rowCount });
    const params = [0.5, -1, 2, 0, 0.25];
    const predicted: number[] = [];
    const { products, columnSums } = sumBlocks({ columnCount: 4, hasIntercept: true }, (block) => {
      // An odd block first: what stands behind its last row must not stay.
      const lengths = [1, ...Array.from({ length: rowCount }, () => BLOCK_ROWS)];
      for (let from = 0, k = 0; from < rowCount; from += lengths[k++] ?? 0) {
        block.load(table, from, Math.min(lengths[k] ?? 0, rowCount - from));
        block.predict(params);
        predicted.push(...block.predictor.subarray(0, block.rowCount));
        block.vector.fill(2);
        block.addProducts({ isWeighted: false });
        block.addColumnSums();
      }
    });
    const columns = [0, 1, 2, 3].map((j) => [...column(table, j, { from: 0, to: rowCount })]);
    columns.unshift(new Array<number>(rowCount).fill(1));
    const eta = columns.reduce<readonly number[]>(
      (total, x, j) => total.map((value, row) => value + (params[j] ?? 0) * (x[row] ?? 0)),
      new Array<number>(rowCount).fill(0),
    );
    assert.deepEqual(predicted, eta);
    columns.forEach((x, i) => {
      assertNear(
        columnSums[i],
        x.map((value) => 2 * value),
        `column ${i}`,
      );
      columns.slice(i).forEach((y, k) => {
        assertNear(
          products[packedIndex(5, i, i + k)],
          x.map((value, row) => value * (y[row] ?? 0)),
          `${i}, ${i + k}`,
        );
      });
    });
  }
});

test("NaN in a column stays in its own sums, NaN in a weight is in all, and neither is in the next sum", () => {
  const { table, weight, range } = makeTable({ columnCount: 4, rowCount: 301, before: 0, behind: 0, seed: 3 });
  const clean = sumProducts(table, { ...range, weight });
  const spoilt = { ...table, values: table.values.slice() };
  spoilt.values[2 * table.stride + 300] = Number.NaN;
  sumProducts(spoilt, { ...range, weight }).forEach((value, cell) => {
    const isOfColumn = [2, 5, 7, 8].includes(cell);
    assert.equal(Number.isNaN(value), isOfColumn, `cell ${cell}`);
    if (!isOfColumn) assert.equal(value, clean[cell]);
  });
  assert.ok(sumProducts(table, { ...range, weight: weight.map((w, i) => (i === 7 ? Number.NaN : w)) }).every(Number.isNaN));
  assert.deepEqual(sumProducts(table, { ...range, weight }), clean);
});

test("nothing of a longer block stays in a shorter one, and a sum of no rows or columns is zero or empty", () => {
  const full = makeTable({ columnCount: 3, rowCount: BLOCK_ROWS, before: 0, behind: 0, seed: 1 });
  full.table.values.fill(Number.POSITIVE_INFINITY);
  sumProducts(full.table, full.range);
  for (const rowCount of [1, 3, 5]) {
    const few = makeTable({ columnCount: 3, rowCount, before: 0, behind: 0, seed: 2 });
    assert.ok(sumProducts(few.table, few.range).every(Number.isFinite));
  }
  const none: ColumnTable = { values: new Float64Array(0), columnCount: 2, stride: 0 };
  assert.deepEqual(sumProducts(none, { from: 0, to: 0 }), new Float64Array(3));
  assert.deepEqual(sumColumns({ ...none, columnCount: 0 }, { from: 0, to: 0 }), new Float64Array(0));
});

test("the error does not grow with the number of rows", () => {
  const rowCount = 200_000;
  const table = { values: Float64Array.from({ length: rowCount }, (_, i) => 1 + (i % 7) / 10), columnCount: 1, stride: rowCount };
  assertNear(
    sumProducts(table, { from: 0, to: rowCount })[0],
    Array.from(table.values, (x) => x * x),
    "Σ x²",
  );
});

test("hundreds of columns are summed: the memory grows", () => {
  const columnCount = 400;
  const table = { values: Float64Array.from({ length: columnCount * 3 }, (_, i) => (i % 11) - 5), columnCount, stride: 3 };
  const products = sumProducts(table, { from: 0, to: 3 });
  const dot = (i: number, j: number): number =>
    [0, 1, 2].reduce((total, row) => total + (table.values[3 * i + row] ?? 0) * (table.values[3 * j + row] ?? 0), 0);
  for (const [i, j] of [
    [0, 0],
    [0, 399],
    [200, 300],
    [399, 399],
  ] as const)
    assert.equal(products[packedIndex(columnCount, i, j)], dot(i, j));
});

test("what is no block of the table is refused, and a refusal leaves the next sum whole", () => {
  const { table, weight, range } = makeTable({ columnCount: 2, rowCount: 10, before: 0, behind: 0, seed: 4 });
  const refused: readonly [string, () => unknown][] = [
    ["rows behind the table", () => sumProducts(table, { from: 0, to: 11 })],
    ["rows before the table", () => sumProducts(table, { from: -1, to: 3 })],
    ["a table that ends early", () => sumProducts({ ...table, values: table.values.subarray(1) }, range)],
    ["too few weights", () => sumProducts(table, { ...range, weight: weight.subarray(1) })],
    ["too many columns", () => sumBlocks({ columnCount: PRODUCT_COLUMNS_MAX, hasIntercept: true }, () => {})],
    ["half a column", () => sumBlocks({ columnCount: 1.5 }, () => {})],
    ["another number of columns", () => sumBlocks({ columnCount: 3 }, (block) => block.load(table, 0, 10))],
    ["too many rows at once", () => sumBlocks({ columnCount: 2 }, (block) => block.setRowCount(BLOCK_ROWS + 1))],
    ["too few parameters", () => sumBlocks(table, (block) => block.predict([1]))],
  ];
  for (const [what, sum] of refused) assert.throws(sum, RangeError, what);
  assert.throws(() => sumBlocks(table, () => sumBlocks(table, () => {})), /within another/);
  assertNear(sumColumns(table, range)[0], [...column(table, 0, range)], "after the refusals");
});

test("the committed kernel has the committed SHA-256, and the generated module carries it", () => {
  const file = (name: string) => readFileSync(new URL(`../../assembly/${name}`, import.meta.url));
  const wasm = file("gram.wasm");
  assert.equal(file("gram.wasm.sha256").toString().split(" ")[0], createHash("sha256").update(wasm).digest("hex"));
  assert.equal(wasmBase64, wasm.toString("base64"));
});
