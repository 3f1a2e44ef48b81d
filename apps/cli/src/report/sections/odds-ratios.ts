/** The model itself: odds ratios as a forest plot and as a table. */

import type { LogisticAnalysis } from "@dure/federation/coordinator";
import { text } from "@dure/kernel";
import { drawOddsRatioChart } from "../charts/odds-ratio-chart.ts";
import type { Edition } from "../edition.ts";
import { formatDecimal, formatInterval, formatP } from "../format.ts";
import type { Html } from "../html.ts";
import type { Term } from "../report-options.ts";
import { note, renderFigure, renderSection, renderTable } from "./parts.ts";

const INTERCEPT = "(intercept)";

export function renderOddsRatios(edition: Edition, analysis: LogisticAnalysis): Html {
  const terms = analysis.terms.filter((term) => term.name !== INTERCEPT);
  return renderSection(edition, {
    name: "odds-ratios",
    title: text("What goes with a higher or lower risk?", "위험이 높거나 낮은 것과 관련된 요인은 무엇입니까?"),
    body: [
      renderFigure(
        drawOddsRatioChart({
          id: edition.id("forest"),
          description: edition.say(
            text("Forest plot of odds ratios; the figures are in the table below.", "오즈비 숲 그림. 수치는 아래 표에 있습니다."),
          ),
          axisName: edition.say(text("← lower risk · odds ratio · higher risk →", "← 위험 낮음 · 오즈비 · 위험 높음 →")),
          rows: terms.map((term) => ({ label: edition.variableName(term.name), ...oddsRatio(term) })),
        }),
        edition.say(
          text(
            "Odds ratios of the shared model with 95 % intervals, each adjusted for all others; logarithmic axis.",
            "공동 모형의 오즈비와 95 % 신뢰구간. 각 값은 나머지 변수를 모두 보정한 것이며, 축은 로그 눈금입니다.",
          ),
        ),
      ),
      termTable(edition, analysis.terms),
      note(
        edition,
        text(
          "An odds ratio above 1 goes with a higher risk. It describes who has the outcome, not what a treatment does: patients were not allotted to treatment at random.",
          "오즈비가 1보다 크면 위험이 더 높음을 뜻합니다. 이는 결과가 누구에게 발생하는지를 나타낼 뿐 치료의 효과를 뜻하지 않습니다. 환자는 무작위로 배정되지 않았습니다.",
        ),
      ),
    ],
  });
}

const oddsRatio = (term: Term) => ({ oddsRatio: Math.exp(term.estimate), low: Math.exp(term.ci95[0]), high: Math.exp(term.ci95[1]) });

function termTable(edition: Edition, terms: readonly Term[]): Html {
  return renderTable(edition, {
    caption: text("Coefficients of the shared model", "공동 모형의 계수"),
    columns: [
      {
        title: text("Variable", "변수"),
        cell: (term: Term) => (term.name === INTERCEPT ? edition.say(text("Intercept", "절편")) : edition.variableName(term.name)),
      },
      {
        title: text("Odds ratio", "오즈비"),
        numeric: true,
        cell: (term) => (term.name === INTERCEPT ? "–" : formatDecimal(oddsRatio(term).oddsRatio, 2)),
      },
      {
        title: text("95 % interval", "95 % 신뢰구간"),
        numeric: true,
        cell: (term) => (term.name === INTERCEPT ? "–" : formatInterval(oddsRatio(term), 2)),
      },
      { title: text("Log odds", "로그 오즈"), numeric: true, cell: (term) => formatDecimal(term.estimate, 4) },
      { title: text("SE", "표준오차"), numeric: true, cell: (term) => formatDecimal(term.standardError, 4) },
      { title: text("p", "p"), numeric: true, cell: (term) => formatP(term.p) },
    ],
    rows: terms,
  });
}
