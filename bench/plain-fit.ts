/**
 * The yardstick: a logistic regression of 8 coefficients over 15,000 rows in one process, as a textbook writes it.
 *
 * Seconds of one machine mean nothing on another; how often this fit would have run in the same time does. It is measured in the same run
 * as what is compared with it.
 */

import { SeededRandom } from "@dure/kernel";

export interface PlainFit {
  /** Median of the repetitions, of the whole fit. */
  readonly fitMs: number;
  readonly iterationCount: number;
  readonly rowCount: number;
}

const ORDER = 8;
const trueParams = [-0.8, 0.1, 0.4, 0.3, 0.6, -0.1, -0.3, -0.7];

export function measurePlainFit({ rowCount = 15_000, repetitions = 9 } = {}): PlainFit {
  const rows = makeRows(rowCount);
  const runs = Array.from({ length: repetitions }, () => {
    const startMs = performance.now();
    const iterationCount = fit(rows);
    return { ms: performance.now() - startMs, iterationCount };
  }).sort((a, b) => a.ms - b.ms);
  const middle = runs[Math.floor(runs.length / 2)];
  return { fitMs: middle?.ms ?? Number.NaN, iterationCount: middle?.iterationCount ?? 0, rowCount };
}

interface Rows {
  readonly features: readonly Float64Array[];
  readonly outcome: Float64Array;
}

function makeRows(rowCount: number): Rows {
  const random = new SeededRandom(15);
  const features = Array.from({ length: rowCount }, () =>
    Float64Array.from({ length: ORDER }, (_, j) => (j === 0 ? 1 : 2 * random.uniform() - 1)),
  );
  const outcome = Float64Array.from(features, (x) => (random.uniform() < 1 / (1 + Math.exp(-dot(x, trueParams))) ? 1 : 0));
  return { features, outcome };
}

/** Newton's method until the step is below 1e-10. @returns the number of iterations */
function fit({ features, outcome }: Rows): number {
  const params = new Array<number>(ORDER).fill(0);
  for (let iteration = 1; iteration <= 25; iteration++) {
    const information = Array.from({ length: ORDER }, () => new Array<number>(ORDER + 1).fill(0));
    for (const [i, x] of features.entries()) {
      const p = 1 / (1 + Math.exp(-dot(x, params)));
      for (let j = 0; j < ORDER; j++) {
        const line = information[j] ?? [];
        for (let k = 0; k < ORDER; k++) line[k] = (line[k] ?? 0) + p * (1 - p) * (x[j] ?? 0) * (x[k] ?? 0);
        line[ORDER] = (line[ORDER] ?? 0) + ((outcome[i] ?? 0) - p) * (x[j] ?? 0);
      }
    }
    const step = solve(information);
    for (let j = 0; j < ORDER; j++) params[j] = (params[j] ?? 0) + (step[j] ?? 0);
    if (step.every((value) => Math.abs(value) < 1e-10)) return iteration;
  }
  throw new Error("the plain fit did not converge");
}

const dot = (x: ArrayLike<number>, y: ArrayLike<number>): number => {
  let sum = 0;
  for (let j = 0; j < ORDER; j++) sum += (x[j] ?? 0) * (y[j] ?? 0);
  return sum;
};

/** Gauss-Jordan over a matrix with its right-hand side in the last column; the information is positive definite. */
function solve(matrix: readonly number[][]): readonly number[] {
  for (const [j, pivotLine] of matrix.entries()) {
    const pivot = pivotLine[j] ?? Number.NaN;
    for (let k = j; k <= ORDER; k++) pivotLine[k] = (pivotLine[k] ?? 0) / pivot;
    for (const [i, line] of matrix.entries()) {
      const factor = line[j] ?? 0;
      if (i !== j) for (let k = j; k <= ORDER; k++) line[k] = (line[k] ?? 0) - factor * (pivotLine[k] ?? 0);
    }
  }
  return matrix.map((line) => line[ORDER] ?? Number.NaN);
}
