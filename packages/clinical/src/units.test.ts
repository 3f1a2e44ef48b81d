import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findConversion, isUnit, unitNames } from "./units.ts";

test("conversions are exact fractions", () => {
  assert.deepEqual(findConversion("cm", "mm"), { numerator: 10, denominator: 1 });
  assert.deepEqual(findConversion("mm", "cm"), { numerator: 1, denominator: 10 });
  assert.deepEqual(findConversion("g/L", "g/dL"), { numerator: 1, denominator: 10 });
  assert.deepEqual(findConversion("a", "d"), { numerator: 1461, denominator: 4 });
  assert.deepEqual(findConversion("pmol/g", "fmol/mg"), { numerator: 1, denominator: 1 });
});

test("units of different dimensions do not convert, and an unknown unit is none", () => {
  assert.equal(findConversion("mm", "g/dL"), undefined);
  assert.equal(isUnit("ab"), false);
  assert.equal(isUnit("constructor"), false);
});

test("a conversion and its way back cancel", () => {
  fc.assert(
    fc.property(fc.constantFrom(...unitNames), fc.constantFrom(...unitNames), (from, to) => {
      const there = findConversion(from, to);
      const back = findConversion(to, from);
      assert.equal(there?.numerator, back?.denominator);
      assert.equal(there?.denominator, back?.numerator);
    }),
  );
});
