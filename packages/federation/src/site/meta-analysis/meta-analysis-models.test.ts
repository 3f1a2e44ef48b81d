import assert from "node:assert/strict";
import { test } from "node:test";
import type { StudyDocument } from "@dure/study";
import { metaAnalysisDesign, ownStudy } from "../../coordinator/meta-analysis/design.ts";
import { runAlone } from "../run-alone.ts";
import { fitOwn } from "./own-fit.ts";
import { hospitalTable, metaStudy, runMeta } from "./testing-meta-analysis.ts";

const withOutcome = (study: StudyDocument, name: string): StudyDocument => ({
  ...study,
  data: {
    ...study.data,
    variables: study.data.variables.map((variable) => (variable.role === "outcome" ? { ...variable, name } : variable)),
  },
});

for (const [model, outcome] of [
  ["linear", "value"],
  ["poisson", "visits"],
] as const) {
  test(`each hospital's own ${model} regression is pooled, weighted by its standard errors`, async () => {
    const study = withOutcome(metaStudy(["a", "c"], { model, effects: "fixed", minimumCell: 5 }), outcome);
    const tables = [1, 2, 3, 4].map((seed) => hospitalTable({ seed, rowCount: 200, shift: 0.2 * Math.sin(seed) }));
    const { end } = await runMeta(study, tables);
    assert.ok(end.kind === "done", JSON.stringify(end));
    assert.equal(end.result.analysis.events, undefined);
    const design = metaAnalysisDesign(study);
    const fits = await Promise.all(tables.map((table) => fitOwn(design, study, table)));
    for (const [j, term] of end.result.analysis.terms.entries()) {
      const own = fits.flatMap((fit) => (fit.kind === "fitted" ? (fit.estimates[j] ?? []) : []));
      assert.equal(own.length, 4);
      const weight = own.reduce((total, { standardError }) => total + standardError ** -2, 0);
      const mean = own.reduce((total, { estimate, standardError }) => total + estimate * standardError ** -2, 0) / weight;
      assert.ok(Math.abs(term.estimate - mean) <= 1e-10 * term.standardError, term.name);
      assert.ok(Math.abs(term.standardError * Math.sqrt(weight) - 1) <= 1e-10, `SE of ${term.name}`);
    }
    const alone = await runAlone(ownStudy(study), tables[0] ?? hospitalTable({ seed: 1, rowCount: 200 }));
    assert.ok(alone.kind === "done" && alone.result.analysis.kind === "generalised-linear-model");
  });
}
