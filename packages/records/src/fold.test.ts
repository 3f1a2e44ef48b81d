import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "@dure/kernel";
import fc from "fast-check";
import { foldOf } from "./fold.ts";

test("a fold is the SHA-256 of study id and row key as a whole number, modulo the folds", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.integer({ min: 1, max: 1000 }), (studyId, rowKey, folds) => {
      assert.equal(foldOf(studyId, rowKey, folds), Number(BigInt(`0x${sha256(`${studyId}${rowKey}`)}`) % BigInt(folds)));
    }),
  );
});

/** Computed apart from this code: Python 3, hashlib. */
test("the folds of known rows are pinned", () => {
  assert.deepEqual(
    ["0", "1", "MB-0000", "가"].map((key) => foldOf("breast-recurrence-5y", key)),
    [2, 3, 4, 2],
  );
});

test("folds are about equally large", () => {
  const counts = new Array<number>(5).fill(0);
  for (let i = 0; i < 10_000; i++) {
    const fold = foldOf("study", String(i));
    counts[fold] = (counts[fold] ?? 0) + 1;
  }
  // The keys are fixed, so this cannot fail by chance; 5 standard deviations of a binomial count are 200.
  assert.ok(
    counts.every((count) => Math.abs(count - 2000) < 200),
    String(counts),
  );
});

test("a number of folds that is none is refused", () => {
  for (const folds of [0, -1, 2.5, Number.NaN, 2 ** 21]) assert.throws(() => foldOf("study", "row", folds), RangeError);
});
