import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { StudyResult } from "@dure/federation/coordinator";
import { SeededRandom } from "@dure/kernel";
import { findShared, sharedData } from "@dure/kernel/testing";
import { assertBreastCox, assertBreastRecurrence } from "../known-answers.testing.ts";
import { runDure } from "../run-dure.testing.ts";

const answers = findShared("known-answers/breast-recurrence.json");
const study = findShared("studies/breast-recurrence.yaml");
const data = sharedData("studies/breast");
const skip = answers === undefined || study === undefined || data === undefined ? "no shared data" : false;

const folder = (): string => mkdtempSync(join(tmpdir(), "dure-simulate-"));
const readResult = (out: string): StudyResult => JSON.parse(readFileSync(join(out, "result.json"), "utf8"));

test("dure simulate matches R on METABRIC 1-4 and Rotterdam, local models and paired differences included", { skip }, async () => {
  const out = folder();
  const sites = [1, 2, 3, 4].flatMap((cohort) => ["--site", `METABRIC-${cohort}=${data}/core_METABRIC-${cohort}.csv`]);
  const external = ["--external", `ROTTERDAM=${data}/core_ROTTERDAM.csv`];
  const ended = await runDure(["simulate", study ?? "", ...sites, ...external, "--grant", "local-model", "--out", out]);
  assert.equal(ended.status, 0, ended.stderr);
  assertBreastRecurrence(readResult(out), JSON.parse(readFileSync(answers ?? "", "utf8")));
  rmSync(out, { recursive: true });
});

const coxAnswers = findShared("known-answers/breast-cox.json");
const coxStudy = findShared("studies/breast-cox.yaml");
const coxSkip = coxAnswers === undefined || coxStudy === undefined || data === undefined ? "no shared data" : false;

test("dure simulate of a Cox regression matches R's coxph on METABRIC 1-4, baseline hazards included", { skip: coxSkip }, async () => {
  const out = folder();
  const sites = [1, 2, 3, 4].flatMap((cohort) => ["--site", `METABRIC-${cohort}=${data}/core_METABRIC-${cohort}.csv`]);
  const ended = await runDure(["simulate", coxStudy ?? "", ...sites, "--grant", "baseline-hazard", "--out", out]);
  assert.equal(ended.status, 0, ended.stderr);
  assertBreastCox(readResult(out), JSON.parse(readFileSync(coxAnswers ?? "", "utf8")));
  const page = readFileSync(join(out, "report.html"), "utf8");
  assert.match(page, /Hazard ratio/);
  assert.match(page, /위험비/);
  assert.match(page, /Cumulative baseline hazard/);
  assert.match(page, /Own release: headline figures[^<]*, baseline hazard/);
  const ungranted = await runDure(["simulate", coxStudy ?? "", ...sites, "--out", out]);
  assert.equal(ungranted.status, 0, ungranted.stderr);
  const { analysis, evaluation } = readResult(out);
  assert.ok(!("baselineHazard" in analysis), "a baseline hazard that no steward granted stays in its hospital");
  assert.ok(!JSON.stringify(evaluation).includes("umulativeHazard"));
  assert.ok(!readFileSync(join(out, "report.html"), "utf8").includes("Cumulative baseline hazard"));
  rmSync(out, { recursive: true });
});

/** A small study of the project's own: three centres train, one validates. */
function writeStudy(out: string): { readonly study: string; readonly table: string } {
  const random = new SeededRandom(11);
  const rows = Array.from({ length: 600 }, (_, i) => {
    const nodes = random.below(9);
    const y5 = random.uniform() < 1 / (1 + Math.exp(1.4 - 0.35 * nodes)) ? 1 : 0;
    const days = y5 === 1 ? 900 : 2500;
    return [
      ["a", "b", "c", "d"][i % 4],
      40 + random.below(40),
      1 + random.below(3),
      1 + random.below(3),
      nodes,
      1,
      0,
      random.below(2),
      days,
      y5,
      y5,
    ].join(",");
  });
  const table = join(out, "table.csv");
  writeFileSync(table, `centre,age,size_cat,grade,nodes,er_pos,pr_pos,hormon,days,event,y5\n${rows.join("\n")}\n`);
  const path = join(out, "study.yaml");
  writeFileSync(
    path,
    `dure: 1
id: nodes-only
title: Positive nodes alone
purpose: statistics
data:
  table: breast-registry
  variables:
    y5: { role: outcome, type: boolean }
    nodes: { role: feature, type: number }
analysis: { kind: logistic-regression }
evaluation: { localModels: true, intervals: delong }
privacy: { secureSum: { minimumSites: 3 }, minimumCell: 5 }
`,
  );
  return { study: path, table };
}

test("one table dealt out by a column gives a hospital for each value, and without the grant no local model leaves", async () => {
  const out = folder();
  const { study: path, table } = writeStudy(out);
  const ended = await runDure(["simulate", path, "--table", table, "--split-by", "centre", "--external", "d", "--out", out]);
  assert.equal(ended.status, 0, ended.stderr);
  const result = readResult(out);
  assert.deepEqual(
    result.evaluation.sites.map(({ site, role }) => `${site} ${role}`),
    ["a training", "b training", "c training", "d external"],
  );
  assert.deepEqual(result.evaluation.localOnExternal, []);
  assert.match(readFileSync(join(out, "report.html"), "utf8"), /<svg/);
  rmSync(out, { recursive: true });
});

test("two training hospitals are too few, an unknown release and a column that is not there are named", async () => {
  const out = folder();
  const { study: path, table } = writeStudy(out);
  const dealt = ["--table", table, "--split-by", "centre", "--out", out];
  const few = await runDure(["simulate", path, ...dealt, "--external", "c", "--external", "d"]);
  assert.match(few.stderr, /simulate\/too-few-sites/);
  const grant = await runDure(["simulate", path, ...dealt, "--grant", "everything"]);
  assert.match(grant.stderr, /simulate\/unknown-release/);
  const column = await runDure(["simulate", path, "--table", table, "--split-by", "center", "--out", out]);
  assert.match(column.stderr, /simulate\/unknown-column/);
  rmSync(out, { recursive: true });
});

/** A file for each centre of the table. */
function writeCentres(out: string, table: string): readonly (readonly [name: string, path: string])[] {
  const [header = "", ...rows] = readFileSync(table, "utf8").trimEnd().split("\n");
  return ["a", "b", "c", "d"].map((centre) => {
    const path = join(out, `${centre}.csv`);
    const own = rows.filter((row) => row.startsWith(`${centre},`)).map((row) => row.slice(2));
    writeFileSync(path, [header.replace("centre,", ""), ...own, ""].join("\n"));
    return [centre, path];
  });
}

test("over real processes analysis and evaluation are the same bytes, and the report says how it was run", async () => {
  const out = folder();
  const { study: path, table } = writeStudy(out);
  const words = writeCentres(out, table).flatMap(([name, file]) => [name === "d" ? "--external" : "--site", `${name}=${file}`]);
  const order = ["simulate", path, ...words, "--grant", "local-model"];
  const [one, many] = await Promise.all([
    runDure([...order, "--out", join(out, "one")]),
    runDure([...order, "--processes", "--out", join(out, "many")]),
  ]);
  assert.deepEqual([one.status, many.status], [0, 0], many.stderr);
  const answers = ["one", "many"].map((name) => {
    const { analysis, evaluation } = readResult(join(out, name));
    return JSON.stringify({ analysis, evaluation }); // as the file orders them: the bytes are compared
  });
  assert.equal(answers[1], answers[0]);
  assert.equal(many.stdout, one.stdout);
  assert.equal(readResult(join(out, "many")).evaluation.localOnExternal.length, 3);
  assert.match(readFileSync(join(out, "many", "report.html"), "utf8"), /dure simulate --processes/);
  rmSync(out, { recursive: true });
});

test("with --processes a dealt table, a folder and a name of the alliance's own are refused by name", async () => {
  const out = folder();
  const { study: path, table } = writeStudy(out);
  const dealt = await runDure(["simulate", path, "--processes", "--table", table, "--split-by", "centre", "--out", out]);
  assert.match(dealt.stderr, /simulate\/processes-need-files/);
  const named = await runDure(["simulate", path, "--processes", "--site", `a=${out}`, "--site", `coordinator=${table}`, "--out", out]);
  assert.match(named.stderr, /a is none.*simulate\/processes-need-files/);
  assert.match(named.stderr, /coordinator.*simulate\/name-taken/);
  rmSync(out, { recursive: true });
});
