import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { StudyResult } from "@dure/federation/coordinator";
import { runDure } from "../run-dure.testing.ts";

const at = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));

/** The example's study on the example's invented patients, one of four hospitals external. */
async function simulate(folder: string, study: string, table: string): Promise<{ readonly result: StudyResult; readonly report: string }> {
  const out = join(folder, study);
  const split = ["--table", join(folder, table), "--split-by", "hospital", "--external", "mirae", "--out", out];
  const ended = await runDure(["simulate", at(`examples/studies/${study}.yaml`), ...split]);
  assert.equal(ended.status, 0, ended.stderr);
  return { result: JSON.parse(readFileSync(join(out, "result.json"), "utf8")), report: readFileSync(join(out, "report.html"), "utf8") };
}

test("the examples of follow-up run as they are: a model of visits, risks at an external hospital, cumulative incidence", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dure-follow-up-"));
  assert.equal(spawnSync(process.execPath, [at("examples/follow-up/generate.ts"), folder]).status, 0);

  const visits = await simulate(folder, "cox-visits", "visits.csv");
  const { analysis } = visits.result;
  assert.ok(analysis.kind === "cox" && analysis.outcome === "converged");
  assert.ok((analysis.rows ?? 0) > 3 * analysis.n, "patients are counted, not rows");
  assert.ok(analysis.terms.find(({ name }) => name === "treated")?.hazardRatio.ci95.every((end) => end < 1));
  assert.ok(analysis.baseline?.steps.every(({ events }) => events >= 20));

  const risks = await simulate(folder, "cox-one-baseline", "patients.csv");
  const external = risks.result.evaluation.sites.find(({ role }) => role === "external");
  assert.equal(external?.predictions?.baseline, "shared");
  assert.match(risks.report, /Are the risks that it predicts by a given day right\?/);
  assert.match(risks.report, /특정 시점까지의 예측 위험은 실제와 맞습니까\?/);

  const incidence = await simulate(folder, "cumulative-incidence", "patients.csv");
  const found = incidence.result.analysis;
  assert.ok(found.kind === "cumulative-incidence" && found.groups.length === 3);
  assert.match(incidence.report, /causes stacked/);
  assert.match(incidence.report, /언제까지 각 사건이 얼마나 발생했습니까\?/);
  rmSync(folder, { recursive: true });
});
