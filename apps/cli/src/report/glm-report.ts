/** The report of a generalised linear model: coefficients and tests, how well it does at each hospital, and who was studied. */

import type { GlmAnalysis } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import { glmName } from "../glm-words.ts";
import { type AnalysisReport, siteCounts } from "./analysis-report.ts";
import type { Edition } from "./edition.ts";
import { formatDecimal, formatInteger, formatPercent } from "./format.ts";
import type { SiteEvaluation } from "./report-options.ts";
import { renderCalibration } from "./sections/calibration.ts";
import { renderGlmCoefficients } from "./sections/glm-coefficients.ts";
import { renderGlmHospitals } from "./sections/glm-hospitals.ts";
import { formatAuc } from "./sections/parts.ts";
import { renderPatients } from "./sections/patients.ts";

export function glmReport(edition: Edition, analysis: GlmAnalysis): AnalysisReport {
  const isFitted = analysis.outcome === "converged";
  const isClassifier = analysis.model.family === "logistic";
  const isCalibrated = edition.result.evaluation.sites.some(({ calibration }) => calibration !== undefined);
  return {
    answer: () => answer(edition, analysis),
    patients: text("patients the model was built on", "모형을 만든 환자 수"),
    events: text("with the outcome", "결과가 발생한 환자 수"),
    sections: [
      ...(isFitted ? [renderGlmCoefficients(edition, analysis)] : []),
      ...(isFitted ? renderGlmHospitals(edition) : []),
      ...(isFitted && isCalibrated ? [renderCalibration(edition)] : []),
      renderPatients(edition, analysis),
    ],
    siteFigures: isClassifier ? classifierFigures : numberFigures,
    hasLocalModels: false,
    asksForClasses: isClassifier,
    record: record(edition, analysis),
  };
}

function answer(edition: Edition, analysis: GlmAnalysis): Text {
  const count = edition.trainingHospitals.length;
  const name = glmName(analysis.model);
  const built = text(
    `${count} hospitals fitted one ${name.en} together, without any patient record leaving its hospital.`,
    `${count}개 병원이 환자 기록을 밖으로 내보내지 않고 하나의 ${name.ko} 모형을 함께 구했습니다.`,
  );
  if (analysis.penalty !== undefined) {
    const kept = analysis.penalty.coefficients.filter((own) => own.name !== "(intercept)" && own.estimate !== 0).length;
    return text(
      `${built.en} Under the penalty ${kept} coefficients are not 0.`,
      `${built.ko} 벌점을 적용한 뒤 0이 아닌 계수는 ${kept}개입니다.`,
    );
  }
  const found = analysis.terms
    .filter((term) => term.name !== "(intercept)" && term.p < 0.05)
    .map((term) => edition.variableName(term.name));
  return found.length === 0
    ? text(
        `${built.en} No variable goes with the outcome beyond chance (p < 0.05).`,
        `${built.ko} 결과와 통계적으로 관련된 변수는 확인되지 않았습니다(p < 0.05).`,
      )
    : text(
        `${built.en} With p < 0.05 these go with the outcome: ${found.join(", ")}.`,
        `${built.ko} 다음 변수가 결과와 관련되었습니다(p < 0.05): ${found.join(", ")}.`,
      );
}

function classifierFigures(evaluation: SiteEvaluation): readonly (readonly [Text, string])[] {
  const { auc } = evaluation;
  const shared = [
    text("Shared model, AUC (95 % interval)", "공동 모형 AUC (95 % 신뢰구간)"),
    formatAuc(auc.federated, auc.federatedSe),
  ] as const;
  const apparent = [text("Shared model, apparent AUC", "공동 모형 겉보기 AUC"), formatAuc(auc.apparent, undefined)] as const;
  return [...siteCounts(evaluation), auc.federated === undefined ? apparent : shared];
}

function numberFigures({ n, numberFit }: SiteEvaluation): readonly (readonly [Text, string])[] {
  const counts = [text("Patients", "환자 수"), formatInteger(n)] as const;
  if (numberFit === undefined) return [counts];
  const { rSquared, devianceExplained, calibration } = numberFit;
  return [
    counts,
    [text("Variance explained here (R²)", "이 병원에서 설명된 분산(R²)"), formatPercent(rSquared)],
    ...(devianceExplained === undefined
      ? []
      : [[text("Deviance explained here", "이 병원에서 설명된 이탈도"), formatPercent(devianceExplained)] as const]),
    ...(calibration === undefined
      ? []
      : [
          [
            text("Calibration here: intercept, slope (0 and 1 are perfect)", "이 병원에서의 보정: 절편, 기울기 (0과 1이 이상적)"),
            `${calibration.intercept.toPrecision(3)}, ${formatDecimal(calibration.slope, 3)}`,
          ] as const,
        ]),
  ];
}

function record(edition: Edition, analysis: GlmAnalysis): AnalysisReport["record"] {
  const name = glmName(analysis.model);
  const figure = (value: number): string =>
    Math.abs(value) >= 1e-3 && Math.abs(value) < 1e7 ? formatDecimal(value, 4) : value.toPrecision(6);
  const optional = (label: Text, value: number | undefined) => (value === undefined ? [] : [[label, figure(value)] as const]);
  const { theta } = analysis;
  return [
    [
      text("Method", "방법"),
      edition.say(
        text(`${name.en} by secure sums (link: ${analysis.model.link})`, `안전 합산에 의한 ${name.ko} (연결 함수: ${analysis.model.link})`),
      ),
    ],
    [text("Iterations", "반복 횟수"), formatInteger(analysis.iterations)],
    ...(analysis.residualDf === undefined
      ? []
      : [[text("Residual degrees of freedom", "잔차 자유도"), formatInteger(analysis.residualDf)] as const]),
    ...optional(text("Dispersion (Pearson)", "산포 모수(피어슨)"), analysis.dispersion),
    ...(theta === undefined
      ? []
      : [
          [
            text("θ by maximum likelihood (SE)", "θ 최대가능도 추정값(표준오차)"),
            `${figure(theta.estimate)} (${figure(theta.standardError)})`,
          ] as const,
        ]),
    ...optional(text("Deviance", "이탈도"), analysis.deviance),
    ...optional(text("Deviance without features", "변수가 없는 모형의 이탈도"), analysis.nullDeviance),
    ...optional(text("Log-likelihood", "로그 가능도"), analysis.logLikelihood),
    ...optional(text("AIC", "AIC"), analysis.aic),
    ...optional(text("R²", "R²"), analysis.rSquared),
  ];
}
