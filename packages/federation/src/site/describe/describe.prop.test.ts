import assert from "node:assert/strict";
import { test } from "node:test";
import { describe, pearsonTest, rankTest, standardisedLevelDifference, welchTest } from "@dure/statistics";
import fc from "fast-check";
import type { NumberSummary } from "../../describe-result.ts";
import { describeStudy, levelsOf, numberOf, type PatientRow, patients, runDescribe, tablesOf } from "./testing-describe.ts";

type NumberName = "age" | "marker";

const valuesOf = (rows: readonly PatientRow[], name: keyof PatientRow): readonly number[] =>
  rows.map((row) => row[name]).filter((value) => !Number.isNaN(value));

function near(actual: number | undefined, expected: number | undefined, what: string): void {
  const limit = 1e-10 * Math.max(1e-300, Math.abs(expected ?? Number.NaN));
  assert.ok(actual !== undefined && Math.abs(actual - (expected ?? Number.NaN)) <= limit, `${what}: ${actual}, ${expected}`);
}

/** R's quantile of type 7, by sorting. */
function quantile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (values.length - 1) * p;
  const [low = 0, high = low] = [sorted[Math.floor(at)], sorted[Math.floor(at) + 1]];
  return low + (at - Math.floor(at)) * (high - low);
}

function assertNumber(found: NumberSummary | undefined, rows: readonly PatientRow[], name: NumberName): void {
  const values = valuesOf(rows, name);
  const { mean, standardDeviation = 0 } = describe(Float64Array.from(values));
  assert.deepEqual([found?.n, found?.missing], [{ n: values.length }, { n: rows.length - values.length }]);
  near(found?.mean, mean, "mean");
  near(found?.standardDeviation, standardDeviation, "standard deviation");
  for (const { probability, value, tolerance } of found?.quartiles ?? []) {
    const expected = quantile(values, probability);
    assert.ok(Math.abs(value - expected) <= tolerance && tolerance <= 1e-11 * standardDeviation, `${name} at ${probability}`);
    if (name === "age") assert.equal(value, expected);
  }
  assert.equal(found?.quartiles?.length, 3);
}

const levelCounts = (rows: readonly PatientRow[], name: "stage" | "smoker"): readonly number[] =>
  [0, 1, 2].slice(0, name === "stage" ? 3 : 2).map((level) => rows.filter((row) => row[name] === level).length);

test("federated equals pooled over random rows, missing values, hospitals and their order", async () => {
  const scenario = fc.record({
    seed: fc.nat({ max: 1_000_000 }),
    rowCount: fc.integer({ min: 60, max: 400 }),
    siteCount: fc.integer({ min: 1, max: 6 }),
    missing: fc.constantFrom(0, 0.1, 0.5),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ seed, rowCount, siteCount, missing }) => {
      const rows = patients(seed, rowCount, { missing });
      const arms = [0, 1].map((arm) => rows.filter((row) => row.arm === arm));
      const tables = tablesOf(rows, siteCount);
      const { analysis } = await runDescribe(describeStudy({ minimumCell: 0 }), tables.toReversed());
      assert.equal(analysis.n, rowCount);
      for (const name of ["age", "marker"] as const) {
        const found = numberOf(analysis, name);
        assertNumber(found.total, rows, name);
        arms.forEach((own, arm) => {
          assertNumber(found.groups[arm], own, name);
        });
        const moments = arms.map((own) => {
          const { n, mean, standardDeviation = 0 } = describe(Float64Array.from(valuesOf(own, name)));
          return { n, mean, standardDeviation };
        });
        near(found.means?.p, welchTest(moments)?.p, "Welch");
      }
      for (const name of ["stage", "smoker"] as const) {
        const found = levelsOf(analysis, name);
        const counts = arms.map((own) => levelCounts(own, name));
        assert.deepEqual(
          found.groups.map((group) => group.counts.map(({ n }) => n)),
          counts,
        );
        near(found.chiSquared?.chisq, pearsonTest(counts)?.chisq, "chi-squared");
        near(found.differences?.[0]?.value, standardisedLevelDifference(counts[1] ?? [], counts[0] ?? []), "difference");
      }
    }),
    { numRuns: 25 },
  );
});

test("Wilcoxon's test of whole years is that of the years themselves", async () => {
  const rows = patients(5, 300);
  const { analysis } = await runDescribe(describeStudy({ minimumCell: 0 }), tablesOf(rows, 4));
  const ages = [...new Set(valuesOf(rows, "age"))].sort((a, b) => a - b);
  const histograms = [0, 1].map((arm) => ages.map((age) => rows.filter((row) => row.arm === arm && row.age === age).length));
  const { ranks } = numberOf(analysis, "age");
  assert.deepEqual(ranks, { ...rankTest(histograms), binCount: 2048 });
});

test("with a minimum cell every quartile lies within its tolerance, and every shown count is at least the cell or 0", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 1_000_000 }), fc.constantFrom(0, 0.02, 0.1), async (seed, missing) => {
      const rows = patients(seed, 160, { missing });
      const { analysis } = await runDescribe(describeStudy({ minimumCell: 5 }), tablesOf(rows, 3));
      assert.equal(analysis.outcome, "described");
      for (const variable of analysis.variables) {
        for (const { n, missing: none, ...summary } of [variable.total, ...variable.groups]) {
          for (const count of [n, none, ...("counts" in summary ? summary.counts : [])])
            assert.ok(count.n === undefined || count.n === 0 || count.n >= 5);
        }
        if (variable.kind !== "number") continue;
        [variable.total, ...variable.groups].forEach(({ quartiles = [] }, i) => {
          const values = valuesOf(i === 0 ? rows : rows.filter((row) => row.arm === i - 1), variable.variable as NumberName);
          for (const { probability, value, tolerance } of quartiles)
            assert.ok(Math.abs(value - quantile(values, probability)) <= tolerance * (1 + 1e-12));
        });
      }
    }),
    { numRuns: 30 },
  );
});

test("with a minimum cell every interval from which a quartile is told holds as many values", async () => {
  const rows = patients(11, 120);
  const { states } = await runDescribe(describeStudy({ minimumCell: 5 }), tablesOf(rows, 3));
  const last = states.at(-1);
  assert.ok(last?.phase === "ranks");
  const { moments, found } = last;
  assert.ok(found.length >= 2 * 3 * 3);
  for (const { part, bracket } of found) {
    const { column = 0, group = null } = moments[part] ?? {};
    const own = rows.filter(({ arm }) => group === null || arm === group);
    const inside = valuesOf(own, column === 0 ? "age" : "marker").filter((value) => value >= bracket.low && value < bracket.high);
    assert.equal(inside.length, bracket.inside);
    assert.ok(inside.length >= 5);
  }
});
