import assert from "node:assert/strict";
import { test } from "node:test";
import { makeRoster } from "@dure/identity";
import { SeededRandom, sha256 } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { parseStudy } from "@dure/study";
import { studyInPlainWords } from "./plain-words.ts";
import { previewStudy } from "./preview.ts";
import { testHospital } from "./testing-site.ts";

const roster = makeRoster([1, 2, 3].map((i) => testHospital(`hospital-${i}`, "training").member));
const study = parseStudy(`dure: 1
id: terms
title: Terms
purpose: scientific-research
data:
  table: invented
  variables:
    died:   { role: outcome, type: boolean }
    age:    { role: feature, type: number, spline: { knots: [40, 55, 70] } }
    female: { role: feature, type: boolean }
    stage:  { role: feature, type: category, levels: [I, II, III], reference: III }
    band:   { role: subgroup, type: category, levels: [young, old] }
analysis: { kind: logistic-regression, interactions: [[female, stage]] }
evaluation: { thresholds: [0.2], leaveOneSiteOut: true }
privacy: { secureSum: { minimumSites: 3 }, minimumCell: 5 }
`);

/** 300 patients; only women are at stage III, and two of those died. */
function rows(): AnalysisTable {
  const random = new SeededRandom(5);
  const rowCount = 300;
  const column = (value: (row: number) => number): Float64Array => Float64Array.from({ length: rowCount }, (_, row) => value(row));
  const stage = column((row) => row % 3);
  const columns = new Map([
    ["died", column((row) => (stage[row] === 2 ? Number(row < 6) : random.below(2)))],
    ["age", column(() => 55 + 12 * random.normal())],
    ["female", column((row) => (stage[row] === 2 ? 1 : random.below(2)))],
    ["stage", stage],
    ["band", column(() => random.below(2))],
  ]);
  const rowKeys = Array.from({ length: rowCount }, (_, i) => String(i).padStart(4, "0"));
  return { rowKeys, rowCount, columns, heldOut: new Uint8Array(rowCount), excluded: [], hash: sha256("rows") };
}

test("levels, curves and products of features are told in plain words of both languages", () => {
  const words = studyInPlainWords(study);
  for (const said of [
    "  stage (feature: I, II, III)",
    "  age (feature, as a curve)",
    "  Effects that depend on each other: female × stage",
  ]) {
    assert.ok(
      words.some(({ en }) => en === said),
      said,
    );
  }
  assert.ok(words.every(({ ko }) => /[가-힣]/.test(ko)));
});

test("a small reference level and a small cell of a product are named, with no count", async () => {
  const { smallCells, releases } = await previewStudy({ study, siteId: "hospital-1", rows: rows(), minimumCell: 5, roster });
  const named = smallCells.map((cell) =>
    cell.kind === "level" ? `${cell.variable} = ${cell.level}, ${cell.outcomeClass}` : cell.variable,
  );
  for (const cell of ["stage = III, 1", "female=0:stage=III = 1, 0", "female=1:stage=III = 1, 1"])
    assert.ok(named.includes(cell), `${cell}: ${named.join("; ")}`);
  const headline = releases.find(({ release }) => release === "headline")?.words;
  assert.match(headline?.en ?? "", /decisions at thresholds of risk, the same by band, the same of the model without this hospital/);
  assert.match(headline?.ko ?? "", /위험 기준별 판단 결과, band별 성능, 이 병원을 뺀 모형의 성능/);
});
