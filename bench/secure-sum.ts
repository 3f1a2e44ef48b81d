/** What hiding a sum costs: one attempt of 5 and of 16 sites, for a Newton round of 8 coefficients and for a million entries. */

import { addMasked, decodeSum, type MaskedSum, openSum, type SumLayout, startMaskedSum } from "@dure/privacy";
import { Rehearsal, siteName } from "@dure/privacy/testing";

export interface SecureSumBench {
  readonly name: string;
  readonly siteCount: number;
  readonly entryCount: number;
  /** Encoding, keys, shares, masks, signatures and shown shares of one site: what a hospital waits for beside the network. */
  readonly siteMs: number;
  /** Adding, opening and decoding at the coordinator. */
  readonly coordinatorMs: number;
  /** All sites and the coordinator, one after the other. */
  readonly attemptMs: number;
  /** The same vectors added as doubles. */
  readonly plainSumMs: number;
  /** attemptMs by plainSumMs. */
  readonly ratio: number;
}

/** Gradient, upper triangle of the information matrix and log-likelihood of 8 coefficients. */
const newtonEntries = 8 + 36 + 1;

/** Medians of the repetitions; sites and coordinator take turns in one process, so each time is of one core. */
export function benchSecureSum({ repetitions = 5, largeEntryCount = 1_000_000 } = {}): readonly SecureSumBench[] {
  return [5, 16].flatMap((siteCount) => [
    measure({ name: "Newton round, 8 coefficients", siteCount, entryCount: newtonEntries, repetitions: 4 * repetitions }),
    measure({ name: "large vector", siteCount, entryCount: largeEntryCount, repetitions: Math.ceil(repetitions / 2) }),
  ]);
}

interface Plan {
  readonly name: string;
  readonly siteCount: number;
  readonly entryCount: number;
  readonly repetitions: number;
}

function measure({ name, siteCount, entryCount, repetitions }: Plan): SecureSumBench {
  const layout: SumLayout = { vectors: [{ name: "sum", length: entryCount, encoding: "wide", bound: 2 ** 20 }] };
  const values = Float64Array.from({ length: entryCount }, (_, i) => Math.sin(i) * 1000);
  const runs = Array.from({ length: repetitions }, (_, attempt) =>
    runAttempt(new Rehearsal({ siteCount, layout, exact: true, attempt }), values),
  );
  const sitesMs = median(runs.map((run) => run.sitesMs));
  const coordinatorMs = median(runs.map((run) => run.coordinatorMs));
  const plainSumMs = median(Array.from({ length: repetitions }, () => timeMs(() => plainSum(values, siteCount))));
  const attemptMs = sitesMs + coordinatorMs;
  return { name, siteCount, entryCount, siteMs: sitesMs / siteCount, coordinatorMs, attemptMs, plainSumMs, ratio: attemptMs / plainSumMs };
}

function runAttempt(made: Rehearsal, values: Float64Array): { readonly sitesMs: number; readonly coordinatorMs: number } {
  const { context } = made;
  const everyone = context.members.map((member) => member.siteId);
  for (const siteId of everyone) made.vectors.set(siteId, new Map([["sum", values]]));
  let sitesMs = timeMs(() => {
    made.keys();
    made.share();
  });
  const accumulator = startMaskedSum(context);
  let coordinatorMs = 0;
  for (const siteId of everyone) {
    const start = performance.now();
    const masked = made.maskOne(siteId);
    sitesMs += performance.now() - start;
    coordinatorMs += timeMs(() => addMasked(accumulator, masked));
  }
  sitesMs += timeMs(() => {
    made.sign(everyone);
    made.reveal(everyone);
  });
  coordinatorMs += timeMs(() => checkSum(made, accumulator));
  return { sitesMs, coordinatorMs };
}

function checkSum({ context, announcements, sharers, unmaskShares, everyone, vectors }: Rehearsal, accumulator: MaskedSum): void {
  const opened = openSum({ context, announcements, sharers, survivors: everyone, accumulator, unmaskShares });
  const sum = decodeSum(context.layout, opened, everyone.length).vectors.get("sum");
  const one = vectors.get(siteName(0))?.get("sum")?.[1] ?? Number.NaN;
  if (!(Math.abs((sum?.[1] ?? Number.NaN) - everyone.length * one) < 1e-9)) throw new Error("the benchmark's sum does not hold");
}

function plainSum(values: Float64Array, siteCount: number): number {
  const sum = new Float64Array(values.length);
  for (let site = 0; site < siteCount; site++) for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (values[i] ?? 0);
  return sum[0] ?? 0;
}

function timeMs(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

if (import.meta.main) {
  for (const result of benchSecureSum()) console.log(JSON.stringify(result));
}
