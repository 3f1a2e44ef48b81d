import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { StudyResult } from "@dure/federation/coordinator";
import { SeededRandom } from "@dure/kernel";
import { findShared, sharedData } from "@dure/kernel/testing";
import { assertLungSurvival } from "../known-answers.testing.ts";
import { runDure } from "../run-dure.testing.ts";

const answers = findShared("known-answers/lung-survival.json");
const study = findShared("studies/lung-survival.yaml");
const lung = sharedData("studies/lung/lung.csv");
const skip = answers === undefined || study === undefined || lung === undefined ? "no shared data" : false;

const readResult = (out: string): StudyResult => JSON.parse(readFileSync(join(out, "result.json"), "utf8"));

test("dure simulate matches R's survfit and survdiff on the lung data, 18 institutions apart", { skip }, async () => {
  const out = mkdtempSync(join(tmpdir(), "dure-lung-"));
  const ended = await runDure(["simulate", study ?? "", "--table", lung ?? "", "--split-by", "inst", "--out", out]);
  assert.equal(ended.status, 0, ended.stderr);
  assertLungSurvival(readResult(out), JSON.parse(readFileSync(answers ?? "", "utf8")));
  rmSync(out, { recursive: true });
});

const COLUMNS = "days,died,treated";

/** Three hospitals of the project's own: 60 rows each, whole days. */
function writeStudy(out: string, spoil: (row: string[], i: number) => string[] = (row) => row): readonly string[] {
  const random = new SeededRandom(12);
  mkdirSync(join(out, "tables"), { recursive: true });
  const column = (name: string, type: string) => `  ${name}: { type: ${type}, description: { en: invented, ko: 만든 값 } }`;
  const columns = [column("days", "number"), column("died", "boolean"), column("treated", "boolean")];
  const words = "title: { en: Invented follow-up, ko: 만든 자료 }\ndescription: { en: Invented., ko: 만든 자료. }";
  writeFileSync(
    join(out, "tables/invented.yaml"),
    ["dureTable: 1", "id: invented", "version: 1", words, "columns:", ...columns, ""].join("\n"),
  );
  writeFileSync(
    join(out, "study.yaml"),
    `dure: 1
id: invented-survival
title: Survival by treatment
purpose: statistics
data:
  table: invented
  variables:
    days:    { role: time, type: number, unit: d }
    died:    { role: event, type: boolean }
    treated: { role: group, type: boolean }
analysis: { kind: kaplan-meier, at: [100], test: log-rank, strata: site, horizonDays: 500, restrictedMeanDays: 200, intervals: log-log }
privacy: { secureSum: { minimumSites: 3 }, minimumCell: 5 }
`,
  );
  return ["a", "b", "c"].flatMap((site) => {
    const rows = Array.from({ length: 60 }, (_, i) => {
      const row = [String(random.below(400)), String(random.below(3) > 0 ? 1 : 0), String(random.below(2))];
      return (site === "b" ? spoil(row, i) : row).join(",");
    });
    writeFileSync(join(out, `${site}.csv`), [COLUMNS, ...rows, ""].join("\n"));
    return ["--site", `${site}=${join(out, `${site}.csv`)}`];
  });
}

test("a study of three hospitals with a minimum cell ends in a result, a table and a report in both languages", async () => {
  const out = mkdtempSync(join(tmpdir(), "dure-survival-"));
  const sites = writeStudy(out);
  const ended = await runDure(["simulate", join(out, "study.yaml"), ...sites, "--out", out]);
  assert.equal(ended.status, 0, ended.stderr);
  assert.match(ended.stdout, /treated=true .*\d/);
  assert.match(ended.stdout, /log-rank within hospitals: χ²/);
  const { analysis, run } = readResult(out);
  assert.ok(analysis.kind === "kaplan-meier");
  assert.deepEqual([analysis.n, analysis.test?.strata, run.rounds], [180, "site", 2]);
  for (const { curve, restrictedMean } of analysis.groups) {
    assert.ok(curve.every(({ events }) => events >= 5));
    assert.ok(restrictedMean !== undefined && restrictedMean.estimate < 200);
  }
  const page = readFileSync(join(out, "report.html"), "utf8");
  for (const words of ["How long without the event?", "사건 없이 지낸 기간은 얼마나 됩니까?", "Number at risk", "위험집단 수"])
    assert.ok(page.includes(words), words);
  rmSync(out, { recursive: true });
});

test("a negative time ends the simulation with the column, without the value and without a result", async () => {
  const out = mkdtempSync(join(tmpdir(), "dure-survival-"));
  const sites = writeStudy(out, ([, ...rest], i) => [i === 7 ? "-418" : "20", ...rest]);
  const ended = await runDure(["simulate", join(out, "study.yaml"), ...sites, "--out", join(out, "result")]);
  assert.notEqual(ended.status, 0);
  assert.match(ended.stderr, /days.*below 0.*federation\/negative-time/s);
  assert.doesNotMatch(ended.stderr + ended.stdout, /418/);
  assert.throws(() => readResult(join(out, "result")));
  rmSync(out, { recursive: true });
});
