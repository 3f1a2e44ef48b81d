import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnalysisTable } from "@dure/records";
import { generateGlmRows } from "@dure/statistics/testing";
import type { GeneralisedLinearModel, Variable } from "@dure/study";
import { pickRows, testTable } from "../testing.ts";
import { glmStudy, runGlm } from "./testing-glm.ts";

const names = ["born", "ratio", "smoker", "stageB", "stageC"];
const features = names.map(
  (name): Variable => ({ name, role: "feature", type: name === "born" || name === "ratio" ? "number" : "boolean" }),
);
const { columns, rowCount } = generateGlmRows();

/** The same patients under the same keys, dealt to so many hospitals: fifths go by key, so they are the same too. */
function dealt(siteCount: number): readonly AnalysisTable[] {
  const whole = testTable({ columns, keyPrefix: "p" });
  return Array.from({ length: siteCount }, (_, site) => {
    const rows = Array.from({ length: rowCount }, (_, row) => row).filter((row) => row % siteCount === site);
    const table = testTable({ columns: pickRows(columns, rows) });
    return { ...table, rowKeys: rows.map((row) => whole.rowKeys[row] ?? "") };
  });
}

async function fit(model: Pick<GeneralisedLinearModel, "family" | "penalty">, outcome: string, { siteCount = 5, minimumCell = 0 } = {}) {
  const { end, states } = await runGlm(glmStudy({ analysis: model, outcome, features, minimumCell }), dealt(siteCount));
  assert.ok(end.kind === "done", JSON.stringify(end.kind === "refused" ? end.refusal : ""));
  return { ...end.result, rounds: states.length };
}

for (const [family, outcome] of [
  ["linear", "linear"],
  ["logistic", "logistic"],
  ["gamma", "cost"],
] as const) {
  test(`${family}: five hospitals choose the λ that one with all the rows chooses, from the same path, in a few rounds`, async () => {
    const penalty = { kind: "elastic-net", mix: 0.8 } as const;
    const [together, alone] = await Promise.all([
      fit({ family, penalty }, outcome, { minimumCell: 5 }),
      fit({ family, penalty }, outcome, { siteCount: 1 }),
    ]);
    const [own, other] = [together.analysis.penalty, alone.analysis.penalty];
    assert.ok(own?.path !== undefined && other?.path !== undefined && own.path.length === 30);
    own.path.forEach(({ lambda, deviance, standardError, nonZeroCount }, i) => {
      const point = other.path?.[i] ?? assert.fail();
      assert.ok(Math.abs(lambda - point.lambda) <= 1e-9 * lambda);
      assert.ok(Math.abs(deviance - point.deviance) <= 1e-8 * deviance, `deviance at λ ${lambda}`);
      assert.ok(Math.abs(standardError - point.standardError) <= 1e-7 * standardError);
      assert.equal(nonZeroCount, point.nonZeroCount);
    });
    assert.ok(own.lambdaOneStandardError !== undefined && own.lambdaOneStandardError >= own.lambda);
    assert.equal(own.path[0]?.nonZeroCount, 0, "at the largest λ every coefficient is 0");
    const chosen = own.path.find(({ lambda }) => lambda === own.lambda);
    assert.equal(chosen?.deviance, Math.min(...own.path.map(({ deviance }) => deviance)));
    assert.ok(together.rounds <= 16, `${together.rounds} rounds`);
    const given = await fit({ family, penalty: { ...penalty, lambda: own.lambda } }, outcome);
    given.analysis.penalty?.coefficients.forEach(({ name, estimate }, j) => {
      const value = own.coefficients[j]?.estimate ?? Number.NaN;
      assert.ok(Math.abs(estimate - value) <= 1e-8 * Math.max(Math.abs(value), 1e-6), name);
    });
  });
}

test("a ridge path ends at the fit without a penalty", async () => {
  const ridge = await fit({ family: "linear", penalty: { kind: "ridge", lambda: 1e-9 } }, "linear");
  const plain = await runGlm(glmStudy({ analysis: { family: "linear" }, outcome: "linear", features }), dealt(3));
  assert.ok(plain.end.kind === "done");
  const { terms } = plain.end.result.analysis;
  ridge.analysis.penalty?.coefficients.forEach(({ name, estimate }, j) => {
    assert.ok(Math.abs(estimate - (terms[j]?.estimate ?? Number.NaN)) <= 1e-6 * (terms[j]?.standardError ?? 0), name);
  });
});
