import assert from "node:assert/strict";
import { test } from "node:test";
import { makeRoster } from "@dure/identity";
import { SeededRandom, sha256 } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { parseStudy } from "@dure/study";
import { previewStudy } from "./preview.ts";
import { testHospital } from "./testing-site.ts";

const roster = makeRoster([1, 2, 3, 4].map((i) => testHospital(`hospital-${i}`, i === 4 ? "external" : "training").member));
const study = parseStudy(
  `dure: 1
id: time-to-event
title: Time to an event
purpose: scientific-research
data:
  table: invented
  variables:
    days: { role: time, type: number, unit: d }
    event: { role: event, type: boolean }
    x: { role: feature, type: number }
    z: { role: feature, type: boolean }
analysis: { kind: cox, strata: site }
evaluation: { localModels: true }
privacy: { secureSum: { minimumSites: 3 }, minimumCell: 5 }
`,
  { file: "study.yaml" },
);

function rows(change: { readonly days?: number; readonly event?: number } = {}): AnalysisTable {
  const random = new SeededRandom(3);
  const rowCount = 200;
  const column = (value: () => number): Float64Array => Float64Array.from({ length: rowCount }, value);
  const columns = new Map([
    ["days", column(() => change.days ?? 1 + random.below(900))],
    ["event", column(() => change.event ?? random.below(2))],
    ["x", column(() => random.normal())],
    ["z", column(() => random.below(2))],
  ]);
  const rowKeys = Array.from({ length: rowCount }, (_, i) => `row-${String(i).padStart(4, "0")}`);
  return { rowKeys, rowCount, columns, heldOut: new Uint8Array(rowCount), excluded: [], hash: sha256("rows") };
}

const preview = (table: AnalysisTable, siteId = "hospital-1") => previewStudy({ study, siteId, rows: table, minimumCell: 5, roster });

test("every vector of a Cox regression is shown in words of both languages, and so is each own release", async () => {
  const { vectors, sums, noLocalModel, releases } = await preview(rows());
  assert.equal(noLocalModel, undefined);
  assert.deepEqual(
    vectors.filter(({ name }) => !name.startsWith("f")).map(({ name }) => name),
    [
      ...["cases", "excluded", "support", "sums", "squares", "eventTimeSquares", "deviations", "products"],
      ...["pairs", "pairSquares", "timeGradient", "timeCross", "timeInformation", "hospitalsByLevel", "hospitalsVarying"],
    ],
  );
  for (const { name, words } of vectors) {
    assert.ok(!words.en.startsWith("sums that the analysis asks for"), name);
    assert.match(words.ko, /[가-힣]/);
  }
  assert.ok(sums.inDryRun >= 6 && sums.max >= 2 * sums.inDryRun);
  assert.deepEqual(
    releases.map(({ release }) => release),
    ["headline", "local-model", "baseline-hazard"],
  );
  const external = await preview(rows(), "hospital-4");
  assert.deepEqual(
    external.releases.map(({ release }) => release),
    ["headline"],
  );
});

test("rows that a Cox regression cannot use are told before anything leaves, and show the same vectors", async () => {
  const usual = (await preview(rows())).vectors.map(({ name }) => name).sort();
  for (const [change, code] of [
    [{ days: -1 }, "federation/negative-time"],
    [{ event: 0.5 }, "federation/event-not-boolean"],
    [{ event: 0 }, "federation/stratum-without-events"],
  ] as const) {
    const { noLocalModel, vectors } = await preview(rows(change));
    assert.equal(noLocalModel?.code, code);
    assert.deepEqual(vectors.map(({ name }) => name).sort(), usual);
  }
});
