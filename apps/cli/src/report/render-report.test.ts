import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogisticAnalysis, StudyResult } from "@dure/federation/coordinator";
import { text } from "@dure/kernel";
import { renderReport } from "./render-report.ts";
import type { ReportOptions, Term } from "./report-options.ts";
import { SAMPLE_OPTIONS, SAMPLE_RESULT } from "./sample-report.testing.ts";
import { studyWords } from "./study-words.ts";

const page = renderReport(SAMPLE_RESULT, SAMPLE_OPTIONS);

const edition = (report: string, language: "en" | "ko"): string => {
  const start = report.indexOf(`<article class="edition" lang="${language}"`);
  return report.slice(start, report.indexOf("</article>", start));
};

const matches = (markup: string, pattern: RegExp): string[] => [...markup.matchAll(pattern)].map((match) => match[1] ?? "");

const withEvaluation = (change: Partial<StudyResult["evaluation"]>): StudyResult<LogisticAnalysis> => ({
  ...SAMPLE_RESULT,
  evaluation: { ...SAMPLE_RESULT.evaluation, ...change },
});

test("the page names no address outside itself and forbids every request", () => {
  assert.doesNotMatch(page, /(?:https?:)?\/\/[a-z]/i);
  assert.doesNotMatch(page, /<(?:link|img|iframe|object|embed)\b|@import|url\((?!#)/i);
  assert.match(page, /Content-Security-Policy" content="default-src 'none'/);
});

test("both languages have the same sections, tables and charts, in the same order", () => {
  const shape = (language: "en" | "ko") => ({
    sections: matches(edition(page, language), /<section id="([^"]+)-(?:en|ko)"/g),
    tables: matches(edition(page, language), /<(table)>/g).length,
    rows: matches(edition(page, language), /<(tr)>/g).length,
    charts: matches(edition(page, language), /<svg role="(img)"/g).length,
  });
  assert.deepEqual(shape("en"), shape("ko"));
  assert.deepEqual(shape("en").sections, [
    "performance",
    "odds-ratios",
    "calibration",
    "patients",
    "protection",
    "hospital-1",
    "hospital-2",
    "hospital-3",
    "hospital-4",
    "hospital-5",
    "reproducibility",
  ]);
  assert.equal(shape("en").charts, 3);
});

test("the Korean edition holds no English sentence and the English one no Hangul", () => {
  const words = (language: "en" | "ko") => edition(page, language).replace(/<style.*?<\/style>|<[^>]+>/gs, " ");
  assert.doesNotMatch(words("en"), /[가-힣]/);
  assert.doesNotMatch(words("ko"), /\b(?:the|and|hospital|was|were)\b/);
});

test("the headline states the outcome, the external hospital, its AUC and what each hospital reaches alone", () => {
  const answer = (language: "en" | "ko") =>
    (matches(edition(page, language), /<p class="answer">([^<]+)</g)[0] ?? "").replaceAll("\u2060", "");
  assert.match(answer("en"), /recurrence or death.*Baekdu University Hospital|Baekdu University Hospital.*recurrence or death/);
  assert.match(answer("en"), /0\.751 \(95 % interval 0\.740–0\.762\).*0\.698–0\.745/);
  assert.match(answer("ko"), /재발 또는 사망을 AUC 0\.751\(95 % 신뢰구간 0\.740–0\.762\).*0\.698–0\.745/);
});

test("every identifier on the page is its own", () => {
  const ids = matches(page, /\bid="([^"]+)"/g);
  assert.equal(new Set(ids).size, ids.length);
});

test("every chart has a name, every table a caption and headers with scope", () => {
  const charts = matches(page, /<svg ([^>]*)>/g);
  assert.ok(charts.length > 0 && charts.every((attributes) => /aria-label="[^"]{10,}"/.test(attributes)));
  assert.equal(matches(page, /<(table)>/g).length, matches(page, /<(caption)>/g).length);
  assert.doesNotMatch(page, /<th(?! scope=)[ >]/);
});

test("headings descend without a gap, one first heading to an edition", () => {
  const levels = matches(edition(page, "en"), /<h(\d)/g).map(Number);
  assert.equal(levels.filter((level) => level === 1).length, 1);
  for (const [index, level] of levels.entries()) assert.ok(level <= (levels[index - 1] ?? 0) + 1);
});

test("names from outside are escaped, in text, attributes and charts", () => {
  const [first, ...others] = SAMPLE_OPTIONS.hospitals;
  assert.ok(first !== undefined);
  const name = `<img src=x onerror="alert(1)">`;
  const hostile: ReportOptions = {
    ...SAMPLE_OPTIONS,
    words: { ...SAMPLE_OPTIONS.words, title: text(`"><script>1</script>`, `'><b>`) },
    hospitals: [{ ...first, displayName: text(name, name) }, ...others],
  };
  const report = renderReport(SAMPLE_RESULT, hostile);
  assert.doesNotMatch(report, /<img|<script>1|<b>/);
  assert.match(report, /&#60;img src=x onerror=&#34;alert\(1\)&#34;&#62;/);
  assert.equal(matches(report, /(<script>)/g).length, 1);
});

test("counts below the minimum cell are shown as a bound, in every hospital's loads too", () => {
  assert.match(edition(page, "en"), />&#60;5</);
  assert.doesNotMatch(
    edition(page, "en"),
    /Missing and required: born<\/span><\/th><td class="figure"><\/td><td class="figure"><\/td><td class="figure">3</,
  );
});

test("own models are compared in the order of the hospitals, whatever the order of the result", () => {
  const turned = renderReport(withEvaluation({ localOnExternal: SAMPLE_RESULT.evaluation.localOnExternal.toReversed() }), SAMPLE_OPTIONS);
  assert.equal(turned, page);
});

test("what left a hospital is told in words, the vectors of several fits once", () => {
  assert.match(edition(page, "en"), />Masked sums: log-likelihood, gradient, Fisher information \(of 2 fits\)</);
  assert.match(edition(page, "en"), />Own release: headline figures/);
});

test("each reason for leaving a row out is told in words", () => {
  const table = edition(page, "en").slice(edition(page, "en").indexOf("Left out of the analysis"));
  for (const words of [
    "Outcome not known: follow-up ended",
    "Missing: Hormone therapy",
    "Did not meet the study",
    "Neither yes nor no: Oestrogen",
  ]) {
    assert.ok(table.includes(words), words);
  }
});

test("columns of a category, a spline and a product are named after their variables", () => {
  const names = ["stage=II", "age'", "age:stage=II"].map((name) => ({ ...SAMPLE_RESULT.analysis.terms[1], name }) as Term);
  const words = { ...SAMPLE_OPTIONS.words, variables: new Map([["stage", text("Tumour stage", "병기")]]) };
  const analysis = { ...SAMPLE_RESULT.analysis, terms: [...SAMPLE_RESULT.analysis.terms, ...names] };
  const report = renderReport({ ...SAMPLE_RESULT, analysis }, { ...SAMPLE_OPTIONS, words });
  for (const name of ["Tumour stage: II", "age (bend 1)", "age × Tumour stage: II"]) assert.ok(edition(report, "en").includes(name), name);
  for (const name of ["병기: II", "age (곡선 항 1)", "age × 병기: II"]) assert.ok(edition(report, "ko").includes(name), name);
});

test("decisions, subgroups and a hospital left out are shown where they were asked for, and nothing where not", () => {
  assert.doesNotMatch(page, /id="decisions-en"/);
  const decision = { threshold: 0.3, sensitivity: 0.61, specificity: 0.72, called: 0.4 };
  const performance = { averagePrecision: 0.5, brier: 0.18, scaledBrier: 0.1, decisions: [decision] };
  const judged = SAMPLE_RESULT.evaluation.sites.map((site, i) => ({
    ...site,
    performance: {
      ...performance,
      ...(i === 0 ? { decisionCurve: [0.2, 0.4].map((threshold) => ({ threshold, model: 0.1, everybody: 0.05 })) } : {}),
    },
    subgroups: [{ variable: "hormon", level: "yes", n: 300, events: 80, auc: 0.7, brier: 0.2, observedToExpected: 1, decisions: [] }],
    withoutSite: { estimator: "one-step" as const, auc: 0.71, aucSe: 0.02 },
  }));
  const report = renderReport(withEvaluation({ sites: judged }), SAMPLE_OPTIONS);
  for (const words of ["Sensitivity", "61.0 %", "Hormone therapy: yes", "0.710 (0.671", "Decision curve"]) {
    assert.ok(edition(report, "en").includes(words), words);
  }
  assert.ok(edition(report, "ko").includes("호르몬 치료: 예"));
});

test("with a minimum cell of 0 the report says that nothing is hidden", () => {
  const report = renderReport({ ...SAMPLE_RESULT, study: { ...SAMPLE_RESULT.study, minimumCell: 0 } }, SAMPLE_OPTIONS);
  assert.match(report, /The data are public: no count is hidden/);
  assert.match(report, /the minimum cell was set to 0/);
});

test("calibration is drawn where all outcomes are known and explained where they are not", () => {
  const calibration = edition(page, "en").slice(edition(page, "en").indexOf('id="calibration-en"'));
  assert.match(calibration, /calibration intercept −0\.06/);
  assert.match(calibration, /<strong>Hangang University Hospital, .*<\/strong>: follow-up is incomplete/);
});

test("without a word from the hospital, outcomes missing in the study withhold its calibration", () => {
  const hospitals = SAMPLE_OPTIONS.hospitals.map(({ outcomeUnknown: _left, ...hospital }) => hospital);
  const report = renderReport(SAMPLE_RESULT, { ...SAMPLE_OPTIONS, hospitals });
  assert.doesNotMatch(report, /calibration intercept/);
});

test("a hospital that released nothing has a page that says so", () => {
  const report = renderReport(withEvaluation({ sites: SAMPLE_RESULT.evaluation.sites.slice(1), localOnExternal: [] }), SAMPLE_OPTIONS);
  assert.match(report, /This hospital did not release figures of its own/);
  assert.match(report, /No hospital released its own model/);
});

test("a study that ended without a model says why and draws no forest plot", () => {
  const analysis = {
    ...SAMPLE_RESULT.analysis,
    outcome: "separated",
    refusal: { code: "separated", columns: ["er_pos"] },
    terms: [],
  } as const;
  const report = renderReport({ ...SAMPLE_RESULT, analysis, evaluation: { sites: [], localOnExternal: [] } }, SAMPLE_OPTIONS);
  assert.match(report, /ended without a result: a variable separates .* \(er_pos\)/);
  assert.doesNotMatch(report, /odds-ratios-en/);
});

test("a study without an external hospital is reported with its pooled AUC", () => {
  const hospitals = SAMPLE_OPTIONS.hospitals.filter((hospital) => hospital.role === "training");
  const report = renderReport(withEvaluation({ localOnExternal: [] }), { ...SAMPLE_OPTIONS, hospitals });
  assert.match(report, /no external hospital has tested it yet/);
});

test("a study on another table is shown by its own names", () => {
  const words = studyWords({ title: "Readmission", data: { table: "diabetes130", variables: [{ name: "readmit30", role: "outcome" }] } });
  assert.match(renderReport(SAMPLE_RESULT, { ...SAMPLE_OPTIONS, words }), /<th scope="row">age10<\/th>/);
});

test("the same input gives the same page", () => {
  assert.equal(renderReport(SAMPLE_RESULT, SAMPLE_OPTIONS), page);
});

test("the page opens in the language asked for", () => {
  const korean = renderReport(SAMPLE_RESULT, { ...SAMPLE_OPTIONS, language: "ko" });
  assert.match(korean, /<html lang="ko">/);
  assert.match(korean, /id="show-ko"[^>]* checked>/);
  assert.doesNotMatch(korean, /id="show-en"[^>]* checked>/);
});

test("without a model the report says why and judges nothing", () => {
  const { refusal: _, ...analysis } = SAMPLE_RESULT.analysis;
  const refused = { ...analysis, outcome: "separated", refusal: { code: "separated", columns: ["lnodes"] }, terms: [] } as const;
  const page = renderReport(
    { ...SAMPLE_RESULT, analysis: refused, evaluation: { sites: [], localOnExternal: [] } },
    { ...SAMPLE_OPTIONS, hospitals: [] },
  );
  assert.match(page, /lnodes/);
  assert.doesNotMatch(page, /How well does the model predict/);
  assert.doesNotMatch(page, /Are the predicted risks right/);
});
