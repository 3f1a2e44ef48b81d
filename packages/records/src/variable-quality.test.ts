import assert from "node:assert/strict";
import { test } from "node:test";
import { parseStudy } from "@dure/study";
import type { SourceColumn, SourceTable } from "./analysis-table.ts";
import { sourceTable } from "./source-table.ts";
import { judgeVariables, type RecordEvidence } from "./variable-quality.ts";

const study = (quality: string) =>
  parseStudy(`dure: 1
id: fever
title: Fever
purpose: statistics
data:
  table: admissions
  include: age >= 18
  variables:
    fever: { role: outcome, type: boolean }
    hb:    { role: feature, type: number, from: haemoglobin * 10.0, quality: ${quality} }
analysis: { kind: logistic-regression }
`);

const numbers = (values: readonly (number | undefined)[]): SourceColumn => ({
  kind: "number",
  values: Float64Array.from(values, (value) => value ?? 0),
  missing: Uint8Array.from(values, (value) => (value === undefined ? 1 : 0)),
});

const table = (ages: readonly number[], haemoglobin: readonly (number | undefined)[]): SourceTable =>
  sourceTable(
    ages.map((_, i) => `k${i}`),
    new Map([
      ["age", numbers(ages)],
      ["fever", numbers(ages.map(() => 1))],
      ["haemoglobin", numbers(haemoglobin)],
    ]),
  );

// Four adults: three have a value, two of them within 80 to 200; the child does not count.
const rows = table([17, 20, 30, 40, 50], [99, 12, 15, 30, undefined]);
const evidence = (shares: RecordEvidence) => new Map([["haemoglobin", shares]]);
const judged = (quality: string, source = rows, shares: RecordEvidence = {}) =>
  judgeVariables(study(quality), source, evidence(shares)).map(({ aspect, found, isMet }) => [aspect, found, isMet]);

test("completeness and plausibility are shares of the rows that the study includes", () => {
  assert.deepEqual(judged("{ complete: 0.75, plausible: { low: 80, high: 200, share: 0.6 } }"), [
    ["complete", 0.75, true],
    ["plausible", 2 / 3, true],
  ]);
  assert.deepEqual(judged("{ complete: 0.76, plausible: { low: 80, high: 200 } }"), [
    ["complete", 0.75, false],
    ["plausible", 2 / 3, false],
  ]);
});

test("mapping and units are met by evidence only", () => {
  const quality = "{ mapped: 0.9, unit: 1 }";
  assert.deepEqual(judged(quality, rows, { mapped: 0.9, unit: 1 }), [
    ["mapped", 0.9, true],
    ["unit", 1, true],
  ]);
  assert.deepEqual(judged(quality, rows, { mapped: 0.89 }), [
    ["mapped", 0.89, false],
    ["unit", undefined, false],
  ]);
});

test("no row and no value show nothing, and nothing is not enough", () => {
  assert.deepEqual(judged("{ complete: 0.01 }", table([], [])), [["complete", undefined, false]]);
  assert.deepEqual(judged("{ plausible: { low: 0 } }", table([20], [undefined])), [["plausible", undefined, false]]);
});

test("a study that asks nothing is judged on nothing", () => assert.deepEqual(judged("{}"), []));
