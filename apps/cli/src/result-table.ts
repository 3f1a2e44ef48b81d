/** A result on a terminal: coefficients, then one line a hospital. */

import type { CoxAnalysis, LogisticAnalysis, StudyResult } from "@dure/federation/coordinator";
import { type Language, type Text, text } from "@dure/kernel";
import { refusalWords } from "./refusal-words.ts";
import { exclusionText } from "./report/sections/exclusion-words.ts";
import { formatIncidence } from "./result-table/cumulative-incidence.ts";
import { formatDescription } from "./result-table/describe.ts";
import { formatGlm, formatNumberFits, isOfNumber } from "./result-table/glm.ts";
import { formatRates } from "./result-table/incidence-rates.ts";
import { formatMetaAnalysis } from "./result-table/meta-analysis.ts";
import { formatMissing } from "./result-table/missing-values.ts";
import { formatTreatmentEffect } from "./result-table/treatment-effect.ts";
import { formatSurvival } from "./survival-table.ts";
import { formatTable } from "./text-table.ts";

const words = {
  term: text("term", "항목"),
  estimate: text("estimate", "추정값"),
  hazardRatio: text("hazard ratio", "위험비"),
  standardError: text("SE", "표준오차"),
  p: text("p", "p"),
  hospital: text("hospital", "병원"),
  role: text("role", "역할"),
  training: text("training", "학습"),
  external: text("external", "외부 검증"),
  n: text("n", "n"),
  events: text("events", "사건"),
  local: text("local AUC", "단독 AUC"),
  federated: text("federated AUC", "연합 AUC"),
  localC: text("local C", "단독 C"),
  federatedC: text("federated C", "연합 C"),
  interval: text("95 % interval", "95 % 신뢰구간"),
  notFitted: text("No result:", "결과 없음:"),
  leftOut: text("left out", "제외 사유"),
  patients: text("patients", "환자 수"),
} satisfies Record<string, Text>;

export function formatResult({ analysis, evaluation }: Pick<StudyResult, "analysis" | "evaluation">, language: Language): string {
  const parts = [formatAnalysis(analysis, language)];
  if (analysis.excluded.length > 0) parts.push(formatExcluded(analysis.excluded, language));
  if (
    analysis.refusal === undefined &&
    analysis.missing?.method !== "multiple-imputation" &&
    !["describe", "incidence-rates", "kaplan-meier", "cumulative-incidence", "treatment-effect", "meta-analysis"].includes(analysis.kind)
  )
    parts.push(isOfNumber(analysis) ? formatNumberFits(evaluation, language) : formatHospitals(evaluation, language));
  if (analysis.missing !== undefined) parts.push(formatMissing(analysis.missing, language));
  return parts.join("\n\n");
}

/** What was found, or why nothing was. */
export function formatAnalysis(analysis: StudyResult["analysis"], language: Language): string {
  if (analysis.refusal !== undefined) {
    const { code, columns } = analysis.refusal;
    const why = refusalWords(code).full[language];
    return `${words.notFitted[language]} ${why}${columns.length === 0 ? "." : ` (${columns.join(", ")}).`}`;
  }
  switch (analysis.kind) {
    case "kaplan-meier":
      return formatSurvival(analysis, language);
    case "logistic-regression":
      return formatTerms(analysis, language);
    case "cox":
      return formatHazardRatios(analysis, language);
    case "cumulative-incidence":
      return formatIncidence(analysis, language);
    case "describe":
      return formatDescription(analysis, language);
    case "incidence-rates":
      return formatRates(analysis, language);
    case "treatment-effect":
      return formatTreatmentEffect(analysis, language);
    case "generalised-linear-model":
      return formatGlm(analysis, language);
    case "meta-analysis":
      return formatMetaAnalysis(analysis, language);
  }
}

/** Who is not in the figures, and why: a level that was forgotten shows here first. */
function formatExcluded(excluded: StudyResult["analysis"]["excluded"], language: Language): string {
  return formatTable(
    [{ heading: words.leftOut[language] }, { heading: words.patients[language], align: "right" }],
    excluded.map(({ reason, n, lessThan }) => [
      exclusionText(reason)[language],
      n === undefined ? (lessThan === undefined ? "–" : `<${lessThan}`) : String(n),
    ]),
  );
}

function formatTerms({ terms }: LogisticAnalysis, language: Language): string {
  const word = (name: keyof typeof words): string => words[name][language];
  const right = (name: keyof typeof words) => ({ heading: word(name), align: "right" as const });
  const headings = [{ heading: word("term") }, right("estimate"), right("standardError"), right("p")];
  return formatTable(
    headings,
    terms.map((term) => [term.name, term.estimate.toFixed(5), term.standardError.toFixed(5), formatP(term.p)]),
  );
}

function formatHazardRatios({ terms, concordance }: CoxAnalysis, language: Language): string {
  const word = (name: keyof typeof words): string => words[name][language];
  const right = (name: keyof typeof words) => ({ heading: word(name), align: "right" as const });
  const headings = [
    { heading: word("term") },
    right("hazardRatio"),
    right("interval"),
    right("estimate"),
    right("standardError"),
    right("p"),
  ];
  const table = formatTable(
    headings,
    terms.map(({ name, estimate, standardError, p, hazardRatio: { estimate: ratio, ci95 } }) => [
      name,
      ratio.toFixed(3),
      ci95.map((end) => end.toFixed(3)).join("–"),
      estimate.toFixed(5),
      standardError.toFixed(5),
      formatP(p),
    ]),
  );
  return concordance === undefined ? table : `${table}\n\nC ${concordance.estimate.toFixed(4)} (SE ${concordance.se.toFixed(4)})`;
}

/** One line a hospital: its role, its patients, and how well either model does there. */
function formatHospitals(evaluation: StudyResult["evaluation"], language: Language): string {
  const word = (name: keyof typeof words): string => words[name][language];
  const right = (name: keyof typeof words) => ({ heading: word(name), align: "right" as const });
  const isRanked = evaluation.sites.some(({ concordance }) => concordance !== undefined);
  return formatTable(
    [
      { heading: word("hospital") },
      { heading: word("role") },
      right("n"),
      right("events"),
      right(isRanked ? "localC" : "local"),
      right(isRanked ? "federatedC" : "federated"),
      right("interval"),
    ],
    evaluation.sites.map(({ site, role, n, events, auc, concordance = auc }) => [
      site,
      word(role),
      String(n),
      String(events),
      figure(concordance.local),
      figure(concordance.federated),
      interval(concordance.federated, concordance.federatedSe),
    ]),
  );
}

const figure = (value: number | undefined): string => (value === undefined ? "–" : value.toFixed(3));

const formatP = (p: number): string => (p < 0.0001 ? "<0.0001" : p.toFixed(4));

/** Wald, on the AUC's own scale, cut at 0 and 1. */
function interval(auc: number | undefined, se: number | undefined): string {
  if (auc === undefined || se === undefined) return "–";
  const [low, high] = [auc - 1.959963984540054 * se, auc + 1.959963984540054 * se];
  return `${Math.max(0, low).toFixed(3)}–${Math.min(1, high).toFixed(3)}`;
}
