/** A result on a terminal: coefficients, then one line a hospital. */

import type { StudyResult } from "@dure/federation/coordinator";
import { type Language, type Text, text } from "@dure/kernel";
import { formatTable } from "./text-table.ts";

const words = {
  term: text("term", "항목"),
  estimate: text("estimate", "추정값"),
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
  interval: text("95 % interval", "95 % 신뢰구간"),
  notFitted: text("No model:", "모형 없음:"),
} satisfies Record<string, Text>;

export function formatResult({ analysis, evaluation }: Pick<StudyResult, "analysis" | "evaluation">, language: Language): string {
  const parts = [formatAnalysis(analysis, language)];
  if (analysis.terms.length > 0) parts.push(formatHospitals(evaluation, language));
  return parts.join("\n\n");
}

/** The coefficients, or why there are none. */
export function formatAnalysis(analysis: StudyResult["analysis"], language: Language): string {
  const word = (name: keyof typeof words): string => words[name][language];
  const right = (name: keyof typeof words) => ({ heading: word(name), align: "right" as const });
  const parts: string[] = [];
  if (analysis.refusal !== undefined) {
    parts.push(`${word("notFitted")} ${analysis.outcome} ${analysis.refusal.code} ${analysis.refusal.columns.join(", ")}`);
  }
  if (analysis.terms.length > 0) {
    const headings = [{ heading: word("term") }, right("estimate"), right("standardError"), right("p")];
    const rows = analysis.terms.map((term) => [term.name, term.estimate.toFixed(5), term.standardError.toFixed(5), formatP(term.p)]);
    parts.push(formatTable(headings, rows));
  }
  return parts.join("\n\n");
}

/** One line a hospital: its role, its patients, and how well either model does there. */
function formatHospitals(evaluation: StudyResult["evaluation"], language: Language): string {
  const word = (name: keyof typeof words): string => words[name][language];
  const right = (name: keyof typeof words) => ({ heading: word(name), align: "right" as const });
  return formatTable(
    [
      { heading: word("hospital") },
      { heading: word("role") },
      right("n"),
      right("events"),
      right("local"),
      right("federated"),
      right("interval"),
    ],
    evaluation.sites.map(({ site, role, n, events, auc }) => [
      site,
      word(role),
      String(n),
      String(events),
      figure(auc.local),
      figure(auc.federated),
      interval(auc.federated, auc.federatedSe),
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
