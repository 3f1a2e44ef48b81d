/** One Newton contribution of a large hospital: 1,000,000 rows and 8 coefficients, against the formula written as a plain loop. */

import { SeededRandom } from "@dure/kernel";
import { type LogisticRows, logisticContribution } from "@dure/statistics";

export interface LogisticBench {
  readonly rowCount: number;
  readonly coefficientCount: number;
  readonly contributionMs: number;
  readonly plainLoopMs: number;
  /** Below 1 is faster than the plain loop. */
  readonly ratio: number;
}

const params = [-0.8, 0.1, 0.4, 0.3, 0.6, -0.1, -0.3, -0.7];

/** Medians of `repetitions` runs of each, taken in turn so that a busy machine burdens both. */
export function benchLogistic({ rowCount = 1_000_000, repetitions = 5 } = {}): LogisticBench {
  const rows = makeRows(rowCount, params.length - 1);
  const fast: number[] = [];
  const plain: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    fast.push(timeMs(() => logisticContribution(rows, params).logLikelihood));
    plain.push(timeMs(() => plainLoop(rows)));
  }
  const contributionMs = median(fast);
  const plainLoopMs = median(plain);
  return { rowCount, coefficientCount: params.length, contributionMs, plainLoopMs, ratio: contributionMs / plainLoopMs };
}

function makeRows(rowCount: number, featureCount: number): LogisticRows {
  const random = new SeededRandom(8);
  const features = Float64Array.from({ length: rowCount * featureCount }, () => 4 * random.uniform() - 2);
  const outcome = Float64Array.from({ length: rowCount }, () => (random.uniform() < 0.3 ? 1 : 0));
  return { rowCount, features, featureCount, stride: rowCount, outcome };
}

/** As a first version would be written: row by row, every sum into its array. */
function plainLoop(rows: LogisticRows): number {
  const order = params.length;
  const gradient = new Float64Array(order);
  const information = new Float64Array(order * order);
  const x = new Float64Array(order);
  let logLikelihood = 0;
  for (let i = 0; i < rows.rowCount; i++) {
    x[0] = 1;
    for (let j = 1; j < order; j++) x[j] = rows.features[(j - 1) * rows.stride + i] ?? 0;
    let eta = 0;
    for (let j = 0; j < order; j++) eta += (params[j] ?? 0) * (x[j] ?? 0);
    const y = rows.outcome[i] ?? 0;
    const p = 1 / (1 + Math.exp(-eta));
    logLikelihood += y * eta - Math.log1p(Math.exp(eta));
    for (let j = 0; j < order; j++) {
      gradient[j] = (gradient[j] ?? 0) + (y - p) * (x[j] ?? 0);
      for (let k = j; k < order; k++) {
        information[j * order + k] = (information[j * order + k] ?? 0) + p * (1 - p) * (x[j] ?? 0) * (x[k] ?? 0);
      }
    }
  }
  return logLikelihood + (gradient[0] ?? 0) + (information[0] ?? 0);
}

function timeMs(work: () => number): number {
  const start = performance.now();
  const value = work();
  if (!Number.isFinite(value)) throw new Error("the work gave no number");
  return performance.now() - start;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
