/** The baselines that hospitals released in their own name: the share without the event, for a patient whose columns are all 0. */

import type { BaselineHazard, CoxAnalysis } from "@dure/federation/coordinator";
import { text } from "@dure/kernel";
import { drawStepChart } from "../charts/step-chart.ts";
import type { Edition } from "../edition.ts";
import { formatDecimal, formatInteger } from "../format.ts";
import { type Html, html } from "../html.ts";
import { note, renderFigure, renderSection, renderTable } from "./parts.ts";

/** Nothing where no hospital released one. */
export function renderBaselineHazard(edition: Edition, { baselineHazard = [] }: CoxAnalysis): Html {
  if (baselineHazard.length === 0) return html``;
  const times = [...new Set(baselineHazard.flatMap(({ at }) => at.map(({ time }) => time)))].sort((a, b) => a - b);
  return renderSection(edition, {
    name: "baseline-hazard",
    title: text("How do the hospitals' own baselines differ?", "병원별 기저 위험은 어떻게 다릅니까?"),
    body: [
      renderFigure(
        drawStepChart({
          id: edition.id("baseline"),
          description: edition.say(
            text(
              "Baseline share without the event by hospital; the cumulative hazards are in the table below.",
              "병원별 기저 무사건 비율 그림. 누적 위험은 아래 표에 있습니다.",
            ),
          ),
          timeName: edition.say(text("days", "일")),
          curves: baselineHazard.map(({ site, at }) => ({
            label: edition.hospitalName(site),
            points: at.map(({ time, cumulativeHazard }) => ({ time, share: Math.exp(-cumulativeHazard) })),
          })),
        }),
        edition.say(
          text(
            "exp(−cumulative hazard) of a patient whose columns are all 0, at the study's times.",
            "모든 변수가 0인 환자의 exp(−누적 위험), 연구에서 정한 시점.",
          ),
        ),
      ),
      renderTable(edition, {
        caption: text("Cumulative baseline hazard, released by the hospital itself", "누적 기저 위험 (병원이 직접 공개)"),
        columns: [
          { title: text("Hospital", "병원"), cell: (row: BaselineHazard) => edition.hospitalName(row.site) },
          ...times.map((time) => ({
            title: text(`Day ${formatInteger(time)}`, `${formatInteger(time)}일`),
            numeric: true,
            cell: ({ at }: BaselineHazard) => {
              const point = at.find((candidate) => candidate.time === time);
              return point === undefined ? "–" : formatDecimal(point.cumulativeHazard, 4);
            },
          })),
        ],
        rows: baselineHazard,
      }),
      note(
        edition,
        text(
          "A dash stands where fewer events than the minimum cell lie between two times: they are then taken together.",
          "두 시점 사이의 사건 수가 최소 셀보다 적으면 구간을 합치고 줄표(–)로 표시합니다.",
        ),
      ),
    ],
  });
}
