import assert from "node:assert/strict";
import { test } from "node:test";
import type { KaplanMeierAnalysis, StudyResult, SurvivalGroup } from "@dure/federation/coordinator";
import { renderReport } from "./render-report.ts";
import { SAMPLE_OPTIONS, SAMPLE_RESULT } from "./sample-report.testing.ts";

const step = (time: number, atRisk: number, survival: number) => ({
  time,
  atRisk,
  events: 10,
  survival,
  ...(survival === 0 ? {} : { standardError: 0.05, ci95: [survival * 0.8, Math.min(1, survival * 1.2)] as const }),
});

const group = (treated: boolean, last: number): SurvivalGroup => ({
  group: { treated },
  n: 100,
  events: 60,
  median: treated ? { estimate: null, ci95: [400, null] } : { estimate: 210, ci95: [180, 260] },
  at: [{ time: 365, survival: 0.61, standardError: 0.04, ci95: [0.53, 0.69], atRisk: 48 }],
  restrictedMean: { untilDays: 600, estimate: 401.25, standardError: 10, ci95: [381.6, 420.8] },
  numbersAtRisk: [0, 180, 360, 540].map((time) => ({ time, atRisk: 100 - time / 10 })),
  followedDays: 600,
  curve: [step(40, 100, 0.9), step(200, 80, 0.7), step(500, 40, last)],
});

const analysis: KaplanMeierAnalysis = {
  kind: "kaplan-meier",
  n: 200,
  events: 120,
  excluded: [{ reason: "died: missing", lessThan: 5 }],
  outcome: "estimated",
  timeBinDays: 1,
  horizonDays: 600,
  intervals: "log",
  groups: [group(false, 0), group(true, 0.55)],
  test: { kind: "log-rank", chisq: 5.1, df: 1, p: 0.024, observed: [60, 60], expected: [50.2, 69.8], strata: "site" },
};

const evaluation: StudyResult["evaluation"] = {
  sites: [{ site: "hangang", role: "training", n: 90, events: 44, auc: {} }],
  localOnExternal: [],
};
const result: StudyResult = { ...SAMPLE_RESULT, analysis, evaluation };
const page = renderReport(result, SAMPLE_OPTIONS);

const edition = (language: "en" | "ko"): string => {
  const start = page.indexOf(`<article class="edition" lang="${language}"`);
  return page.slice(start, page.indexOf("</article>", start));
};

test("both editions hold the curves once, with a name, and the same tables; no word of a classifier", () => {
  for (const language of ["en", "ko"] as const) {
    assert.equal(edition(language).match(/<svg role="img"/g)?.length, 1);
    assert.doesNotMatch(edition(language).slice(0, edition(language).indexOf('id="protection')), /AUC|odds|오즈/i);
  }
  const count = (language: "en" | "ko") => edition(language).match(/<table>/g)?.length;
  assert.equal(count("en"), count("ko"));
  const words = edition("en").replace(/<style.*?<\/style>|<[^>]+>/gs, " ");
  assert.doesNotMatch(words, /[가-힣]/);
});

test("the answer names the medians, one that is not reached, and what the test says", () => {
  assert.match(edition("en"), /treated: no – 210 \(180\u2060–\u2060260\); treated: yes – not reached \(400\u2060–\u2060not reached\)/);
  assert.match(edition("en"), /The groups differ \(log-rank p = 0\.024\)/);
  assert.match(edition("ko"), /treated: 예 – 미도달\(400\u2060–\u2060미도달\)/);
});

test("numbers at risk stand under the curves and in a table, and merged steps are told", () => {
  const [first] = edition("en").match(/<svg[\s\S]*?<\/svg>/) ?? [];
  for (const number of ["100", "82", "64", "46"]) assert.ok(first?.includes(`>${number}<`), number);
  assert.match(edition("en"), /Number at risk, by day/);
  assert.match(edition("en"), /until each held at least 5 events/);
  assert.match(edition("en"), /&#60;5/);
});

test("a refused analysis says why and draws nothing", () => {
  const { test: _, ...rest } = analysis;
  const refused: KaplanMeierAnalysis = {
    ...rest,
    outcome: "refused",
    refusal: { code: "group-at-one-site", columns: ["treated = true"] },
    n: 0,
    events: 0,
    groups: [],
  };
  const report = renderReport({ ...result, analysis: refused }, SAMPLE_OPTIONS);
  assert.match(report, /a group has patients at one hospital only \(treated = true\)/);
  assert.doesNotMatch(report, /How long without the event/);
});
