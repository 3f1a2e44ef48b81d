/**
 * Stored pixel values to numbers a model learns from: one channel, 0 to 1, of a fixed size. Pure; decoding compressed frames comes before.
 *
 * Steps of PS3.3: modality rescale (C.11.1), window (C.11.2.1.2, linear and linear exact), MONOCHROME1 inverted (C.7.6.3.1.2: there the
 * smallest value is white), then resampling to the size.
 */

import { assert } from "@dure/kernel";

export interface StoredFrame {
  readonly rows: number;
  readonly columns: number;
  /** Row by row, rows × columns. */
  readonly values: Int32Array;
  readonly rescaleSlope: number;
  readonly rescaleIntercept: number;
  /** Absent: the frame's own smallest and largest value become 0 and 1. */
  readonly window?: { readonly center: number; readonly width: number; readonly isExact: boolean };
  readonly isInverted: boolean;
}

export interface TensorSize {
  readonly rows: number;
  readonly columns: number;
}

/**
 * Rows × columns numbers in [0, 1], row by row. The picture is stretched to the size; where it shrinks, every pixel of it counts by the
 * area it covers, where it grows, neighbours are joined linearly. Complexity: the pixels of both sizes.
 */
export function toTensor(frame: StoredFrame, size: TensorSize): Float32Array {
  const { rows, columns, values } = frame;
  assert(values.length === rows * columns && rows > 0 && columns > 0, "a frame has its rows × columns values");
  const scaled = Float64Array.from(values, (value) => value * frame.rescaleSlope + frame.rescaleIntercept);
  const grey = frame.window === undefined ? byRange(scaled) : byWindow(scaled, frame.window);
  if (frame.isInverted) for (let i = 0; i < grey.length; i++) grey[i] = 1 - (grey[i] ?? 0);
  const wide = resample(grey, rows, columns, size.columns);
  const high = resample(transpose(wide, rows, size.columns), size.columns, rows, size.rows);
  return Float32Array.from(transpose(high, size.columns, size.rows));
}

function byRange(values: Float64Array): Float64Array {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const width = high - low;
  return values.map((value) => (width === 0 ? 0 : (value - low) / width));
}

function byWindow(values: Float64Array, { center, width, isExact }: NonNullable<StoredFrame["window"]>): Float64Array {
  const middle = isExact ? center : center - 0.5;
  const span = isExact ? width : Math.max(width - 1, Number.EPSILON);
  return values.map((value) => Math.min(1, Math.max(0, (value - middle) / span + 0.5)));
}

/** Each of `height` lines from `width` to `target` numbers. */
function resample(values: Float64Array, height: number, width: number, target: number): Float64Array {
  const weights = target < width ? areaWeights(width, target) : linearWeights(width, target);
  const out = new Float64Array(height * target);
  for (let line = 0; line < height; line++) {
    for (let i = 0; i < target; i++) {
      let sum = 0;
      for (const [from, weight] of weights[i] ?? []) sum += weight * (values[line * width + from] ?? 0);
      out[line * target + i] = sum;
    }
  }
  return out;
}

type Weights = readonly (readonly (readonly [from: number, weight: number])[])[];

function areaWeights(width: number, target: number): Weights {
  const step = width / target;
  return Array.from({ length: target }, (_, i) => {
    const [start, end] = [i * step, (i + 1) * step];
    const first = Math.floor(start);
    const last = Math.min(Math.ceil(end), width);
    return Array.from({ length: last - first }, (__, j) => {
      const from = first + j;
      return [from, (Math.min(from + 1, end) - Math.max(from, start)) / step] as const;
    });
  });
}

/** Centres of pixels are joined; beyond the outer ones the edge stays. */
function linearWeights(width: number, target: number): Weights {
  return Array.from({ length: target }, (_, i) => {
    const at = Math.min(width - 1, Math.max(0, ((i + 0.5) * width) / target - 0.5));
    const left = Math.floor(at);
    const right = Math.min(left + 1, width - 1);
    return [
      [left, 1 - (at - left)],
      [right, at - left],
    ] as const;
  });
}

function transpose(values: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) out[column * rows + row] = values[row * columns + column] ?? 0;
  return out;
}
