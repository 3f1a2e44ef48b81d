import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { StudyResult } from "@dure/federation/coordinator";
import { SeededRandom } from "@dure/kernel";
import { findShared, sharedData } from "@dure/kernel/testing";
import { assertBreastRecurrence } from "../known-answers.testing.ts";
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
