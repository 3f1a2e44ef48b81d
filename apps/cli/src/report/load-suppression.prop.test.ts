import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { suppressLoad } from "./load-suppression.ts";
import type { LoadReport } from "./report-options.ts";

const reason = "a reason";

const loadOf = (rowsOut: number, cells: readonly number[]): LoadReport => ({
  source: "patients.csv",
  rowsIn: rowsOut + cells.reduce((sum, n) => sum + n, 0),
  rowsOut,
  excluded: cells.map((rowCount) => ({ reason, rowCount })),
});

test("a small cell is never printed, and never follows from what is printed", () => {
  fc.assert(
    fc.property(fc.nat(50), fc.array(fc.nat(12), { maxLength: 6 }), fc.integer({ min: 1, max: 10 }), (rowsOut, cells, k) => {
      const load = loadOf(rowsOut, cells);
      const printed = suppressLoad(load, k);
      const kept = cells.filter((n) => n > 0);
      const hiddenTotal = kept.filter((_, i) => printed.excluded[i]?.count.n === undefined).reduce((sum, n) => sum + n, 0);
      const hiddenCount = printed.excluded.filter((cell) => cell.count.n === undefined).length;
      for (const [i, cell] of printed.excluded.entries()) {
        assert.ok(cell.count.n === undefined || cell.count.n >= k);
        assert.ok(cell.count.lessThan === undefined || (kept[i] ?? 0) < cell.count.lessThan);
      }
      assert.ok(printed.rowsOut.n === undefined || printed.rowsOut.n === 0 || printed.rowsOut.n >= k);
      const totalIsKnown = printed.rowsIn.n !== undefined && printed.rowsOut.n !== undefined;
      if (totalIsKnown && hiddenCount > 0) assert.ok(hiddenCount >= 2 && hiddenTotal >= k);
    }),
  );
});

test("public data hides nothing and lists no empty reason", () => {
  const printed = suppressLoad(loadOf(3, [1, 0, 2]), 0);
  assert.deepEqual(printed.rowsIn, { n: 6 });
  assert.deepEqual(
    printed.excluded.map((cell) => cell.count),
    [{ n: 1 }, { n: 2 }],
  );
});
