import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DureError } from "@dure/kernel";
import { parseResearchTable } from "./parse.ts";

const read = (id: string): string => readFileSync(new URL(`../../../../tables/${id}.yaml`, import.meta.url), "utf8");

const codesOf = (text: string): readonly string[] => {
  try {
    parseResearchTable({ file: "table.yaml", text });
  } catch (error) {
    assert(error instanceof DureError);
    return error.problems.map(({ code, place }) => `${code} ${place.path ?? ""}`);
  }
  return [];
};

test("the four tables parse under their own names", () => {
  for (const id of ["breast-registry", "lung", "diabetes130", "pneumonia-xray"])
    assert.equal(parseResearchTable({ file: id, text: read(id) }).id, id);
});

test("each mistake is told by code and path", () => {
  const breast = read("breast-registry");
  const refusals: readonly (readonly [string, string, string])[] = [
    ["classOf: size_mm", "classOf: size_cm", "table/unknown-reference inputs.size_of_mm"],
    ["measurement: tumour-grade, value: number", "measurement: tumour-grade", "table/value-or-codes columns.grade"],
    ["measurement: tumour-grade,", "measurement: tumor-grade,", "table/bad-value columns.grade.source.measurement"],
    ["index: { condition: breast-cancer }\n", "", "table/no-index index"],
    ["positive: 1, negative: 0 } }\n  er_content", "positiv: 1, negative: 0 } }\n  er_content", "table/unknown-reference inputs.er_status"],
    [
      "type: boolean\n    description: { en: Recurrence or",
      "type: flag\n    description: { en: Recurrence or",
      "table/bad-value columns.event.type",
    ],
  ];
  for (const [from, to, problem] of refusals) {
    assert(breast.includes(from), from);
    assert(codesOf(breast.replace(from, to)).includes(problem), `${to}: ${codesOf(breast.replace(from, to)).join("; ")}`);
  }
});
