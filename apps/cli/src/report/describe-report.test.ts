import assert from "node:assert/strict";
import { test } from "node:test";
import type { DescribeAnalysis, IncidenceAnalysis, NumberSummary, StudyResult } from "@dure/federation/coordinator";
import { formatDescription } from "../result-table/describe.ts";
import { formatRates } from "../result-table/incidence-rates.ts";
import { renderReport } from "./render-report.ts";
import { SAMPLE_OPTIONS, SAMPLE_RESULT } from "./sample-report.testing.ts";

const number = (mean: number): NumberSummary => ({
  n: { n: 95 },
  missing: { n: 5 },
  mean,
  standardDeviation: 11.5,
  quartiles: [0.25, 0.5, 0.75].map((probability) => ({ probability, value: mean + 10 * (probability - 0.5), tolerance: 0.5 })),
});

const described: DescribeAnalysis = {
  kind: "describe",
  n: 200,
  excluded: [{ reason: "arm: missing", lessThan: 5 }],
  outcome: "described",
  group: { variable: "arm", reference: "no" },
  groups: [
    { level: "no", n: 100 },
    { level: "yes", n: 100 },
  ],
  variables: [
    {
      variable: "age",
      kind: "number",
      total: { ...number(61.25), n: { n: 190 }, missing: { n: 10 } },
      groups: [number(60), number(62.5)],
      differences: [{ level: "yes", value: 0.2174 }],
      means: { kind: "welch-t", difference: -2.5, ci95: [-5.8, 0.8], t: -1.5, df: 187.9, p: 0.1354 },
      ranks: { kind: "wilcoxon", w: 4000, z: -1.3, p: 0.1936, binCount: 40 },
    },
    {
      variable: "stage",
      kind: "category",
      levels: ["I", "II"],
      total: { n: {}, missing: {}, counts: [{ n: 150 }, {}] },
      groups: [
        { n: {}, missing: {}, counts: [{}, {}] },
        { n: {}, missing: {}, counts: [{}, {}] },
      ],
    },
    {
      variable: "smoker",
      kind: "boolean",
      levels: ["no", "yes"],
      total: { n: { n: 200 }, missing: { n: 0 }, counts: [{ n: 120 }, { n: 80 }] },
      groups: [50, 70].map((no) => ({ n: { n: 100 }, missing: { n: 0 }, counts: [{ n: no }, { n: 100 - no }] })),
      differences: [{ level: "yes", value: -0.4174 }],
      chiSquared: { chisq: 8.333, df: 1, p: 0.00389 },
      fisher: { kind: "tested", test: { p: 0.0061, oddsRatio: 0.4303, ci95: [0.2311, 0.7904] } },
    },
  ],
};

const rate = (estimate: number) => ({ estimate, ci95: [estimate * 0.8, estimate * 1.25] as const });

const rates: IncidenceAnalysis = {
  kind: "incidence-rates",
  n: 300,
  events: 60,
  excluded: [],
  outcome: "estimated",
  per: 1000,
  timeUnitDays: 365.25,
  group: { variable: "arm", reference: "old" },
  standardisation: "direct",
  total: { n: 300, events: 60, personTime: 512.25, rate: rate(117.1), standardisedRate: rate(121.4) },
  groups: [
    { level: "old", n: 140, events: 32, personTime: 240, rate: rate(133.3), standardisedRate: rate(140.2) },
    {
      level: "new",
      n: 150,
      events: 28,
      personTime: 262.25,
      rate: rate(106.8),
      ratio: { estimate: 0.801, ci95: [0.46, 1.38], p: 0.4371, midP: { ci95: [0.478, 1.33], p: 0.4011 } },
      difference: { estimate: -26.6, ci95: [-87.4, 34.3], standardError: 31 },
      standardisedRate: rate(104.2),
      standardisedRateRatio: { estimate: 0.743, ci95: [0.44, 1.25], p: 0.2661 },
    },
    { level: "other", n: 10, personTime: 10 },
  ],
  strata: [{ levels: { female: "yes" }, level: "old", n: 80, events: 18, personTime: 130, rate: rate(138.4) }],
};

const evaluation: StudyResult["evaluation"] = {
  sites: [{ site: "hangang", role: "training", n: 90, events: 90, auc: {} }],
  localOnExternal: [],
};

function editions(analysis: StudyResult["analysis"]): readonly string[] {
  const page = renderReport({ ...SAMPLE_RESULT, analysis, evaluation }, SAMPLE_OPTIONS);
  return ["en", "ko"].map((language) => {
    const start = page.indexOf(`<article class="edition" lang="${language}"`);
    return page.slice(start, page.indexOf("</article>", start));
  });
}

/** Of the analysis: the pages of the hospitals stand behind how the data were protected. */
const wordsOf = (html = ""): string =>
  html
    .slice(0, html.indexOf('id="protection'))
    .replace(/<style.*?<\/style>|<[^>]+>/gs, " ")
    .replace(/\s+/g, " ");

test("table one stands in both editions with the same tables, its tests and differences, and a dash for what is hidden", () => {
  const [english, korean] = editions(described);
  assert.equal(english?.match(/<table>/g)?.length, korean?.match(/<table>/g)?.length);
  const words = wordsOf(english);
  for (const shown of ["61 (12)", "80 (40.0 %)", "0.217", "−0.417", "0.14", "0.19", "0.004 / 0.006†", "150"])
    assert.ok(words.includes(shown), shown);
  assert.ok(words.includes("The groups differ most in smoker (standardised difference 0.42"));
  assert.match(words, /I 150 – – II – – –/);
  for (const html of [english, korean]) assert.doesNotMatch(wordsOf(html), /NaN|undefined|AUC/);
  assert.match(wordsOf(korean), /표준화 차이/);
  assert.equal(english?.match(/<svg role="img"/g)?.length, 1, "the differences are drawn");
});

test("rates stand in both editions, compared, standardised and by stratum; a hidden group has dashes", () => {
  const [english, korean] = editions(rates);
  const words = wordsOf(english);
  assert.ok(words.includes("events per 1,000 person-years"));
  assert.match(wordsOf(korean), /1,000인년당/);
  assert.ok(words.includes("arm “new” against “old”: crude rate ratio 0.80 (p = 0.44), standardised "));
  assert.match(words, /other 10 – 10\.0 –/);
  for (const html of [english, korean]) assert.doesNotMatch(wordsOf(html), /NaN|undefined|AUC/);
  assert.match(words, /By stratum/);
  const indirect: IncidenceAnalysis = {
    ...rates,
    standardisation: "indirect",
    groups: [],
    strata: [],
    total: { n: 300, events: 60, personTime: 512.25, rate: rate(117.1), expected: 48.2, standardisedRatio: rate(1.245) },
  };
  assert.match(wordsOf(editions(indirect)[0]), /Observed \/ expected/);
});

test("a study that ended without a result says why, and shows no table of it", () => {
  const refusal = { code: "too-few-in-a-group", columns: ["arm = yes"] } as const;
  const [english] = editions({ ...described, outcome: "refused", refusal, groups: [], variables: [] });
  assert.match(wordsOf(english), /a group has too few patients \(arm = yes\)/);
  const stratum = { code: "stratum-at-one-site", columns: ["band = 1"] } as const;
  assert.match(wordsOf(editions({ ...rates, outcome: "refused", refusal: stratum })[1]), /한 병원에만 환자가 있는 층/);
});

test("both are lines of a terminal, with a dash for what is hidden", () => {
  const table = formatDescription(described, "en");
  assert.match(table, /age +61\.25 \(11\.50\)/);
  assert.match(table, /smoker = yes +80 \(40\.0 %\) +50 \(50\.0 %\) +30 \(30\.0 %\) +-0\.417/);
  assert.match(table, /stage = II +– +– +–/);
  const lines = formatRates(rates, "ko").split("\n");
  assert.match(lines.at(-1) ?? "", /^other +10 +– +10\.0 +– +– +– +–$/);
});
