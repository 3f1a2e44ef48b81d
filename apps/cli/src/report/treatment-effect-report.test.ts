import assert from "node:assert/strict";
import { test } from "node:test";
import type { MeasuredEffect, StudyResult, TreatmentEffectAnalysis } from "@dure/federation/coordinator";
import { formatAnalysis } from "../result-table.ts";
import { renderReport } from "./render-report.ts";
import { SAMPLE_OPTIONS, SAMPLE_RESULT } from "./sample-report.testing.ts";

const effect = (measure: MeasuredEffect["measure"], estimate: number): MeasuredEffect => ({
  measure,
  estimate,
  standardError: 0.1,
  ci95: [estimate - 0.1, estimate + 0.1],
  p: 0.0123,
  weightsFixed: { standardError: 0.1111, ci95: [estimate - 0.2, estimate + 0.2], p: 0.02 },
});

const means = [
  { estimate: 0.31, standardError: 0.011 },
  { estimate: 0.25, standardError: 0.012 },
] as const;

const analysis: TreatmentEffectAnalysis = {
  kind: "treatment-effect",
  n: 900,
  events: 250,
  excluded: [],
  outcome: "estimated",
  treatment: "hormon",
  outcomeVariable: "y5",
  outcomeModel: "logistic",
  siteTerms: true,
  truncation: 0.01,
  arms: [
    { n: 500, events: 150 },
    { n: 400, events: 100 },
  ],
  description: [],
  propensity: {
    terms: [],
    iterations: 5,
    logLikelihood: -581.8,
    steps: [
      { from: 0, to: 0.5, arms: [300, 100] },
      { from: 0.5, to: 1, arms: [200, 300] },
    ],
  },
  balance: {
    schemes: [
      { weights: "unweighted", effectiveSampleSizes: [500, 400] },
      { weights: "iptw", effectiveSampleSizes: [450.2, 358.1] },
    ],
    columns: [{ name: "age10", term: "age10", standardisedDifferences: [0.357, -0.014] }],
  },
  estimates: [
    {
      estimator: "iptw",
      estimand: "ate",
      errors: "stacked",
      means,
      effects: [effect("odds-ratio", 0.726), effect("risk-difference", -0.065)],
    },
    { estimator: "aipw", estimand: "ate", errors: "influence-function", means, effects: [effect("odds-ratio", 0.731)] },
  ],
  eValue: { of: "risk-ratio", estimator: "iptw", estimate: 1.83, interval: 1 },
  subgroups: [
    {
      variable: "older",
      levels: [
        { level: "no", arms: [250, 200], effect: effect("odds-ratio", 0.6) },
        { level: "yes", arms: [250, 200], effect: effect("odds-ratio", 0.9) },
      ],
      interaction: { chisq: 3.1, df: 1, p: 0.078 },
    },
  ],
  negativeControls: {
    estimator: "iptw",
    measure: "odds-ratio",
    controls: [
      { name: "fracture", estimate: 1.1, standardError: 0.1, ci95: [0.9, 1.3], p: 0.3 },
      { name: "cataract", estimate: 1.2, standardError: 0.1, ci95: [1, 1.4], p: 0.06 },
    ],
    nullDistribution: { mean: 0.12, standardDeviation: 0.04 },
    calibrated: { estimate: 0.644, standardError: 0.11, ci95: [0.52, 0.8], p: 0.0001 },
  },
  leftOut: ["rare"],
};

const curve = (survival: number) => ({
  steps: [{ time: 100, survival, standardError: 0.03, ci95: [survival - 0.05, survival + 0.05] as const }],
  followedDays: 400,
  numbersAtRisk: [0, 200, 400].map((time) => ({ time, atRisk: 400 - time / 2 })),
});
const { estimates: _, eValue: __, subgroups: ___, negativeControls: ____, ...base } = analysis;
const curves: TreatmentEffectAnalysis = {
  ...base,
  outcomeModel: "kaplan-meier",
  estimates: [],
  survival: [
    {
      estimator: "iptw",
      arms: [curve(0.7), curve(0.8)],
      at: [{ time: 365, survival: [0.7, 0.8], difference: { estimate: 0.1, standardError: 0.04, ci95: [0.02, 0.18] } }],
    },
  ],
};

const resultOf = (own: TreatmentEffectAnalysis): StudyResult => ({
  ...SAMPLE_RESULT,
  analysis: own,
  evaluation: { sites: [], localOnExternal: [] },
});

function editions(own: TreatmentEffectAnalysis): Readonly<Record<"en" | "ko", string>> {
  const page = renderReport(resultOf(own), SAMPLE_OPTIONS);
  const edition = (language: "en" | "ko"): string => {
    const start = page.indexOf(`<article class="edition" lang="${language}"`);
    return page.slice(start, page.indexOf("</article>", start));
  };
  return { en: edition("en"), ko: edition("ko") };
}

const words = (markup: string): string => markup.replace(/<style.*?<\/style>|<[^>]+>/gs, " ").replace(/\s+/g, " ");

test("both editions hold the forest, the love plot and the same tables, and the English one no Hangul", () => {
  const { en, ko } = editions(analysis);
  for (const markup of [en, ko]) assert.equal(markup.match(/<svg role="img"/g)?.length, 3);
  assert.equal(en.match(/<table>/g)?.length, ko.match(/<table>/g)?.length);
  assert.doesNotMatch(words(en), /[가-힣]/);
});

test("the answer says how many were compared, the effect, and what it would take to explain it away", () => {
  const { en, ko } = editions(analysis);
  assert.match(words(en), /400 patients with Hormone therapy and 500 without/i);
  assert.match(words(en), /odds ratio 0\.73 \(0\.63/);
  assert.match(words(en), /risk ratio of 1\.83 with the treatment and with the outcome both/);
  assert.match(words(ko), /1\.83배 이상의 상대위험도/);
});

test("where errors come from, calibration, the interaction and what was left out stand in words", () => {
  const { en, ko } = editions(analysis);
  assert.match(words(en), /Augmented weighting \(AIPW\): influence function/);
  assert.match(words(en), /Held against it, the effect is 0\.64/);
  assert.match(words(en), /χ² 3\.10, df 1, p 0\.078/);
  assert.match(words(en), /Left out, for too few patients or outcomes in an arm, or an arm at one hospital only: rare\./);
  assert.match(words(ko), /음성 대조/);
});

test("weighted curves are drawn for both arms, and the answer tells them at the last day", () => {
  const { en } = editions(curves);
  assert.equal(en.match(/<svg role="img"/g)?.length, 3);
  assert.match(words(en), /On day 365, 80\.0 % of the treated and 70\.0 % of the untreated/);
});

test("the terminal has one line an effect, subgroups with their test, and what the effect stands up to", () => {
  const lines = formatAnalysis(analysis, "en");
  assert.match(lines, /Inverse propensity weights \(IPTW\) +in everybody +odds ratio +0\.7260/);
  assert.match(lines, /χ² 3\.1000, df 1/);
  assert.match(lines, /E-value \(estimate, interval\): 1\.83, 1\.00/);
  assert.match(formatAnalysis(curves, "ko"), /365/);
});
