/** The model itself: hazard ratios as a forest plot and as a table, and whether each stays the same over time. */

import type { CoxAnalysis, CoxTerm } from "@dure/federation/coordinator";
import { text } from "@dure/kernel";
import { drawOddsRatioChart } from "../charts/odds-ratio-chart.ts";
import type { Edition } from "../edition.ts";
import { formatDecimal, formatInterval, formatP } from "../format.ts";
import type { Html } from "../html.ts";
import { note, renderFigure, renderSection, renderTable } from "./parts.ts";

export function renderHazardRatios(edition: Edition, analysis: CoxAnalysis): Html {
  return renderSection(edition, {
    name: "hazard-ratios",
    title: text("What goes with an earlier or later event?", "사건이 더 빨리 또는 더 늦게 발생하는 것과 관련된 요인은 무엇입니까?"),
    body: [
      renderFigure(
        drawOddsRatioChart({
          id: edition.id("forest"),
          description: edition.say(
            text("Forest plot of hazard ratios; the figures are in the table below.", "위험비 숲 그림. 수치는 아래 표에 있습니다."),
          ),
          axisName: edition.say(text("← lower hazard · hazard ratio · higher hazard →", "← 위험 낮음 · 위험비 · 위험 높음 →")),
          rows: analysis.terms.map((term) => ({
            label: edition.variableName(term.name),
            oddsRatio: term.hazardRatio.estimate,
            ...range(term),
          })),
        }),
        edition.say(
          analysis.strata === undefined
            ? text(
                "Hazard ratios with 95 % intervals, each adjusted for all others; logarithmic axis.",
                "위험비와 95 % 신뢰구간. 각 값은 나머지 변수를 모두 보정한 것이며, 축은 로그 눈금입니다.",
              )
            : text(
                "Hazard ratios with 95 % intervals, each adjusted for all others and within hospitals; logarithmic axis.",
                "위험비와 95 % 신뢰구간. 각 값은 병원 안에서 나머지 변수를 모두 보정한 것이며, 축은 로그 눈금입니다.",
              ),
        ),
      ),
      termTable(edition, analysis.terms),
      ...proportionalHazards(edition, analysis),
      note(
        edition,
        text(
          "A hazard ratio above 1 goes with an earlier event. It describes who has it, not what a treatment does: patients were not allotted to treatment at random.",
          "위험비가 1보다 크면 사건이 더 빨리 발생함을 뜻합니다. 이는 누구에게 발생하는지를 나타낼 뿐 치료의 효과를 뜻하지 않습니다. 환자는 무작위로 배정되지 않았습니다.",
        ),
      ),
    ],
  });
}

const range = ({ hazardRatio: { ci95 } }: CoxTerm) => ({ low: ci95[0], high: ci95[1] });

function termTable(edition: Edition, terms: readonly CoxTerm[]): Html {
  return renderTable(edition, {
    caption: text("Coefficients of the shared model", "공동 모형의 계수"),
    columns: [
      { title: text("Variable", "변수"), cell: (term: CoxTerm) => edition.variableName(term.name) },
      { title: text("Hazard ratio", "위험비"), numeric: true, cell: (term) => formatDecimal(term.hazardRatio.estimate, 2) },
      { title: text("95 % interval", "95 % 신뢰구간"), numeric: true, cell: (term) => formatInterval(range(term), 2) },
      { title: text("Log hazard ratio", "로그 위험비"), numeric: true, cell: (term) => formatDecimal(term.estimate, 4) },
      { title: text("SE", "표준오차"), numeric: true, cell: (term) => formatDecimal(term.standardError, 4) },
      { title: text("p", "p"), numeric: true, cell: (term) => formatP(term.p) },
    ],
    rows: terms,
  });
}

function proportionalHazards(edition: Edition, { proportionalHazards: test }: CoxAnalysis): readonly Html[] {
  if (test === undefined) return [];
  const rows = [
    ...test.terms.map((term) => ({ ...term, label: edition.variableName(term.name) })),
    { ...test.global, label: edition.say(text("All together", "전체")) },
  ];
  type Row = (typeof rows)[number];
  return [
    renderTable(edition, {
      caption: text(
        "Does the ratio change over time? (score test, transform: time itself)",
        "위험비가 시간에 따라 변합니까? (점수 검정, 변환: 시간)",
      ),
      columns: [
        { title: text("Variable", "변수"), cell: (row: Row) => row.label },
        { title: text("χ²", "χ²"), numeric: true, cell: (row) => formatDecimal(row.chisq, 3) },
        { title: text("df", "자유도"), numeric: true, cell: (row) => String(row.df) },
        { title: text("p", "p"), numeric: true, cell: (row) => formatP(row.p) },
      ],
      rows,
    }),
    note(
      edition,
      text(
        "A small p says that the ratio is an average over follow-up: it is larger early than late, or the other way round.",
        "p 값이 작으면 위험비가 추적 기간 동안 일정하지 않고, 표의 값은 그 평균임을 뜻합니다.",
      ),
    ),
  ];
}
