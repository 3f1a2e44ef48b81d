import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { findShared, sharedData } from "@dure/kernel/testing";
import type { AnalysisTable } from "@dure/records";
import { siteEvaluation } from "./logistic/evaluation.ts";
import { fitLocalModels } from "./logistic/local-models.ts";
import { runTogether, testStudy, testTable } from "./testing.ts";

const answers = findShared("known-answers/breast-recurrence.json");
const data = sharedData("studies/breast");
const skip = answers === undefined || data === undefined ? "no shared data" : false;

const features = ["age10", "size_ord", "grade3", "lnodes", "er_pos", "pr_pos", "hormon"];
const study = {
  ...testStudy({ outcome: "y5", features, booleans: ["grade3", "er_pos", "pr_pos", "hormon"] }, { minimumCell: 5 }),
  id: "breast-recurrence-5y",
};

/** The study's variables from a core CSV; a row that lacks one is left out. */
function readTable(site: string): AnalysisTable {
  const [header = "", ...lines] = readFileSync(`${data}/core_${site}.csv`, "utf8").trim().split("\n");
  const names = header.trim().split(",");
  const rows = lines.flatMap((line) => {
    const cells = line.trim().split(",");
    const cell = (name: string): number => {
      const value = cells[names.indexOf(name)] ?? "";
      return value === "" ? Number.NaN : Number(value);
    };
    const row = [
      cell("y5"),
      (cell("age") - 55) / 10,
      cell("size_cat") - 1,
      cell("grade"),
      Math.log1p(cell("nodes")),
      cell("er_pos"),
      cell("pr_pos"),
      cell("hormon"),
    ];
    if (row.some(Number.isNaN)) return [];
    row[3] = row[3] === 3 ? 1 : 0;
    return [row];
  });
  const columns = new Map(["y5", ...features].map((name, j) => [name, Float64Array.from(rows, (row) => row[j] ?? Number.NaN)]));
  return testTable({ columns, keyPrefix: site });
}

const within = (actual: number | undefined, expected: number, tolerance: number, what: string): void => {
  assert.ok(actual !== undefined && Math.abs(actual - expected) <= tolerance, `${what}: ${actual} against ${expected}`);
};

test("the breast recurrence study matches R's glm, DeLong and paired DeLong on METABRIC 1-4 and Rotterdam", { skip }, async () => {
  const known = JSON.parse(readFileSync(answers ?? "", "utf8"));
  const training: readonly string[] = known.training;
  const tables = training.map(readTable);
  assert.deepEqual(
    tables.map((table) => table.rowCount),
    training.map((site) => known.n_train[site]),
  );
  const { end } = await runTogether(study, tables);
  assert.ok(end.kind === "done");
  const { analysis, models, pooled } = end.result;
  for (const [j, name] of ["(Intercept)", ...features].entries()) {
    const term = analysis.terms[j];
    within(term?.estimate, known.coef[name], 1e-8 * Math.max(Math.abs(known.coef[name]), known.se[name]), name);
    within(term?.standardError, known.se[name], 1e-8 * known.se[name], `SE of ${name}`);
  }
  within(pooled?.auc, known.auc_apparent, pooled?.aucBound ?? 0, "apparent AUC");
  assert.equal(analysis.n, 1602);
  assert.equal(analysis.events, 486);

  const locals = await Promise.all(tables.map((table) => fitLocalModels(study, table)));
  const localModelsOfOthers = new Map(
    training.map((site, i) => {
      const local = locals[i];
      assert.ok(local?.kind === "done");
      return [site, local.result.models.full];
    }),
  );
  const figures = siteEvaluation(study, models, {
    site: "ROTTERDAM",
    role: "external",
    minimumCell: 5,
    table: readTable("ROTTERDAM"),
    localModelsOfOthers,
  });
  assert.equal(figures?.evaluation.n, known.n_external);
  assert.equal(figures?.evaluation.events, known.events_external);
  within(figures?.evaluation.auc.federated, known.auc_external, 1e-9, "external AUC");
  within(figures?.evaluation.auc.federatedSe, known.auc_external_se, 1e-9, "its SE");
  for (const site of training) {
    const entry = figures?.localOnExternal.find((local) => local.model === site);
    const paired = known.pooled_minus_local_paired_delong[site];
    within(entry?.auc, known.local_auc_external[site], 1e-9, `${site}'s own model`);
    within(entry?.difference.estimate, paired.diff, 1e-9, `${site} difference`);
    within(entry?.difference.se, paired.se, 1e-9, `${site} SE`);
    within(entry?.difference.p, paired.p, 1e-6 * paired.p, `${site} p`);
  }
  for (const [i, table] of tables.entries()) {
    const local = locals[i];
    assert.ok(local?.kind === "done");
    const own = siteEvaluation(study, models, {
      site: training[i] ?? "",
      role: "training",
      minimumCell: 5,
      table,
      ownModels: local.result.models,
    });
    assert.equal(own?.evaluation.events, known.events_train[training[i] ?? ""]);
    assert.ok(own?.evaluation.auc.federated !== undefined && own.evaluation.auc.local !== undefined, `${training[i]} out of fold`);
    assert.ok((own.evaluation.auc.localApparent ?? 0) > own.evaluation.auc.local);
  }
});
