/** The suite that the specification publishes: SQL on FHIR v2, `tests/*.json`, read where it lies. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sharedData } from "@dure/kernel/testing";
import type { FhirResource } from "../fhir/resource-change.ts";
import { compileView, readResource } from "./evaluate.ts";
import { parseViewDefinition } from "./parse.ts";

interface Suite {
  readonly title: string;
  readonly resources: readonly FhirResource[];
  readonly tests: readonly {
    readonly title: string;
    readonly view: unknown;
    readonly expect?: readonly Record<string, unknown>[];
    readonly expectError?: true;
    readonly expectColumns?: readonly string[];
  }[];
}

const folder = sharedData("clinical/sql-on-fhir-v2/tests");
const CASE_COUNT = 134;

function run(view: unknown, resources: readonly FhirResource[]) {
  const compiled = compileView(parseViewDefinition({ file: "view.json", text: JSON.stringify(view) }));
  return { columns: compiled.columns.map(({ name }) => name), rows: resources.flatMap(compiled.rowsOf) };
}

/** Rows come in any order, and so do the fields of an expected one. */
const asBag = (rows: readonly Record<string, unknown>[]): readonly string[] =>
  rows.map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))).sort();

test("every case of the specification's own suite holds", { skip: folder === undefined ? "no shared data" : false }, () => {
  const suites = readdirSync(folder ?? "").map((name) => readResource(readFileSync(join(folder ?? "", name), "utf8")) as Suite);
  const failed: string[] = [];
  let count = 0;
  for (const { title, resources, tests } of suites) {
    for (const { title: name, view, expect, expectError, expectColumns } of tests) {
      count++;
      try {
        if (expectError) assert.throws(() => run(view, resources), { name: "DureError" });
        else {
          const { columns, rows } = run(view, resources);
          if (expect !== undefined) assert.deepEqual(asBag(rows), asBag(expect));
          if (expectColumns !== undefined) assert.deepEqual(columns, expectColumns);
        }
      } catch (cause) {
        failed.push(`${title}: ${name}: ${String(cause).slice(0, 600)}`);
      }
    }
  }
  assert.deepEqual(failed, []);
  assert.equal(count, CASE_COUNT);
});
