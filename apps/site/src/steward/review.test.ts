import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DureError, displayWidth, text } from "@dure/kernel";
import { tableSourceOf } from "../run/store-source.ts";
import type { TableSource } from "../run/table-source.ts";
import { alignedTable } from "./aligned-text.ts";
import { approveStudy } from "./decide.ts";
import { formatReview } from "./format-review.ts";
import { reviewStudy, type StudyReview } from "./review.ts";
import { nowMs, passphrase, siteWithStudy, type TestSite, tableFile, testSite, toySource, toyStudy } from "./testing-site.ts";

const study = toyStudy({ include: "age >= 40" });

async function review(site: TestSite, source: TableSource = toySource({ rowCount: 400, ageMissing: 30 })): Promise<StudyReview> {
  const outcome = await reviewStudy({ store: site.store, source, settings: site.settings, study: study.hash });
  assert.ok(outcome.kind === "reviewed");
  return outcome.review;
}

test("a review holds the words, the preview, the roster and the proposer", async () => {
  using site = await siteWithStudy(study);
  const found = await review(site);
  assert.equal(found.hash, study.hash);
  assert.equal(found.proposer.id, "researcher-1");
  assert.equal(found.members.length, 5);
  assert.ok(found.preview.kind === "ready" && found.preview.snapshot === 3);
  assert.ok(found.preview.preview.rows.excluded.some(({ reason }) => reason === "include: missing"));
  assert.equal(found.decision, undefined);
});

test("in both languages each section is there, no line ends in a space, and every vector has its line", async () => {
  using site = await siteWithStudy(study);
  const found = await review(site);
  const [en, ko] = [formatReview(found, "en"), formatReview(found, "ko")];
  for (const page of [en, ko]) {
    for (const word of [
      study.hash,
      "foldSupport",
      "gradient × 6",
      "hospital-5",
      "headline",
      "local-model",
      "age10",
      "n = 4",
      "t = 3",
      "c = 1",
    ])
      assert.ok(page.includes(word), word);
    assert.ok(page.split("\n").every((line) => line === line.trimEnd()));
    for (const member of found.members) assert.ok(page.includes(member.fingerprint));
  }
  assert.match(en, /What would leave/);
  assert.match(ko, /나가는 자료/);
  assert.ok(!/[가-힣]/.test(en));
  assert.equal(en.split("\n\n").length, ko.split("\n\n").length);
});

test("what the study asks of the data stands beside what was found, in both languages", async () => {
  const asking = toyStudy({ ageQuality: "{ complete: 0.99, plausible: { low: -10, high: 10 }, unit: 1 }" });
  using site = await siteWithStudy(asking);
  const outcome = await reviewStudy({
    store: site.store,
    source: toySource({ rowCount: 400, ageMissing: 30 }),
    settings: site.settings,
    study: asking.hash,
  });
  assert.ok(outcome.kind === "reviewed");
  const [en, ko] = [formatReview(outcome.review, "en"), formatReview(outcome.review, "ko")];
  assert.match(en, /age10: rows with a value 92\.5 % \(at least 99 %\) · NOT met/);
  assert.match(en, /age10: values in the plausible range 100 % \(at least 100 %\) · met/);
  assert.match(en, /age10: records with the right unit not shown \(at least 100 %\) · NOT met/);
  assert.match(ko, /age10: 값이 있는 행 92\.5 % \(최소 99 %\) · 미충족/);
});

test("columns are aligned for the eye where letters are two columns wide", () => {
  const lines = alignedTable(
    [{ heading: "벡터" }, { heading: "n", align: "right" }],
    [
      ["a", "1"],
      ["가나다", "22"],
    ],
  );
  assert.deepEqual(lines.map(displayWidth), [13, 13, 13]);
});

test("rows that cannot be read leave the rest of the review standing", async () => {
  using site = await siteWithStudy(study);
  const problem = {
    code: "store/no-snapshot",
    severity: "error",
    place: {},
    what: text("empty", "없음"),
    remedy: text("load", "적재"),
  } as const;
  const source: TableSource = { read: () => Promise.reject(new DureError(problem)) };
  const found = await review(site, source);
  assert.ok(found.preview.kind === "unavailable");
  const page = formatReview(found, "ko");
  assert.ok(page.includes("store/no-snapshot") && page.includes("hospital-5"));
});

test("a validating hospital reads that no sums of it leave", async () => {
  using site = await siteWithStudy(study, "external");
  assert.match(formatReview(await review(site), "en"), /No sums: this hospital only validates/);
});

test("what was decided is part of the next review", async () => {
  using site = await siteWithStudy(study);
  await approveStudy({
    ...site,
    study: study.hash,
    passphrase,
    boardReference: "IRB-1",
    expiresAtMs: nowMs + 1000,
    sumCountMax: 30,
    minimumCell: 5,
    releases: [],
    acceptsInference: false,
  });
  const found = await review(site);
  assert.deepEqual(found.decision, {
    kind: "approved",
    decidedAtMs: nowMs,
    isDelivered: false,
    expiresAtMs: nowMs + 1000,
    boardReference: "IRB-1",
  });
  assert.match(formatReview(found, "en"), /Approved at .* IRB-1\. Not handed over yet\./);
});

test("the rows of a flat file are previewed like those of a store", async () => {
  using site = await siteWithStudy(study);
  const path = join(site.paths.root, "toy.csv");
  const { source } = await toySource({ rowCount: 300, ageMissing: 20 }).read(study, tableFile.content);
  const cell = (name: string, row: number): string => {
    const column = source.columns.get(name);
    return column === undefined || column.missing[row] === 1 ? "" : String(column.values[row]);
  };
  const names = [...source.columns.keys()];
  const lines = source.rowKeys.map((_, row) => names.map((name) => cell(name, row)).join(","));
  writeFileSync(path, [names.join(","), ...lines, ""].join("\n"));
  const fromFile = await review(site, tableSourceOf({ source: { kind: "flat", path } }, site.paths.clinical));
  const fromMemory = await review(site, toySource({ rowCount: 300, ageMissing: 20 }));
  assert.ok(fromFile.preview.kind === "ready" && fromMemory.preview.kind === "ready");
  assert.equal(fromFile.preview.snapshot, 0);
  assert.deepEqual(fromFile.preview.preview.rows, fromMemory.preview.preview.rows);
});

test("a study that was never fetched is refused by name", async () => {
  using site = await testSite();
  const outcome = await reviewStudy({ store: site.store, source: toySource({ rowCount: 10 }), settings: site.settings, study: study.hash });
  assert.ok(outcome.kind === "refused");
  assert.deepEqual(
    outcome.problems.map(({ code }) => code),
    ["steward/study-not-here"],
  );
});
