import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sha256, utf8 } from "@dure/kernel";
import { generatedCsv, generateRows } from "@dure/statistics/testing";
import type { Variable } from "@dure/study";
import { cumulativeHazard } from "./predictor-rows.ts";
import { analysisOf, dealRows, imputedStudy } from "./testing-missing.ts";

const known = JSON.parse(readFileSync(new URL("../../../../statistics/known-answers/single-imputation.json", import.meta.url), "utf8")) as {
  readonly csvSha256: string;
  readonly filledWith: readonly [number, number];
  readonly coefficients: readonly number[];
  readonly standardErrors: readonly number[];
};

test("single imputation with indicators over three hospitals is that of R's mean, table and glm", async () => {
  const rows = generateRows();
  assert.equal(sha256(utf8(generatedCsv(rows))), known.csvSha256);
  const without = (name: string, isLost: (i: number) => boolean): Float64Array =>
    (rows.columns.get(name) ?? new Float64Array()).map((value, i) => (isLost(i) ? Number.NaN : value));
  const columns = new Map([
    ...rows.columns,
    ["platelets", without("platelets", (i) => i % 7 === 2)],
    ["hormone", without("hormone", (i) => i % 5 === 3)],
  ]);
  const feature = (name: string, type: Variable["type"]): Variable => ({ name, role: "feature", type });
  const features = [feature("age", "number"), feature("platelets", "number"), feature("nodes", "number"), feature("hormone", "boolean")];
  const analysis = await analysisOf(imputedStudy({ features, minimumCell: 5 }), dealRows(columns, 3));
  assert.ok(analysis.kind === "logistic-regression");
  for (const [j, { name, estimate, standardError }] of analysis.terms.entries()) {
    const [coefficient = Number.NaN, error = Number.NaN] = [known.coefficients[j], known.standardErrors[j]];
    assert.ok(
      Math.abs(estimate - coefficient) <= 1e-8 * Math.max(Math.abs(coefficient), error),
      `${name}: ${estimate} against ${coefficient}`,
    );
    assert.ok(Math.abs(standardError / error - 1) <= 1e-8, `SE of ${name}`);
  }
  const [platelets, hormone] = analysis.missing?.variables.map(({ filledWith }) => filledWith) ?? [];
  assert.ok(Math.abs(Number(platelets) / known.filledWith[0] - 1) < 1e-14);
  assert.equal(hormone, known.filledWith[1] === 1);
});

test("the cumulative hazard is Nelson's and Aalen's: ties together, censored at risk at their time, late entries from theirs", () => {
  const of = (times: readonly number[], events: readonly number[], entries?: readonly number[]): readonly number[] => [
    ...cumulativeHazard(
      Float64Array.from(times),
      Float64Array.from(events),
      entries === undefined ? undefined : Float64Array.from(entries),
    ),
  ];
  // At 2: 2 of 5; at 3: one of 2 (a third is censored at 2); at 7 nobody.
  assert.deepEqual(of([2, 2, 2, 3, 7], [1, 1, 0, 1, 0]), [2 / 5, 2 / 5, 2 / 5, 2 / 5 + 1 / 2, 2 / 5 + 1 / 2]);
  // The fourth row enters at 2.5: two are at risk at 3, three at 2.
  assert.deepEqual(of([2, 5, 3, 6], [1, 0, 1, 0], [0, 0, 0, 2.5]), [1 / 3, 1 / 3 + 1 / 3, 1 / 3 + 1 / 3, 1 / 3 + 1 / 3]);
});
