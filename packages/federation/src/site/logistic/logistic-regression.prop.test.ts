import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@dure/kernel";
import { logistic } from "@dure/numerics";
import { describe, fitLogisticRegression } from "@dure/statistics";
import fc from "fast-check";
import type { LogisticAnalysis } from "../../result.ts";
import { pickRows, runTogether, testStudy, testTable } from "../testing.ts";

const names = ["a", "b", "c", "d"];
const study = testStudy({ outcome: "y", features: names });

/**
 * Rows whose standardised information has a condition number from 1 to about 1e6: b follows a up to `noise`, and the
 * larger eigenvalue over the smaller is about 4 / noise². Means and units are far apart.
 */
function makeColumns(seed: number, rowCount: number, noise: number): ReadonlyMap<string, Float64Array> {
  const random = new SeededRandom(seed);
  const columns = new Map(["y", ...names].map((name) => [name, new Float64Array(rowCount)]));
  for (let i = 0; i < rowCount; i++) {
    const a = random.normal();
    const b = a + noise * random.normal();
    const c = Math.exp(0.5 * random.normal());
    const d = random.uniform() < 0.3 ? 1 : 0;
    const eta = -0.5 + 0.7 * a + 0.3 * c - 0.6 * d;
    const row: Record<string, number> = { a: 1980 + 5 * a, b: 1e-3 * b, c: 1e5 * c, d, y: random.uniform() < logistic(eta) ? 1 : 0 };
    for (const [name, column] of columns) column[i] = row[name] ?? Number.NaN;
  }
  return columns;
}

const scenario = fc.record({
  seed: fc.nat({ max: 1_000_000 }),
  rowCount: fc.integer({ min: 150, max: 900 }),
  noise: fc.double({ min: -2.7, max: 0, noNaN: true }).map((exponent) => 10 ** exponent),
  siteCount: fc.integer({ min: 2, max: 7 }),
});

function splitRows(seed: number, rowCount: number, siteCount: number): readonly (readonly number[])[] {
  const random = new SeededRandom(seed + 1);
  const sites: number[][] = Array.from({ length: siteCount }, () => []);
  // Uneven on purpose: the first sites get most rows, the last may get none.
  for (let row = 0; row < rowCount; row++) sites[Math.floor(siteCount * random.uniform() ** 2)]?.push(row);
  return sites;
}

async function fit(columns: ReadonlyMap<string, Float64Array>, sites: readonly (readonly number[])[]): Promise<LogisticAnalysis> {
  const { end } = await runTogether(
    study,
    sites.map((rows, i) => testTable({ columns: pickRows(columns, rows), keyPrefix: `site-${i}` })),
  );
  assert.ok(end.kind === "done", "the fit converged");
  return end.result.analysis;
}

function assertSame(actual: LogisticAnalysis, expected: LogisticAnalysis): void {
  for (const [j, term] of expected.terms.entries()) {
    const other = actual.terms[j];
    const tolerance = 1e-10 * term.standardError;
    assert.ok(
      other !== undefined && Math.abs(other.estimate - term.estimate) <= tolerance,
      `${term.name}: ${other?.estimate} against ${term.estimate}`,
    );
    assert.ok(
      Math.abs(other.standardError - term.standardError) <= tolerance,
      `SE of ${term.name}: ${other.standardError} against ${term.standardError}`,
    );
  }
  assert.ok(Math.abs(actual.logLikelihood - expected.logLikelihood) <= 1e-10, "log-likelihood");
}

test("federated equals pooled to 1e-10 SE over random rows, sites and site orders, condition up to 1e6", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ seed, rowCount, noise, siteCount }) => {
      const columns = makeColumns(seed, rowCount, noise);
      const sites = splitRows(seed, rowCount, siteCount);
      const pooled = await fit(columns, [Array.from({ length: rowCount }, (_, row) => row)]);
      const federated = await fit(columns, sites);
      const reordered = await fit(columns, [...sites].reverse());
      assertSame(federated, pooled);
      assertSame(reordered, pooled);
    }),
    { numRuns: 25 },
  );
});

test("federated equals a pooled fit by other means: one set of rows, standardised once, no rounds", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ seed, rowCount, noise, siteCount }) => {
      const columns = makeColumns(seed, rowCount, noise);
      const federated = await fit(columns, splitRows(seed, rowCount, siteCount));
      const features = new Float64Array(names.length * rowCount);
      const spreads = names.map((name, j) => {
        const column = columns.get(name) ?? new Float64Array();
        const { mean, standardDeviation = 1 } = describe(column);
        features.set(
          column.map((value) => (value - mean) / standardDeviation),
          j * rowCount,
        );
        return standardDeviation;
      });
      const plain = fitLogisticRegression({
        rowCount,
        features,
        featureCount: names.length,
        stride: rowCount,
        outcome: columns.get("y") ?? new Float64Array(),
      });
      assert.ok(plain.kind === "converged");
      spreads.forEach((spread, j) => {
        const term = federated.terms[j + 1];
        assert.ok(
          term !== undefined && Math.abs(term.estimate - (plain.params[j + 1] ?? 0) / spread) <= 1e-10 * term.standardError,
          term?.name,
        );
      });
    }),
    { numRuns: 15 },
  );
});

test("shifting and scaling a column changes its coefficient by the scale and nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: 1000 }),
      fc.integer({ min: -20, max: 20 }),
      fc.integer({ min: -20, max: 1 }),
      async (seed, shift, exponent) => {
        const columns = new Map(makeColumns(seed, 300, 1));
        const rows = [Array.from({ length: 300 }, (_, row) => row)];
        const before = await fit(columns, rows);
        const scale = 2 ** exponent;
        columns.set(
          "c",
          (columns.get("c") ?? new Float64Array()).map((value) => (value + shift * 1e5) * scale),
        );
        const after = await fit(columns, rows);
        for (const [j, term] of before.terms.entries()) {
          if (term.name === "(intercept)") continue;
          const factor = term.name === "c" ? scale : 1;
          const estimate = (after.terms[j]?.estimate ?? Number.NaN) * factor;
          assert.ok(Math.abs(estimate - term.estimate) <= 1e-9 * term.standardError, `${term.name}: ${estimate} against ${term.estimate}`);
        }
      },
    ),
    { numRuns: 15 },
  );
});
