/** A treatment effect on a terminal: one line an effect, balance in one line, then subgroups, controls and what it stands up to. */

import type { MeasuredEffect, TreatmentEffectAnalysis } from "@dure/federation/coordinator";
import { type Language, type Text, text } from "@dure/kernel";
import { formatTable } from "../text-table.ts";
import { ESTIMANDS, ESTIMATORS, MEASURES, SCHEMES } from "../treatment-words.ts";

const words = {
  estimator: text("estimator", "추정법"),
  estimand: text("effect", "대상"),
  measure: text("measure", "척도"),
  estimate: text("estimate", "추정값"),
  interval: text("95 % interval", "95 % 신뢰구간"),
  p: text("p", "p"),
  day: text("day", "일"),
  untreated: text("untreated", "비치료"),
  treated: text("treated", "치료"),
  largest: text("Largest standardised difference:", "가장 큰 표준화 차이:"),
  eValue: text("E-value (estimate, interval):", "E-값(추정값, 신뢰구간):"),
  calibrated: text("Calibrated by negative controls:", "음성 대조로 보정한 값:"),
  leftOut: text(
    "Left out, too few patients or outcomes in an arm, or an arm at one hospital only:",
    "한 군의 환자나 결과가 너무 적거나 한 병원에만 있어 제외:",
  ),
} satisfies Record<string, Text>;

export function formatTreatmentEffect(analysis: TreatmentEffectAnalysis, language: Language): string {
  const word = (name: keyof typeof words): string => words[name][language];
  const right = (name: keyof typeof words) => ({ heading: word(name), align: "right" as const });
  const { estimates, survival = [], balance, eValue, negativeControls, subgroups = [], leftOut } = analysis;
  const effects = estimates.flatMap(({ estimator, estimand, effects: own }) =>
    own.map((effect) => [ESTIMATORS[estimator][language], ESTIMANDS[estimand][language], ...effectCells(effect, language)]),
  );
  const parts: string[] = [];
  const headings = [right("estimate"), right("interval"), right("p")];
  if (effects.length > 0)
    parts.push(
      formatTable([{ heading: word("estimator") }, { heading: word("estimand") }, { heading: word("measure") }, ...headings], effects),
    );
  for (const { estimator, at } of survival) {
    const rows = at.map(({ time, survival: [untreated, treated] }) => [
      ESTIMATORS[estimator][language],
      String(time),
      untreated.toFixed(4),
      treated.toFixed(4),
    ]);
    parts.push(formatTable([{ heading: word("estimator") }, right("day"), right("untreated"), right("treated")], rows));
  }
  for (const { variable, levels, interaction } of subgroups) {
    const rows = levels.flatMap(({ level, effect }) => (effect === undefined ? [] : [[level, ...effectCells(effect, language)]]));
    const test = interaction === undefined ? "" : `\nχ² ${interaction.chisq.toFixed(4)}, df ${interaction.df}, p ${formatP(interaction.p)}`;
    parts.push(`${formatTable([{ heading: variable }, { heading: word("measure") }, ...headings], rows)}${test}`);
  }
  if (balance !== undefined) parts.push(`${word("largest")} ${largestDifferences(balance, language)}`);
  if (eValue !== undefined) parts.push(`${word("eValue")} ${eValue.estimate.toFixed(2)}, ${eValue.interval.toFixed(2)}`);
  const calibrated = negativeControls?.calibrated;
  if (calibrated !== undefined)
    parts.push(`${word("calibrated")} ${calibrated.estimate.toFixed(3)} (${interval(calibrated.ci95)}), p ${formatP(calibrated.p)}`);
  if (leftOut.length > 0) parts.push(`${word("leftOut")} ${leftOut.join(", ")}`);
  return parts.join("\n\n");
}

const effectCells = ({ measure, estimate, ci95, p }: MeasuredEffect, language: Language): readonly string[] => [
  MEASURES[measure][language],
  estimate.toFixed(4),
  interval(ci95),
  formatP(p),
];

/** A dash between two negative numbers reads badly. */
const interval = (ends: readonly [number, number]): string => ends.map((end) => end.toFixed(4)).join(ends[0] < 0 ? " ~ " : "–");

const formatP = (p: number): string => (p < 0.0001 ? "<0.0001" : p.toFixed(4));

function largestDifferences({ schemes, columns }: NonNullable<TreatmentEffectAnalysis["balance"]>, language: Language): string {
  return schemes
    .map(({ weights }, k) => {
      const largest = Math.max(...columns.map(({ standardisedDifferences }) => Math.abs(standardisedDifferences[k] ?? 0)));
      return `${SCHEMES[weights][language]} ${largest.toFixed(3)}`;
    })
    .join(", ");
}
