/**
 * A Cox fit with Efron ties beside R's coxph.fit on the same rows, where R is installed: each in one thread, sorting included, in seconds
 * of the processor, which what else runs on the machine changes least.
 *
 * R gets the rows as a file of doubles and times itself, so that neither its start nor the reading counts.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SeededRandom } from "@dure/kernel";
import { fitCoxRegression, sortCoxRows } from "@dure/statistics";
import { answerIfAsked, type FitMemory, startFitMemory, workApart } from "./own-process.ts";

export interface CoxBench {
  readonly name: string;
  readonly rowCount: number;
  readonly featureCount: number;
  readonly fitMs: number;
  /** Absent where R or its package survival is not installed. */
  readonly ofR?: { readonly fitMs: number; readonly coefficientDifferenceMax: number };
}

interface Rows {
  readonly times: Float64Array;
  readonly events: Float64Array;
  readonly features: Float64Array;
}

/** Continuous times, where nearly every event has a risk set of its own, and whole days, where hundreds share one. */
export function benchCox({ rowCount = 1_000_000, featureCount = 20 } = {}): readonly CoxBench[] {
  const continuous = makeRows(rowCount, featureCount);
  const days = { ...continuous, times: continuous.times.map((time) => Math.ceil(time)) };
  return [
    { name: "continuous times", rows: continuous },
    { name: "whole days", rows: days },
  ].map(({ name, rows }) => {
    const start = process.cpuUsage();
    const fit = fitCoxRegression([sortCoxRows({ ...rows, featureCount })], { ties: "efron" });
    const { user, system } = process.cpuUsage(start);
    const fitMs = (user + system) / 1000;
    if (fit.kind !== "converged") throw new Error("the benchmark's fit converges");
    const ofR = measureR(rows, featureCount, fit.params);
    return { name, rowCount, featureCount, fitMs, ...(ofR === undefined ? {} : { ofR }) };
  });
}

/** Of one fit in a process of its own, sorting included. */
export const measureCoxMemory = ({ rowCount = 1_000_000, featureCount = 20 } = {}): Promise<FitMemory> =>
  workApart<FitMemory>(import.meta.url, String(rowCount), String(featureCount));

function fitForMemory(rowCount: number, featureCount: number): FitMemory {
  const rows = makeRows(rowCount, featureCount);
  const memory = startFitMemory(8 * rowCount * featureCount);
  const fit = fitCoxRegression([sortCoxRows({ ...rows, featureCount })], { ties: "efron" });
  if (fit.kind !== "converged") throw new Error("the benchmark's fit converges");
  return memory();
}

function makeRows(rowCount: number, featureCount: number): Rows {
  const random = new SeededRandom(20);
  const features = Float64Array.from({ length: rowCount * featureCount }, () => random.normal());
  const times = new Float64Array(rowCount);
  const events = new Float64Array(rowCount);
  for (let i = 0; i < rowCount; i++) {
    let eta = 0;
    for (let j = 0; j < featureCount; j++) eta += (j % 2 === 0 ? 0.1 : -0.05) * (features[j * rowCount + i] ?? 0);
    const time = (-900 * Math.log(1 - random.uniform())) / Math.exp(eta);
    const end = 1825 * random.uniform();
    times[i] = Math.min(time, end);
    events[i] = time <= end ? 1 : 0;
  }
  return { times, events, features };
}

/** On the machine or not: nothing of the product needs it. */
const ORACLE = "Rscript";

const SCRIPT = `
suppressMessages(library(survival))
a <- commandArgs(TRUE); n <- as.integer(a[2]); p <- as.integer(a[3])
v <- readBin(a[1], "double", n * (p + 2))
y <- Surv(v[1:n], v[(n + 1):(2 * n)]); x <- matrix(v[(2 * n + 1):((p + 2) * n)], n, p)
dimnames(x) <- list(NULL, paste0("x", 1:p))
s <- sum(proc.time()[1:2])
f <- coxph.fit(x, y, NULL, NULL, NULL, coxph.control(), NULL, "efron", NULL, nocenter = c(-1, 0, 1))
cat(1000 * (sum(proc.time()[1:2]) - s), sprintf("%.17g", f$coefficients))
`;

function measureR({ times, events, features }: Rows, featureCount: number, params: readonly number[]): CoxBench["ofR"] {
  const folder = mkdtempSync(join(tmpdir(), "dure-bench-cox-"));
  try {
    const file = join(folder, "rows");
    for (const column of [times, events, features]) writeFileSync(file, new Uint8Array(column.buffer), { flag: "a" });
    const script = join(folder, "cox.R");
    writeFileSync(script, SCRIPT);
    const ran = spawnSync(ORACLE, [script, file, String(times.length), String(featureCount)], { encoding: "utf8" });
    if (ran.status !== 0) return undefined;
    const [fitMs = Number.NaN, ...coefficients] = ran.stdout.trim().split(" ").map(Number);
    return { fitMs, coefficientDifferenceMax: Math.max(...coefficients.map((value, j) => Math.abs(value - (params[j] ?? Number.NaN)))) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await answerIfAsked(import.meta.url, async (rowCount, featureCount) => fitForMemory(Number(rowCount), Number(featureCount)));
