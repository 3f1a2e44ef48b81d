import assert from "node:assert/strict";
import { test } from "node:test";
import { makeRoster } from "@dure/identity";
import { SeededRandom, sha256 } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { parseStudy, type StudyDocument } from "@dure/study";
import { studyInPlainWords } from "./plain-words.ts";
import { previewStudy } from "./preview.ts";
import { vectorWords } from "./preview-words.ts";
import { testHospital } from "./testing-site.ts";

const roster = makeRoster([1, 2, 3].map((i) => testHospital(`hospital-${i}`, "training").member));

const study = (outcome: string, analysis: string): StudyDocument =>
  parseStudy(`dure: 1
id: drug
title: A drug
purpose: scientific-research
data:
  table: invented
  variables:
    drug: { role: treatment, type: boolean }
${outcome}
    age: { role: feature, type: number }
    stage: { role: feature, type: category, levels: [I, II, III] }
analysis: { kind: treatment-effect, ${analysis} }
privacy: { secureSum: { minimumSites: 3 }, minimumCell: 5 }
`);

const STUDIES = {
  everyEstimator: study(
    `    died: { role: outcome, type: boolean }
    male: { role: subgroup, type: boolean }
    fracture: { role: negative-control, type: boolean }`,
    "estimators: [iptw, overlap, aipw, g-computation], outcomeModel: logistic",
  ),
  visits: study("    visits: { role: outcome, type: number }", "estimators: [g-computation], outcomeModel: poisson"),
  hazard: study(
    `    days: { role: time, type: number }
    died: { role: event, type: boolean }`,
    "estimators: [iptw], outcomeModel: cox",
  ),
  curves: study(
    `    days: { role: time, type: number }
    died: { role: event, type: boolean }`,
    "estimators: [overlap], outcomeModel: kaplan-meier, horizonDays: 90",
  ),
};

function rows(treatedShare: number): AnalysisTable {
  const random = new SeededRandom(3);
  const column = (value: () => number): Float64Array => Float64Array.from({ length: 400 }, value);
  const columns = new Map([
    ["drug", column(() => Number(random.uniform() < treatedShare))],
    ["age", column(() => 20 + random.below(60))],
    ["stage", column(() => random.below(3))],
    ["days", column(() => 1 + random.below(80))],
    ["visits", column(() => random.below(4))],
    ...["died", "male", "fracture"].map((name) => [name, column(() => random.below(2))] as const),
  ]);
  const rowKeys = Array.from({ length: 400 }, (_, i) => `row-${String(i).padStart(4, "0")}`);
  return { rowKeys, rowCount: 400, columns, heldOut: new Uint8Array(400), excluded: [], hash: sha256("rows") };
}

const preview = (document: StudyDocument, table = rows(0.4)) =>
  previewStudy({ study: document, siteId: "hospital-1", rows: table, minimumCell: 5, roster });

for (const [name, document] of Object.entries(STUDIES)) {
  test(`${name}: every vector that could leave is shown in words of both languages, and the headline alone is released`, async () => {
    const { vectors, releases, noLocalModel } = await preview(document);
    assert.equal(noLocalModel, undefined);
    for (const { name: vector, words } of vectors) assert.notDeepEqual(words, vectorWords("no vector of that name"), vector);
    assert.deepEqual(
      releases.map(({ release }) => release),
      ["headline"],
    );
    assert.equal(
      vectors.some(({ name: vector }) => vector.endsWith("/influence")),
      name !== "curves",
    );
  });
}

test("how patients are made alike is told in plain words", () => {
  const words = studyInPlainWords(STUDIES.everyEstimator);
  assert.ok(words.some(({ en }) => en.includes("inverse probability")));
  assert.ok(words.some(({ ko }) => ko.includes("병원마다 다른 치료 경향")));
});

test("an arm below the minimum cell is what keeps a hospital out, named as the treatment", async () => {
  const { smallCells, obstacle } = await preview(STUDIES.everyEstimator, rows(0.005));
  assert.equal(obstacle, "too-few-in-a-class");
  assert.deepEqual(smallCells[0], { kind: "class", variable: "drug", level: 1, least: 10 });
  assert.ok(smallCells.some((cell) => cell.kind === "level" && cell.treatment === "drug"));
});
