// Sums of products of columns over one block of rows: Xᵀ W X, Xᵀ v and X b. Doubles, two lanes, plain simd128.
// AssemblyScript; `node scripts/build-wasm.ts` compiles it. src/kernels/products.ts lays the memory out and says what it is for.
//
// A block is columns of COLUMN_BYTES one behind the other. `byteCount` is 8 × its rows, which are even: an odd last one has a row of zeros
// behind it. Columns come in panels of three, a product of two panels is a tile of nine sums: nine registers, and as many loads as the
// processor has time for. The order of additions is fixed: of 128 rows the even ones, the odd ones, then the two together; run after run of 128
// rows with compensation.

/** 256 rows. A constant, so that the columns of a panel are offsets in an instruction. */
const COLUMN_BYTES: usize = 2048;
const PANEL_BYTES: usize = 3 * COLUMN_BYTES;
/** 128 rows between two compensated additions: more would round more, fewer would cost more. */
const RUN_BYTES: usize = 1024;
/** Nine sums and what each has lost, in pairs. */
const TILE_BYTES: usize = 160;

/**
 * Adds Σ weight × x xᵀ: the tiles of panels (i, j) for j ≥ i, row by row.
 *
 * @param weight  by row; 0 for weights of 1
 * @param scratch one panel; overwritten
 */
export function addProducts(columns: usize, panelCount: u32, weight: usize, scratch: usize, byteCount: usize, sums: usize): void {
  const end = columns + <usize>panelCount * PANEL_BYTES;
  let tile = sums;
  for (let left = columns; left < end; left += PANEL_BYTES) {
    let weighted = left;
    if (weight !== 0) {
      weighted = scratch;
      weighPanel(left, weight, byteCount, scratch);
    }
    for (let right = left; right < end; right += PANEL_BYTES) {
      addTile(weighted, right, byteCount, tile);
      tile += TILE_BYTES;
    }
  }
}

function weighPanel(panel: usize, weight: usize, byteCount: usize, out: usize): void {
  for (let i: usize = 0; i < byteCount; i += 16) {
    const w = v128.load(weight + i);
    v128.store(out + i, f64x2.mul(w, v128.load(panel + i)));
    v128.store(out + i, f64x2.mul(w, v128.load(panel + i, COLUMN_BYTES)), COLUMN_BYTES);
    v128.store(out + i, f64x2.mul(w, v128.load(panel + i, 2 * COLUMN_BYTES)), 2 * COLUMN_BYTES);
  }
}

function addTile(left: usize, right: usize, byteCount: usize, out: usize): void {
  const end = left + byteCount;
  while (left < end) {
    let s00 = f64x2.splat(0);
    let s01 = f64x2.splat(0);
    let s02 = f64x2.splat(0);
    let s10 = f64x2.splat(0);
    let s11 = f64x2.splat(0);
    let s12 = f64x2.splat(0);
    let s20 = f64x2.splat(0);
    let s21 = f64x2.splat(0);
    let s22 = f64x2.splat(0);
    for (const stop = min(end, left + RUN_BYTES); left < stop; left += 16) {
      const a0 = v128.load(left);
      const a1 = v128.load(left, COLUMN_BYTES);
      const a2 = v128.load(left, 2 * COLUMN_BYTES);
      let b = v128.load(right);
      s00 = f64x2.add(s00, f64x2.mul(a0, b));
      s10 = f64x2.add(s10, f64x2.mul(a1, b));
      s20 = f64x2.add(s20, f64x2.mul(a2, b));
      b = v128.load(right, COLUMN_BYTES);
      s01 = f64x2.add(s01, f64x2.mul(a0, b));
      s11 = f64x2.add(s11, f64x2.mul(a1, b));
      s21 = f64x2.add(s21, f64x2.mul(a2, b));
      b = v128.load(right, 2 * COLUMN_BYTES);
      s02 = f64x2.add(s02, f64x2.mul(a0, b));
      s12 = f64x2.add(s12, f64x2.mul(a1, b));
      s22 = f64x2.add(s22, f64x2.mul(a2, b));
      right += 16;
    }
    addCompensated(out, addLanes(s00, s01));
    addCompensated(out + 32, addLanes(s02, s10));
    addCompensated(out + 64, addLanes(s11, s12));
    addCompensated(out + 96, addLanes(s20, s21));
    addCompensated(out + 128, addLanes(s22, f64x2.splat(0)));
  }
}

/**
 * Adds Σ vector × column for every column: sums in pairs, each pair followed by what it has lost.
 *
 * @param columnCount even; a column of zeros may be the last
 */
export function addColumnSums(columns: usize, columnCount: u32, vector: usize, byteCount: usize, sums: usize): void {
  for (let j: u32 = 0; j < columnCount; j += 2) {
    for (let i: usize = 0; i < byteCount; ) {
      let s0 = f64x2.splat(0);
      let s1 = f64x2.splat(0);
      for (const stop = min(byteCount, i + RUN_BYTES); i < stop; i += 16) {
        const v = v128.load(vector + i);
        s0 = f64x2.add(s0, f64x2.mul(v, v128.load(columns + i)));
        s1 = f64x2.add(s1, f64x2.mul(v, v128.load(columns + i, COLUMN_BYTES)));
      }
      addCompensated(sums, addLanes(s0, s1));
    }
    sums += 32;
    columns += 2 * COLUMN_BYTES;
  }
}

/** Adds Σ over columns of param × column to `out`, by row, one column after the other. `columnCount` is even. */
export function addPredictor(columns: usize, columnCount: u32, params: usize, byteCount: usize, out: usize): void {
  for (let j: u32 = 0; j < columnCount; j += 2) {
    const p0 = v128.load64_splat(params);
    const p1 = v128.load64_splat(params, 8);
    for (let i: usize = 0; i < byteCount; i += 16) {
      const first = f64x2.add(v128.load(out + i), f64x2.mul(p0, v128.load(columns + i)));
      v128.store(out + i, f64x2.add(first, f64x2.mul(p1, v128.load(columns + i, COLUMN_BYTES))));
    }
    params += 16;
    columns += 2 * COLUMN_BYTES;
  }
}

/** The sum of the lanes of either. */
function addLanes(a: v128, b: v128): v128 {
  return f64x2.add(v128.shuffle<f64>(a, b, 0, 2), v128.shuffle<f64>(a, b, 1, 3));
}

/** A pair of sums at `at`, and behind it what they have lost. Knuth's exact error of an addition, TAOCP vol. 2, section 4.2.2, theorem B. */
function addCompensated(at: usize, value: v128): void {
  const before = v128.load(at);
  const after = f64x2.add(before, value);
  const taken = f64x2.sub(after, before);
  const lost = f64x2.add(f64x2.sub(before, f64x2.sub(after, taken)), f64x2.sub(value, taken));
  v128.store(at, after);
  v128.store(at, f64x2.add(v128.load(at, 16), lost), 16);
}
