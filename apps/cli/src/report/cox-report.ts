/** The report of a Cox regression: hazard ratios, how well the model orders patients, whether ratios hold over time, baselines, patients. */

import type { ChiSquaredTest, CoxAnalysis } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import { type AnalysisReport, siteCounts } from "./analysis-report.ts";
import type { Edition } from "./edition.ts";
import { formatDecimal, formatInteger, formatP } from "./format.ts";
import type { SiteEvaluation } from "./report-options.ts";
import { renderBaselineHazard } from "./sections/baseline-hazard.ts";
import { renderConcordance } from "./sections/concordance.ts";
import { renderHazardRatios } from "./sections/hazard-ratios.ts";
import { formatAuc } from "./sections/parts.ts";
import { renderPatients } from "./sections/patients.ts";
import { renderPooledBaseline } from "./sections/pooled-baseline.ts";
import { renderSurvivalPredictions } from "./sections/survival-predictions.ts";

export function coxReport(edition: Edition, analysis: CoxAnalysis): AnalysisReport {
  const isFitted = analysis.outcome === "converged";
  return {
    answer: () => coxAnswer(edition, analysis),
    patients: text("patients the model was built on", "모형을 만든 환자 수"),
    events: text("with the event", "사건이 발생한 환자 수"),
    sections: [
      ...(isFitted
        ? [
            renderHazardRatios(edition, analysis),
            ...(edition.isJudged ? [renderConcordance(edition, analysis), renderSurvivalPredictions(edition)] : []),
            renderPooledBaseline(edition, analysis),
            renderBaselineHazard(edition, analysis),
          ]
        : []),
      renderPatients(edition, analysis),
    ],
    siteFigures: edition.isJudged ? siteFigures : siteCounts,
    hasLocalModels: false,
    asksForClasses: false,
    record: record(edition, analysis),
  };
}

/** How many hospitals, how well patients are ordered, and how well at hospitals that the model has never seen. */
function coxAnswer(edition: Edition, { concordance, strata, cause }: CoxAnalysis): Text {
  const count = edition.trainingHospitals.length;
  const baseline =
    strata === undefined
      ? text("with one baseline hazard for all", "모든 병원에 공통인 기저 위험으로")
      : text("each with its own baseline hazard", "병원마다 기저 위험을 따로 두어");
  const ofCause =
    cause === undefined
      ? text("", "")
      : text(
          ` The event is "${cause}"; other kinds end a patient's follow-up.`,
          ` 대상 사건은 "${cause}"이며, 다른 사건은 추적 종료로 봅니다.`,
        );
  const built = text(
    `${count} hospitals fitted one Cox model together, ${baseline.en}, without any patient record leaving its hospital.${ofCause.en}`,
    `${count}개 병원이 환자 기록을 밖으로 내보내지 않고, ${baseline.ko} 하나의 콕스 모형을 함께 구했습니다.${ofCause.ko}`,
  );
  const found = concordance === undefined ? "" : formatAuc(concordance.estimate, concordance.se);
  const within =
    concordance === undefined
      ? text("", "")
      : text(
          ` Of two patients of one hospital, it tells who has the event first with C = ${found}.`,
          ` 같은 병원의 두 환자 가운데 누구에게 먼저 사건이 발생하는지에 대한 C 지수는 ${found}입니다.`,
        );
  const external = edition.externalHospitals.flatMap((hospital) => {
    const c = edition.evaluationOf(hospital.siteId)?.concordance;
    return c?.federated === undefined ? [] : [{ name: hospital.displayName, c: formatAuc(c.federated, c.federatedSe) }];
  });
  const abroad =
    external.length === 0
      ? text("", "")
      : text(
          ` At hospitals that it had never seen: ${external.map(({ name, c }) => `${name.en} ${c}`).join(", ")}.`,
          ` 학습에 참여하지 않은 병원에서는 다음과 같습니다: ${external.map(({ name, c }) => `${name.ko} ${c}`).join(", ")}.`,
        );
  return text(`${built.en}${within.en}${abroad.en}`, `${built.ko}${within.ko}${abroad.ko}`);
}

function siteFigures(evaluation: SiteEvaluation): readonly (readonly [Text, string])[] {
  const c = evaluation.concordance ?? {};
  const shared = [
    text("Shared model, C (95 % interval)", "공동 모형 C 지수 (95 % 신뢰구간)"),
    formatAuc(c.federated, c.federatedSe),
  ] as const;
  if (evaluation.role === "external") return [...siteCounts(evaluation), shared];
  return [
    ...siteCounts(evaluation),
    [text("Own model, C (95 % interval)", "자체 모형 C 지수 (95 % 신뢰구간)"), formatAuc(c.local, c.localSe)],
    shared,
    [text("Shared model, apparent C", "공동 모형 겉보기 C 지수"), formatAuc(c.apparent, undefined)],
  ];
}

function record(edition: Edition, analysis: CoxAnalysis): AnalysisReport["record"] {
  const chiSquared = ({ chisq, df, p }: ChiSquaredTest): string => `χ² ${formatDecimal(chisq, 3)}, df ${df}, p ${formatP(p)}`;
  const { tests, baseline, rows } = analysis;
  const ties = analysis.ties === "efron" ? "Efron" : "Breslow";
  const days = edition.say(text("days", "일"));
  return [
    [
      text("Method", "방법"),
      edition.say(
        analysis.strata === undefined
          ? text(
              `Cox regression with one baseline hazard, on a public time grid, ${ties} ties, by secure sums`,
              `안전 합산에 의한 공통 기저 위험 콕스 회귀 (공개 시간 격자, 동점 처리: ${ties})`,
            )
          : text(
              `Cox regression stratified by hospital, ${ties} ties, by secure sums`,
              `안전 합산에 의한 병원별 층화 콕스 회귀 (동점 처리: ${ties})`,
            ),
      ),
    ],
    ...(rows === undefined
      ? []
      : [[text("Rows (a patient may have several)", "행 수(한 환자가 여러 행을 가질 수 있음)"), formatInteger(rows)] as const]),
    ...(baseline === undefined
      ? []
      : [
          [
            text("Time grid; intervals after merging", "시간 격자, 합친 뒤의 구간 수"),
            `${baseline.timeBinDays} / ${baseline.horizonDays} ${days}; ${formatInteger(baseline.steps.length)}`,
          ] as const,
        ]),
    [text("Iterations", "반복 횟수"), formatInteger(analysis.iterations)],
    [
      text("Partial log-likelihood (model, no covariates)", "부분 로그 가능도(모형, 공변량 없음)"),
      `${formatDecimal(analysis.logLikelihood, 4)}, ${formatDecimal(analysis.logLikelihoodNull, 4)}`,
    ],
    ...(tests === undefined
      ? []
      : ([
          [text("Likelihood-ratio test", "가능도비 검정"), chiSquared(tests.likelihoodRatio)],
          [text("Score test", "점수 검정"), chiSquared(tests.score)],
          [text("Wald test", "왈드 검정"), chiSquared(tests.wald)],
        ] as const)),
  ];
}
