/** A classifier in use: how precise it is, what deciding by it would mean, for whom it works, and what it owes to each hospital. */

import type { DecisionFigures, NetBenefitFigures, PooledClassifierFigures, SubgroupFigures } from "@dure/federation/coordinator";
import { text } from "@dure/kernel";
import { drawDecisionCurveChart } from "../charts/decision-curve-chart.ts";
import type { Edition } from "../edition.ts";
import { formatDecimal, formatInteger, formatP, formatPercent, formatSigned } from "../format.ts";
import { type Html, html } from "../html.ts";
import { levelName } from "./level-name.ts";
import { formatAuc, note, paragraph, renderFigure, renderSection, renderTable } from "./parts.ts";

/** Empty where no hospital released such figures and there are none of all together. */
export function renderDecisions(edition: Edition): Html {
  const places = placesOf(edition);
  if (places.length === 0) return html``;
  return renderSection(edition, {
    name: "decisions",
    title: text("What would deciding by the model mean?", "모형에 따라 판단하면 어떻게 됩니까?"),
    body: [
      precisionTable(edition, places),
      decisionTable(edition, places),
      curve(edition, places),
      subgroupTable(edition),
      leftOutTable(edition),
    ],
  });
}

type Figures = Pick<
  PooledClassifierFigures,
  "n" | "events" | "averagePrecision" | "brier" | "scaledBrier" | "decisions" | "decisionCurve" | "recalibrated"
>;

interface Place {
  readonly name: string;
  readonly figures: Figures;
}

/** All training hospitals together first, then every hospital that tells its own. */
function placesOf(edition: Edition): readonly Place[] {
  const pooled = edition.result.evaluation.pooled?.outOfFold;
  const all = edition.say(text("All training hospitals", "학습 병원 전체"));
  const own = edition.options.hospitals.flatMap((hospital): readonly Place[] => {
    const evaluation = edition.evaluationOf(hospital.siteId);
    if (evaluation?.performance === undefined) return [];
    const { n, events, performance } = evaluation;
    return [{ name: edition.say(hospital.displayName), figures: { n, events, ...performance } }];
  });
  return [...(pooled === undefined ? [] : [{ name: all, figures: pooled }]), ...own];
}

const PLACE = text("Hospital", "병원");

function precisionTable(edition: Edition, places: readonly Place[]): Html {
  return html`${paragraph(
    edition,
    text(
      "Average precision summarises how many of the patients whom the model ranks highest have the outcome; without a model it is the share of patients with the outcome. The Brier score is the mean squared distance of the predicted risk from what happened: 0 is perfect.",
      "평균 정밀도는 모형이 위험하다고 본 환자 가운데 실제로 결과가 발생한 환자가 얼마나 되는지를 요약합니다. 모형이 없다면 결과가 발생한 환자의 비율과 같습니다. 브라이어 점수는 예측 위험과 실제 결과의 차이를 제곱해 평균한 값으로 0이면 완벽합니다.",
    ),
  )}${renderTable(edition, {
    caption: text("Precision and error of the predicted risks", "예측 위험의 정밀도와 오차"),
    columns: [
      { title: PLACE, cell: (place: Place) => place.name },
      { title: text("With outcome", "발생 비율"), numeric: true, cell: ({ figures }) => formatPercent(figures.events / figures.n) },
      { title: text("Average precision", "평균 정밀도"), numeric: true, cell: ({ figures }) => formatDecimal(figures.averagePrecision, 3) },
      { title: text("Brier score", "브라이어 점수"), numeric: true, cell: ({ figures }) => formatDecimal(figures.brier, 4) },
      { title: text("Scaled", "척도화"), numeric: true, cell: ({ figures }) => formatPercent(figures.scaledBrier) },
      {
        title: text("Brier, recalibrated", "재보정 후 브라이어"),
        numeric: true,
        cell: ({ figures: { recalibrated } }) => (recalibrated === undefined ? "–" : formatDecimal(recalibrated.brier, 4)),
      },
    ],
    rows: places,
  })}${note(
    edition,
    text(
      "All figures are of patients whom the scoring model was not fitted to. Recalibrated: with an intercept and a slope that the hospital fitted on its own patients; in these very patients, so somewhat too good.",
      "모든 수치는 모형을 적합할 때 쓰지 않은 환자에서 구했습니다. 재보정: 병원이 자기 환자로 절편과 기울기를 다시 구한 결과이며 같은 환자에서 평가했으므로 실제보다 조금 좋게 보입니다.",
    ),
  )}`;
}

type DecisionRow = DecisionFigures & { readonly place: string };

function decisionTable(edition: Edition, places: readonly Place[]): Html {
  const rows = places.flatMap(({ name, figures }) => figures.decisions.map((decision): DecisionRow => ({ place: name, ...decision })));
  if (rows.length === 0) return html``;
  const share = (value: number | undefined): string => (value === undefined ? "–" : formatPercent(value));
  return html`${renderTable(edition, {
    caption: text("If patients at or above a risk are called", "예측 위험이 기준 이상인 환자를 선별할 때"),
    columns: [
      { title: PLACE, cell: (row: DecisionRow) => row.place },
      { title: text("Threshold", "기준"), numeric: true, cell: (row) => formatPercent(row.threshold) },
      { title: text("Called", "선별 비율"), numeric: true, cell: (row) => formatPercent(row.called) },
      { title: text("Sensitivity", "민감도"), numeric: true, cell: (row) => formatPercent(row.sensitivity) },
      { title: text("Specificity", "특이도"), numeric: true, cell: (row) => formatPercent(row.specificity) },
      { title: text("PPV", "양성예측도"), numeric: true, cell: (row) => share(row.positivePredictiveValue) },
      { title: text("NPV", "음성예측도"), numeric: true, cell: (row) => share(row.negativePredictiveValue) },
    ],
    rows,
  })}${note(
    edition,
    text(
      `A threshold is left out where fewer than ${edition.result.study.minimumCell} patients with, or without, the outcome lie between it and the next.`,
      `인접한 기준 사이에 결과가 발생했거나 발생하지 않은 환자가 ${edition.result.study.minimumCell}명 미만이면 그 기준은 보이지 않습니다.`,
    ),
  )}`;
}

/** Of all together where that is known, else of the first hospital that tells one. */
function curve(edition: Edition, places: readonly Place[]): Html {
  const place = places.find(({ figures }) => (figures.decisionCurve?.length ?? 0) > 1);
  if (place === undefined) return html``;
  const points: readonly NetBenefitFigures[] = place.figures.decisionCurve ?? [];
  const svg = drawDecisionCurveChart({
    id: edition.id("decision-curve"),
    description: edition.say(
      text(
        `Decision curve, ${place.name}: net benefit over the threshold of risk.`,
        `의사결정 곡선(${place.name}): 위험 기준에 따른 순이득.`,
      ),
    ),
    thresholdName: edition.say(text("Threshold of predicted risk", "예측 위험 기준")),
    benefitName: edition.say(text("Net benefit", "순이득")),
    points,
  });
  return renderFigure(
    svg,
    edition.say(
      text(
        `Decision curve, ${place.name}. Net benefit counts true positives per patient, less the false ones at the odds of the threshold. Green: deciding by the model; dashed: calling everybody; the line at 0: calling nobody. The model is of use where it lies above both.`,
        `의사결정 곡선, ${place.name}. 순이득은 환자 한 명당 참양성에서 기준의 오즈로 가중한 거짓양성을 뺀 값입니다. 초록색: 모형에 따라 판단, 점선: 전원 선별, 0의 선: 선별하지 않음. 모형이 두 선보다 위에 있는 구간에서 쓸모가 있습니다.`,
      ),
    ),
  );
}

type SubgroupRow = Pick<SubgroupFigures, "variable" | "level" | "n" | "events" | "auc" | "aucSe" | "aucGap"> & { readonly place: string };

function subgroupTable(edition: Edition): Html {
  const all = edition.say(text("All training hospitals", "학습 병원 전체"));
  const pooled = (edition.result.evaluation.pooled?.outOfFold?.subgroups ?? []).map((row): SubgroupRow => ({ place: all, ...row }));
  const own = edition.options.hospitals.flatMap((hospital) =>
    (edition.evaluationOf(hospital.siteId)?.subgroups ?? []).map(
      (row): SubgroupRow => ({ place: edition.say(hospital.displayName), ...row }),
    ),
  );
  const rows = [...pooled, ...own];
  if (rows.length === 0) return html``;
  return html`${renderTable(edition, {
    caption: text("For whom does it work? The same model by subgroup", "누구에게 잘 맞습니까? 하위 집단별 성능"),
    columns: [
      { title: PLACE, cell: (row: SubgroupRow) => row.place },
      { title: text("Subgroup", "하위 집단"), cell: (row) => `${edition.variableName(row.variable)}: ${levelName(edition, row.level)}` },
      { title: text("Patients", "환자 수"), numeric: true, cell: (row) => formatInteger(row.n) },
      { title: text("With outcome", "발생 수"), numeric: true, cell: (row) => formatInteger(row.events) },
      { title: text("AUC (95 % interval)", "AUC (95 % 신뢰구간)"), numeric: true, cell: (row) => formatAuc(row.auc, row.aucSe) },
      {
        title: text("Gap to the first", "첫 집단과의 차이"),
        numeric: true,
        cell: ({ aucGap: gap }) => (gap === undefined ? "–" : `${formatSigned(gap.estimate, 3)} (p ${formatP(gap.p)})`),
      },
    ],
    rows,
  })}${note(
    edition,
    text(
      "A variable is left out where one of its subgroups has too few patients with or without the outcome.",
      "결과가 발생했거나 발생하지 않은 환자가 너무 적은 하위 집단이 하나라도 있으면 그 변수는 보이지 않습니다.",
    ),
  )}`;
}

function leftOutTable(edition: Edition): Html {
  const rows = edition.options.hospitals.flatMap((hospital) => {
    const left = edition.evaluationOf(hospital.siteId)?.withoutSite;
    return left === undefined ? [] : [{ name: edition.say(hospital.displayName), ...left }];
  });
  if (rows.length === 0) return html``;
  return html`${renderTable(edition, {
    caption: text("Each hospital judged by the model without it", "그 병원을 뺀 모형으로 평가한 각 병원"),
    columns: [
      { title: text("Hospital left out", "제외한 병원"), cell: (row: (typeof rows)[number]) => row.name },
      { title: text("AUC (95 % interval)", "AUC (95 % 신뢰구간)"), numeric: true, cell: (row) => formatAuc(row.auc, row.aucSe) },
      {
        title: text("Calibration intercept, slope", "일치도 절편, 기울기"),
        numeric: true,
        cell: ({ calibration: c }) => (c === undefined ? "–" : `${formatDecimal(c.intercept, 2)}, ${formatDecimal(c.slope, 2)}`),
      },
    ],
    rows,
  })}${note(
    edition,
    text(
      "The hospital takes itself out of the shared model by one Newton step at home (Pregibon 1981), because a second fit without it would give its sums away. Near a refit where the hospital is a small part of all.",
      "병원을 빼고 모형을 다시 구하면 그 병원의 합계가 드러나므로, 병원 안에서 뉴턴 한 단계로 공동 모형에서 자기 몫을 뺍니다(Pregibon 1981). 그 병원이 전체에서 차지하는 몫이 작을수록 다시 구한 모형에 가깝습니다.",
    ),
  )}`;
}
