import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { dateReader, isTimeZone } from "./dates.ts";

const read = dateReader({ timeZone: "Asia/Seoul", partialDates: "first-day" });

test("f2o-072: an instant of any offset is told on the clock of the one declared zone", () => {
  assert.deepEqual(read("2024-02-29T20:30:00Z"), { date: "2024-03-01", datetime: "2024-03-01 05:30:00", isImputed: false });
  assert.deepEqual(read("2024-03-01T05:30:00.123+09:00"), { date: "2024-03-01", datetime: "2024-03-01 05:30:00", isImputed: false });
  assert.deepEqual(read("2024-02-29T10:30:00-10:00"), { date: "2024-03-01", datetime: "2024-03-01 05:30:00", isImputed: false });
  const newYork = dateReader({ timeZone: "America/New_York", partialDates: "first-day" });
  // The clocks went forward at 07:00 UTC of this day.
  assert.equal(newYork("2024-03-10T06:59:00Z")?.datetime, "2024-03-10 01:59:00");
  assert.equal(newYork("2024-03-10T07:01:00Z")?.datetime, "2024-03-10 03:01:00");
});

test("f2o-072: every instant is told as the zone database tells it", () => {
  const zones = ["Asia/Seoul", "America/New_York", "Australia/Lord_Howe", "UTC"].map((timeZone) => ({
    reader: dateReader({ timeZone, partialDates: "first-day" }),
    format: new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" }),
  }));
  fc.assert(
    fc.property(fc.integer({ min: -500_000_000, max: 4_000_000_000 }), fc.integer({ min: -839, max: 839 }), (seconds, offsetMinutes) => {
      const local = new Date((seconds + offsetMinutes * 60) * 1000).toISOString().slice(0, 19);
      const two = (value: number) => String(value).padStart(2, "0");
      const size = Math.abs(offsetMinutes);
      const zone = `${offsetMinutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
      for (const { reader, format } of zones) assert.equal(reader(`${local}${zone}`)?.datetime, format.format(new Date(seconds * 1000)));
    }),
    { numRuns: 300 },
  );
});

test("f2o-073: a time of day is kept where the source has one, and never made up", () => {
  assert.deepEqual(read("2024-03-01"), { date: "2024-03-01", isImputed: false });
  assert.deepEqual(read("2024-03-01T05:30"), { date: "2024-03-01", datetime: "2024-03-01 05:30:00", isImputed: false });
});

test("f2o-071: a year or a month becomes a day by the declared rule, and says so", () => {
  const middle = dateReader({ timeZone: "UTC", partialDates: "middle" });
  const exclude = dateReader({ timeZone: "UTC", partialDates: "exclude" });
  assert.deepEqual(read("2024"), { date: "2024-01-01", isImputed: true });
  assert.deepEqual(read("2024-05"), { date: "2024-05-01", isImputed: true });
  assert.deepEqual(middle("2024"), { date: "2024-07-01", isImputed: true });
  assert.deepEqual(middle("2024-05"), { date: "2024-05-15", isImputed: true });
  assert.equal(exclude("2024-05"), undefined);
});

test("what is no date of FHIR is no date: days that do not exist, other forms, years of no living patient, other types", () => {
  for (const value of [
    "2023-02-29",
    "2024-13-01",
    "2024-00",
    "01/03/2024",
    "2999-01-01",
    "0001-01-01",
    "2024-03-01T25:00:00Z",
    "",
    20240301,
    null,
  ]) {
    assert.equal(read(value), undefined);
  }
  assert.equal(isTimeZone("Asia/Seoul"), true);
  assert.equal(isTimeZone("Asia/Nowhere"), false);
});
