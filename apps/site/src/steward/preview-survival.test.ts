import assert from "node:assert/strict";
import { test } from "node:test";
import { makeRoster } from "@dure/identity";
import { SeededRandom, sha256 } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { parseStudy } from "@dure/study";
import { previewStudy } from "./preview.ts";
import { testHospital } from "./testing-site.ts";

const roster = makeRoster([1, 2, 3, 4].map((i) => testHospital(`hospital-${i}`, i === 4 ? "external" : "training").member));

const studyOf = (variables: string, analysis: string) =>
  parseStudy(
    `dure: 1
id: follow-up
title: Follow-up
purpose: scientific-research
data:
  table: invented
  variables:
    days: { role: time, type: number, unit: d }
    outcome: { role: event, type: category, levels: [none, relapse, death] }
${variables}
analysis: ${analysis}
evaluation: { localModels: true }
privacy: { secureSum: { minimumSites: 3 }, minimumCell: 5 }
`,
    { file: "study.yaml" },
  );

/** Two rows a person, the second from the day on which the first ends. */
function rows(personCount: number): AnalysisTable {
  const random = new SeededRandom(3);
  const rowCount = 2 * personCount;
  const ends = Array.from({ length: personCount }, () => [1 + random.below(50), 60 + random.below(300)] as const);
  const isSecond = (row: number): boolean => row % 2 === 1;
  const column = (value: (row: number) => number): Float64Array => Float64Array.from({ length: rowCount }, (_, row) => value(row));
  const columns = new Map([
    ["who", column((row) => Math.floor(row / 2))],
    ["days", column((row) => ends[Math.floor(row / 2)]?.[row % 2] ?? 0)],
    ["start", column((row) => (isSecond(row) ? (ends[Math.floor(row / 2)]?.[0] ?? 0) : 0))],
    ["outcome", column((row) => (isSecond(row) ? random.below(3) : 0))],
    ["x", column(() => random.normal())],
    ["stage", column(() => random.below(3))],
  ]);
  const rowKeys = Array.from({ length: rowCount }, (_, i) => `row-${String(i).padStart(4, "0")}`);
  return { rowKeys, rowCount, columns, heldOut: new Uint8Array(rowCount), excluded: [], hash: sha256("rows") };
}

const visits = studyOf(
  `    who: { role: person, type: identifier }
    start: { role: entry, type: number }
    x: { role: feature, type: number }
    stage: { role: feature, type: category, levels: [I, II, III] }`,
  "{ kind: cox, cause: relapse, timeBinDays: 7, horizonDays: 400 }",
);
const incidence = studyOf(
  "    stage: { role: group, type: category, levels: [I, II, III] }",
  "{ kind: cumulative-incidence, horizonDays: 400 }",
);

/** What guards rare levels is asked of every model, and shown in that model's own test. */
const ofEveryModel = ["hospitalsByLevel", "patientsByPair"];

const preview = (study: typeof visits, table: AnalysisTable) =>
  previewStudy({ study, siteId: "hospital-1", rows: table, minimumCell: 5, roster });

for (const [name, study, expected, releases] of [
  [
    "a Cox regression of visits with one baseline hazard",
    visits,
    [
      ...["cases", "rows", "support", "excluded", "eventsByBin", "leftByBin", "enteredByBin", "followedToEnd"],
      ...["eventsByInterval", "leftByInterval", "enteredByInterval", "sums", "squares", "deviations", "products"],
      ...["riskWeights", "riskSums", "tiedWeights", "tiedSums", "eventSums", "extremes", "spread"],
      ...["pairs", "pairSquares", "timeGradient", "timeCross", "timeInformation"],
    ],
    ["headline", "local-model"],
  ],
  ["cumulative incidence", incidence, ["causesByDay", "censoredByDay", "followedToEnd", "hospitalsByGroup", "excluded"], ["headline"]],
] as const) {
  test(`every vector of ${name} is shown in words of both languages, and so is each own release`, async () => {
    const shown = await preview(study, rows(200));
    assert.deepEqual(
      shown.vectors.map((vector) => vector.name).filter((vector) => !ofEveryModel.includes(vector)),
      expected,
    );
    for (const vector of shown.vectors) {
      assert.ok(!vector.words.en.startsWith("sums that the analysis asks for"), vector.name);
      assert.match(vector.words.ko, /[가-힣]/);
    }
    assert.deepEqual(
      shown.releases.map(({ release }) => release),
      releases,
    );
  });
}

test("four persons are too few, however many rows they have", async () => {
  assert.equal((await preview(visits, rows(4))).obstacle, "too-few-rows");
  assert.equal((await preview(visits, rows(5))).obstacle, undefined);
});
