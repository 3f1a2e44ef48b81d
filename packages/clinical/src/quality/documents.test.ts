import assert from "node:assert/strict";
import { test } from "node:test";
import { DureError } from "@dure/kernel";
import { defaultChecks } from "./default-checks.ts";
import { parseEvaluationFilter } from "./evaluation-filter.ts";
import { type OhdsiFiles, readOhdsiChecks } from "./ohdsi-csv.ts";
import { applyOverrides, parseOverrides } from "./overrides.ts";

const checks = defaultChecks();
const entry = { check: "isRequired", table: "person", threshold: 2, author: "Lee", date: "2026-02-03", reason: "The source has gaps." };
const overridesOf = (...overrides: readonly object[]) =>
  parseOverrides({ file: "quality-overrides.yaml", text: JSON.stringify({ dureQuality: 1, overrides }) }, checks);
const thresholdsOf = (...overrides: readonly object[]) =>
  applyOverrides(checks, overridesOf(...overrides)).filter(({ name, table }) => name === "isRequired" && table === "person");

test("the last override that fits a check holds, and says who set it, when and why", () => {
  const [first, ...others] = thresholdsOf(entry, { ...entry, field: "gender_concept_id", threshold: 7, author: "Park" }).toSorted(
    (a, b) => (b.thresholdPercent ?? 0) - (a.thresholdPercent ?? 0),
  );
  assert.equal(first?.thresholdPercent, 7);
  assert.deepEqual(first?.thresholdSource, { kind: "site", author: "Park", date: "2026-02-03", reason: "The source has gaps." });
  assert.ok(others.length > 2 && others.every(({ thresholdPercent }) => thresholdPercent === 2));
});

test("an override goes back to the default by name", () => {
  assert.ok(thresholdsOf(entry, { ...entry, threshold: "default" }).every((check) => check.thresholdSource.kind === "default"));
});

const refusals: readonly (readonly [what: string, change: object, code: string])[] = [
  ["of an unknown kind", { check: "isNice" }, "quality/bad-value"],
  ["of a table that the check does not look at", { table: "atlantis" }, "quality/override-fits-nothing"],
  ["above 100 per cent", { threshold: 101 }, "quality/bad-value"],
  ["without an author", { author: undefined }, "quality/bad-type"],
  ["without a date", { date: "yesterday" }, "quality/bad-value"],
  ["with an empty reason", { reason: "" }, "quality/bad-value"],
];
for (const [what, change, code] of refusals) {
  test(`an override ${what} is refused with its line, in both languages`, () => {
    assert.throws(
      () => overridesOf({ ...entry, ...change }),
      (error) =>
        error instanceof DureError &&
        error.code === code &&
        error.problems.every(({ what: said, place }) => said.ko !== said.en && place.line === 1),
    );
  });
}

test("a filter compares columns with texts, and is nothing else", () => {
  const row = { isForeignKey: "Yes", fkDomain: "" };
  assert.equal(parseEvaluationFilter("isForeignKey=='Yes' & fkDomain!= ''")(row), false);
  assert.equal(parseEvaluationFilter(`(isForeignKey == "Yes" | a=='b') & fkDomain==''`)(row), true);
  for (const source of ["", "system('ls')", "a=='b' c", "a=b", "a=='b' &", "(a=='b'", "1=='1'"])
    assert.throws(() => parseEvaluationFilter(source), SyntaxError, source);
});

const ohdsi = (change: Partial<Record<keyof OhdsiFiles, string>> = {}): OhdsiFiles => {
  const file = (name: keyof OhdsiFiles, text: string) => ({ file: `${name}.csv`, text: change[name] ?? text });
  return {
    descriptions: file("descriptions", "checkLevel,checkName,evaluationFilter\nFIELD,plausibleValueLow,plausibleValueLow!=''\n"),
    table: file("table", "cdmTableName\nPERSON\n"),
    field: file("field", "cdmTableName,cdmFieldName,plausibleValueLow,plausibleValueLowThreshold\nPERSON,DAY_OF_BIRTH,1,2.5\n"),
    concept: file("concept", "cdmTableName,cdmFieldName,conceptId\n"),
  };
};

test("OHDSI's files give checks with their thresholds", () => {
  assert.deepEqual(readOhdsiChecks(ohdsi()), [
    {
      ...{ name: "plausibleValueLow", table: "person", field: "day_of_birth", thresholdPercent: 2.5 },
      ...{ thresholdSource: { kind: "default" }, rule: { kind: "bound", bound: { kind: "number", value: 1 } } },
    },
  ]);
});

test("each fault of a threshold file is named with file, row and column", () => {
  const head = "cdmTableName,cdmFieldName,plausibleValueLow,plausibleValueLowThreshold\n";
  const places = (change: Parameters<typeof ohdsi>[0]) => {
    try {
      readOhdsiChecks(ohdsi(change));
      return [];
    } catch (error) {
      assert.ok(error instanceof DureError);
      return error.problems.map(({ code, place }) => [code, place.file, place.row, place.column]);
    }
  };
  assert.deepEqual(places({ field: `${head}A,B,1,most\nA,C,SELECT 1,1\n` }), [
    ["quality/bad-threshold", "field.csv", 2, "plausibleValueLowThreshold"],
    ["quality/bad-bound", "field.csv", 3, "plausibleValueLow"],
  ]);
  assert.deepEqual(places({ descriptions: "checkLevel,checkName,evaluationFilter\nFIELD,isNice,x\nFIELD,isRequired,drop()\n" }), [
    ["quality/unknown-check", "descriptions.csv", 2, "checkName"],
    ["quality/bad-filter", "descriptions.csv", 3, "evaluationFilter"],
  ]);
  assert.deepEqual(places({ table: 'a,b\n"x' }), [["quality/not-a-threshold-file", "table.csv", undefined, undefined]]);
});
