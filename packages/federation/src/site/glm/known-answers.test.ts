import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { generateGlmRows } from "@dure/statistics/testing";
import type { GeneralisedLinearModel } from "@dure/study";
import type { GlmAnalysis } from "../../glm-result.ts";
import { glmStudy, runGlm, tablesBy } from "./testing-glm.ts";

type Answer = Readonly<Record<string, readonly number[]>> & { readonly stage: Readonly<Record<string, readonly number[]>> };

const oracle = JSON.parse(
  readFileSync(new URL("../../../../statistics/known-answers/generated-glm.json", import.meta.url), "utf8"),
) as Record<string, Answer> & { heterogeneity: Record<string, readonly number[]> };

/** The oracle's rows, with its two dummies as one category, and its months as the offset that they give. */
const columns = (() => {
  const { columns: own } = generateGlmRows();
  const [b, c] = [own.get("stageB") ?? new Float64Array(), own.get("stageC") ?? new Float64Array()];
  return new Map([...own, ["stage", b.map((value, i) => value + 2 * (c[i] ?? 0))], ["logMonths", (own.get("months") ?? b).map(Math.log)]]);
})();
const tables = tablesBy(columns, "site");

type Family = Pick<GeneralisedLinearModel, "family" | "link" | "siteEffects">;
const cases: readonly { name: string; outcome: string; of: Family; offset?: boolean; weight?: boolean }[] = [
  { name: "linear", outcome: "linear", of: { family: "linear" } },
  { name: "linear, weights", outcome: "linear", of: { family: "linear" }, weight: true },
  { name: "linear, sites", outcome: "linear", of: { family: "linear", siteEffects: "fixed" } },
  { name: "logistic", outcome: "logistic", of: { family: "logistic" } },
  { name: "logistic, sites", outcome: "logistic", of: { family: "logistic", siteEffects: "fixed" } },
  { name: "poisson, offset", outcome: "count", of: { family: "poisson" }, offset: true },
  { name: "poisson, offset, sites", outcome: "count", of: { family: "poisson", siteEffects: "fixed" }, offset: true },
  { name: "negative-binomial, offset", outcome: "count", of: { family: "negative-binomial" }, offset: true },
  { name: "negative-binomial, sites", outcome: "count", of: { family: "negative-binomial", siteEffects: "fixed" } },
  { name: "gamma log", outcome: "cost", of: { family: "gamma" } },
  { name: "gamma log, weights", outcome: "cost", of: { family: "gamma" }, weight: true },
  { name: "gamma log, sites", outcome: "cost", of: { family: "gamma", siteEffects: "fixed" } },
  { name: "gamma inverse", outcome: "cost", of: { family: "gamma", link: "inverse" } },
];

async function analyse(one: (typeof cases)[number], errors: "model" | "sandwich" | "site-clustered"): Promise<GlmAnalysis> {
  const study = glmStudy({
    analysis: { ...one.of, errors, tests: ["wald", "score", "likelihood-ratio"] },
    outcome: one.outcome,
    ...(one.offset === true ? { offset: "logMonths" } : {}),
    ...(one.weight === true ? { weight: "weight" } : {}),
  });
  const { end } = await runGlm(study, tables);
  assert.ok(end.kind === "done", `${one.name}: ${JSON.stringify(end.kind === "refused" ? end.refusal : "")}`);
  return end.result.analysis;
}

function close(actual: number | undefined, expected: number | undefined, what: string, size = Math.abs(expected ?? Number.NaN)): void {
  assert.ok(Math.abs((actual ?? Number.NaN) - (expected ?? Number.NaN)) <= 1e-8 * size, `${what}: ${actual} against R's ${expected}`);
}

for (const one of cases) {
  test(`${one.name}: six hospitals find what R's glm, glm.nb and sandwich find on the rows put together`, async () => {
    const expected = oracle[one.name];
    assert.ok(expected !== undefined);
    const [model, sandwich, clustered] = await Promise.all(
      (["model", "sandwich", "site-clustered"] as const).map((errors) => analyse(one, errors)),
    );
    assert.ok(model !== undefined && sandwich !== undefined && clustered !== undefined);
    for (const [j, value] of (expected["coefficients"] ?? []).entries()) {
      const error = expected["standardErrors"]?.[j];
      close(model.terms[j]?.estimate, value, model.terms[j]?.name ?? "", Math.max(Math.abs(value), error ?? 0));
      close(model.terms[j]?.standardError, error, `SE ${j}`);
      close(sandwich.terms[j]?.standardError, expected["sandwich"]?.[j], `sandwich ${j}`);
      close(clustered.terms[j]?.standardError, expected["clustered"]?.[j], `clustered ${j}`);
    }
    for (const kind of ["deviance", "aic", "logLikelihood"] as const) close(model[kind], expected[kind]?.[0], kind);
    close(model.dispersion ?? 1, expected["dispersion"]?.[0], "dispersion");
    if (one.of.siteEffects === undefined && model.nullDeviance !== undefined)
      close(model.nullDeviance, expected["nullDeviance"]?.[0], "null deviance");
    if (model.theta !== undefined) {
      close(model.theta.estimate, expected["theta"]?.[0], "theta");
      close(model.theta.standardError, expected["theta"]?.[1], "SE of theta");
    }
    const stage = model.tests?.terms.find(({ term }) => term === "stage");
    for (const kind of ["wald", "score", "likelihoodRatio"] as const) close(stage?.[kind]?.chisq, expected.stage[kind]?.[0], kind);
    assert.equal(stage?.wald?.df, 2);
  });
}

test("hospitals' own effects of smoking are compared as R's glm with an interaction compares them, by likelihood ratio and Wald", async () => {
  const study = glmStudy({ analysis: { family: "logistic", siteEffects: "fixed", heterogeneity: "smoker" }, outcome: "logistic" });
  const { end } = await runGlm(study, tables);
  assert.ok(end.kind === "done");
  const found = end.result.analysis.heterogeneity;
  assert.ok(found?.kind === "compared");
  const { likelihoodRatio, wald, df } = oracle.heterogeneity;
  close(found.likelihoodRatio.chisq, likelihoodRatio?.[0], "likelihood ratio");
  close(found.q.chisq, wald?.[0], "Q");
  assert.equal(found.q.df, df?.[0]);
  assert.equal(found.iSquared, 0);
});

test("amounts of a hundred million on top of ten thousand million keep every digit: the unit of an outcome changes nothing but the unit", async () => {
  const linear = columns.get("linear") ?? new Float64Array();
  const cost = columns.get("cost") ?? new Float64Array();
  const large = tablesBy(
    new Map([...columns, ["linear", linear.map((y) => 1e10 + 2 ** 20 * y)], ["cost", cost.map((y) => 1e9 * y)]]),
    "site",
  );
  for (const [outcome, family, factor] of [
    ["linear", "linear", 2 ** 20],
    ["cost", "gamma", 1],
  ] as const) {
    const study = glmStudy({ analysis: { family }, outcome });
    const [usual, other] = await Promise.all([runGlm(study, tables), runGlm(study, large)]);
    assert.ok(usual.end.kind === "done" && other.end.kind === "done");
    const again = other.end.result.analysis.terms;
    usual.end.result.analysis.terms.slice(1).forEach(({ name, estimate, standardError }, j) => {
      close((again[j + 1]?.estimate ?? Number.NaN) / factor, estimate, name, standardError);
    });
  }
});
