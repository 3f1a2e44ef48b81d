/** Who was treated, and how alike the arms are before weighting and after. */

import type { Balance, TreatmentEffectAnalysis } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import { SCHEMES } from "../../treatment-words.ts";
import { drawLovePlot } from "../charts/love-plot.ts";
import { drawPropensityChart } from "../charts/propensity-chart.ts";
import type { Edition } from "../edition.ts";
import { formatDecimal, formatInteger } from "../format.ts";
import { type Html, html } from "../html.ts";
import { type Column, note, renderFigure, renderSection, renderTable } from "./parts.ts";

export function renderBalance(edition: Edition, analysis: TreatmentEffectAnalysis): Html {
  const { balance } = analysis;
  if (balance === undefined) return html``;
  return renderSection(edition, {
    name: "balance",
    title: text("Were like patients compared?", "비슷한 환자끼리 비교했습니까?"),
    body: [
      overlap(edition, analysis),
      lovePlot(edition, balance),
      balanceTable(edition, balance),
      sizeTable(edition, analysis, balance),
      note(edition, WORDS),
    ],
  });
}

const WORDS = text(
  "A standardised difference is that of the arms' means over the pooled standard deviation of the unweighted arms; below 0.1 (dashed line) is called balanced. The effective size says how many unweighted patients would tell as much.",
  "표준화 차이는 두 군 평균의 차이를 가중 전 합동 표준편차로 나눈 값이며, 0.1(점선) 미만이면 균형으로 봅니다. 유효 환자 수는 가중하지 않은 환자 몇 명에 해당하는 정보인지를 나타냅니다.",
);

function overlap(edition: Edition, { propensity }: TreatmentEffectAnalysis): Html {
  if (propensity === undefined) return html``;
  return renderFigure(
    drawPropensityChart({
      id: edition.id("propensities"),
      description: edition.say(
        text(
          "Share of the treated and of the untreated by probability of treatment; the steps are in the study's result.",
          "치료 확률에 따른 치료군과 비치료군의 비율. 구간별 수는 연구 결과 파일에 있습니다.",
        ),
      ),
      axisName: edition.say(text("probability of treatment", "치료 확률")),
      treated: edition.say(text("treated", "치료")),
      untreated: edition.say(text("untreated", "비치료")),
      steps: propensity.steps,
    }),
    edition.say(
      text(
        "Who was likely to be treated: where both arms have patients, they can be compared. Equal areas, one for each arm.",
        "치료받을 가능성: 두 군의 환자가 함께 있는 곳에서 비교할 수 있습니다. 두 군의 넓이는 같습니다.",
      ),
    ),
  );
}

function lovePlot(edition: Edition, { schemes, columns }: Balance): Html {
  return renderFigure(
    drawLovePlot({
      id: edition.id("love-plot"),
      description: edition.say(
        text(
          "Standardised differences by column before and after weighting; the figures are in the table below.",
          "가중 전후의 열별 표준화 차이. 수치는 아래 표에 있습니다.",
        ),
      ),
      axisName: edition.say(text("absolute standardised difference", "표준화 차이의 절댓값")),
      series: schemes.map(({ weights }) => edition.say(SCHEMES[weights])),
      rows: columns.map(({ name, standardisedDifferences }) => ({
        label: edition.variableName(name),
        differences: standardisedDifferences.map(Math.abs),
      })),
    }),
    edition.say(
      text("How far the treated and the untreated differ, before weighting and after.", "치료군과 비치료군의 차이, 가중 전과 후."),
    ),
  );
}

function balanceTable(edition: Edition, { schemes, columns }: Balance): Html {
  type Row = Balance["columns"][number];
  const scheme = ({ weights }: Balance["schemes"][number], k: number): Column<Row> => ({
    title: SCHEMES[weights],
    numeric: true,
    cell: ({ standardisedDifferences }) => formatDecimal(standardisedDifferences[k] ?? 0, 3),
  });
  return renderTable(edition, {
    caption: text("Standardised differences, treated − untreated", "표준화 차이(치료 − 비치료)"),
    columns: [{ title: text("Variable", "변수"), cell: ({ name }: Row) => edition.variableName(name) }, ...schemes.map(scheme)],
    rows: columns,
  });
}

function sizeTable(edition: Edition, { arms }: TreatmentEffectAnalysis, { schemes }: Balance): Html {
  const rows = [
    { label: text("Untreated", "비치료"), arm: 0 as const },
    { label: text("Treated", "치료"), arm: 1 as const },
  ];
  type Row = (typeof rows)[number];
  const size = ({ weights, effectiveSampleSizes }: Balance["schemes"][number]): Column<Row> => ({
    title: effectiveName(SCHEMES[weights]),
    numeric: true,
    cell: ({ arm }) => formatDecimal(effectiveSampleSizes[arm], 1),
  });
  const events: Column<Row> = {
    title: text("With the outcome", "결과 발생"),
    numeric: true,
    cell: ({ arm }) => (arms[arm].events === undefined ? "–" : formatInteger(arms[arm].events)),
  };
  return renderTable(edition, {
    caption: text("The two arms", "두 군"),
    columns: [
      { title: text("Arm", "군"), cell: ({ label }: Row) => edition.say(label) },
      { title: text("Patients", "환자 수"), numeric: true, cell: ({ arm }) => formatInteger(arms[arm].n) },
      events,
      ...schemes.slice(1).map(size),
    ],
    rows,
  });
}

const effectiveName = ({ en, ko }: Text): Text => text(`Effective size, ${en}`, `유효 환자 수, ${ko}`);
