/** What a description could give away of one patient: tried with the gate, and without it to show that the attempt is a real one. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { DescribeAnalysis } from "../../describe-result.ts";
import { describeStudy, levelsOf, numberOf, type PatientRow, patients, runDescribe, tablesOf } from "./testing-describe.ts";

const BASE = patients(21, 400, { missing: 0 });
const VICTIM = BASE[0] as PatientRow;
const ageOf = (analysis: DescribeAnalysis) => numberOf(analysis, "age");

const run = (rows: readonly PatientRow[], minimumCell: number) => runDescribe(describeStudy({ minimumCell }), tablesOf(rows, 4));

test("a group of a few patients ends the study; without the gate its means are theirs", async () => {
  // Two of them, so that two hospitals have one each.
  const rows = BASE.map((row, i) => ({ ...row, arm: i < 2 ? 1 : 0 }));
  const { analysis, states } = await run(rows, 5);
  assert.deepEqual(analysis.refusal, { code: "too-few-in-a-group", columns: ["arm = yes"] });
  assert.equal(states.length, 1, "nothing but counts was opened");
  const open = await run(rows, 0);
  const own = ageOf(open.analysis).groups[1];
  assert.equal((own?.mean ?? 0) * 2, VICTIM.age + (rows[1]?.age ?? 0));
});

test("a number that two patients of a group have is opened of all patients only; without the gate each reads the other's", async () => {
  // At two hospitals: what one alone has is never opened.
  const other = BASE.findIndex((row, i) => i % 4 !== 0 && row.arm === VICTIM.arm);
  const rows = BASE.map((row, i) => (row.arm === VICTIM.arm && i > 0 && i !== other ? { ...row, marker: Number.NaN } : row));
  const { analysis, states } = await run(rows, 5);
  const marker = numberOf(analysis, "marker");
  assert.equal(marker.unsupported, "by-group");
  assert.ok(marker.groups.every(({ mean, quartiles }) => mean === undefined && quartiles === undefined));
  for (const state of states) {
    if (state.phase === "quartiles") assert.ok(state.moments.every(({ column, group }) => column !== 3 || group === null));
  }
  const open = await run(rows, 0);
  const mean = numberOf(open.analysis, "marker").groups[VICTIM.arm]?.mean ?? 0;
  assert.ok(Math.abs(2 * mean - (rows[other]?.marker ?? 0) - VICTIM.marker) < 1e-12 * VICTIM.marker);
});

test("a number in which one patient differs is not opened at all; without the gate the total tells the value", async () => {
  const rows = BASE.map((row, i) => ({ ...row, marker: i === 0 ? VICTIM.marker : 0 }));
  const { analysis } = await run(rows, 5);
  assert.equal(numberOf(analysis, "marker").unsupported, "at-all");
  assert.equal(numberOf(analysis, "marker").total.mean, undefined);
  const open = await run(rows, 0);
  const told = (numberOf(open.analysis, "marker").total.mean ?? 0) * rows.length;
  assert.ok(Math.abs(told - VICTIM.marker) < 1e-12 * VICTIM.marker);
});

/** Numbers of values that a mean of whole numbers allows: those that make a sum whole, to the digits told. */
function possibleCounts(mean: number, n: number, step: number): readonly number[] {
  return Array.from({ length: n }, (_, i) => n - i).filter((count) => {
    const nearest = Math.round(mean * count) / count;
    return Math.abs(nearest - mean) <= Math.max(step / 2, 1e-12 * Math.abs(mean));
  });
}

test("how many patients have no age cannot be read off the mean; without the gate its denominator tells", async () => {
  const rows = BASE.map((row, i) => (i < 3 ? { ...row, age: Number.NaN } : row));
  const { analysis } = await run(rows, 5);
  const { total, groups, isRounded } = ageOf(analysis);
  assert.equal(isRounded, true);
  assert.deepEqual([total.n, total.missing, groups[0]?.missing], [{}, {}, {}]);
  const near = possibleCounts(total.mean ?? 0, rows.length, 1).filter((count) => count > rows.length - 10);
  assert.equal(near.length, 10, "every number of missing values up to nine is possible");
  const open = ageOf((await run(rows, 0)).analysis);
  const exact = possibleCounts(open.total.mean ?? 0, rows.length, 0).filter((count) => count > rows.length - 10);
  assert.deepEqual(exact, [rows.length - 3]);
});

test("a small level takes the other cells with it, so that no total tells it; without the gate it is told", async () => {
  const rows = BASE.map((row, i) => ({
    ...row,
    smoker: row.arm === 0 ? (i % 3 === 0 ? 1 : 0) : i === BASE.findIndex(({ arm }) => arm === 1) ? 1 : 0,
  }));
  const { analysis } = await run(rows, 5);
  const smoker = levelsOf(analysis, "smoker");
  assert.equal(smoker.chiSquared, undefined);
  assert.equal(smoker.differences, undefined);
  assert.ok(
    smoker.groups.every(({ counts }) => counts.every(({ n }) => n === undefined)),
    "both levels of both groups, so that the levels' totals tell neither",
  );
  const open = levelsOf((await run(rows, 0)).analysis, "smoker");
  assert.equal(open.groups[1]?.counts[1]?.n, 1);
});

test("a group of one hospital ends the study", async () => {
  const [first = [], ...rest] = [0, 1, 2].map((site) => BASE.filter((_row, i) => i % 3 === site));
  const tables = [first, ...rest.map((rows) => rows.map((row) => ({ ...row, arm: 0 })))].flatMap((rows) => tablesOf(rows, 1));
  const { analysis } = await runDescribe(describeStudy({ minimumCell: 0 }), tables);
  assert.deepEqual(analysis.refusal, { code: "group-at-one-site", columns: ["arm = yes"] });
});

test("a number that one hospital alone has is not opened: its mean would be that hospital's own", async () => {
  const tables = tablesOf(BASE, 3);
  const [own, ...others] = tables;
  assert.ok(own !== undefined);
  const without = others.map((table) => ({
    ...table,
    columns: new Map(table.columns).set("age", new Float64Array(table.rowCount).fill(Number.NaN)),
  }));
  for (const minimumCell of [0, 5]) {
    const { analysis } = await runDescribe(describeStudy({ minimumCell }), [own, ...without]);
    assert.equal(ageOf(analysis).unsupported, "at-all");
    assert.equal(ageOf(analysis).total.mean, undefined);
  }
});
