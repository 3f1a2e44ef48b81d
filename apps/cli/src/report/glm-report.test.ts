import assert from "node:assert/strict";
import { test } from "node:test";
import { type GlmAnalysis, type GlmTerm, refusalCodes, type StudyResult } from "@dure/federation/coordinator";
import { formatResult } from "../result-table.ts";
import { renderReport } from "./render-report.ts";
import { SAMPLE_OPTIONS, SAMPLE_RESULT } from "./sample-report.testing.ts";

const term = (name: string, estimate: number): GlmTerm => ({
  name,
  estimate,
  standardError: 0.05,
  z: estimate / 0.05,
  p: 0.012,
  ci95: [estimate - 0.1, estimate + 0.1],
  ratio: { estimate: Math.exp(estimate), ci95: [Math.exp(estimate - 0.1), Math.exp(estimate + 0.1)] },
});
const chiSquared = { chisq: 7.61, df: 1, p: 0.0058 };

const fitted: GlmAnalysis = {
  kind: "generalised-linear-model",
  model: { family: "negative-binomial", link: "log" },
  n: 2000,
  excluded: [],
  iterations: 6,
  outcome: "converged",
  terms: [term("(intercept)", -1), term("age10", 0.2), term("hormon", -0.3)],
  errors: { kind: "site-clustered", sites: 6, factor: 1.2 },
  residualDf: 1997,
  theta: { estimate: 2.26, standardError: 0.21 },
  deviance: 2251.1,
  logLikelihood: -3846.1,
  aic: 7712.2,
  tests: {
    overall: { wald: chiSquared, likelihoodRatio: chiSquared },
    terms: [{ term: "age10", wald: chiSquared, likelihoodRatio: chiSquared }],
  },
  heterogeneity: {
    kind: "compared",
    feature: "hormon",
    sites: 6,
    likelihoodRatio: chiSquared,
    q: { chisq: 9.1, df: 5, p: 0.105 },
    iSquared: 0.45,
  },
  description: [],
};

const evaluation: StudyResult["evaluation"] = {
  sites: [
    {
      site: "hangang",
      role: "training",
      n: 900,
      events: 900,
      auc: {},
      numberFit: { rSquared: 0.123, calibration: { intercept: 0.1, slope: 0.97 } },
    },
  ],
  localOnExternal: [],
};

const reportOf = (analysis: GlmAnalysis) => {
  const page = renderReport({ ...SAMPLE_RESULT, analysis, evaluation } as StudyResult, SAMPLE_OPTIONS);
  return (language: "en" | "ko"): string => {
    const start = page.indexOf(`<article class="edition" lang="${language}"`);
    return page.slice(start, page.indexOf("</article>", start));
  };
};

const plain = (html: string): string =>
  html
    .replace(/<style.*?<\/style>|<[^>]+>/gs, " ")
    .replace(/\s+/g, " ")
    .replaceAll("\u2060", "");

test("both editions hold the forest once, the same tables, each in its own language, and no word of a classifier", () => {
  const edition = reportOf(fitted);
  const count = (language: "en" | "ko") => edition(language).match(/<table>/g)?.length;
  assert.equal(count("en"), count("ko"));
  for (const language of ["en", "ko"] as const) {
    assert.equal(edition(language).match(/<svg role="img"/g)?.length, 1);
    assert.doesNotMatch(edition(language).slice(0, edition(language).indexOf('id="protection')), /AUC|odds|오즈/i);
  }
  assert.doesNotMatch(plain(edition("en")), /[가-힣]/);
  assert.match(plain(edition("ko")), /발생률비/);
});

test("rate ratios, the kind of errors with its caution, tests, the comparison of hospitals and θ stand in the report", () => {
  const words = plain(reportOf(fitted)("en"));
  for (const part of [
    /1\.221 .*1\.105–1\.350/,
    /clustered by 6 hospitals, HC0 × G\/\(G − 1\) = 1\.200/,
    /fewer than 30 hospitals such intervals are too narrow/,
    /Q = 9\.10 \(df 5, p = 0\.1\d*\), I² = 45\.0 %/,
    /No hospital&#39;s own effect was shown/,
    /θ by maximum likelihood \(SE\) 2\.2600 \(0\.2100\)/,
    /12\.3 %/,
  ])
    assert.match(words, part);
});

test("tests of the variables are told where all columns together have none, as with fewer hospitals than columns", () => {
  const analysis: GlmAnalysis = { ...fitted, tests: { overall: {}, terms: [{ term: "stage", wald: { chisq: 12.5, df: 2, p: 0.0019 } }] } };
  assert.match(formatResult({ analysis, evaluation }, "en"), /stage +2 +12\.500 +0\.0019/);
  const report = renderReport({ ...SAMPLE_RESULT, analysis }, SAMPLE_OPTIONS);
  assert.match(report, /Wald χ²/);
});

test("a penalised model shows its coefficients and the path, and neither errors nor p", () => {
  const { tests: _, heterogeneity: __, theta: ___, ...rest } = fitted;
  const path = [0.1, 0.01].map((lambda) => ({ lambda, deviance: 0.55, standardError: 0.02, nonZeroCount: 2 }));
  const coefficients = [
    { name: "(intercept)", estimate: 1 },
    { name: "age10", estimate: 0 },
  ];
  const penalty = { kind: "elastic-net", mix: 0.9, lambda: 0.01, path, lambdaOneStandardError: 0.1, coefficients } as const;
  const analysis: GlmAnalysis = { ...rest, model: { family: "gamma", link: "log" }, terms: [], penalty };
  const words = plain(reportOf(analysis)("en"));
  assert.match(words, /have no standard errors/);
  assert.match(words, /Cross-validation/);
  assert.doesNotMatch(words, /95 % interval/);
  assert.match(formatResult({ analysis, evaluation }, "en"), /Gamma regression[\s\S]*age10 +0\b[\s\S]*R²[\s\S]*0\.123 +0\.970/);
});

test("every refusal is told in words of both languages, on the terminal and in the report", () => {
  for (const code of refusalCodes) {
    const refused: GlmAnalysis = { ...fitted, outcome: "refused", terms: [], refusal: { code, columns: ["stage"] } };
    const shown = formatResult({ analysis: refused, evaluation }, "en");
    assert.ok(shown.includes("(stage)") && !shown.includes(code), `${code}: ${shown}`);
    assert.match(formatResult({ analysis: refused, evaluation }, "ko"), /[가-힣]/, code);
    const answer = plain(reportOf(refused)("ko"));
    assert.ok(answer.includes("(stage)") && !answer.includes(code), code);
  }
});
