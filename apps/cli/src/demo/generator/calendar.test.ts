import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { dayNumber, writeDay, writeDayFirst } from "./calendar.ts";

test("a written day is the day of the platform's own calendar", () => {
  fc.assert(
    fc.property(fc.integer({ min: dayNumber(1890, 1, 1), max: dayNumber(2105, 12, 31) }), (days) => {
      assert.equal(writeDay(days, "-"), new Date(days * 86_400_000).toISOString().slice(0, 10));
    }),
    { numRuns: 2000 },
  );
});

test("leap days and century years are counted", () => {
  assert.equal(writeDay(dayNumber(2024, 2, 29), "."), "2024.02.29");
  assert.equal(writeDay(dayNumber(1900, 2, 28) + 1, ""), "19000301");
  assert.equal(writeDayFirst(dayNumber(2012, 3, 5)), "05/03/2012");
});
