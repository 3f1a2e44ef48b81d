import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sha256 } from "@dure/kernel";
import { controlNames, generateTreatment, treatmentCsv } from "@dure/statistics/testing";
import type { StudyDocument } from "@dure/study";
import type { MeasuredEffect, TreatmentEffectAnalysis } from "../../treatment-effect-result.ts";
import { pickRows, testTable } from "../testing.ts";
import { runTreatment, type TreatmentStudyOptions, treatmentStudy } from "./testing-treatment.ts";

const known: Readonly<Record<string, readonly number[]>> = JSON.parse(
  readFileSync(new URL("../../../../statistics/known-answers/generated-treatment.json", import.meta.url), "utf8"),
);
const rows = generateTreatment();
const sites = [1, 2, 3, 4].map((site) =>
  Array.from(rows.columns.get("site") ?? [], (own, row) => (own === site ? row : -1)).filter((row) => row >= 0),
);
const tables = sites.map((own, i) => testTable({ columns: pickRows(rows.columns, own), keyPrefix: `site-${i}` }));

async function analyse(study: StudyDocument): Promise<TreatmentEffectAnalysis> {
  const { end } = await runTreatment(study, tables);
  assert.equal(end.kind, "done", JSON.stringify(end.kind === "refused" ? end.refusal : {}));
  return end.kind === "done" ? end.result.analysis : assert.fail();
}

function near(actual: number | undefined, expected: number | undefined, tolerance: number, what: string): void {
  const isNear = actual !== undefined && expected !== undefined && Math.abs(actual - expected) <= tolerance;
  assert.ok(isNear, `${what}: ${actual} against ${expected}`);
}

/** Estimate, stacked error, estimate and error with the weights as known. Ratios on the log scale. */
function agrees(effect: MeasuredEffect | undefined, name: string, isRatio: boolean): void {
  const [estimate = 0, error = 0, , fixed] = known[name] ?? [];
  const found = effect?.estimate ?? Number.NaN;
  near(isRatio ? Math.log(found) : found, estimate, 1e-8 * Math.max(Math.abs(estimate), error), name);
  near(effect?.standardError, error, 1e-8 * error, `${name}, standard error`);
  if (fixed !== undefined) near(effect?.weightsFixed?.standardError, fixed, 1e-8 * fixed, `${name}, weights as known`);
}

test("the oracle read these very rows", () => {
  assert.equal(sha256(treatmentCsv(rows)), (known as unknown as { csvSha256: string }).csvSha256);
});

const y = { name: "y", type: "boolean" } as const;
const score = { name: "score", type: "number" } as const;
const visits = { name: "visits", type: "number" } as const;

const cases: readonly (readonly [name: string, TreatmentStudyOptions["analysis"]])[] = [
  ["ate", { estimators: ["iptw"] }],
  ["att", { estimators: ["iptw"], estimand: "att" }],
  ["ate.truncated", { estimators: ["iptw"], truncation: 0.2 }],
  ["ato", { estimators: ["overlap"] }],
];

for (const [name, analysis] of cases) {
  test(`${name}: odds, risk ratio, risk difference, mean difference and rate ratio are R's, with stacked errors and with survey::svyglm's`, async () => {
    const binary = await analyse(treatmentStudy({ outcome: y, analysis: { ...analysis, outcomeModel: "logistic" } }));
    const [odds, ratio, difference] = binary.estimates[0]?.effects ?? [];
    agrees(odds, `${name}.odds`, true);
    agrees(ratio, `${name}.ratio`, true);
    agrees(difference, `${name}.difference`, false);
    const linear = await analyse(treatmentStudy({ outcome: score, analysis: { ...analysis, outcomeModel: "linear" } }));
    agrees(linear.estimates[0]?.effects[0], `${name}.score`, false);
    const counted = await analyse(treatmentStudy({ outcome: visits, analysis: { ...analysis, outcomeModel: "poisson" } }));
    agrees(counted.estimates[0]?.effects[0], `${name}.visits`, true);
  });
}

test("the propensity model is R's glm with a dummy column a hospital", async () => {
  const { propensity } = await analyse(treatmentStudy({ outcome: y }));
  known["propensity.coefficients"]?.forEach((value, j) => {
    const error = known["propensity.standardErrors"]?.[j] ?? 0;
    near(propensity?.terms[j]?.estimate, value, 1e-8 * Math.max(Math.abs(value), error), `coefficient ${j}`);
    near(propensity?.terms[j]?.standardError, error, 1e-8 * error, `standard error ${j}`);
  });
  near(propensity?.logLikelihood, known["propensity.logLikelihood"]?.[0], 1e-8, "log-likelihood");
});

test("AIPW has its influence function's error, G-computation that of its stacked equations, in everybody and in the treated", async () => {
  for (const estimand of ["ate", "att"] as const) {
    for (const [outcome, outcomeModel] of [
      [y, "logistic"],
      [score, "linear"],
      [visits, "poisson"],
    ] as const) {
      const { estimates } = await analyse(
        treatmentStudy({ outcome, analysis: { estimators: ["aipw", "g-computation"], estimand, outcomeModel } }),
      );
      for (const { estimator, means, effects } of estimates) {
        const name = `${estimator}.${estimand}.${outcome.name}`;
        const [untreated = 0, treated = 0, estimate = 0, error = 0] = known[name] ?? [];
        near(means?.[0].estimate, untreated, 1e-8 * untreated, `${name}, untreated`);
        near(means?.[1].estimate, treated, 1e-8 * treated, `${name}, treated`);
        const found = effects[0]?.estimate ?? Number.NaN;
        near(outcomeModel === "linear" ? found : Math.log(found), estimate, 1e-8 * Math.max(Math.abs(estimate), error), name);
        near(effects[0]?.standardError, error, 1e-8 * error, `${name}, standard error`);
      }
    }
  }
});

test("balance is the difference of weighted means over the unweighted pooled deviation; overlap weights leave none of it", async () => {
  const { balance } = await analyse(treatmentStudy({ outcome: y, analysis: { estimators: ["iptw", "overlap"] } }));
  ["balance.unweighted", "balance.ate", "balance.ato"].forEach((name, scheme) => {
    balance?.columns.forEach(({ standardisedDifferences }, j) => {
      near(standardisedDifferences[scheme], known[name]?.[j], 1e-10, `${name}, column ${j}`);
    });
  });
  ["effective.ate", "effective.ato"].forEach((name, i) => {
    balance?.schemes[i + 1]?.effectiveSampleSizes.forEach((size, arm) => {
      near(size, known[name]?.[arm], 1e-8 * size, name);
    });
  });
});

test("weighted Cox within hospitals is R's coxph(robust), and with the weights' own error the stacked equations'", async () => {
  const { estimates } = await analyse(treatmentStudy({ analysis: { estimators: ["iptw", "overlap"], outcomeModel: "cox" } }));
  agrees(estimates[0]?.effects[0], "cox.ate", true);
  near(estimates[0]?.effects[0]?.weightsFixed?.standardError, known["cox.ate"]?.[2], 1e-9, "cox.ate, robust");
  agrees(estimates[1]?.effects[0], "cox.ato", true);
  near(estimates[1]?.effects[0]?.weightsFixed?.standardError, known["cox.ato"]?.[2], 1e-9, "cox.ato, robust");
});

test("weighted Kaplan-Meier by arm is R's survfit with weights, its error Xie & Liu's", async () => {
  const at = [90, 365, 730];
  const study = treatmentStudy({
    analysis: { estimators: ["iptw", "overlap"], outcomeModel: "kaplan-meier", at, horizonDays: 1200, timeBinDays: 1 },
  });
  const { survival = [] } = await analyse(study);
  survival.forEach(({ arms }, i) => {
    for (const arm of [0, 1] as const) {
      const expected = known[`kaplan-meier.${i === 0 ? "ate" : "ato"}.${arm}`] ?? [];
      at.forEach((time, k) => {
        const step = arms[arm].steps.findLast((own) => own.time <= time);
        near(step?.survival, expected[k], 1e-10, `survival at ${time}`);
        near(step?.standardError, expected[at.length + k], 1e-10, `standard error at ${time}`);
      });
    }
  });
  assert.equal(survival.length, 2);
  assert.deepEqual(
    survival[0]?.at.map(({ time }) => time),
    at,
  );
});

async function agreesBySex(study: TreatmentStudyOptions, name: string): Promise<void> {
  const { subgroups } = await analyse(treatmentStudy({ ...study, subgroups: [{ name: "female", type: "boolean" }] }));
  const [a = 0, b = 0, sa = 0, sb = 0, chisq = 0, p = 0] = known[name] ?? [];
  const levels = subgroups?.[0]?.levels ?? [];
  [a, b].forEach((estimate, i) => {
    near(Math.log(levels[i]?.effect?.estimate ?? 0), estimate, 1e-8, `effect of level ${i}`);
    near(levels[i]?.effect?.standardError, [sa, sb][i], 1e-9, `standard error of level ${i}`);
  });
  near(subgroups?.[0]?.interaction?.chisq, chisq, 1e-8 * chisq, "chi-squared");
  near(subgroups?.[0]?.interaction?.p, p, 1e-8, "p");
}

test("effects by sex and their Wald test share one propensity model, as the stacked equations have it", async () => {
  await agreesBySex({ outcome: y }, "subgroup");
  await agreesBySex({ analysis: { outcomeModel: "cox" } }, "subgroup.cox");
});

test("negative controls have the treatment's own weights, and their null distribution is the most likely one", async () => {
  const { negativeControls } = await analyse(treatmentStudy({ outcome: y, controls: controlNames }));
  negativeControls?.controls.forEach(({ estimate, standardError }, i) => {
    near(Math.log(estimate), known["controls"]?.[2 * i], 1e-9, `control ${i}`);
    near(standardError, known["controls"]?.[2 * i + 1], 1e-9, `control ${i}, standard error`);
  });
  assert.equal(negativeControls?.controls.length, controlNames.length);
  const { mean = 0, standardDeviation = 0 } = negativeControls?.nullDistribution ?? {};
  const likelihood = negativeControls?.controls.reduce((total, { estimate, standardError }) => {
    const variance = standardDeviation ** 2 + standardError ** 2;
    return total + Math.log(2 * Math.PI * variance) / 2 + (Math.log(estimate) - mean) ** 2 / (2 * variance);
  }, 0);
  near(likelihood, known["null.value"]?.[0], 1e-4, "minus log-likelihood");
});
