/** The pooled coefficients: forest plot and table, how much the hospitals differ, and what a meta-analysis loses. */

import type { MetaAnalysis, MetaAnalysisTerm } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import { leftOutWords } from "../../meta-analysis-words.ts";
import { drawOddsRatioChart } from "../charts/odds-ratio-chart.ts";
import type { Edition } from "../edition.ts";
import { formatDecimal, formatInterval, formatP, formatPercent } from "../format.ts";
import { type Html, html } from "../html.ts";
import { note, paragraph, renderFigure, renderSection, renderTable } from "./parts.ts";

const INTERCEPT = "(intercept)";

const RATIOS: Readonly<Record<MetaAnalysis["model"], Text | undefined>> = {
  linear: undefined,
  logistic: text("odds ratio", "오즈비"),
  poisson: text("rate ratio", "발생률비"),
  cox: text("hazard ratio", "위험비"),
};

export function renderPooledCoefficients(edition: Edition, analysis: MetaAnalysis): Html {
  const ratio = RATIOS[analysis.model];
  return renderSection(edition, {
    name: "pooled-coefficients",
    title: text("What do the hospitals find together?", "병원들을 합쳐 무엇을 알 수 있습니까?"),
    body: [
      ...(ratio === undefined ? [] : [forest(edition, analysis, ratio)]),
      coefficientTable(edition, analysis),
      heterogeneityTable(edition, analysis),
      note(
        edition,
        text(
          "Q tests that all hospitals have one effect; I² is the share of variance that lies between hospitals; the prediction interval says where the effect of a further hospital may lie. Only sums over hospitals are known: no hospital's own coefficient stands here.",
          "Q는 모든 병원의 효과가 같은지를 검정합니다. I²는 전체 분산 중 병원 간 분산의 비율이고, 예측구간은 다른 병원에서 효과가 놓일 범위입니다. 병원 전체의 합만 알 수 있으며, 개별 병원의 계수는 여기에 없습니다.",
        ),
      ),
      whatIsLost(edition, analysis),
    ],
  });
}

const ratioOf = ({ estimate, ci95 }: Pick<MetaAnalysisTerm, "estimate" | "ci95">) => ({
  oddsRatio: Math.exp(estimate),
  low: Math.exp(ci95[0]),
  high: Math.exp(ci95[1]),
});

function forest(edition: Edition, { terms, effects }: MetaAnalysis, ratio: Text): Html {
  return renderFigure(
    drawOddsRatioChart({
      id: edition.id("forest"),
      description: edition.say(
        text(
          "Forest plot of the pooled coefficients; the figures are in the table below.",
          "합친 계수의 숲 그림. 수치는 아래 표에 있습니다.",
        ),
      ),
      axisName: edition.say(text(`← lower · ${ratio.en} · higher →`, `← 낮음 · ${ratio.ko} · 높음 →`)),
      rows: terms.filter(({ name }) => name !== INTERCEPT).map((term) => ({ label: edition.variableName(term.name), ...ratioOf(term) })),
    }),
    edition.say(
      effects === "random"
        ? text(
            "Mean effect over hospitals with its 95 % interval (random effects); logarithmic axis.",
            "병원 간 평균 효과와 95 % 신뢰구간(변량효과). 축은 로그 눈금입니다.",
          )
        : text(
            "Common effect with its 95 % interval (fixed effect); logarithmic axis.",
            "공통 효과와 95 % 신뢰구간(고정효과). 축은 로그 눈금입니다.",
          ),
    ),
  );
}

const nameOf = (edition: Edition, { name }: MetaAnalysisTerm): string =>
  name === INTERCEPT ? edition.say(text("Intercept", "절편")) : edition.variableName(name);

/** Enough digits for a coefficient in any unit. */
const decimal = (value: number): string => formatDecimal(value, Math.abs(value) >= 100 ? 1 : 4);
const interval = (ends: readonly [number, number] | undefined): string =>
  ends === undefined ? "–" : formatInterval({ low: ends[0], high: ends[1] }, Math.max(...ends.map(Math.abs)) >= 100 ? 1 : 4);

function coefficientTable(edition: Edition, analysis: MetaAnalysis): Html {
  const ratio = RATIOS[analysis.model];
  return renderTable(edition, {
    caption: text("Pooled coefficients", "합친 계수"),
    columns: [
      { title: text("Variable", "변수"), cell: (term: MetaAnalysisTerm) => nameOf(edition, term) },
      ...(ratio === undefined
        ? []
        : [{ title: ratio, numeric: true, cell: (term: MetaAnalysisTerm) => formatDecimal(Math.exp(term.estimate), 2) }]),
      { title: text("Coefficient", "계수"), numeric: true, cell: (term) => decimal(term.estimate) },
      { title: text("SE", "표준오차"), numeric: true, cell: (term) => decimal(term.standardError) },
      { title: text("95 % interval", "95 % 신뢰구간"), numeric: true, cell: (term) => interval(term.ci95) },
      { title: text("p", "p"), numeric: true, cell: (term) => formatP(term.p) },
      ...(analysis.effects === "random"
        ? [
            {
              title: text("Hartung-Knapp interval", "Hartung-Knapp 신뢰구간"),
              numeric: true,
              cell: (term: MetaAnalysisTerm) => interval(term.random?.hartungKnapp?.ci95),
            },
            { title: text("Fixed effect", "고정효과"), numeric: true, cell: (term: MetaAnalysisTerm) => decimal(term.fixed.estimate) },
          ]
        : []),
    ],
    rows: analysis.terms,
  });
}

function heterogeneityTable(edition: Edition, { terms, effects }: MetaAnalysis): Html {
  return renderTable(edition, {
    caption: text("How much the hospitals differ", "병원 간 차이"),
    columns: [
      { title: text("Variable", "변수"), cell: (term: MetaAnalysisTerm) => nameOf(edition, term) },
      ...(effects === "random"
        ? [{ title: text("τ² (REML)", "τ² (REML)"), numeric: true, cell: ({ random }: MetaAnalysisTerm) => tau(random?.tauSquared) }]
        : []),
      { title: text("I²", "I²"), numeric: true, cell: ({ heterogeneity: h }) => (h === undefined ? "–" : formatPercent(h.iSquared)) },
      { title: text("H²", "H²"), numeric: true, cell: ({ heterogeneity: h }) => (h === undefined ? "–" : formatDecimal(h.hSquared, 2)) },
      {
        title: text("Q (df)", "Q (자유도)"),
        numeric: true,
        cell: ({ heterogeneity: h }) => (h === undefined ? "–" : `${formatDecimal(h.q.statistic, 2)} (${h.q.df})`),
      },
      { title: text("p of Q", "Q의 p"), numeric: true, cell: ({ heterogeneity: h }) => (h === undefined ? "–" : formatP(h.q.p)) },
      ...(effects === "random"
        ? [
            {
              title: text("Prediction interval", "예측구간"),
              numeric: true,
              cell: ({ random }: MetaAnalysisTerm) => interval(random?.prediction),
            },
          ]
        : []),
    ],
    rows: terms,
  });
}

const tau = (value: number | undefined): string => (value === undefined ? "–" : value === 0 ? "0" : value.toPrecision(3));

function whatIsLost(edition: Edition, { model, hospitals, reason }: MetaAnalysis): Html {
  const heading = edition.say(text("What is lost", "무엇을 잃습니까"));
  const rare = model === "linear" ? [] : [paragraph(edition, RARE)];
  return html`<h3>${heading}</h3>
${paragraph(edition, text(`Why it was used: ${reason}.`, `이 방법을 쓴 이유: ${reason}.`))}${rare}${paragraph(edition, leftOutWords(hospitals))}`;
}

const RARE = text(
  "Where events are rare, each hospital's own coefficients are biased away from those of one fit and their standard errors are too rough for weights; hospitals without an event, or with one that a variable splits off, have no coefficient at all. None of this happens in one fit over all hospitals. Below some ten events a variable and hospital, read these figures with caution.",
  "사건이 드물면 병원별 계수는 하나의 모형에서 구한 값과 다르게 치우치고, 표준오차도 가중치로 쓰기에 부정확합니다. 사건이 없거나 한 변수로 완전히 나뉘는 병원은 계수를 구할 수 없습니다. 모든 병원이 함께 하나의 모형을 구하면 이런 문제가 없습니다. 병원마다 변수당 사건이 10건 미만이면 주의해서 해석해야 합니다.",
);
