import assert from "node:assert/strict";
import { test } from "node:test";
import { makeRoster } from "@dure/identity";
import { SeededRandom, sha256 } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { parseStudy, type StudyDocument } from "@dure/study";
import { studyInPlainWords } from "./plain-words.ts";
import { previewStudy, type StudyPreview } from "./preview.ts";
import { vectorWords } from "./preview-words.ts";
import { testHospital } from "./testing-site.ts";

const roster = makeRoster([1, 2, 3, 4].map((i) => testHospital(`hospital-${i}`, i === 4 ? "external" : "training").member));

const study = (variables: string, analysis: string): StudyDocument =>
  parseStudy(`dure: 1
id: patients
title: Patients
purpose: statistics
data:
  table: invented
  variables:
${variables}
analysis: ${analysis}
evaluation: { localModels: true }
privacy: { secureSum: { minimumSites: 3 }, minimumCell: 5 }
`);

const DESCRIBE = study(
  `    arm: { role: group, type: boolean }
    age: { role: feature, type: number }
    stage: { role: feature, type: category, levels: [I, II, III] }`,
  "{ kind: describe, tests: true }",
);
const RATES = study(
  `    age: { role: time, type: number }
    arm: { role: event, type: boolean }
    stage: { role: stratum, type: category, levels: [I, II, III] }`,
  "{ kind: incidence-rates }",
);

function rows(): AnalysisTable {
  const random = new SeededRandom(3);
  const column = (value: () => number): Float64Array => Float64Array.from({ length: 200 }, value);
  const columns = new Map([
    ["arm", column(() => random.below(2))],
    ["age", column(() => 20 + random.below(60))],
    ["stage", column(() => random.below(3))],
  ]);
  const rowKeys = Array.from({ length: 200 }, (_, i) => `row-${String(i).padStart(4, "0")}`);
  return { rowKeys, rowCount: 200, columns, heldOut: new Uint8Array(200), excluded: [], hash: sha256("rows") };
}

const preview = (document: StudyDocument): Promise<StudyPreview> =>
  previewStudy({ study: document, siteId: "hospital-1", rows: rows(), minimumCell: 5, roster });

function assertWords({ vectors, releases, noLocalModel }: StudyPreview): void {
  for (const { name, words } of vectors) assert.notDeepEqual(words, vectorWords("no vector of that name"), name);
  assert.deepEqual(
    releases.map(({ release }) => release),
    ["headline"],
  );
  assert.equal(noLocalModel, undefined);
}

test("a description's counts and totals are shown before they leave, its search at its longest", async () => {
  const shown = await preview(DESCRIBE);
  const { vectors, releases } = shown;
  assert.deepEqual(
    vectors.map(({ name, length, timesMax }) => [name, length, timesMax > 1]),
    [
      ["groupSizes", 2, false],
      ["hospitalsByGroup", 2, false],
      ["excluded", 31, false],
      ["levelCounts", 8, false],
      ["numberSupport", 2, false],
      ["hospitalsByNumber", 3, false],
      ["sums", 2, false],
      ["squares", 2, false],
      ["deviations", 2, false],
      ["squaredDeviations", 2, false],
      ["valuesByBin", 33 * 6 * 3, true],
      ["valuesByGroup", 4096, false],
    ],
  );
  assertWords(shown);
  assert.match(releases[0]?.words.en ?? "", /number of patients; nothing/);
  assert.match(studyInPlainWords(DESCRIBE)[2]?.ko ?? "", /기술 통계/);
});

test("the counts and person-time of incidence rates are shown before they leave", async () => {
  const shown = await preview(RATES);
  assert.deepEqual(
    shown.vectors.map(({ name, length, timesMax }) => [name, length, timesMax]),
    [
      ["patientsByCell", 3, 1],
      ["eventsByCell", 3, 1],
      ["patientsWithEvent", 3, 1],
      ["hospitalsByCell", 3, 1],
      ["hospitalsByGroup", 1, 1],
      ["excluded", 31, 1],
      ["personTime", 3, 1],
    ],
  );
  assertWords(shown);
});
