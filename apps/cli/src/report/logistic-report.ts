/** The report of a logistic regression: how well it predicts, the odds ratios, calibration, and who was studied. */

import type { LogisticAnalysis } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import { type AnalysisReport, siteCounts } from "./analysis-report.ts";
import type { Edition } from "./edition.ts";
import { formatDecimal, formatInteger } from "./format.ts";
import type { SiteEvaluation } from "./report-options.ts";
import { renderCalibration } from "./sections/calibration.ts";
import { renderDecisions } from "./sections/decisions.ts";
import { modelAnswer } from "./sections/model-answer.ts";
import { renderOddsRatios } from "./sections/odds-ratios.ts";
import { formatAuc } from "./sections/parts.ts";
import { renderPatients } from "./sections/patients.ts";
import { renderPerformance } from "./sections/performance.ts";

export function logisticReport(edition: Edition, analysis: LogisticAnalysis): AnalysisReport {
  // Without a model there is nothing to judge: the headline says why, the rest says who was studied and what left.
  const isFitted = analysis.outcome === "converged";
  return {
    answer: () => modelAnswer(edition),
    patients: text("patients the model was built on", "모형을 만든 환자 수"),
    events: text("with the outcome", "결과가 발생한 환자 수"),
    sections: [
      ...(isFitted && edition.isJudged ? [renderPerformance(edition)] : []),
      ...(isFitted ? [renderOddsRatios(edition, analysis)] : []),
      ...(isFitted && edition.isJudged ? [renderCalibration(edition), renderDecisions(edition)] : []),
      renderPatients(edition, analysis),
    ],
    siteFigures: edition.isJudged
      ? (evaluation) => (evaluation.role === "external" ? externalFigures(evaluation) : trainingFigures(evaluation))
      : siteCounts,
    hasLocalModels: edition.isJudged,
    asksForClasses: true,
    record: record(edition, analysis),
  };
}

const externalFigures = (evaluation: SiteEvaluation): readonly (readonly [Text, string])[] => [
  ...siteCounts(evaluation),
  [
    text("Shared model, AUC (95 % interval)", "공동 모형 AUC (95 % 신뢰구간)"),
    formatAuc(evaluation.auc.federated, evaluation.auc.federatedSe),
  ],
];

const trainingFigures = (evaluation: SiteEvaluation): readonly (readonly [Text, string])[] => {
  const { auc } = evaluation;
  return [
    ...siteCounts(evaluation),
    [text("Own model, AUC (95 % interval)", "자체 모형 AUC (95 % 신뢰구간)"), formatAuc(auc.local, auc.localSe)],
    [text("Shared model, AUC (95 % interval)", "공동 모형 AUC (95 % 신뢰구간)"), formatAuc(auc.federated, auc.federatedSe)],
    [text("Own model, apparent AUC", "자체 모형 겉보기 AUC"), formatAuc(auc.localApparent, undefined)],
    [text("Shared model, apparent AUC", "공동 모형 겉보기 AUC"), formatAuc(auc.apparent, undefined)],
  ];
};

function record(edition: Edition, analysis: LogisticAnalysis): AnalysisReport["record"] {
  const { pooled } = edition.result.evaluation;
  return [
    [text("Method", "방법"), edition.say(text("logistic regression by secure sums", "안전 합산에 의한 로지스틱 회귀"))],
    [text("Iterations", "반복 횟수"), formatInteger(analysis.iterations)],
    [
      text("Log-likelihood (model, intercept only)", "로그 가능도(모형, 절편만)"),
      `${formatDecimal(analysis.logLikelihood, 4)}, ${formatDecimal(analysis.logLikelihoodNull, 4)}`,
    ],
    ...(pooled === undefined
      ? []
      : [
          [
            text("Pooled apparent AUC (from score histograms)", "전체 겉보기 AUC(점수 히스토그램)"),
            `${formatDecimal(pooled.auc, 4)} ± ${pooled.aucBound.toExponential(1)}`,
          ] as const,
        ]),
  ];
}
