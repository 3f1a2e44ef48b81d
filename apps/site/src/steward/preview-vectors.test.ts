import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { sha256 } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { parseStudy, type StudyDocument } from "@dure/study";
import { dryRun } from "./dry-run.ts";
import { vectorWords } from "./preview-words.ts";

const folder = new URL("../../../../examples/studies/", import.meta.url);
const studies = readdirSync(folder)
  .sort()
  .map((file) => ({ file, document: parseStudy(readFileSync(new URL(file, folder)), { file }) }));

/** The hospital's own rows add nothing to what generated ones show. */
function noRows({ data }: StudyDocument): AnalysisTable {
  const columns = new Map(data.variables.map(({ name }) => [name, new Float64Array()]));
  return { rowKeys: [], rowCount: 0, columns, heldOut: new Uint8Array(), excluded: [], hash: sha256("no rows") };
}

for (const { file, document } of studies) {
  test(`${file}: every vector that would leave has words of its own in both languages`, async () => {
    const { vectors } = await dryRun(document, noRows(document));
    assert.ok(vectors.length > 0);
    const unknown = vectors.map(({ layout }) => layout.name).filter((name) => vectorWords(name).en === "sums that the analysis asks for");
    assert.deepEqual(unknown, []);
    assert.ok(vectors.every(({ layout }) => /[가-힣]/.test(vectorWords(layout.name).ko)));
  });
}

test("the examples hold every kind of analysis that runs on a table", () => {
  const kinds = new Set(studies.map(({ document }) => document.analysis.kind));
  for (const kind of ["logistic-regression", "generalised-linear-model", "cox", "describe", "treatment-effect", "meta-analysis"] as const) {
    assert.ok(kinds.has(kind), kind);
  }
});

test("what guards small groups is asked for and shown, though no cell is guarded inside the hospital", async () => {
  const example = studies.find(({ file }) => file === "breast-recurrence.yaml");
  assert.ok(example !== undefined);
  const { vectors } = await dryRun(example.document, noRows(example.document));
  assert.ok(vectors.some(({ layout }) => layout.name === "hospitalsByLevel"));
});
