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

const roster = makeRoster([1, 2, 3, 4].map((i) => testHospital(`hospital-${i}`, i === 4 ? "external" : "training").member));
const study = parseStudy(`dure: 1
id: pooled
title: Pooled
purpose: statistics
data:
  table: invented
  variables:
    died: { role: outcome, type: boolean }
    age: { role: feature, type: number }
analysis: { kind: meta-analysis, model: logistic, reason: seldom online }
privacy: { secureSum: { minimumSites: 3 }, minimumCell: 5 }
`);

function rows(died: (i: number) => number): AnalysisTable {
  const random = new SeededRandom(3);
  const columns = new Map([
    ["died", Float64Array.from({ length: 200 }, (_, i) => died(i))],
    ["age", Float64Array.from({ length: 200 }, () => random.normal())],
  ]);
  const rowKeys = Array.from({ length: 200 }, (_, i) => `row-${String(i).padStart(4, "0")}`);
  return { rowKeys, rowCount: 200, columns, heldOut: new Uint8Array(200), excluded: [], hash: sha256("rows") };
}

const preview = (table: AnalysisTable) => previewStudy({ study, siteId: "hospital-1", rows: table, minimumCell: 5, roster });

test("every vector of a meta-analysis is shown before it leaves, in words of both languages, and counts alone in the hospital's name", async () => {
  const { vectors, noLocalModel, releases } = await preview(rows((i) => i % 2));
  assert.equal(noLocalModel, undefined);
  assert.deepEqual(
    vectors.map(({ name, timesMax }) => [name, timesMax > 1]),
    [
      ["ownFits", false],
      ["ownFitsLeftOut", false],
      ["cases", false],
      ["excluded", false],
      ["support", false],
      ["errorExponents", false],
      ["precisions", false],
      ["weightedEstimates", false],
      ["heterogeneity", false],
      ["betweenHospitals", true],
    ],
  );
  for (const { words } of vectors) assert.notDeepEqual(words, vectorWords("no vector of that name"));
  assert.deepEqual(
    releases.map(({ release }) => release),
    ["headline"],
  );
  assert.match(studyInPlainWords(study)[2]?.ko ?? "", /메타분석/);
});

test("a hospital whose rows carry no model of their own is told so, and why", async () => {
  const { noLocalModel } = await preview(rows(() => 0));
  assert.deepEqual(noLocalModel, { code: "too-few-hospitals", columns: ["one-class: 1"] });
});
