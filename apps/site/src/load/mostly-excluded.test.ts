import assert from "node:assert/strict";
import { test } from "node:test";
import type { LoadReport } from "../ingest/load-report.ts";
import { warnOfExcluded } from "./mostly-excluded.ts";

const warn = (contributor: string, rowsIn: number, ...excluded: readonly (readonly [reason: string, rowCount: number])[]) => {
  const left = excluded.map(([reason, rowCount]) => ({ reason, rowCount }));
  const rowsUsed = rowsIn - left.reduce((sum, { rowCount }) => sum + rowCount, 0);
  const report: Pick<LoadReport, "contributors" | "files"> = {
    contributors: [{ contributor, mapped: [], inputs: [{ input: "labs", rowsIn, rowsUsed, excluded: left, rowsOutByTable: {} }] }],
    files: [],
  };
  return warnOfExcluded(report);
};

test("a file of which more than half is left out is told with the most frequent reason, one of half or less is not", () => {
  const [warning, ...more] = warn("mapping:a", 1001, ["opted out", 1], ["not a person of file patients", 500]);
  assert.deepEqual([warning?.code, warning?.severity, warning?.place.file, more.length], ["load/most-rows-excluded", "warning", "labs", 0]);
  assert.match(
    warning?.what.en ?? "",
    /^501 of 1001 rows \(50 %\) are left out, most of them for: not a person of file patients \(500\)\.$/,
  );
  assert.match(warning?.what.ko ?? "", /1001행 중 501행\(50 %\)/);
  assert.deepEqual(warn("mapping:a", 1000, ["opted out", 500]), []);
  assert.deepEqual(warn("mapping:a", 0), []);
  assert.deepEqual(warn("fhir:emr", 10, ["no place in OMOP", 10]), []);
});
