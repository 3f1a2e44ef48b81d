import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { generateGlmRows } from "@dure/statistics/testing";
import type { GeneralisedLinearModel, Variable } from "@dure/study";
import type { GlmAnalysis } from "../../glm-result.ts";
import { glmStudy, runGlm, tablesBy } from "./testing-glm.ts";

const oracle = JSON.parse(
  readFileSync(new URL("../../../../statistics/known-answers/generated-penalised.json", import.meta.url), "utf8"),
) as Readonly<Record<string, readonly number[]>>;

const { columns: own } = generateGlmRows();
const columns = new Map([...own, ["logMonths", (own.get("months") ?? new Float64Array()).map(Math.log)]]);
const names = ["born", "ratio", "smoker", "stageB", "stageC"];
const features = names.map((name): Variable => ({ name, role: "feature", type: "number" }));
const tables = tablesBy(columns, "site");

type Model = Pick<GeneralisedLinearModel, "family" | "penalty">;

async function fit(model: Model, outcome: string, offset?: string): Promise<GlmAnalysis> {
  const study = glmStudy({ analysis: model, outcome, features, ...(offset === undefined ? {} : { offset }) });
  const { end } = await runGlm(study, tables);
  assert.ok(end.kind === "done", JSON.stringify(end.kind === "refused" ? end.refusal : ""));
  return end.result.analysis;
}

const cases: readonly { name: string; model: Model; outcome: string; offset?: string }[] = [
  { name: "linear lasso", model: { family: "linear", penalty: { kind: "elastic-net", mix: 1, lambda: 1.5 } }, outcome: "linear" },
  { name: "linear ridge", model: { family: "linear", penalty: { kind: "ridge", lambda: 0.7 } }, outcome: "linear" },
  { name: "logistic elastic net", model: { family: "logistic", penalty: { kind: "elastic-net", lambda: 0.05 } }, outcome: "logistic" },
  { name: "logistic lasso", model: { family: "logistic", penalty: { kind: "elastic-net", mix: 1, lambda: 0.04 } }, outcome: "logistic" },
  { name: "logistic ridge", model: { family: "logistic", penalty: { kind: "ridge", lambda: 0.1 } }, outcome: "logistic" },
  {
    name: "poisson lasso",
    model: { family: "poisson", penalty: { kind: "elastic-net", mix: 1, lambda: 0.3 } },
    outcome: "count",
    offset: "logMonths",
  },
];

for (const { name, model, outcome, offset } of cases) {
  test(`${name}: six hospitals find what R's glmnet, or the closed form, finds on the rows put together`, async () => {
    const { penalty } = await fit(model, outcome, offset);
    const expected = oracle[name] ?? [];
    penalty?.coefficients.forEach(({ estimate, name: column }, j) => {
      const value = expected[j] ?? Number.NaN;
      const values = columns.get(names[j - 1] ?? "") ?? Float64Array.of(0, 1);
      const spread = Math.sqrt(
        values.reduce((total, v) => total + v * v, 0) / values.length - (values.reduce((a, b) => a + b, 0) / values.length) ** 2,
      );
      assert.ok(Math.abs(estimate - value) <= 1e-8 * Math.max(Math.abs(value), 1e-3 / spread), `${column}: ${estimate} against ${value}`);
      assert.equal(estimate === 0, value === 0, `${column} is 0 where R's is`);
    });
  });
}
