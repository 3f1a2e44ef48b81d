/** A generalised linear model on a terminal: one line a coefficient, then what the fit is judged by, then tests and the comparison of hospitals. */

import type { GlmAnalysis, GlmTest, StudyResult } from "@dure/federation/coordinator";
import { type Language, type Text, text } from "@dure/kernel";
import { glmName } from "../glm-words.ts";
import { formatTable } from "../text-table.ts";

const words = {
  term: text("term", "항목"),
  ratio: text("exp(estimate)", "exp(추정값)"),
  interval: text("95 % interval", "95 % 신뢰구간"),
  estimate: text("estimate", "추정값"),
  standardError: text("SE", "표준오차"),
  p: text("p", "p"),
  test: text("test", "검정"),
  df: text("df", "자유도"),
  overall: text("all together", "전체"),
  differ: text("Differences between hospitals in", "병원 간 효과 차이:"),
  hospital: text("hospital", "병원"),
  role: text("role", "역할"),
  training: text("training", "학습"),
  external: text("external", "외부 검증"),
  n: text("n", "n"),
  slope: text("calibration slope", "보정 기울기"),
  notCompared: text("not compared: a hospital's rows alone have no such effect", "비교하지 못함: 한 병원의 자료만으로 효과를 구할 수 없음"),
} satisfies Record<string, Text>;

type Word = keyof typeof words;

export function formatGlm(analysis: GlmAnalysis, language: Language): string {
  const parts = [glmName(analysis.model)[language], coefficients(analysis, language), summary(analysis)];
  if (analysis.tests !== undefined) parts.push(tests(analysis.tests, language));
  if (analysis.heterogeneity !== undefined) parts.push(comparison(analysis.heterogeneity, language));
  return parts.filter((part) => part !== "").join("\n\n");
}

const figure = (value: number): string => (value === 0 ? "0" : value.toPrecision(6));
const formatP = (p: number): string => (p < 0.0001 ? "<0.0001" : p.toFixed(4));

function coefficients({ terms, penalty }: GlmAnalysis, language: Language): string {
  const word = (name: Word): string => words[name][language];
  const right = (name: Word) => ({ heading: word(name), align: "right" as const });
  if (penalty !== undefined) {
    return formatTable(
      [{ heading: word("term") }, right("estimate")],
      penalty.coefficients.map(({ name, estimate }) => [name, figure(estimate)]),
    );
  }
  const isRatio = terms.some(({ ratio }) => ratio !== undefined);
  return formatTable(
    [
      { heading: word("term") },
      ...(isRatio ? [right("ratio"), right("interval")] : []),
      right("estimate"),
      right("standardError"),
      right("p"),
    ],
    terms.map(({ name, estimate, standardError, p, ratio }) => [
      name,
      ...(isRatio ? [ratio?.estimate.toFixed(3) ?? "–", ratio?.ci95.map((end) => end.toFixed(3)).join("–") ?? "–"] : []),
      figure(estimate),
      figure(standardError),
      formatP(p),
    ]),
  );
}

/** Figures that have the same name in every language. */
function summary({ deviance, aic, rSquared, theta, dispersion, penalty }: GlmAnalysis): string {
  const known: readonly (readonly [string, number | undefined])[] = [
    ["lambda", penalty?.lambda],
    ["deviance", deviance],
    ["dispersion", dispersion],
    ["theta", theta?.estimate],
    ["AIC", aic],
    ["R²", rSquared],
  ];
  return known.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${figure(value)}`])).join("   ");
}

function tests({ terms, overall }: NonNullable<GlmAnalysis["tests"]>, language: Language): string {
  const kinds: readonly (readonly [keyof GlmTest, string])[] = [
    ["wald", "Wald"],
    ["likelihoodRatio", "LR"],
    ["score", "score"],
  ];
  const rows = [...terms, { term: words.overall[language], ...overall }];
  const asked = kinds.filter(([kind]) => rows.some((row) => row[kind] !== undefined));
  return formatTable(
    [
      { heading: words.test[language] },
      { heading: words.df[language], align: "right" },
      ...asked.flatMap(([, name]) => [
        { heading: `${name} χ²`, align: "right" as const },
        { heading: "p", align: "right" as const },
      ]),
    ],
    rows.map((row) => [
      row.term,
      String((row.wald ?? row.likelihoodRatio ?? row.score)?.df ?? "–"),
      ...asked.flatMap(([kind]) => [row[kind]?.chisq.toFixed(3) ?? "–", row[kind] === undefined ? "–" : formatP(row[kind].p)]),
    ]),
  );
}

function comparison(found: NonNullable<GlmAnalysis["heterogeneity"]>, language: Language): string {
  const what = `${words.differ[language]} ${found.feature}: `;
  if (found.kind === "not-compared") return `${what}${words.notCompared[language]}`;
  const { q, likelihoodRatio, iSquared } = found;
  return `${what}Q ${q.chisq.toFixed(3)} (df ${q.df}, p ${formatP(q.p)})   LR χ² ${likelihoodRatio.chisq.toFixed(3)} (p ${formatP(likelihoodRatio.p)})   I² ${Math.round(100 * iSquared)} %`;
}

/** Hospitals are judged by the variance that is explained, not by an AUC. */
export const isOfNumber = (analysis: StudyResult["analysis"]): boolean =>
  analysis.kind === "generalised-linear-model" && analysis.model.family !== "logistic";

/** One line a hospital, of a model of a number: how much of the outcome the model explains there, and whether its means are right there. */
export function formatNumberFits({ sites }: StudyResult["evaluation"], language: Language): string {
  const right = (name: Word) => ({ heading: words[name][language], align: "right" as const });
  return formatTable(
    [
      { heading: words.hospital[language] },
      { heading: words.role[language] },
      right("n"),
      { heading: "R²", align: "right" },
      right("slope"),
    ],
    sites.map(({ site, role, n, numberFit }) => [
      site,
      words[role][language],
      String(n),
      numberFit?.rSquared.toFixed(3) ?? "–",
      numberFit?.calibration?.slope.toFixed(3) ?? "–",
    ]),
  );
}
