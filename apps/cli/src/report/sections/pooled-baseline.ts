/** The one baseline hazard of all hospitals together, on the intervals that the gate has merged. */

import type { CoxAnalysis } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import { drawStepChart } from "../charts/step-chart.ts";
import type { Edition } from "../edition.ts";
import { formatDecimal, formatInteger, formatPercent } from "../format.ts";
import { type Html, html } from "../html.ts";
import { note, renderFigure, renderSection, renderTable } from "./parts.ts";

/** Nothing where each hospital has its own. */
export function renderPooledBaseline(edition: Edition, { baseline }: CoxAnalysis): Html {
  if (baseline === undefined) return html``;
  const { at, steps } = baseline;
  const points = steps.map(({ time, cumulativeHazard }) => ({ time, share: Math.exp(-cumulativeHazard) }));
  type Row = (typeof at)[number];
  return renderSection(edition, {
    name: "pooled-baseline",
    title: text("What is the hazard to which the ratios apply?", "위험비가 곱해지는 기저 위험은 얼마입니까?"),
    body: [
      renderFigure(
        drawStepChart({
          id: edition.id("pooled-baseline"),
          description: edition.say(
            text(
              "Baseline share without the event, all hospitals together; the cumulative hazards are in the table below.",
              "모든 병원을 합한 기저 무사건 비율 그림. 누적 위험은 아래 표에 있습니다.",
            ),
          ),
          timeName: edition.say(text("days", "일")),
          curves: [{ label: edition.say(text("All hospitals", "전체 병원")), points }],
        }),
        edition.say(
          text(
            "exp(−cumulative hazard) of a patient whose columns are all 0, told at the end of each interval.",
            "모든 변수가 0인 환자의 exp(−누적 위험). 각 구간의 끝에서 표시합니다.",
          ),
        ),
      ),
      renderTable(edition, {
        caption: text("Baseline at the study's times", "연구에서 정한 시점의 기저 위험"),
        columns: [
          { title: text("Day", "일"), numeric: true, cell: ({ time }: Row) => formatInteger(time) },
          {
            title: text("Cumulative hazard", "누적 위험"),
            numeric: true,
            cell: ({ cumulativeHazard }) => formatDecimal(cumulativeHazard, 4),
          },
          {
            title: text("exp(−it)", "exp(−누적 위험)"),
            numeric: true,
            cell: ({ cumulativeHazard }) => formatPercent(Math.exp(-cumulativeHazard)),
          },
        ],
        rows: at,
      }),
      note(edition, gridWords(edition, baseline)),
    ],
  });
}

function gridWords(edition: Edition, { timeBinDays, horizonDays, steps }: NonNullable<CoxAnalysis["baseline"]>): Text {
  const grid = text(
    `Time was counted in steps of ${timeBinDays} day${timeBinDays === 1 ? "" : "s"} up to day ${formatInteger(horizonDays)}; later events do not count.`,
    `시간은 ${timeBinDays}일 단위로 ${formatInteger(horizonDays)}일까지 세었고, 그 뒤의 사건은 세지 않았습니다.`,
  );
  const least = Math.min(...steps.map(({ events }) => events));
  if (edition.result.study.minimumCell === 0) return grid;
  return text(
    `${grid.en} Steps were joined into ${formatInteger(steps.length)} intervals of at least ${formatInteger(least)} events, and the model is that of the times so rounded: hazard ratios differ a little from those of the days themselves.`,
    `${grid.ko} 구간마다 사건이 ${formatInteger(least)}건 이상이 되도록 ${formatInteger(steps.length)}개 구간으로 합쳤으며, 모형은 이렇게 묶은 시간으로 구한 것입니다. 그래서 위험비는 날짜를 그대로 쓴 경우와 조금 다릅니다.`,
  );
}
