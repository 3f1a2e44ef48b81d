/** What the effect stands up to: an unmeasured confounder, outcomes that the treatment cannot cause, and patients of different kinds. */

import type { MeasuredEffect, NegativeControls, SubgroupEffects, TreatmentEffectAnalysis } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import { ESTIMATORS, MEASURES } from "../../treatment-words.ts";
import type { Edition } from "../edition.ts";
import { formatDecimal, formatInteger, formatP } from "../format.ts";
import { type Html, html } from "../html.ts";
import { note, paragraph, renderSection, renderTable } from "./parts.ts";
import { formatEffect } from "./treatment-effects.ts";

export function renderRobustness(edition: Edition, analysis: TreatmentEffectAnalysis): Html {
  const { eValue, subgroups = [], negativeControls, leftOut } = analysis;
  return renderSection(edition, {
    name: "robustness",
    title: text("How far can it be trusted?", "얼마나 믿을 수 있습니까?"),
    body: [
      eValue === undefined ? html`` : paragraph(edition, eValueWords(eValue)),
      ...(negativeControls === undefined ? [] : renderControls(edition, negativeControls)),
      ...subgroups.map((subgroup) => renderSubgroup(edition, subgroup)),
      ...(leftOut.length === 0 ? [] : [note(edition, leftOutWords(leftOut.map((name) => edition.variableName(name))))]),
    ],
  });
}

export function eValueWords({ estimate, interval }: NonNullable<TreatmentEffectAnalysis["eValue"]>): Text {
  const [found, atLimit] = [formatDecimal(estimate, 2), formatDecimal(interval, 2)];
  const limit =
    interval === 1
      ? text("The interval holds no effect already (E-value 1).", "신뢰구간에 이미 ‘효과 없음’이 들어 있습니다(E-값 1).")
      : text(
          `For the interval to hold no effect it would need ${atLimit} with both.`,
          `신뢰구간에 ‘효과 없음’이 들어가려면 각각 ${atLimit}배여야 합니다.`,
        );
  return text(
    `E-value: an unmeasured confounder would need a risk ratio of ${found} with the treatment and with the outcome both, beyond what was adjusted for, to explain the effect away. ${limit.en}`,
    `E-값: 측정되지 않은 교란요인이 이 효과를 모두 설명하려면, 보정한 변수 외에 치료와 결과 각각과 ${found}배 이상의 상대위험도로 관련되어야 합니다. ${limit.ko}`,
  );
}

const leftOutWords = (names: readonly string[]): Text =>
  text(
    `Left out, for too few patients or outcomes in an arm, or an arm at one hospital only: ${names.join(", ")}.`,
    `한 군의 환자나 결과가 너무 적거나 한 병원에만 있어 제외한 항목: ${names.join(", ")}.`,
  );

function renderControls(
  edition: Edition,
  { controls, measure, estimator, nullDistribution, calibrated }: NegativeControls,
): readonly Html[] {
  const withMeasure = (effect: Pick<MeasuredEffect, "estimate" | "ci95">): string => formatEffect({ ...effect, measure });
  const table = renderTable(edition, {
    caption: text("Outcomes that the treatment cannot cause", "치료가 원인이 될 수 없는 결과(음성 대조)"),
    columns: [
      { title: text("Outcome", "결과"), cell: ({ name }: NegativeControls["controls"][number]) => edition.variableName(name) },
      { title: MEASURES[measure], numeric: true, cell: withMeasure },
      { title: text("p", "p"), numeric: true, cell: ({ p }) => formatP(p) },
    ],
    rows: controls,
  });
  if (nullDistribution === undefined) return [table];
  const { mean, standardDeviation } = nullDistribution;
  const words = text(
    `Their log ratios (${ESTIMATORS[estimator].en}) show a systematic error of mean ${formatDecimal(mean, 3)} and standard deviation ${formatDecimal(standardDeviation, 3)}.`,
    `이들의 로그비(${ESTIMATORS[estimator].ko})에 나타난 체계적 오차는 평균 ${formatDecimal(mean, 3)}, 표준편차 ${formatDecimal(standardDeviation, 3)}입니다.`,
  );
  const held =
    calibrated === undefined
      ? text("", "")
      : text(
          ` Held against it, the effect is ${withMeasure(calibrated)}, p ${formatP(calibrated.p)} (calibrated; the error is taken to be the same whatever the true effect).`,
          ` 이를 감안하면 효과는 ${withMeasure(calibrated)}, p ${formatP(calibrated.p)}입니다(보정값. 체계적 오차가 실제 효과의 크기와 무관하다고 가정).`,
        );
  return [table, paragraph(edition, text(`${words.en}${held.en}`, `${words.ko}${held.ko}`))];
}

function renderSubgroup(edition: Edition, { variable, levels, interaction }: SubgroupEffects): Html {
  const name = edition.variableName(variable);
  const measure = levels.find(({ effect }) => effect !== undefined)?.effect?.measure ?? "mean-difference";
  const level = (own: string): string =>
    own === "yes" ? edition.say(text("yes", "예")) : own === "no" ? edition.say(text("no", "아니요")) : own;
  const table = renderTable(edition, {
    caption: text(`The effect by ${name}`, `${name}에 따른 효과`),
    columns: [
      { title: text(name, name), cell: (row: SubgroupEffects["levels"][number]) => level(row.level) },
      { title: text("Untreated", "비치료"), numeric: true, cell: ({ arms }) => formatInteger(arms[0]) },
      { title: text("Treated", "치료"), numeric: true, cell: ({ arms }) => formatInteger(arms[1]) },
      { title: MEASURES[measure], numeric: true, cell: ({ effect }) => (effect === undefined ? "–" : formatEffect(effect)) },
      { title: text("p", "p"), numeric: true, cell: ({ effect }) => (effect === undefined ? "–" : formatP(effect.p)) },
    ],
    rows: levels,
  });
  if (interaction === undefined) return table;
  const { chisq, df, p } = interaction;
  const words = text(
    `Test of one effect in all levels: χ² ${formatDecimal(chisq, 2)}, df ${df}, p ${formatP(p)}.`,
    `모든 수준에서 효과가 같다는 검정: χ² ${formatDecimal(chisq, 2)}, 자유도 ${df}, p ${formatP(p)}.`,
  );
  return html`${table}${paragraph(edition, words)}`;
}
