import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { reportCount, type SuppressedTable, suppressCounts, type TableCount } from "./suppression.ts";

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const column = (counts: readonly (readonly number[])[], c: number): number[] => counts.map((row) => row[c] ?? 0);
const agrees = (shown: TableCount | undefined, value: number): boolean => shown?.kind !== "exact" || shown.value === value;

/** True when the candidate could be the table behind what is shown. */
function fits(shown: SuppressedTable, candidate: readonly (readonly number[])[]): boolean {
  return (
    candidate.every((row, r) => row.every((value, c) => agrees(shown.cells[r]?.[c], value)) && agrees(shown.rowTotals[r], sum(row))) &&
    shown.columnTotals.every((total, c) => agrees(total, sum(column(candidate, c)))) &&
    agrees(shown.total, sum(candidate.flat()))
  );
}

/** Every table of whole numbers 0 to max that agrees with what is shown. */
function* candidates(shown: SuppressedTable, max: number): Generator<number[][]> {
  const cells = shown.cells.flat();
  const width = shown.cells[0]?.length ?? 0;
  const values = cells.map((cell) => (cell.kind === "exact" ? cell.value : 0));
  const open = cells.flatMap((cell, index) => (cell.kind === "suppressed" ? [index] : []));
  for (let code = 0; code < (max + 1) ** open.length; code++) {
    let rest = code;
    for (const index of open) {
      values[index] = rest % (max + 1);
      rest = Math.floor(rest / (max + 1));
    }
    const table = shown.cells.map((_, r) => values.slice(r * width, (r + 1) * width));
    if (fits(shown, table)) yield table;
  }
}

const tableOf = (rows: number, columns: number, max: number) =>
  fc.array(fc.array(fc.integer({ min: 0, max }), { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows });

test("no small cell of a table can be bounded below its count plus k from what is shown: every possible table is tried", () => {
  const k = 2;
  const shape = fc.constantFrom([1, 3], [2, 2], [2, 3], [3, 2]).chain(([rows = 1, columns = 1]) => tableOf(rows, columns, 4));
  fc.assert(
    fc.property(shape, (counts) => {
      const shown = suppressCounts(counts, k);
      const most = counts.map((row) => row.map(() => -1));
      for (const table of candidates(shown, 6)) {
        for (const [r, row] of table.entries())
          for (const [c, value] of row.entries()) most[r]?.splice(c, 1, Math.max(most[r]?.[c] ?? -1, value));
      }
      for (const [r, row] of counts.entries()) {
        for (const [c, count] of row.entries())
          if (count < k) assert.ok((most[r]?.[c] ?? -1) >= count + k, JSON.stringify({ counts, shown, r, c }));
      }
    }),
    { numRuns: 150 },
  );
});

test("with known column totals a small cell can be k more too, or nothing but those totals is shown", () => {
  const k = 2;
  const shape = fc.constantFrom([2, 2], [2, 3]).chain(([rows = 2, columns = 2]) => tableOf(rows, columns, 4));
  fc.assert(
    fc.property(shape, (counts) => {
      fc.pre((counts[0] ?? []).every((_, c) => sum(column(counts, c)) >= k));
      const shown = suppressCounts(counts, k, { knowsColumnTotals: true });
      assert.ok([...shown.columnTotals, shown.total].every(({ kind }) => kind === "exact"));
      if ([...shown.cells.flat(), ...shown.rowTotals].every(({ kind }) => kind === "suppressed")) return;
      const possible = [...candidates(shown, 6)];
      for (const [r, row] of counts.entries()) {
        for (const [c, count] of row.entries()) {
          const most = Math.max(...possible.map((table) => table[r]?.[c] ?? -1));
          if (count < k) assert.ok(most >= count + k, JSON.stringify({ counts, shown, r, c }));
        }
      }
    }),
    { numRuns: 40 },
  );
  const known = (counts: readonly (readonly number[])[]) => suppressCounts(counts, 5, { knowsColumnTotals: true });
  assert.throws(() => known([[3, 40]]), RangeError);
});

test("every count that a table shows is right and at least k, margins too", () => {
  const k = 5;
  fc.assert(
    fc.property(tableOf(5, 4, 30), (counts) => {
      const shown = suppressCounts(counts, k);
      assert.ok(fits(shown, counts));
      for (const count of [...shown.cells.flat(), ...shown.rowTotals, ...shown.columnTotals, shown.total]) {
        if (count.kind === "exact") assert.ok(count.value >= k);
      }
    }),
  );
});

test("the small cell of a plain list takes a second one with it, and the total stays", () => {
  const shown = suppressCounts([[40, 3, 12, 90]], 5);
  assert.deepEqual(shown.cells, [
    [{ kind: "exact", value: 40 }, { kind: "suppressed" }, { kind: "suppressed" }, { kind: "exact", value: 90 }],
  ]);
  assert.deepEqual(shown.total, { kind: "exact", value: 145 });
});

test("a table without small cells, and any table of public data, is shown whole", () => {
  const whole = suppressCounts(
    [
      [40, 5],
      [7, 12],
    ],
    5,
  );
  assert.ok([...whole.cells.flat(), ...whole.rowTotals, ...whole.columnTotals, whole.total].every((count) => count.kind === "exact"));
  assert.deepEqual(suppressCounts([[0, 1]], 0).cells, [
    [
      { kind: "exact", value: 0 },
      { kind: "exact", value: 1 },
    ],
  ]);
});

test("a single count below k says only that it is below k, and 0 says the same", () => {
  assert.deepEqual(reportCount(5, 5), { kind: "exact", value: 5 });
  assert.deepEqual(reportCount(4, 5), reportCount(0, 5));
  assert.deepEqual(reportCount(0, 5), { kind: "suppressed", lessThan: 5 });
  assert.deepEqual(reportCount(0, 0), { kind: "exact", value: 0 });
});

test("ragged tables and counts that are no counts are refused", () => {
  for (const counts of [[], [[]], [[1, 2], [3]], [[1, -1]], [[0.5]], [[Number.NaN]]])
    assert.throws(() => suppressCounts(counts, 5), RangeError);
});
