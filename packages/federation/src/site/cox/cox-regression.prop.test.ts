import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@dure/kernel";
import { packedDiagonal } from "@dure/numerics";
import { describe, fitCoxRegression, sortCoxRows } from "@dure/statistics";
import fc from "fast-check";
import { pickRows, testTable } from "../testing.ts";
import { coxStudy, runCox } from "./testing-cox.ts";

const names = ["a", "b", "c"];

/** Columns of far apart means and units; times of a coarseness that gives from no ties to a dozen at each time. */
function makeColumns(seed: number, rowCount: number, timeStep: number): ReadonlyMap<string, Float64Array> {
  const random = new SeededRandom(seed);
  const columns = new Map(["days", "event", ...names].map((name) => [name, new Float64Array(rowCount)]));
  for (let i = 0; i < rowCount; i++) {
    const a = random.normal();
    const c = random.uniform() < 0.3 ? 1 : 0;
    const b = 0.8 * a + random.normal();
    const time = (-500 * Math.log(1 - random.uniform())) / Math.exp(0.5 * a - 0.4 * c);
    const end = 1500 * random.uniform();
    const days = Math.min(time, end);
    const rounded = timeStep === 0 ? days : timeStep * Math.ceil(days / timeStep);
    const row: Record<string, number> = { a: 1980 + 5 * a, b: 1e-3 * b, c, days: rounded, event: time <= end ? 1 : 0 };
    for (const [name, column] of columns) column[i] = row[name] ?? Number.NaN;
  }
  return columns;
}

const scenario = fc.record({
  seed: fc.nat({ max: 1_000_000 }),
  rowCount: fc.integer({ min: 120, max: 500 }),
  timeStep: fc.constantFrom(0, 1, 30, 200),
  siteCount: fc.integer({ min: 1, max: 6 }),
  ties: fc.constantFrom("efron" as const, "breslow" as const),
});

/** Every hospital has its share of events, and none the same number of rows. */
function splitRows(seed: number, columns: ReadonlyMap<string, Float64Array>, siteCount: number): readonly (readonly number[])[] {
  const random = new SeededRandom(seed + 1);
  const sites: number[][] = Array.from({ length: siteCount }, () => []);
  const events = columns.get("event") ?? new Float64Array();
  events.forEach((_, row) => {
    sites[Math.floor(siteCount * random.uniform() ** 1.5)]?.push(row);
  });
  return sites.filter((rows) => rows.some((row) => events[row] === 1));
}

/** By other means: rows standardised once where they lie, no rounds, no whitening. */
function fitInOnePlace(columns: ReadonlyMap<string, Float64Array>, sites: readonly (readonly number[])[], ties: "efron" | "breslow") {
  const used = sites.flat();
  const scales = names.map((name) => describe(pickRows(columns, used).get(name) ?? new Float64Array()));
  const strata = sites.map((rows) => {
    const picked = pickRows(columns, rows);
    const features = names.flatMap((name, j) =>
      Array.from(picked.get(name) ?? [], (value) => (value - (scales[j]?.mean ?? 0)) / (scales[j]?.standardDeviation ?? 1)),
    );
    const [times, events] = [picked.get("days") ?? new Float64Array(), picked.get("event") ?? new Float64Array()];
    return sortCoxRows({ times, events, features: Float64Array.from(features), featureCount: names.length });
  });
  const fit = fitCoxRegression(strata, { ties });
  assert.ok(fit.kind === "converged");
  const errors = packedDiagonal(fit.covariance, names.length);
  return {
    logLikelihood: fit.logLikelihood,
    terms: names.map((_, j) => {
      const sd = scales[j]?.standardDeviation ?? 1;
      return { estimate: (fit.params[j] ?? 0) / sd, standardError: Math.sqrt(errors[j] ?? 0) / sd };
    }),
  };
}

test("federated equals the stratified fit in one place to 1e-9 SE, over random rows, ties, hospitals and their order", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ seed, rowCount, timeStep, siteCount, ties }) => {
      const columns = makeColumns(seed, rowCount, timeStep);
      const sites = splitRows(seed, columns, siteCount);
      const expected = fitInOnePlace(columns, sites, ties);
      for (const order of [sites, sites.toReversed()]) {
        const tables = order.map((rows, i) => testTable({ columns: pickRows(columns, rows), keyPrefix: `site-${i}` }));
        const { end } = await runCox(coxStudy(names, { ties, booleans: ["c"], holdout: "a > 9e9" }), tables);
        assert.ok(end.kind === "done", "the fit converged");
        const { analysis } = end.result;
        for (const [j, { estimate, standardError }] of expected.terms.entries()) {
          const term = analysis.terms[j];
          const tolerance = 1e-9 * standardError;
          assert.ok(Math.abs((term?.estimate ?? Number.NaN) - estimate) <= tolerance, `term ${j}: ${term?.estimate} against ${estimate}`);
          assert.ok(Math.abs((term?.standardError ?? Number.NaN) - standardError) <= tolerance, `SE ${j}`);
        }
        assert.ok(Math.abs(analysis.logLikelihood - expected.logLikelihood) <= 1e-9, "log-likelihood");
      }
    }),
    { numRuns: 30 },
  );
});
