/** The demonstration as a user runs it: real processes, from records in each hospital's own coding to the report. */

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { StudyResult } from "@dure/federation/coordinator";
import { findShared, sharedData } from "@dure/kernel/testing";
import { assertBreastRecurrence } from "../known-answers.testing.ts";
import { runDure } from "../run-dure.testing.ts";

const answers = findShared("known-answers/breast-recurrence.json");
const data = sharedData("studies/breast");
const skip = answers === undefined || data === undefined ? "no shared data" : false;

async function demo(words: readonly string[]): Promise<{ readonly result: StudyResult; readonly report: string }> {
  const out = mkdtempSync(join(tmpdir(), "dure-demo-"));
  try {
    const ended = await runDure(["demo", "--out", out, ...words]);
    assert.equal(ended.status, 0, ended.stderr);
    return { result: JSON.parse(readFileSync(join(out, "result.json"), "utf8")), report: readFileSync(join(out, "report.html"), "utf8") };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

test("five hospitals of invented patients: four train, a fifth validates, the report names them in both languages", async () => {
  const { result, report } = await demo([]);
  assert.equal(result.analysis.outcome, "converged");
  assert.ok(result.analysis.n > 12_000, `${result.analysis.n} of 15,000 patients`);
  const external = result.evaluation.sites.filter(({ role }) => role === "external");
  assert.equal(external.length, 1);
  assert.ok((external[0]?.auc.federated ?? 0) > 0.7);
  assert.equal(result.evaluation.localOnExternal.length, 4);
  for (const name of ["Hangang University Hospital", "한강대학교병원", "recurrence or death", "재발 또는 사망"])
    assert.ok(report.includes(name), name);
});

test("METABRIC and Rotterdam from their original files give R's answer through real processes", { skip }, async () => {
  const { result } = await demo(["--data", data ?? ""]);
  assertBreastRecurrence(result, JSON.parse(readFileSync(answers ?? "", "utf8")));
});
