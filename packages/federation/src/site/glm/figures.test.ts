import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonValue } from "@dure/kernel";
import type { AnalysisTable } from "@dure/records";
import { aucDeLong } from "@dure/statistics";
import { generateGlmRows } from "@dure/statistics/testing";
import type { StudyDocument } from "@dure/study";
import { glmFigures } from "./figures.ts";
import { features, type GlmStudyOptions, glmStudy, runGlm, tablesBy } from "./testing-glm.ts";

const columns = (() => {
  const { columns: own } = generateGlmRows();
  const [b, c] = [own.get("stageB") ?? new Float64Array(), own.get("stageC") ?? new Float64Array()];
  return new Map([...own, ["stage", b.map((value, i) => value + 2 * (c[i] ?? 0))], ["logMonths", (own.get("months") ?? b).map(Math.log)]]);
})();
const [external, ...training] = tablesBy(columns, "site");

async function fitted(options: Omit<GlmStudyOptions, "minimumCell">) {
  const study = glmStudy({ ...options, minimumCell: 5 });
  const { end } = await runGlm(study, training);
  assert.ok(end.kind === "done");
  return { study, result: end.result as unknown as JsonValue, model: end.result.model };
}

const figuresOf = (study: StudyDocument, result: JsonValue, { role, table }: { role: "training" | "external"; table: AnalysisTable }) =>
  glmFigures(study, { site: "here", role, table, minimumCell: 5, result, releasedModels: () => new Map() });

/** μ of every row, by the definition. */
function linearPredictors(table: AnalysisTable, coefficients: readonly number[]): Float64Array {
  const at = (name: string, i: number): number => table.columns.get(name)?.[i] ?? Number.NaN;
  return Float64Array.from({ length: table.rowCount }, (_, i) => {
    const row = [1, at("born", i), at("ratio", i), at("smoker", i), Number(at("stage", i) === 1), Number(at("stage", i) === 2)];
    return row.reduce((total, value, j) => total + value * (coefficients[j] ?? Number.NaN), 0);
  });
}

test("an external hospital's explained variance, slope and intercept are those of its own rows", async () => {
  const table = external ?? assert.fail();
  const { study, result, model } = await fitted({ analysis: { family: "linear" }, outcome: "linear", features });
  const figures = await figuresOf(study, result, { role: "external", table });
  const fit = figures?.evaluation.numberFit ?? assert.fail();
  const y = table.columns.get("linear") ?? new Float64Array();
  const mu = linearPredictors(table, model.coefficients);
  const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;
  const residual = y.reduce((total, value, i) => total + (value - (mu[i] ?? 0)) ** 2, 0);
  const whole = y.reduce((total, value) => total + (value - mean(y)) ** 2, 0);
  assert.ok(Math.abs(fit.rSquared - (1 - residual / whole)) < 1e-9);
  assert.ok(Math.abs((fit.devianceExplained ?? 0) - fit.rSquared) < 1e-9, "of a linear model the deviance is the sum of squares");
  const cross = y.reduce((total, value, i) => total + (value - mean(y)) * ((mu[i] ?? 0) - mean(mu)), 0);
  const slope = cross / mu.reduce((total, value) => total + (value - mean(mu)) ** 2, 0);
  assert.ok(Math.abs((fit.calibration?.slope ?? 0) - slope) < 1e-9);
  assert.ok(Math.abs((fit.calibration?.intercept ?? 0) - (mean(y) - slope * mean(mu))) < 1e-6);
});

test("a logistic model's AUC at an external hospital is DeLong's on its rows; at a training hospital it is called apparent", async () => {
  const table = external ?? assert.fail();
  const { study, result, model } = await fitted({ analysis: { family: "logistic" }, outcome: "logistic", features });
  const expected = aucDeLong(linearPredictors(table, model.coefficients), table.columns.get("logistic") ?? new Float64Array());
  const away = await figuresOf(study, result, { role: "external", table });
  assert.ok(Math.abs((away?.evaluation.auc.federated ?? 0) - (expected?.auc ?? 1)) < 1e-12);
  assert.ok(away?.evaluation.calibration !== undefined);
  const home = await figuresOf(study, result, { role: "training", table: training[0] ?? table });
  assert.deepEqual(Object.keys(home?.evaluation.auc ?? {}), ["apparent"]);
});

test("a count's exposure is part of what is predicted; where hospitals keep their intercepts nothing but the count of patients is shown", async () => {
  const table = external ?? assert.fail();
  const poisson = await fitted({ analysis: { family: "poisson" }, outcome: "count", features, offset: "logMonths" });
  const figures = await figuresOf(poisson.study, poisson.result, { role: "external", table });
  assert.ok((figures?.evaluation.numberFit?.devianceExplained ?? 0) > 0.1);
  const own = await fitted({ analysis: { family: "poisson", siteEffects: "fixed" }, outcome: "count", features, offset: "logMonths" });
  const { evaluation } = (await figuresOf(own.study, own.result, { role: "external", table })) ?? assert.fail();
  assert.deepEqual(evaluation, { site: "here", role: "external", n: table.rowCount, events: table.rowCount, auc: {} });
});

test("a result of another study is refused, and a hospital of fewer patients than the minimum cell shows nothing", async () => {
  const table = external ?? assert.fail();
  const { study, result } = await fitted({ analysis: { family: "linear" }, outcome: "linear", features });
  await assert.rejects(
    async () => figuresOf(study, { model: { terms: ["x"], coefficients: [1] } }, { role: "external", table }),
    /model does not have/,
  );
  const small = { ...table, rowCount: 3, rowKeys: table.rowKeys.slice(0, 3) };
  const columns3 = new Map([...table.columns].map(([name, values]) => [name, values.slice(0, 3)]));
  assert.equal(await figuresOf(study, result, { role: "external", table: { ...small, columns: columns3 } }), undefined);
});
