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
id: survival
title: Survival by sex
purpose: statistics
data:
  table: invented
  variables:
    days: { role: time, type: number, unit: d }
    died: { role: event, type: boolean }
    female: { role: group, type: boolean }
analysis: { kind: kaplan-meier, test: log-rank, strata: site, timeBinDays: 30, horizonDays: 900 }
evaluation: { localModels: true }
privacy: { secureSum: { minimumSites: 3 }, minimumCell: 5 }
`);

function rows(days: () => number): AnalysisTable {
  const random = new SeededRandom(3);
  const column = (value: () => number): Float64Array => Float64Array.from({ length: 200 }, value);
  const columns = new Map([
    ["days", column(days)],
    ["died", column(() => random.below(2))],
    ["female", column(() => random.below(2))],
  ]);
  const rowKeys = Array.from({ length: 200 }, (_, i) => `row-${String(i).padStart(4, "0")}`);
  return { rowKeys, rowCount: 200, columns, heldOut: new Uint8Array(200), excluded: [], hash: sha256("rows") };
}

const preview = (table: AnalysisTable) => previewStudy({ study, siteId: "hospital-1", rows: table, minimumCell: 5, roster });

test("every count by day is shown before it leaves, in words of both languages, and no model is asked for", async () => {
  const random = new SeededRandom(4);
  const { vectors, noLocalModel, releases } = await preview(rows(() => random.below(900)));
  assert.equal(noLocalModel, undefined);
  assert.deepEqual(
    vectors.map(({ name, length, timesMax }) => [name, length, timesMax]),
    [
      ["eventsByDay", 62, 1],
      ["censoredByDay", 62, 1],
      ["followedToEnd", 2, 1],
      ["hospitalsByGroup", 2, 1],
      ["excluded", 30, 1],
      ["expectedEvents", 2, 1],
      ["logRankCovariance", 3, 1],
    ],
  );
  for (const { words } of vectors) assert.notDeepEqual(words, vectorWords("no vector of that name"));
  assert.deepEqual(
    releases.map(({ release }) => release),
    ["headline"],
  );
  assert.match(studyInPlainWords(study)[2]?.ko ?? "", /생존 곡선/);
});

test("a time below 0 is told with its column before the study is approved", async () => {
  const { noLocalModel } = await preview(rows(() => -1));
  assert.deepEqual(noLocalModel, { code: "federation/negative-time", columns: ["days"] });
});
