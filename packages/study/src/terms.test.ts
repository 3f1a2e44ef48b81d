import assert from "node:assert/strict";
import test from "node:test";
import { parseStudy } from "./parse.ts";
import { designMatrix } from "./terms.ts";

const study = (variables: string, analysis = "") =>
  parseStudy(`dure: 1
id: terms
title: Terms
purpose: statistics
data:
  table: admissions
  variables:
    died: { role: outcome, type: boolean }
${variables}
analysis: { kind: logistic-regression${analysis} }
`);

const AGE = "    age: { role: feature, type: number, spline: { knots: [40, 55, 65, 80] } }";
const SEX = "    female: { role: feature, type: boolean }";
const STAGE = "    stage: { role: feature, type: category, levels: [I, II, III], reference: II }";

test("a boolean and a number are a column each, in the order of the document", () => {
  const { columns, impliedCells } = designMatrix(study(`${SEX}\n    bmi: { role: feature, type: number }`));
  assert.deepEqual(
    columns.map(({ name, type }) => [name, type]),
    [
      ["female", "boolean"],
      ["bmi", "number"],
    ],
  );
  assert.deepEqual(impliedCells, []);
});

test("a category has a column for every level but its reference, whose patients are counted", () => {
  const { columns, impliedCells } = designMatrix(study(STAGE));
  assert.deepEqual(
    columns.map(({ name, factors, term }) => [name, factors, term]),
    [
      ["stage=I", [{ kind: "level", variable: "stage", level: 0 }], "stage"],
      ["stage=III", [{ kind: "level", variable: "stage", level: 2 }], "stage"],
    ],
  );
  assert.deepEqual(
    impliedCells.map(({ name }) => name),
    ["stage=II"],
  );
});

test("a spline with k knots has k − 1 columns of one term", () => {
  const { columns } = designMatrix(study(AGE));
  assert.deepEqual(
    columns.map(({ name, term }) => [name, term]),
    [
      ["age", "age"],
      ["age'", "age"],
      ["age''", "age"],
    ],
  );
});

test("a product of features is every product of their columns, and every cell of its levels is counted", () => {
  const { columns, impliedCells } = designMatrix(study(`${SEX}\n${STAGE}`, ", interactions: [[female, stage]]"));
  assert.deepEqual(
    columns.map(({ name, type, term }) => [name, type, term]),
    [
      ["female", "boolean", "female"],
      ["stage=I", "boolean", "stage"],
      ["stage=III", "boolean", "stage"],
      ["female:stage=I", "boolean", "female:stage"],
      ["female:stage=III", "boolean", "female:stage"],
    ],
  );
  assert.deepEqual(
    impliedCells.map(({ name }) => name),
    ["stage=II", ...["0", "1"].flatMap((female) => ["I", "II", "III"].map((stage) => `female=${female}:stage=${stage}`))],
  );
});

test("a product with a number is a number, and has no cells", () => {
  const { columns, impliedCells } = designMatrix(study(`${SEX}\n${AGE}`, ", interactions: [[age, female]]"));
  assert.deepEqual(
    columns.slice(-3).map(({ name, type }) => [name, type]),
    [
      ["age:female", "number"],
      ["age':female", "number"],
      ["age'':female", "number"],
    ],
  );
  assert.deepEqual(impliedCells, []);
});
