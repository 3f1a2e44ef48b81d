/**
 * What counting does not find: a study whose expressions are made to differ in one row. The threat model says so; a steward who reads
 * `from: "(female ? 1.0 : 0.0) + (age == 91 ? 0.5 : 0.0)"` beside a plain `female` can see it.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@dure/kernel";
import { testStudy } from "../site/testing.ts";
import { dealOut, openedVector, watchRun } from "./testing-attacks.ts";

const victim = 37;
const extra = 0.5;

function patients() {
  const random = new SeededRandom(2);
  return Array.from({ length: 300 }, (_, row) => {
    const female = random.below(2);
    return { y: random.below(2), age: Math.round(60 + 9 * random.normal()), female, made: female + (row === victim ? extra : 0) };
  });
}

test("two numbers that differ in one row tell that row whatever the minimum cell: a limit, kept in sight", async () => {
  const rows = patients();
  const run = await watchRun(testStudy({ outcome: "y", features: ["age", "female", "made"] }, { minimumCell: 5 }), dealOut(rows));
  const sums = openedVector(run, "sums") ?? assert.fail("no sums were opened");
  assert.ok(Math.abs((sums[2] ?? 0) - (sums[1] ?? 0) - extra) < 1e-9, "the columns differ by one row");
  const opened = run.opened.find(({ sum }) => sum.vectors.has("products")) ?? assert.fail("no products were opened");
  const { means, scales } = (opened.state as unknown as { readonly centre: { readonly means: number[]; readonly scales: number[] } })
    .centre;
  const at = (name: string, i: number): number => opened.sum.vectors.get(name)?.[i] ?? Number.NaN;
  /** Σ age × column, from Σ z z' and Σ z about the centres. */
  const withAge = (column: 1 | 2): number => {
    const [ma = 0, mc = 0, sa = 1, sc = 1] = [means[0], means[column], scales[0], scales[column]];
    return sa * sc * at("products", column) + ma * sc * at("deviations", column) + mc * sa * at("deviations", 0) + rows.length * ma * mc;
  };
  assert.equal(Math.round((withAge(2) - withAge(1)) / extra), rows[victim]?.age);
});
