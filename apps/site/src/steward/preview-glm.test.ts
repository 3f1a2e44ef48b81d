import assert from "node:assert/strict";
import { test } from "node:test";
import { makeRoster } from "@dure/identity";
import { SeededRandom, sha256 } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { parseStudy } from "@dure/study";
import { previewStudy } from "./preview.ts";
import { testHospital } from "./testing-site.ts";

const roster = makeRoster([1, 2, 3, 4].map((i) => testHospital(`hospital-${i}`, i === 4 ? "external" : "training").member));

const studyOf = (analysis: string) =>
  parseStudy(
    `dure: 1
id: visits
title: Visits
purpose: scientific-research
data:
  table: invented
  variables:
    y: { role: outcome, type: number }
    o: { role: offset, type: number }
    x: { role: feature, type: number }
    z: { role: feature, type: category, levels: [a, b, c] }
analysis: { kind: generalised-linear-model, ${analysis} }
privacy: { secureSum: { minimumSites: 3 }, minimumCell: 5 }
`,
    { file: "study.yaml" },
  );

function rows(count: (random: SeededRandom) => number): AnalysisTable {
  const random = new SeededRandom(3);
  const rowCount = 200;
  const column = (value: () => number): Float64Array => Float64Array.from({ length: rowCount }, value);
  const columns = new Map([
    ["y", column(() => count(random))],
    ["o", column(() => random.normal())],
    ["x", column(() => random.normal())],
    ["z", column(() => random.below(3))],
  ]);
  const rowKeys = Array.from({ length: rowCount }, (_, i) => `row-${String(i).padStart(4, "0")}`);
  return { rowKeys, rowCount, columns, heldOut: new Uint8Array(rowCount), excluded: [], hash: sha256("rows") };
}

const counts = (random: SeededRandom): number => (random.below(3) === 0 ? random.below(12) : random.below(2));
const preview = (analysis: string, table: AnalysisTable = rows(counts)) =>
  previewStudy({ study: studyOf(analysis), siteId: "hospital-1", rows: table, minimumCell: 5, roster });

test("every vector of every form of the model is shown in words of both languages", async () => {
  const forms = [
    "family: negative-binomial, errors: sandwich, tests: [wald, likelihood-ratio]",
    "family: poisson, siteEffects: fixed, heterogeneity: z",
    "family: linear, errors: site-clustered",
    "family: gamma, penalty: { kind: elastic-net }",
  ];
  for (const form of forms) {
    const { vectors, releases } = await preview(
      form,
      rows((random) => 1 + counts(random)),
    );
    assert.ok(vectors.length > 10, form);
    for (const { name, words } of vectors) {
      assert.ok(!words.en.startsWith("sums that the analysis asks for"), `${form}: ${name}`);
      assert.match(words.ko, /[가-힣]/, name);
    }
    assert.deepEqual(
      releases.map(({ release, words }) => [release, /variance the model explains/.test(words.en)]),
      [["headline", true]],
      "no local model, and no AUC of a number",
    );
  }
});

test("a hospital whose rows are no counts is told so before anything leaves, and is shown the same vectors", async () => {
  const form = "family: negative-binomial";
  const usual = await preview(form);
  assert.equal(usual.noLocalModel, undefined);
  const { noLocalModel, vectors } = await preview(
    form,
    rows((random) => random.normal()),
  );
  assert.equal(noLocalModel?.code, "federation/outcome-not-a-count");
  assert.deepEqual(vectors.map(({ name }) => name).sort(), usual.vectors.map(({ name }) => name).sort());
});
