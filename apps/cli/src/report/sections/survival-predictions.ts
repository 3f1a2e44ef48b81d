/** How well the risks that a Cox model predicts by given times are borne out: AUC, Brier score and calibration, hospital by hospital. */

import type { SurvivalPredictions } from "@dure/federation/coordinator";
import { text } from "@dure/kernel";
import { drawRiskGroupsChart } from "../charts/risk-groups-chart.ts";
import type { Edition } from "../edition.ts";
import { formatDecimal, formatInteger, formatPercent } from "../format.ts";
import { type Html, html } from "../html.ts";
import type { SiteEvaluation } from "../report-options.ts";
import { formatAuc, note, paragraph, ROLE_NAME, renderFigure, renderSection, renderTable } from "./parts.ts";

/** Nothing where no hospital released such figures. */
export function renderSurvivalPredictions(edition: Edition): Html {
  const judged = edition.result.evaluation.sites.flatMap((site) =>
    site.predictions === undefined ? [] : [{ site, predictions: site.predictions }],
  );
  if (judged.length === 0) return html``;
  return renderSection(edition, {
    name: "predictions",
    title: text("Are the risks that it predicts by a given day right?", "특정 시점까지의 예측 위험은 실제와 맞습니까?"),
    body: [
      paragraph(
        edition,
        text(
          "Patients whose follow-up ended before the day are not known to have had the event or not; the others count for them too, by how likely it was to be followed so long (inverse probability of censoring).",
          "해당 시점 전에 추적이 끝난 환자는 사건 발생 여부를 알 수 없으므로, 나머지 환자에게 그때까지 추적될 확률의 역수를 가중하여 계산합니다(역확률 중도절단 가중).",
        ),
      ),
      timeTable(edition, judged),
      ...judged.map(({ site, predictions }, index) => groupsFigure(edition, { site, predictions, index })),
      note(
        edition,
        text(
          "AUC: of a patient with the event by the day and one followed beyond it, how often the first had the higher risk (Uno). Brier score: mean squared distance of risk and outcome, 0 is best; beside it that of one risk for everybody (Graf). A baseline of the hospital's own is estimated there under the shared coefficients, so that the level of risk is recalibrated to the hospital.",
          "AUC는 그 시점까지 사건이 발생한 환자와 그 뒤까지 추적된 환자 가운데 앞의 환자의 위험이 더 높게 예측된 비율입니다(Uno). 브라이어 점수는 예측 위험과 결과의 평균 제곱 차이로 0이 가장 좋으며, 옆의 값은 모든 환자에게 같은 위험을 적용한 경우입니다(Graf). '자체' 기저 위험은 공동 계수로 그 병원에서 구한 것이므로 위험 수준이 그 병원에 맞게 보정됩니다.",
        ),
      ),
    ],
  });
}

interface Judged {
  readonly site: SiteEvaluation;
  readonly predictions: SurvivalPredictions;
}

function timeTable(edition: Edition, judged: readonly Judged[]): Html {
  const rows = judged.flatMap(({ site, predictions }) => predictions.at.map((at) => ({ site, baseline: predictions.baseline, at })));
  type Row = (typeof rows)[number];
  const baselines = { shared: text("shared", "공통"), own: text("own", "자체") } as const;
  return renderTable(edition, {
    caption: text("Predicted risk by given days", "시점별 예측 위험의 정확도"),
    columns: [
      { title: text("Hospital", "병원"), cell: (row: Row) => edition.hospitalName(row.site.site) },
      { title: text("Role", "역할"), cell: ({ site }) => edition.say(ROLE_NAME[site.role]) },
      { title: text("Baseline", "기저 위험"), cell: ({ baseline }) => edition.say(baselines[baseline]) },
      { title: text("Day", "일"), numeric: true, cell: ({ at }) => formatInteger(at.time) },
      { title: text("With event", "사건 수"), numeric: true, cell: ({ at }) => formatInteger(at.events) },
      { title: text("AUC (95 % interval)", "AUC (95 % 신뢰구간)"), numeric: true, cell: ({ at }) => formatAuc(at.auc, at.aucSe) },
      { title: text("Brier score", "브라이어 점수"), numeric: true, cell: ({ at }) => formatDecimal(at.brier, 4) },
      { title: text("One risk for all", "같은 위험 적용 시"), numeric: true, cell: ({ at }) => formatDecimal(at.brierReference, 4) },
    ],
    rows,
  });
}

function groupsFigure(edition: Edition, { site, predictions: { calibration }, index }: Judged & { readonly index: number }): Html {
  if (calibration === undefined) return html``;
  const { time, groups } = calibration;
  const name = edition.hospitalName(site.site);
  const svg = drawRiskGroupsChart({
    id: edition.id(`risk-groups-${index}`),
    description: edition.say(
      text(
        `Calibration on day ${time} at ${name}; the figures are in the table beside it.`,
        `${name}의 ${time}일 시점 일치도 그림. 수치는 옆의 표에 있습니다.`,
      ),
    ),
    predictedName: edition.say(text("Predicted risk", "예측 위험")),
    observedName: edition.say(text("Observed (Kaplan-Meier)", "관찰 비율(카플란-마이어)")),
    groups,
  });
  type Group = (typeof groups)[number];
  const table = renderTable(edition, {
    caption: text(
      `${name}: groups of predicted risk on day ${formatInteger(time)}`,
      `${name}: ${formatInteger(time)}일 시점의 예측 위험군`,
    ),
    columns: [
      { title: text("Patients", "환자 수"), numeric: true, cell: (group: Group) => formatInteger(group.n) },
      { title: text("Predicted", "예측"), numeric: true, cell: (group) => formatPercent(group.meanPredicted) },
      { title: text("Observed", "관찰"), numeric: true, cell: (group) => formatPercent(group.observed) },
    ],
    rows: groups,
  });
  const caption = text(
    `${name}: on the dashed line prediction and observation on day ${formatInteger(time)} agree.`,
    `${name}: 점선 위에서는 ${formatInteger(time)}일 시점의 예측과 관찰이 일치합니다.`,
  );
  return html`${renderFigure(svg, edition.say(caption))}${table}`;
}
