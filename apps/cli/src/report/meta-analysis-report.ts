/** The report of a meta-analysis: pooled coefficients with their heterogeneity, what is lost against one fit, and which hospitals are in it. */

import type { MetaAnalysis } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import { leftOutWords } from "../meta-analysis-words.ts";
import { type AnalysisReport, siteCounts } from "./analysis-report.ts";
import type { Edition } from "./edition.ts";
import { formatInteger } from "./format.ts";
import { renderSection } from "./sections/parts.ts";
import { renderExcluded } from "./sections/patients.ts";
import { renderPooledCoefficients } from "./sections/pooled-coefficients.ts";

export function metaAnalysisReport(edition: Edition, analysis: MetaAnalysis): AnalysisReport {
  const patients = renderSection(edition, {
    name: "patients",
    title: text("Who was studied?", "누구를 연구했습니까?"),
    body: renderExcluded(edition),
  });
  return {
    answer: () => answer(edition, analysis),
    patients: text("patients of the hospitals with a fit of their own", "자체 모형이 있는 병원의 환자 수"),
    events: analysis.model === "cox" ? text("with the event", "사건이 발생한 환자 수") : text("with the outcome", "결과가 발생한 환자 수"),
    sections: analysis.outcome === "pooled" ? [renderPooledCoefficients(edition, analysis), patients] : [],
    siteFigures: siteCounts,
    hasLocalModels: false,
    asksForClasses: analysis.model === "logistic",
    record: record(edition, analysis),
  };
}

const MODELS: Readonly<Record<MetaAnalysis["model"], Text>> = {
  linear: text("linear", "선형"),
  logistic: text("logistic", "로지스틱"),
  poisson: text("Poisson", "포아송"),
  cox: text("Cox", "콕스"),
};

function answer(edition: Edition, { model, reason, hospitals, terms }: MetaAnalysis): Text {
  const names = terms.filter(({ name, p }) => name !== "(intercept)" && p < 0.05).map(({ name }) => edition.variableName(name));
  const found =
    names.length === 0
      ? text(
          "No variable goes with the outcome beyond chance (p < 0.05).",
          "결과와 통계적으로 관련된 변수는 확인되지 않았습니다(p < 0.05).",
        )
      : text(
          `With p < 0.05 these go with the outcome: ${names.join(", ")}.`,
          `다음 변수가 결과와 관련되었습니다(p < 0.05): ${names.join(", ")}.`,
        );
  const left = leftOutWords(hospitals);
  return text(
    `Each hospital fitted a ${MODELS[model].en} regression on its own patients, and only sums of the coefficients were pooled, because: ${reason}. ${left.en} ${found.en} This is a fall-back: one fit over all patients would be exact, a meta-analysis is not (see “What is lost”).`,
    `병원마다 자기 환자로 ${MODELS[model].ko} 회귀를 구하고 계수의 합만 모았습니다. 이유: ${reason}. ${left.ko} ${found.ko} 이 방법은 대안입니다. 모든 환자에 대해 하나의 모형을 구하면 정확하지만 메타분석은 그렇지 않습니다(‘무엇을 잃습니까’ 참고).`,
  );
}

function record(edition: Edition, { model, effects, iterations, reason }: MetaAnalysis): AnalysisReport["record"] {
  const { en, ko } = MODELS[model];
  const method =
    effects === "random"
      ? text(
          `random-effects meta-analysis of each hospital's own ${en} regression, variance between hospitals by REML, by secure sums`,
          `안전 합산에 의한 병원별 ${ko} 회귀의 변량효과 메타분석 (병원 간 분산: REML)`,
        )
      : text(
          `fixed-effect meta-analysis of each hospital's own ${en} regression, by secure sums`,
          `안전 합산에 의한 병원별 ${ko} 회귀의 고정효과 메타분석`,
        );
  return [
    [text("Method", "방법"), edition.say(method)],
    [text("Why not one fit", "하나의 모형을 함께 구하지 않은 이유"), reason],
    [text("Rounds of the search of τ²", "τ² 탐색 라운드 수"), formatInteger(iterations)],
  ];
}
