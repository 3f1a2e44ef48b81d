import assert from "node:assert/strict";
import { test } from "node:test";
import { makeRoster } from "@dure/identity";
import { SeededRandom, sha256 } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { parseStudy } from "@dure/study";
import { studyInPlainWords } from "./plain-words.ts";
import { previewStudy } from "./preview.ts";
import { vectorWords } from "./preview-words.ts";
import { testHospital } from "./testing-site.ts";

const roster = makeRoster([1, 2, 3].map((i) => testHospital(`hospital-${i}`, "training").member));
const study = (missing: string) =>
  parseStudy(`dure: 1
id: imputed
title: Imputed
purpose: statistics
data:
  table: invented
  missing: ${missing}
  variables:
    died: { role: outcome, type: boolean }
    age: { role: feature, type: number }
    smoker: { role: feature, type: boolean }
    stage: { role: feature, type: category, levels: [I, II, III] }
analysis: { kind: logistic-regression }
privacy: { secureSum: { minimumSites: 3 }, minimumCell: 5 }
`);

function rows(): AnalysisTable {
  const random = new SeededRandom(3);
  const orMissing = (value: number): number => (random.below(6) === 0 ? Number.NaN : value);
  const column = (draw: () => number): Float64Array => Float64Array.from({ length: 240 }, draw);
  const columns = new Map([
    ["died", column(() => random.below(2))],
    ["age", column(() => orMissing(random.normal()))],
    ["smoker", column(() => orMissing(random.below(2)))],
    ["stage", column(() => random.below(3))],
  ]);
  const rowKeys = Array.from({ length: 240 }, (_, i) => `row-${String(i).padStart(4, "0")}`);
  return { rowKeys, rowCount: 240, columns, heldOut: new Uint8Array(240), excluded: [], hash: sha256("rows") };
}

const preview = (missing: string) => previewStudy({ study: study(missing), siteId: "hospital-1", rows: rows(), minimumCell: 5, roster });

test("what is asked of missing values is shown before it leaves, in words of both languages, whatever the number of imputations", async () => {
  const two = await preview("{ method: multiple-imputation, imputations: 2, iterations: 2, seed: 1 }");
  const four = await preview("{ method: multiple-imputation, imputations: 4, iterations: 2, seed: 1 }");
  assert.equal(two.noLocalModel, undefined);
  const names = (of: typeof two): readonly string[] => of.vectors.map(({ name }) => name);
  assert.deepEqual(names(four), names(two));
  for (const name of ["missing", "modelRows", "imputationProducts", "imputationGradient", "full/gradient"])
    assert.ok(names(two).includes(name), name);
  for (const { name, words } of two.vectors) assert.notDeepEqual(words, vectorWords("no vector of that name"), name);
  const gradient = (of: typeof two): number => of.vectors.find(({ name }) => name === "full/gradient")?.length ?? 0;
  assert.equal(gradient(four), 2 * gradient(two));
  assert.ok(studyInPlainWords(study("{ method: multiple-imputation, seed: 1 }")).some(({ ko }) => ko.includes("여러 번 뽑아")));
});

test("single imputation asks for counts of missing values and one sum", async () => {
  const { vectors, noLocalModel } = await preview("{ method: single-imputation }");
  assert.equal(noLocalModel, undefined);
  for (const name of ["missing", "missingTogether", "presentSums"])
    assert.ok(
      vectors.some((vector) => vector.name === name),
      name,
    );
  for (const { name, words } of vectors) assert.notDeepEqual(words, vectorWords("no vector of that name"), name);
});

test("a variable that this hospital has of no patient is named to it before anything leaves", async () => {
  const table = rows();
  const without = { ...table, columns: new Map([...table.columns, ["stage", new Float64Array(240).fill(Number.NaN)]]) };
  const { noLocalModel } = await previewStudy({
    study: study("{ method: single-imputation }"),
    siteId: "hospital-1",
    rows: without,
    minimumCell: 5,
    roster,
  });
  assert.deepEqual(noLocalModel, { code: "all-missing-column", columns: ["stage"] });
});
