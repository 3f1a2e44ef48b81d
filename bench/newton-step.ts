/**
 * One Newton step of a logistic regression, 1,000,000 rows × 50 columns, beside numpy's `X.T @ (X * w[:, None])` in one thread, where numpy
 * is installed: seconds of the processor, which what else runs on the machine changes least. The two take turns, so that it burdens both.
 *
 * Ours is the whole step (linear predictor, probabilities, likelihood, gradient, information, solution), numpy's the information alone; its
 * whole step is told beside it. And the memory of a hospital's whole fit, in a process of its own: what its peak has beyond a process that
 * holds the rows as they were read.
 */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { coordinatorPartFor } from "@dure/federation/coordinator";
import { sitePartFor } from "@dure/federation/site";
import { SeededRandom, sha256 } from "@dure/kernel";
import { factorCholesky, solveCholesky } from "@dure/numerics";
import type { AnalysisTable } from "@dure/records";
import { type LogisticRows, logisticContribution } from "@dure/statistics";
import { parseStudy } from "@dure/study";
import { answerIfAsked, type FitMemory, startFitMemory, workApart } from "./own-process.ts";

export interface NewtonStepBench {
  readonly rowCount: number;
  readonly columnCount: number;
  /** Medians, of the processor. */
  readonly stepMs: number;
  /** Absent where numpy is not installed. */
  readonly ofNumpy?: { readonly productMs: number; readonly stepMs: number };
  readonly memory: FitMemory;
}

/** The intercept is one of the columns. */
const COLUMN_COUNT = 50;

export async function benchNewtonStep({ rowCount = 1_000_000, repetitions = 7 } = {}): Promise<NewtonStepBench> {
  const memory = await workApart<FitMemory>(import.meta.url, String(rowCount));
  const rows = makeRows(rowCount);
  const params = Array.from({ length: COLUMN_COUNT }, (_, j) => 0.1 * Math.sin(j));
  const numpy = await Numpy.start(rowCount);
  const [ours, products, steps]: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < repetitions; i++) {
    ours.push(cpuMs(() => newtonStep(rows, params)));
    if (numpy === undefined) continue;
    products.push(await numpy.measure("product"));
    steps.push(await numpy.measure("step"));
  }
  numpy?.stop();
  const ofNumpy = numpy === undefined ? {} : { ofNumpy: { productMs: median(products), stepMs: median(steps) } };
  return { rowCount, columnCount: COLUMN_COUNT, stepMs: median(ours), ...ofNumpy, memory };
}

/** Every column is the same random sequence from another place on: as good as independent, and fifty times cheaper. */
function makeRows(rowCount: number): LogisticRows {
  const random = new SeededRandom(50);
  const sequence = Float64Array.from({ length: rowCount + 2003 * COLUMN_COUNT }, () => 2 * random.uniform() - 1);
  const featureCount = COLUMN_COUNT - 1;
  const features = new Float64Array(rowCount * featureCount);
  for (let j = 0; j < featureCount; j++) features.set(sequence.subarray(2003 * j, 2003 * j + rowCount), j * rowCount);
  const outcome = Float64Array.from({ length: rowCount }, () => (random.uniform() < 0.4 ? 1 : 0));
  return { rowCount, features, featureCount, stride: rowCount, outcome };
}

function newtonStep(rows: LogisticRows, params: readonly number[]): Float64Array {
  const { gradient, information } = logisticContribution(rows, params);
  const factored = factorCholesky(information, params.length);
  if (factored.kind === "dependent") throw new Error("the benchmark's columns are independent");
  return solveCholesky(factored, gradient);
}

function cpuMs(work: () => Float64Array): number {
  const start = process.cpuUsage();
  if (!work().every(Number.isFinite)) throw new Error("the work gave no numbers");
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Answers each line with the milliseconds of the processor that the work of that name took. */
const SCRIPT = `
import sys, time
import numpy as np
n, p = int(sys.argv[1]), int(sys.argv[2])
random = np.random.default_rng(50)
X = 2 * random.random((n, p)) - 1
X[:, 0] = 1
y = (random.random(n) < 0.4).astype(float)
b = 0.1 * np.sin(np.arange(p))
w = random.random(n) / 4
def product():
    return X.T @ (X * w[:, None])
def step():
    eta = X @ b
    mu = 1 / (1 + np.exp(-eta))
    v = mu * (1 - mu)
    return np.sum(y * eta - np.logaddexp(0, eta)), np.linalg.solve(X.T @ (X * v[:, None]), X.T @ (y - mu))
print("ready", flush=True)
for line in sys.stdin:
    start = time.process_time()
    {"product": product, "step": step}[line.strip()]()
    print(1000 * (time.process_time() - start), flush=True)
`;

/** On the machine or not: nothing of the product needs it. */
class Numpy {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  static async start(rowCount: number): Promise<Numpy | undefined> {
    const env = { ...process.env, OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };
    const child = spawn("python3", ["-c", SCRIPT, String(rowCount), String(COLUMN_COUNT)], { env });
    const isStarted = await once(child, "spawn").then(
      () => true,
      () => false,
    );
    if (!isStarted) return undefined;
    const numpy = new Numpy(child);
    return (await numpy.#lines.next()).value === "ready" ? numpy : undefined;
  }

  async measure(work: "product" | "step"): Promise<number> {
    this.#child.stdin.write(`${work}\n`);
    return Number((await this.#lines.next()).value);
  }

  stop(): void {
    this.#child.stdin.end();
  }
}

const FEATURES = Array.from({ length: COLUMN_COUNT - 1 }, (_, j) => `x${j}`);

const STUDY = parseStudy(`dure: 1
id: many-columns
title: Many columns
purpose: statistics
data:
  table: invented
  split: { holdout: late == 1 }
  variables:
    y: { role: outcome, type: boolean }
${FEATURES.map((name) => `    ${name}: { role: feature, type: number }`).join("\n")}
analysis: { kind: logistic-regression }
privacy: { secureSum: { minimumSites: 3 }, minimumCell: 5 }
`);

/** The whole fit of one hospital, from its table to the frozen model. No row has a key: none is asked for without folds. */
async function measureFit(rowCount: number): Promise<FitMemory> {
  const { features, outcome } = makeRows(rowCount);
  const columns = new Map(FEATURES.map((name, j) => [name, features.subarray(j * rowCount, (j + 1) * rowCount)]));
  columns.set("y", outcome);
  const heldOut = new Uint8Array(rowCount);
  const table: AnalysisTable = { rowKeys: [], rowCount, columns, heldOut, excluded: [], hash: sha256("invented rows") };
  const memory = startFitMemory(8 * rowCount * COLUMN_COUNT);
  const coordinator = coordinatorPartFor(STUDY);
  const site = sitePartFor(STUDY);
  for (let state = coordinator.begin([]); ; ) {
    const { vectors } = await site.contribute(state, table);
    const absorbed = coordinator.absorb(state, { siteCount: 1, vectors });
    if (absorbed.kind === "refused") throw new Error(`the analysis ended as ${absorbed.refusal.code}`);
    if (absorbed.kind === "done") break;
    state = absorbed.state;
  }
  return memory();
}

await answerIfAsked(import.meta.url, (rowCount) => measureFit(Number(rowCount)));
