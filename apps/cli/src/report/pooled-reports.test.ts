import assert from "node:assert/strict";
import { test } from "node:test";
import type { MetaAnalysis, MetaAnalysisTerm, MissingValuesReport, StudyResult } from "@dure/federation/coordinator";
import { formatResult } from "../result-table.ts";
import { renderReport } from "./render-report.ts";
import { SAMPLE_OPTIONS, SAMPLE_RESULT } from "./sample-report.testing.ts";

const term = (name: string, estimate: number): MetaAnalysisTerm => {
  const effect = { estimate, standardError: 0.1, p: 0.001, ci95: [estimate - 0.2, estimate + 0.2] as const };
  return {
    name,
    z: estimate / 0.1,
    ...effect,
    fixed: effect,
    random: {
      ...effect,
      tauSquared: 0.0125,
      tauSquaredError: 0.01,
      prediction: [estimate - 0.5, estimate + 0.5],
      hartungKnapp: { standardError: 0.11, t: estimate / 0.11, df: 4, p: 0.002, ci95: [estimate - 0.3, estimate + 0.3] },
    },
    heterogeneity: { q: { statistic: 7.5, df: 4, p: 0.11 }, iSquared: 0.467, hSquared: 1.88 },
  };
};

const pooled: MetaAnalysis = {
  kind: "meta-analysis",
  model: "logistic",
  effects: "random",
  tauSquaredEstimator: "REML",
  reason: "two hospitals are seldom online",
  hospitals: { fitted: 5, left: [{ reason: "no-events", hospitals: 2 }] },
  n: 2000,
  events: 40,
  excluded: [],
  outcome: "pooled",
  iterations: 5,
  terms: [term("(intercept)", -3.2), term("hormon", -0.45)],
};

const editionOf = (page: string, language: "en" | "ko"): string => {
  const start = page.indexOf(`<article class="edition" lang="${language}"`);
  return page.slice(start, page.indexOf("</article>", start));
};

test("a meta-analysis shows pooled coefficients, heterogeneity, its reason, who has no fit and what is lost, and no hospital's own row", () => {
  const result: StudyResult = { ...SAMPLE_RESULT, analysis: pooled };
  const page = renderReport(result, SAMPLE_OPTIONS);
  for (const [language, words] of [
    ["en", ["two hospitals are seldom online", "What is lost", "no event 2", "Prediction interval", "46.7 %", "0.0125"]],
    ["ko", ["two hospitals are seldom online", "무엇을 잃습니까", "사건 없음 2", "예측구간", "46.7 %", "0.0125"]],
  ] as const) {
    const edition = editionOf(page, language);
    for (const word of words) assert.ok(edition.includes(word), `${language}: ${word}`);
    assert.equal(edition.match(/<svg role="img"/g)?.length, 1);
  }
  const table = formatResult(result, "ko");
  assert.match(table, /메타분석을 한 이유: two hospitals are seldom online/);
  assert.match(table, /사건 없음 2/);
});

test("a linear meta-analysis draws no ratios", () => {
  const { events: _, ...rest } = pooled;
  const page = renderReport({ ...SAMPLE_RESULT, analysis: { ...rest, model: "linear" } }, SAMPLE_OPTIONS);
  assert.doesNotMatch(editionOf(page, "en"), /<svg role="img"/);
  assert.doesNotMatch(editionOf(page, "en"), /odds ratio/i);
});

const missing: MissingValuesReport = {
  method: "multiple-imputation",
  imputations: 20,
  iterations: 10,
  seed: 7,
  variables: [
    { variable: "hormon", missing: { n: 120 }, share: 0.06, hospitalsWithout: 1, model: "logistic" },
    { variable: "lnodes", missing: { lessThan: 5 }, filledWith: 0.7 },
  ],
  terms: [
    { name: "hormon", withinVariance: 0.01, betweenVariance: 0.002, df: 88.4, varianceShare: 0.17, fractionMissingInformation: 0.19 },
  ],
};

test("what was missing is told by variable and coefficient, and a model of imputed rows is not judged on them", () => {
  const result: StudyResult = { ...SAMPLE_RESULT, analysis: { ...SAMPLE_RESULT.analysis, missing } };
  const page = renderReport(result, SAMPLE_OPTIONS);
  for (const [language, words] of [
    ["en", ["What was missing?", "drawn 20 times", "19.0 %", "1 of the hospitals", "missing at random"]],
    ["ko", ["무엇이 결측되었습니까?", "20번 뽑아", "19.0 %", "병원 1곳", "임의 결측"]],
  ] as const) {
    const edition = editionOf(page, language);
    for (const word of words) assert.ok(edition.includes(word), `${language}: ${word}`);
  }
  assert.doesNotMatch(editionOf(page, "en"), /How well does the model predict/);
  assert.match(editionOf(renderReport(SAMPLE_RESULT, SAMPLE_OPTIONS), "en"), /How well does the model predict/);
  assert.match(formatResult(result, "en"), /lnodes +<5 +–/);
  assert.match(formatResult(result, "en"), /missing information/);
  assert.doesNotMatch(formatResult(result, "en"), /local AUC/);
});
