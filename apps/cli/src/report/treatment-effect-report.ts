/** The report of a treatment effect: the effect by every estimator, balance, survival of the arms, what it stands up to, and who was studied. */

import type { TreatmentEffectAnalysis } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import { ESTIMANDS, ESTIMATORS, MEASURES } from "../treatment-words.ts";
import { type AnalysisReport, siteCounts } from "./analysis-report.ts";
import type { Edition } from "./edition.ts";
import { formatDecimal, formatInteger, formatP } from "./format.ts";
import type { SiteEvaluation } from "./report-options.ts";
import { renderBalance } from "./sections/balance.ts";
import { renderPatients } from "./sections/patients.ts";
import { formatEffect, renderTreatmentEffects } from "./sections/treatment-effects.ts";
import { eValueWords, renderRobustness } from "./sections/treatment-robustness.ts";
import { renderWeightedCurves } from "./sections/weighted-curves.ts";

export function treatmentEffectReport(edition: Edition, analysis: TreatmentEffectAnalysis): AnalysisReport {
  const { estimates, survival, outcome } = analysis;
  const found = [
    ...(estimates.length === 0 ? [] : [renderTreatmentEffects(edition, analysis)]),
    ...(survival === undefined ? [] : [renderWeightedCurves(edition, survival)]),
    renderBalance(edition, analysis),
    ...(estimates.length === 0 ? [] : [renderRobustness(edition, analysis)]),
  ];
  return {
    answer: () => answer(edition, analysis),
    patients: text("patients, treated and untreated", "치료군과 비치료군 환자 수"),
    events: text("with the outcome", "결과가 발생한 환자 수"),
    sections: [...(outcome === "estimated" ? found : []), renderPatients(edition, analysis)],
    siteFigures: (evaluation) => siteFigures(evaluation, analysis),
    hasLocalModels: false,
    asksForClasses: true,
    record: record(edition, analysis),
  };
}

/** Of an outcome that is a number a hospital tells how many were treated. */
function siteFigures(evaluation: SiteEvaluation, { events }: TreatmentEffectAnalysis): ReturnType<AnalysisReport["siteFigures"]> {
  if (events !== undefined) return siteCounts(evaluation);
  return [
    [text("Patients", "환자 수"), formatInteger(evaluation.n)],
    [text("Treated", "치료"), formatInteger(evaluation.events)],
  ];
}

function answer(edition: Edition, analysis: TreatmentEffectAnalysis): Text {
  const { estimates, survival, eValue, arms } = analysis;
  const count = edition.result.run.sites;
  const treatment = edition.variableName(analysis.treatment);
  const intro = text(
    `${count} hospitals compared ${formatInteger(arms[1].n)} patients with ${treatment} and ${formatInteger(arms[0].n)} without, made alike by weights or models fitted together, without any patient record leaving its hospital.`,
    `${count}개 병원이 환자 기록을 밖으로 내보내지 않고, ${treatment} 환자 ${formatInteger(arms[1].n)}명과 그렇지 않은 환자 ${formatInteger(arms[0].n)}명을 함께 구한 가중치나 모형으로 비슷하게 맞추어 비교했습니다.`,
  );
  const [first] = estimates;
  const effect = first?.effects[0];
  if (first === undefined || effect === undefined) {
    const last = survival?.[0]?.at.at(-1);
    if (last === undefined) return intro;
    const share = (value: number): string => `${formatDecimal(100 * value, 1)} %`;
    return text(
      `${intro.en} On day ${last.time}, ${share(last.survival[1])} of the treated and ${share(last.survival[0])} of the untreated were without the event.`,
      `${intro.ko} ${last.time}일에 사건이 없는 비율은 치료군 ${share(last.survival[1])}, 비치료군 ${share(last.survival[0])}입니다.`,
    );
  }
  const [measure, estimand, estimator] = [MEASURES[effect.measure], ESTIMANDS[first.estimand], ESTIMATORS[first.estimator]];
  const robust = eValue === undefined ? text("", "") : eValueWords(eValue);
  return text(
    `${intro.en} ${estimator.en}, ${estimand.en}: ${measure.en} ${formatEffect(effect)}, p ${formatP(effect.p)}. ${robust.en}`.trimEnd(),
    `${intro.ko} ${estimator.ko}, ${estimand.ko}: ${measure.ko} ${formatEffect(effect)}, p ${formatP(effect.p)}. ${robust.ko}`.trimEnd(),
  );
}

function record(edition: Edition, { propensity, siteTerms, truncation, estimates }: TreatmentEffectAnalysis): AnalysisReport["record"] {
  const intercepts = siteTerms
    ? text("an intercept of each hospital's own", "병원마다 고유 절편")
    : text("one intercept for all hospitals", "모든 병원 공통 절편");
  const method = text(
    `logistic propensity model with ${intercepts.en}, by secure sums`,
    `안전 합산에 의한 로지스틱 성향점수 모형(${intercepts.ko})`,
  );
  return [
    [text("Method", "방법"), edition.say(method)],
    ...(estimates.length === 0
      ? []
      : [[text("Estimators", "추정법"), estimates.map(({ estimator }) => edition.say(ESTIMATORS[estimator])).join(", ")] as const]),
    ...(truncation === undefined
      ? []
      : [[text("Propensities truncated at", "성향점수 절단"), `${truncation}, ${1 - truncation}`] as const]),
    ...(propensity === undefined
      ? []
      : ([
          [text("Iterations of the propensity model", "성향점수 모형의 반복 횟수"), formatInteger(propensity.iterations)],
          [text("Its log-likelihood", "성향점수 모형의 로그 가능도"), formatDecimal(propensity.logLikelihood, 4)],
          [
            text("Its coefficients (log odds)", "성향점수 모형의 계수(로그 오즈)"),
            propensity.terms
              .map(
                ({ name, estimate, standardError }) =>
                  `${edition.variableName(name)} ${formatDecimal(estimate, 4)} (SE ${formatDecimal(standardError, 4)})`,
              )
              .join("; "),
          ],
        ] as const)),
  ];
}
