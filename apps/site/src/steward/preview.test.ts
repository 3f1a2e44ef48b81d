import assert from "node:assert/strict";
import { test } from "node:test";
import { keyFingerprint, makeRoster } from "@dure/identity";
import { type AnalysisTable, prepareAnalysisTable } from "@dure/records";
import type { FrozenStudy } from "@dure/study";
import { dryRun } from "./dry-run.ts";
import { previewStudy, type StudyPreview } from "./preview.ts";
import { type ToyOptions, type ToyRows, tableFile, testHospital, toySource, toyStudy } from "./testing-site.ts";

const roster = makeRoster([1, 2, 3, 4, 5].map((i) => testHospital(`hospital-${i}`, i === 5 ? "external" : "training").member));

async function rowsOf(study: FrozenStudy, rows: ToyRows): Promise<AnalysisTable> {
  const { source } = await toySource(rows).read(study, tableFile.content);
  return prepareAnalysisTable(study.document, source);
}

async function preview(options: {
  study?: ToyOptions;
  rows: ToyRows;
  siteId?: string;
  minimumCell?: number;
  sumCountMax?: number;
}): Promise<StudyPreview> {
  const study = toyStudy(options.study);
  const limits = options.sumCountMax === undefined ? {} : { sumCountMax: options.sumCountMax };
  const { siteId = "hospital-1", minimumCell = 5 } = options;
  return previewStudy({ study: study.document, siteId, rows: await rowsOf(study, options.rows), minimumCell, roster, limits });
}

const names = ({ vectors }: StudyPreview): readonly string[] => vectors.map(({ name }) => name);

test("every vector of the two halves is shown, with its length, bytes and how often it can leave", async () => {
  const { vectors, sums, noLocalModel, obstacle } = await preview({ rows: { rowCount: 400 }, sumCountMax: 30 });
  assert.equal(noLocalModel, undefined);
  assert.equal(obstacle, undefined);
  const byName = new Map(vectors.map((vector) => [vector.name, vector]));
  const fits = ["full", "fold 0", "fold 1", "fold 2", "fold 3", "fold 4"];
  const expected = [
    "classes",
    "excluded",
    "support",
    "hospitalsByLevel",
    "foldClasses",
    "foldSupport",
    "sums",
    "squares",
    "deviations",
    "products",
  ];
  for (const fit of fits) expected.push(...["logLikelihood", "gradient", "information", "extremes"].map((part) => `${fit}/${part}`));
  assert.deepEqual(
    [...byName.keys()].sort(),
    [...expected, "negatives", "positives", ...["negatives", "positives", "squaredErrors"].map((part) => `outOfFold/${part}`)].sort(),
  );
  const { words: _, ...gradient } = byName.get("fold 3/gradient") ?? { words: undefined };
  assert.deepEqual(gradient, { name: "fold 3/gradient", length: 3, encoding: "wide", bytes: 48, timesMax: 27 });
  assert.equal(byName.get("classes")?.timesMax, 1);
  assert.equal(byName.get("negatives")?.bytes, 8000);
  assert.equal(sums.max, 30);
  assert.ok(sums.inDryRun >= 6 && sums.suggestedMax >= 2 * sums.inDryRun);
  assert.equal(
    sums.bytesMax,
    vectors.reduce((total, { bytes, timesMax }) => total + bytes * timesMax, 16 * 30),
  );
});

test("rows that carry no model of their own show the same vectors as others", async () => {
  const many = await preview({ rows: { rowCount: 400 } });
  for (const rows of [{ rowCount: 12, events: 0 }, { rowCount: 0 }, { rowCount: 14, events: 7, seed: 3 }]) {
    const few = await preview({ rows });
    assert.deepEqual([...names(few)].sort(), [...names(many)].sort());
  }
  assert.equal((await preview({ rows: { rowCount: 12, events: 0 } })).noLocalModel?.code, "one-class");
});

test("the suggested number of sums is enough for a fit of these rows", async () => {
  const study = toyStudy();
  const run = await dryRun(study.document, await rowsOf(study, { rowCount: 300, seed: 9 }));
  const { sums } = await preview({ rows: { rowCount: 300, seed: 9 } });
  assert.equal(run.ownRows.kind, "done");
  assert.ok(sums.suggestedMax > run.sumCount);
});

test("rows are shown as the gate shows counts: small ones hidden, and what would tell them", async () => {
  const exact = await preview({ rows: { rowCount: 400, ageMissing: 20 } });
  assert.deepEqual(exact.rows, {
    beforeFilters: { kind: "exact", value: 400 },
    training: { kind: "exact", value: 380 },
    excluded: [{ reason: "age10: missing", count: { kind: "exact", value: 20 } }],
  });
  const hidden = await preview({ rows: { rowCount: 400, ageMissing: 2 } });
  const shown = [hidden.rows.beforeFilters, hidden.rows.training].filter(({ kind }) => kind === "exact");
  assert.deepEqual(
    hidden.rows.excluded.map(({ count }) => count.kind),
    ["suppressed"],
  );
  assert.equal(shown.length, 1); // 400 − 398 would be the hidden 2
});

test("a hospital's stricter cell holds, the study's larger one too, and 0 only where the study says so", async () => {
  const rows = { rowCount: 60 };
  assert.equal((await preview({ rows, minimumCell: 11 })).minimumCell, 11);
  assert.equal((await preview({ rows, minimumCell: 1 })).minimumCell, 5);
  assert.equal((await preview({ rows, study: { minimumCell: 0 }, minimumCell: 11 })).minimumCell, 0);
});

test("too few rows and too few of a class are told as obstacles; a small level is named only", async () => {
  assert.equal((await preview({ rows: { rowCount: 3 } })).obstacle, "too-few-rows");
  const one = await preview({ rows: { rowCount: 200, events: 3 } });
  assert.equal(one.obstacle, "too-few-in-a-class");
  assert.deepEqual(one.smallCells[0], { kind: "class", variable: "y", level: 1 });
  const level = await preview({ rows: { rowCount: 200, events: 7 } });
  assert.equal(level.obstacle, undefined);
  assert.ok(level.smallCells.length > 0 && level.smallCells.every((cell) => cell.kind === "level" && cell.outcomeClass === 1));
  assert.equal((await preview({ rows: { rowCount: 400 } })).smallCells.length, 0);
});

test("a hospital that validates gives no sums and no local model", async () => {
  const external = await preview({ rows: { rowCount: 100 }, siteId: "hospital-5" });
  assert.equal(external.role, "external");
  assert.deepEqual(external.vectors, []);
  assert.equal(external.sums.bytesMax, 0);
  assert.deepEqual(
    external.releases.map(({ release }) => release),
    ["headline"],
  );
});

test("own releases are those that the study can ask of this hospital", async () => {
  const rows = { rowCount: 60 };
  const asked = await preview({ rows });
  assert.deepEqual(
    asked.releases.map(({ release, sealedTo }) => [release, sealedTo]),
    [
      ["headline", []],
      ["local-model", ["hospital-5"]],
    ],
  );
  assert.deepEqual((await preview({ rows, study: { localModels: false } })).releases.length, 1);
});

test("held-out rows leave no sums and are shown apart", async () => {
  const split = await preview({ rows: { rowCount: 400 }, study: { holdout: "age >= 60" } });
  assert.equal(split.rows.heldOut?.kind, "exact");
  assert.ok(!names(split).includes("foldClasses") && !names(split).includes("fold 0/gradient"));
});

test("the roster is shown with each key's fingerprint, and the protection for all and for the fewest", async () => {
  const { members, protection } = await preview({ rows: { rowCount: 60 } });
  assert.deepEqual(members.map(({ siteId, isSelf, role }) => [siteId, isSelf, role])[0], ["hospital-1", true, "training"]);
  assert.deepEqual(
    members.map(({ fingerprint }) => fingerprint),
    roster.members.map(({ identityKey }) => keyFingerprint(identityKey)),
  );
  assert.deepEqual(protection, {
    ifAllAgree: { siteCount: 4, threshold: 3, collusion: 1 },
    atFewest: { siteCount: 3, threshold: 3, collusion: 1 },
  });
});
