import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DureError } from "@dure/kernel";
import { findShared, sharedData } from "@dure/kernel/testing";
import { parseStudy } from "@dure/study";
import fc from "fast-check";
import type { SourceColumn, SourceTable } from "./analysis-table.ts";
import { prepareAnalysisTable, selectRows } from "./prepare.ts";
import { sourceTable } from "./source-table.ts";

const STUDY = parseStudy(`dure: 1
id: fever
title: Fever
purpose: statistics
data:
  table: admissions
  include: age >= 18
  split: { holdout: ward == 'B' }
  variables:
    fever:  { role: outcome, type: boolean }
    logdur: { role: feature, type: number, from: log(duration) }
    older:  { role: feature, type: boolean, from: age >= 65 }
analysis: { kind: logistic-regression }
`);

const numbers = (values: readonly (number | undefined)[]): SourceColumn => ({
  kind: "number",
  values: Float64Array.from(values, (value) => value ?? 0),
  missing: Uint8Array.from(values, (value) => (value === undefined ? 1 : 0)),
});
const texts = (values: readonly (string | undefined)[]): SourceColumn => ({
  kind: "text",
  values: values.map((value) => value ?? ""),
  missing: Uint8Array.from(values, (value) => (value === undefined ? 1 : 0)),
});

interface Row {
  readonly key: string;
  readonly age: number | undefined;
  readonly fever: number | undefined;
  readonly duration: number | undefined;
  readonly ward: string | undefined;
}

const tableOf = (rows: readonly Row[]): SourceTable =>
  sourceTable(
    rows.map((row) => row.key),
    new Map([
      ["age", numbers(rows.map((row) => row.age))],
      ["fever", numbers(rows.map((row) => row.fever))],
      ["duration", numbers(rows.map((row) => row.duration))],
      ["ward", texts(rows.map((row) => row.ward))],
    ]),
  );

const whole: Row = { key: "k", age: 70, fever: 1, duration: 2, ward: "A" };

function problemsOf(study: typeof STUDY, table: SourceTable): readonly string[] {
  try {
    prepareAnalysisTable(study, table);
    return [];
  } catch (error) {
    if (!(error instanceof DureError)) throw error;
    return error.problems.map((problem) => `${problem.code} ${problem.place.path ?? ""}`);
  }
}

test("rows are complete, in the order of their keys, with expressions evaluated", () => {
  const table = prepareAnalysisTable(
    STUDY,
    tableOf([
      { ...whole, key: "b", ward: "B" },
      { ...whole, key: "a", age: 20, fever: 0, duration: 1 },
      { ...whole, key: "Z" },
    ]),
  );
  assert.deepEqual(table.rowKeys, ["Z", "a", "b"]);
  assert.deepEqual([...table.columns.keys()], ["fever", "logdur", "older"]);
  assert.deepEqual(table.columns.get("fever"), Float64Array.of(1, 0, 1));
  assert.deepEqual(table.columns.get("logdur"), Float64Array.of(Math.log(2), 0, Math.log(2)));
  assert.deepEqual(table.columns.get("older"), Float64Array.of(1, 0, 1));
  assert.deepEqual(table.heldOut, Uint8Array.of(0, 0, 1));
  assert.deepEqual(table.excluded, []);
});

test("keys are ordered by UTF-16 code units, not by code points", () => {
  const table = prepareAnalysisTable(
    STUDY,
    tableOf([
      { ...whole, key: "\uff5e" },
      { ...whole, key: "\u{1f600}" },
    ]),
  );
  assert.deepEqual(table.rowKeys, ["\u{1f600}", "\uff5e"]);
});

test("a row is left out once, for the first reason in the order include, variables, split", () => {
  const rows: readonly Row[] = [
    { ...whole, key: "1", age: 17, fever: undefined },
    { ...whole, key: "2", age: undefined },
    { ...whole, key: "3", ward: undefined },
    { ...whole, key: "4", fever: undefined, duration: undefined },
    { ...whole, key: "5", fever: 2, duration: -1 },
    { ...whole, key: "6", duration: -1 },
    { ...whole, key: "7", duration: 0, ward: undefined },
    { ...whole, key: "8", duration: undefined },
    { ...whole, key: "9", age: Number.NaN },
    whole,
  ];
  const table = prepareAnalysisTable(STUDY, tableOf(rows));
  assert.deepEqual(table.excluded, [
    { reason: "include: missing", rowCount: 1 },
    { reason: "include: not a finite number", rowCount: 1 },
    { reason: "include: not met", rowCount: 1 },
    { reason: "fever: missing", rowCount: 1 },
    { reason: "fever: not 0 or 1", rowCount: 1 },
    { reason: "logdur: missing", rowCount: 1 },
    { reason: "logdur: outside the domain of log", rowCount: 2 },
    { reason: "split.holdout: missing", rowCount: 1 },
  ]);
  assert.deepEqual(table.rowKeys, ["k"]);
});

test("a table without rows gives an analysis table without rows", () => {
  const table = prepareAnalysisTable(STUDY, tableOf([]));
  assert.deepEqual([table.rowCount, table.columns.get("fever")?.length, table.excluded.length], [0, 0, 0]);
});

test("a wrong table is refused with every problem, by column and never by value", () => {
  const table = sourceTable(
    ["a", "b", "a", "a"],
    new Map([
      ["fever", texts(["x", "y", "x", "y"])],
      ["agee", numbers([1, 2, 3, 4])],
    ]),
  );
  assert.deepEqual(problemsOf(STUDY, table), [
    "records/duplicate-row-keys ",
    "expression/unknown-column data.include",
    "records/text-column data.variables.fever",
    "expression/unknown-column data.variables.logdur.from",
    "expression/unknown-column data.variables.older.from",
    "expression/unknown-column data.split.holdout",
  ]);
  assert.deepEqual(
    problemsOf({ ...STUDY, data: { table: "t", variables: [{ name: "temp", role: "outcome", type: "number" }] } }, tableOf([whole])),
    ["records/unknown-column data.variables.temp"],
  );
});

test("an unknown column is named together with the columns there are", () => {
  const study = { ...STUDY, data: { table: "t", variables: [{ name: "temp", role: "feature", type: "number" } as const] } };
  assert.throws(() => prepareAnalysisTable(study, tableOf([whole])), /column "temp".*age, fever, duration, ward/);
});

test("duplicate row keys are counted, not shown", () => {
  const rows = ["secret-7", "secret-7", "secret-7", "other"].map((key) => ({ ...whole, key }));
  assert.throws(
    () => prepareAnalysisTable(STUDY, tableOf(rows)),
    (error) =>
      error instanceof DureError &&
      /^2 of 4 rows/.test(error.problems[0]?.what.en ?? "") &&
      !JSON.stringify(error.problems).includes("secret"),
  );
});

test("a study of arrays and a validation split of a table are refused by name", () => {
  const ofArrays = {
    ...STUDY,
    data: { table: "t", variables: [{ name: "fever", role: "outcome", type: "boolean", array: "labels" } as const] },
  };
  assert.deepEqual(problemsOf(ofArrays, tableOf([whole])), ["records/not-of-a-table data.variables"]);
  const validated = { ...STUDY, data: { ...STUDY.data, split: { validation: "age > 1" } } };
  assert.deepEqual(problemsOf(validated, tableOf([whole])), ["records/validation-split data.split.validation"]);
});

test("columns of unequal lengths do not become a source table", () => {
  assert.throws(() => sourceTable(["a"], new Map([["age", numbers([1, 2])]])), RangeError);
  assert.throws(() => sourceTable(["a"], new Map([["age", { ...numbers([1]), missing: new Uint8Array(2) }]])), RangeError);
});

const cell = fc.option(fc.oneof(fc.integer({ min: -1, max: 90 }), fc.double()), { nil: undefined });
const rows = fc.uniqueArray(
  fc.record({
    key: fc.string(),
    age: cell,
    fever: fc.constantFrom(0, -0, 1, 2, undefined),
    duration: cell,
    ward: fc.constantFrom("A", "B", undefined),
  }),
  { selector: (row) => row.key, maxLength: 40 },
);

test("the order of the source's rows changes nothing, and rows in are rows out plus rows excluded", () => {
  fc.assert(
    fc.property(rows, fc.nat(), (some, seed) => {
      const table = prepareAnalysisTable(STUDY, tableOf(some));
      const rotated = [...some.slice(seed % (some.length + 1)), ...some.slice(0, seed % (some.length + 1))].reverse();
      assert.deepEqual(prepareAnalysisTable(STUDY, tableOf(rotated)), table);
      assert.equal(
        table.excluded.reduce((total, { rowCount }) => total + rowCount, table.rowCount),
        some.length,
      );
      for (const values of table.columns.values()) assert.ok(values.every((value) => Number.isFinite(value) && !Object.is(value, -0)));
    }),
  );
});

test("a changed key, value, column name or split changes the hash, a column the study does not use does not", () => {
  const two = [whole, { ...whole, key: "l", ward: "B" }];
  const hash = (study: typeof STUDY, some: readonly Row[]): string => prepareAnalysisTable(study, tableOf(some)).hash;
  const renamed = {
    ...STUDY,
    data: { ...STUDY.data, variables: STUDY.data.variables.map((one) => (one.name === "older" ? { ...one, name: "old" } : one)) },
  };
  const hashes = [
    hash(STUDY, two),
    hash(STUDY, [whole, { ...whole, key: "m", ward: "B" }]),
    hash(STUDY, [whole, { ...whole, key: "l", ward: "B", duration: 3 }]),
    hash(STUDY, [whole, { ...whole, key: "l" }]),
    hash(STUDY, [whole]),
    hash(renamed, two),
  ];
  assert.equal(new Set(hashes).size, hashes.length);
  assert.equal(hash(STUDY, [whole, { ...whole, key: "l", ward: "B", age: 71 }]), hashes[0]);
});

/** Computed apart from this code: Python 3, hashlib and struct. */
test("the hash of a known table is pinned", () => {
  assert.equal(
    prepareAnalysisTable(STUDY, tableOf([whole, { ...whole, key: "가", ward: "B", duration: 1 }])).hash,
    "dfe9474f2bafdef5e0437d8910b58a3ad1a33a95b26274ff8eca1b6a25a096c0",
  );
});

test("selected rows are a table of their own", () => {
  const table = prepareAnalysisTable(
    STUDY,
    tableOf([whole, { ...whole, key: "l", ward: "B", duration: 1 }, { ...whole, key: "m", fever: undefined }]),
  );
  const selected = selectRows(table, (row) => table.heldOut[row] === 1);
  assert.deepEqual(
    [selected.rowKeys, selected.columns.get("logdur"), selected.heldOut, selected.excluded],
    [["l"], Float64Array.of(0), Uint8Array.of(1), table.excluded],
  );
  assert.notEqual(selected.hash, table.hash);
  assert.equal(selectRows(table, () => true).hash, table.hash);
});

test("a quarter of a million rows take seconds", { timeout: 30_000 }, () => {
  const n = 250_000;
  const column = (value: (row: number) => number): SourceColumn => ({
    kind: "number",
    values: Float64Array.from({ length: n }, (_, row) => value(row)),
    missing: new Uint8Array(n),
  });
  const keys = Array.from({ length: n }, (_, row) => `p${(row * 7919) % n}`);
  const wards = Array.from({ length: n }, (_, row) => (row % 3 === 0 ? "B" : "A"));
  const source = sourceTable(
    keys,
    new Map([
      ["age", column((row) => row % 90)],
      ["fever", column((row) => row % 2)],
      ["duration", column((row) => row % 10)],
      ["ward", { kind: "text", values: wards, missing: new Uint8Array(n) }],
    ]),
  );
  const table = prepareAnalysisTable(STUDY, source);
  assert.equal(table.rowCount, keys.filter((_, row) => row % 90 >= 18 && row % 10 > 0).length);
});

const csv = sharedData("studies/breast/core_METABRIC-1.csv");
const breast = findShared("studies/breast-recurrence.yaml");

test("the published breast study makes its table from a core file", {
  skip: csv === undefined || breast === undefined ? "no shared data" : false,
}, () => {
  const [header = "", ...lines] = readFileSync(csv ?? "", "utf8")
    .trim()
    .split("\n");
  const names = header.split(",");
  const cells = lines.map((line) => line.split(","));
  const at = (name: string): SourceColumn =>
    numbers(cells.map((row) => (row[names.indexOf(name)] === "" ? undefined : Number(row[names.indexOf(name)]))));
  const columns = new Map(["age", "size_cat", "grade", "nodes", "er_pos", "pr_pos", "hormon", "y5"].map((name) => [name, at(name)]));
  const table = prepareAnalysisTable(
    parseStudy(readFileSync(breast ?? "")),
    sourceTable(
      lines.map((_, row) => String(row)),
      columns,
    ),
  );
  const complete = cells.filter((row) => [...columns.keys()].every((name) => row[names.indexOf(name)] !== ""));
  assert.equal(table.rowCount, complete.length);
  assert.equal(table.rowCount + table.excluded.reduce((total, { rowCount }) => total + rowCount, 0), lines.length);
  assert.deepEqual([...table.columns.keys()], ["y5", "age10", "size_ord", "grade3", "lnodes", "er_pos", "pr_pos", "hormon"]);
});

const CATEGORIES = parseStudy(`dure: 1
id: wards
title: Wards
purpose: statistics
data:
  table: admissions
  missing: { method: single-imputation }
  variables:
    days:   { role: time, type: number, from: duration }
    fever:  { role: event, type: boolean }
    age:    { role: feature, type: number }
    ward:   { role: feature, type: category, levels: [A, B] }
    grade:  { role: feature, type: category, levels: [1, 2], from: fever + 1 }
analysis: { kind: cox, strata: site }
`);

test("a category is the index of its level, and a value that is no level leaves the row out under its own reason", () => {
  const rows = ["B", "A", "C"].map((ward, i) => ({ ...whole, key: `k${i}`, ward, fever: i % 2 }));
  const table = prepareAnalysisTable(CATEGORIES, tableOf(rows));
  assert.deepEqual([...(table.columns.get("ward") ?? [])], [1, 0]);
  assert.deepEqual([...(table.columns.get("grade") ?? [])], [0, 1]);
  assert.deepEqual(table.excluded, [{ reason: "ward: not a level", rowCount: 1 }]);
});

const PERSONS = parseStudy(`dure: 1
id: wards
title: Wards
purpose: statistics
data:
  table: admissions
  variables:
    start:  { role: entry, type: number, from: "0 * 1" }
    days:   { role: time, type: number, from: duration }
    fever:  { role: event, type: boolean }
    person: { role: person, type: identifier, from: ward }
    age:    { role: feature, type: number }
analysis: { kind: cox, strata: site }
`);

test("identifiers become numbers that are equal where the identifiers are, whatever the order of the rows", () => {
  const rows = ["B", "A", "B", "A"].map((ward, i) => ({ ...whole, key: `k${i}`, ward }));
  const numbersOf = (source: readonly Row[]) => prepareAnalysisTable(PERSONS, tableOf(source)).columns.get("person");
  assert.deepEqual([...(numbersOf(rows) ?? [])], [1, 0, 1, 0]);
  assert.deepEqual(numbersOf(rows.toReversed()), numbersOf(rows));
});

test("where the study imputes, a missing feature stays as NaN; a missing time still leaves the row out", () => {
  const rows = [whole, { ...whole, key: "l", age: undefined }, { ...whole, key: "m", duration: undefined }];
  const table = prepareAnalysisTable(CATEGORIES, tableOf(rows));
  assert.deepEqual([...(table.columns.get("age") ?? [])], [70, Number.NaN]);
  assert.deepEqual(table.excluded, [{ reason: "days: missing", rowCount: 1 }]);
});

test("a description keeps a row without a feature, unless it asks for complete cases; a row without a group leaves", () => {
  const described = (missing: string) =>
    parseStudy(`dure: 1
id: wards
title: Wards
purpose: statistics
data:
  table: admissions
${missing}  variables:
    ward: { role: group, type: category, levels: [A, B] }
    age:  { role: feature, type: number }
analysis: { kind: describe }
`);
  const rows = [whole, { ...whole, key: "l", age: undefined }, { ...whole, key: "m", ward: undefined }];
  const table = prepareAnalysisTable(described(""), tableOf(rows));
  assert.deepEqual([...(table.columns.get("age") ?? [])], [70, Number.NaN]);
  assert.deepEqual(table.excluded, [{ reason: "ward: missing", rowCount: 1 }]);
  assert.equal(prepareAnalysisTable(described("  missing: { method: complete-case }\n"), tableOf(rows)).rowCount, 1);
});

test("levels that are texts are not looked for in a column of numbers", () => {
  const study = parseStudy(
    `dure: 1
id: wards
title: Wards
purpose: statistics
data:
  table: admissions
  variables:
    fever: { role: outcome, type: boolean }
    age:   { role: feature, type: category, levels: ["1", "2"] }
analysis: { kind: logistic-regression }
`,
  );
  assert.deepEqual(problemsOf(study, tableOf([whole])), ["records/number-column data.variables.age"]);
});
