/**
 * The sums of a meta-analysis, solved for the hospitals' own estimates, and these for the patients that they were fitted on.
 *
 * Of three hospitals Σ w, Σ w², Σ w³ are the power sums of the three weights: Newton's identities give the cubic whose roots they are. Then
 * Σ w b, Σ w² b, Σ w³ b are three linear equations for the estimates. Of a logistic regression on one yes or no, the intercept is log(d / c)
 * and its squared error 1/c + 1/d; the slope's are log(b / a) − log(d / c) and 1/a + 1/b + 1/c + 1/d: the four counts of each hospital.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnalysisTable } from "@dure/records";
import { metaStudy } from "../site/meta-analysis/testing-meta-analysis.ts";
import { testTable } from "../site/testing.ts";
import { openedVector, type WatchedRun, watchRun } from "./testing-attacks.ts";

/** Patients without the level: no outcome, outcome; with it: no outcome, outcome. */
type Cells = readonly [number, number, number, number];

function hospital(cells: Cells, key: string): AnalysisTable {
  const rows = cells.flatMap((count, cell) => new Array<number>(count).fill(cell));
  const columns = new Map([
    ["y", Float64Array.from(rows, (cell) => cell % 2)],
    ["c", Float64Array.from(rows, (cell) => cell >> 1)],
  ]);
  return testTable({ columns, keyPrefix: key });
}

interface Estimate {
  readonly estimate: number;
  readonly variance: number;
}

/** Real roots of x³ − e₁ x² + e₂ x − e₃, ascending, by bisection between the roots of the derivative. */
function rootsOf(e1: number, e2: number, e3: number): readonly number[] {
  const value = (x: number): number => ((x - e1) * x + e2) * x - e3;
  const spread = Math.sqrt(Math.max(0, e1 * e1 - 3 * e2));
  const turns = [0, (e1 - spread) / 3, (e1 + spread) / 3, e1];
  return [0, 1, 2].map((i) => {
    let [low, high] = [turns[i] ?? 0, turns[i + 1] ?? 0];
    const rises = value(high) > value(low);
    for (let step = 0; step < 200; step++) {
      const middle = (low + high) / 2;
      if (value(middle) < 0 === rises) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  });
}

/** Σ w^i b = t_i for i = 1, 2, 3, by Cramer's rule. */
function solve(weights: readonly number[], totals: readonly number[]): readonly number[] {
  const matrix = [1, 2, 3].map((power) => weights.map((w) => w ** power));
  const determinant = (m: readonly (readonly number[])[]): number => {
    const at = (i: number, j: number): number => m[i]?.[j] ?? 0;
    return [0, 1, 2].reduce((sum, j) => {
      const [k, l] = [(j + 1) % 3, (j + 2) % 3];
      return sum + at(0, j) * (at(1, k) * at(2, l) - at(1, l) * at(2, k));
    }, 0);
  };
  const whole = determinant(matrix);
  return weights.map(
    (_, column) => determinant(matrix.map((row, i) => row.map((value, j) => (j === column ? (totals[i] ?? 0) : value)))) / whole,
  );
}

/** Of a term: the three hospitals' estimates and squared errors, in the study's units. */
function estimatesOf(run: WatchedRun, term: number): readonly Estimate[] {
  const opened = run.opened.find(({ sum }) => sum.vectors.has("heterogeneity")) ?? assert.fail("no sums of estimates");
  const { scales, centres } = opened.state as unknown as { readonly scales: readonly number[]; readonly centres: readonly number[] };
  const sums = opened.sum.vectors.get("heterogeneity")?.subarray(9 * term, 9 * term + 9) ?? new Float64Array();
  const [p1 = 0, t1 = 0, , p2 = 0, t2 = 0, , p3 = 0, t3 = 0] = sums;
  const e2 = (p1 * p1 - p2) / 2;
  const weights = rootsOf(p1, e2, (e2 * p1 - p1 * p2 + p3) / 3);
  const deviations = solve(weights, [t1, t2, t3]);
  const [scale = 1, centre = 0] = [scales[term], centres[term]];
  return weights.map((weight, i) => ({ estimate: scale * (centre + (deviations[i] ?? 0)), variance: scale ** 2 / weight }));
}

/** Two counts of which the log of the second against the first and the sum of inverses are known. */
const countsOf = (logOdds: number, inverses: number): readonly [number, number] => {
  const first = (1 + Math.exp(-logOdds)) / inverses;
  return [first, first * Math.exp(logOdds)];
};

const isCount = (value: number): boolean => Number.isFinite(value) && value > 0.5 && Math.abs(value - Math.round(value)) < 1e-3;

/** An intercept and a slope are of one hospital where they give whole numbers of patients. */
function cellsOf(intercepts: readonly Estimate[], slopes: readonly Estimate[]): readonly (readonly number[])[] {
  return intercepts.flatMap((intercept) =>
    slopes.flatMap((slope) => {
      const without = countsOf(intercept.estimate, intercept.variance);
      const withLevel = countsOf(intercept.estimate + slope.estimate, slope.variance - intercept.variance);
      const cells = [...without, ...withLevel];
      return cells.every(isCount) ? [cells.map(Math.round)] : [];
    }),
  );
}

const study = (minimumCell: number) => metaStudy(["c"], { minimumCell });
const large: readonly Cells[] = [
  [60, 22, 18, 17],
  [35, 31, 30, 12],
];
const small: Cells = [40, 20, 3, 2];

test("with the gate off, one round of sums gives every hospital's four counts, small ones too", async () => {
  const all = [...large, small];
  const run = await watchRun(
    study(0),
    all.map((cells, i) => hospital(cells, `h${i}`)),
  );
  const found = cellsOf(estimatesOf(run, 0), estimatesOf(run, 1));
  for (const cells of all)
    assert.ok(
      found.some((own) => own.join() === cells.join()),
      `${cells} among ${found.join(" | ")}`,
    );
});

test("with the gate on, a hospital with a count below the minimum cell has no fit in any sum", async () => {
  const tables = [...large, small].map((cells, i) => hospital(cells, `h${i}`));
  const two = await watchRun(study(5), tables);
  assert.ok(two.end.kind === "refused" && two.opened.length === 1);
  assert.deepEqual(two.end.refusal, { code: "too-few-hospitals", columns: ["unsupported-column: 1"] });
  const others = [...tables, hospital([50, 41, 22, 9], "h3")];
  const three = await watchRun(study(5), others);
  const [n = 0, events = 0] = openedVector(three, "cases") ?? [];
  assert.deepEqual([n, events], [87 + 108 + 122 + 30, 39 + 43 + 50], "not one of its patients is counted");
  for (const cells of cellsOf(estimatesOf(three, 0), estimatesOf(three, 1))) assert.ok(cells.every((count) => count >= 5));
});
