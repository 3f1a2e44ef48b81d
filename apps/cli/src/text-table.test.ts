import assert from "node:assert/strict";
import { test } from "node:test";
import { displayWidth } from "@dure/kernel";
import fc from "fast-check";
import { formatFields, formatTable } from "./text-table.ts";

test("a table with Korean cells is aligned, numbers to the right", () => {
  const columns = [{ heading: "병원" }, { heading: "n", align: "right" }] as const;
  assert.equal(
    formatTable(columns, [
      ["서울", "1602"],
      ["Rotterdam", "7"],
    ]),
    ["병원          n", "─────────  ────", "서울       1602", "Rotterdam     7"].join("\n"),
  );
});

test("values of fields start in one column", () => {
  assert.equal(
    formatFields([
      ["제목", "a"],
      ["id", "b"],
    ]),
    "제목  a\nid    b",
  );
});

test("whatever the cells hold, the last column of a table starts in one place and no line ends in a space", () => {
  const cell = fc.string({ unit: fc.constantFrom("a", "병", "é", "漢", "0"), maxLength: 8 });
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
      const lines = formatTable(
        [{ heading: "h" }, { heading: "i" }],
        rows.map(([a, b]) => [a, `|${b}`]),
      )
        .split("\n")
        .slice(2);
      const starts = lines.map((line) => displayWidth(line.slice(0, line.indexOf("|"))));
      assert.equal(new Set(starts).size, 1);
      assert.ok(lines.every((line) => !line.endsWith(" ")));
    }),
  );
});
