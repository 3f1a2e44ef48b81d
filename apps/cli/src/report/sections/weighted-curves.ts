/** Survival of the two arms, each patient weighted so that the arms are alike. */

import type { WeightedSurvival } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import { ESTIMATORS } from "../../treatment-words.ts";
import { drawSurvivalChart } from "../charts/survival-chart.ts";
import type { Edition } from "../edition.ts";
import { formatInteger, formatInterval, formatPercent } from "../format.ts";
import type { Html } from "../html.ts";
import { note, renderFigure, renderSection, renderTable } from "./parts.ts";

const ARMS: readonly Text[] = [text("Untreated", "비치료"), text("Treated", "치료")];

export function renderWeightedCurves(edition: Edition, curves: readonly WeightedSurvival[]): Html {
  return renderSection(edition, {
    name: "weighted-survival",
    title: text("How long without the event, under either treatment?", "치료에 따라 사건 없이 지낸 기간은 얼마나 됩니까?"),
    body: [
      ...curves.flatMap((curve) => [figure(edition, curve), timeTable(edition, curve)]),
      note(
        edition,
        text(
          "Kaplan-Meier curves of weighted patients; errors after Xie & Liu (2005), which take the weights as known. The numbers at risk are patients.",
          "가중한 환자의 카플란-마이어 곡선입니다. 표준오차는 Xie & Liu(2005)에 따르며 가중치를 고정된 값으로 봅니다. 위험집단 수는 실제 환자 수입니다.",
        ),
      ),
    ],
  });
}

function figure(edition: Edition, { estimator, arms }: WeightedSurvival): Html {
  const svg = drawSurvivalChart({
    id: edition.id(`weighted-${estimator}`),
    description: edition.say(
      text(
        "Weighted survival curves of the two arms with 95 % bands; the figures are in the table below.",
        "두 군의 가중 생존 곡선과 95 % 신뢰대. 수치는 아래 표에 있습니다.",
      ),
    ),
    timeName: edition.say(text("Days", "일")),
    survivalName: edition.say(text("Without the event", "사건 없음")),
    atRiskName: edition.say(text("Number at risk", "위험집단 수")),
    times: arms[0].numbersAtRisk.map(({ time }) => time),
    lines: arms.map(({ steps, followedDays, numbersAtRisk }, arm) => ({
      label: edition.say(ARMS[arm] ?? text("", "")),
      steps: steps.map(({ time, survival, ci95 }) => ({ time, survival, ...(ci95 === undefined ? {} : { low: ci95[0], high: ci95[1] }) })),
      lastTime: followedDays,
      atRisk: numbersAtRisk.map(({ atRisk }) => atRisk),
    })),
  });
  return renderFigure(svg, edition.say(ESTIMATORS[estimator]));
}

function timeTable(edition: Edition, { estimator, at }: WeightedSurvival): Html {
  type Row = WeightedSurvival["at"][number];
  const { en, ko } = ESTIMATORS[estimator];
  return renderTable(edition, {
    caption: text(`Without the event at given days: ${en}`, `시점별 사건이 없는 비율: ${ko}`),
    columns: [
      { title: text("Day", "일"), cell: ({ time }: Row) => formatInteger(time) },
      { title: text("Untreated", "비치료"), numeric: true, cell: ({ survival }) => formatPercent(survival[0]) },
      { title: text("Treated", "치료"), numeric: true, cell: ({ survival }) => formatPercent(survival[1]) },
      {
        title: text("Difference in percentage points (95 % interval)", "차이, %p (95 % 신뢰구간)"),
        numeric: true,
        cell: ({ difference }) =>
          difference === undefined
            ? "–"
            : `${(100 * difference.estimate).toFixed(1)} (${formatInterval({ low: 100 * difference.ci95[0], high: 100 * difference.ci95[1] }, 1)})`,
      },
    ],
    rows: at,
  });
}
