import assert from "node:assert/strict";
import test from "node:test";
import { designMatrix, parseStudy } from "@dure/study";
import type { SourceColumn } from "./analysis-table.ts";
import { designColumnValues } from "./design-matrix.ts";
import { prepareAnalysisTable } from "./prepare.ts";
import { sourceTable } from "./source-table.ts";

const STUDY = parseStudy(`dure: 1
id: terms
title: Terms
purpose: statistics
data:
  table: admissions
  variables:
    died:   { role: outcome, type: boolean }
    age:    { role: feature, type: number, spline: { knots: [40, 55, 65, 80] } }
    female: { role: feature, type: boolean }
    stage:  { role: feature, type: category, levels: [I, II, III], reference: II }
analysis: { kind: logistic-regression, interactions: [[female, stage], [age, female]] }
`);

const AGES = [20, 40, 47.5, 55, 60, 65, 72, 80, 95];
const STAGES = ["I", "II", "III"];

const present = new Uint8Array(AGES.length);
const numbers = (values: readonly number[]): SourceColumn => ({ kind: "number", values: Float64Array.from(values), missing: present });

const table = prepareAnalysisTable(
  STUDY,
  sourceTable(
    AGES.map((_, i) => `row ${i}`),
    new Map([
      ["died", numbers(AGES.map((_, i) => i % 2))],
      ["age", numbers(AGES)],
      ["female", numbers(AGES.map((_, i) => Number(i >= 4)))],
      ["stage", { kind: "text", values: AGES.map((_, i) => STAGES[i % 3] ?? ""), missing: present }],
    ]),
  ),
);

const valuesOf = (name: string): readonly number[] => {
  const column = designMatrix(STUDY).columns.find((candidate) => candidate.name === name);
  assert.ok(column !== undefined, name);
  return [...designColumnValues(table, column)];
};

/** Harrell's formula in R 4.2.2, with pmax(u, 0)^3; tolerance 1e-13 relative. */
const SPLINE = {
  "age'": [0, 0, 0.263671875, 2.109375, 5, 9.765625, 19.908333333333331, 34.375, 62.5],
  "age''": [0, 0, 0, 0, 0.078125, 0.625, 2.7133333333333329, 6.25, 13.28125],
};

test("a spline's columns are those of Harrell's formula, linear outside of the knots", () => {
  assert.deepEqual(valuesOf("age"), AGES);
  for (const [name, expected] of Object.entries(SPLINE)) {
    valuesOf(name).forEach((value, i) => {
      assert.ok(Math.abs(value - (expected[i] ?? 0)) <= 1e-13 * (1 + value), `${name} ${i}`);
    });
  }
});

test("a level's column is 1 at that level, and a product's is the product", () => {
  assert.deepEqual(valuesOf("stage=I"), [1, 0, 0, 1, 0, 0, 1, 0, 0]);
  assert.deepEqual(valuesOf("stage=III"), [0, 0, 1, 0, 0, 1, 0, 0, 1]);
  assert.deepEqual(valuesOf("female:stage=I"), [0, 0, 0, 0, 0, 0, 1, 0, 0]);
  assert.deepEqual(
    valuesOf("age:female"),
    AGES.map((age, i) => (i >= 4 ? age : 0)),
  );
});

test("the cells that columns give away sum to the rows of their parts", () => {
  const cells = designMatrix(STUDY).impliedCells.map((cell) => designColumnValues(table, cell).reduce((total, value) => total + value, 0));
  const [reference = 0, ...crossed] = cells;
  assert.equal(reference, 3);
  assert.equal(
    crossed.reduce((total, count) => total + count, 0),
    AGES.length,
  );
});
