/** A generalised linear model: its coefficients as a forest plot and a table, tests, the comparison of hospitals, and the path of a penalty. */

import type { GlmAnalysis, GlmTerm, GlmTest } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import { drawOddsRatioChart } from "../charts/odds-ratio-chart.ts";
import { drawPathChart } from "../charts/path-chart.ts";
import type { Edition } from "../edition.ts";
import { formatDecimal, formatInterval, formatP, formatPercent } from "../format.ts";
import type { Html } from "../html.ts";
import { note, paragraph, renderFigure, renderSection, renderTable } from "./parts.ts";

const INTERCEPT = "(intercept)";

/** What exp(coefficient) is, where the link makes it something. */
function ratioName({ model }: GlmAnalysis): Text | undefined {
  if (model.link === "logit") return text("Odds ratio", "오즈비");
  if (model.link !== "log") return undefined;
  return model.family === "gamma" ? text("Ratio of means", "평균비") : text("Rate ratio", "발생률비");
}

export function renderGlmCoefficients(edition: Edition, analysis: GlmAnalysis): Html {
  const { penalty } = analysis;
  return renderSection(edition, {
    name: "coefficients",
    title: text("What goes with a higher or lower outcome?", "결과가 더 높거나 낮은 것과 관련된 요인은 무엇입니까?"),
    body: [
      ...(penalty === undefined
        ? [...forest(edition, analysis), termTable(edition, analysis), note(edition, errorsNote(analysis))]
        : penalised(edition, penalty)),
      ...(analysis.tests === undefined ? [] : [testTable(edition, analysis.tests)]),
      ...comparison(edition, analysis),
      note(
        edition,
        text(
          "Each coefficient is adjusted for all others. It describes who has a higher outcome, not what a treatment does: patients were not allotted to treatment at random.",
          "각 계수는 나머지 변수를 모두 보정한 값입니다. 이는 누구에게서 결과가 높은지를 나타낼 뿐 치료의 효과를 뜻하지 않습니다. 환자는 무작위로 배정되지 않았습니다.",
        ),
      ),
    ],
  });
}

function forest(edition: Edition, analysis: GlmAnalysis): readonly Html[] {
  const name = ratioName(analysis);
  const rows = analysis.terms.flatMap(({ name: term, ratio }) =>
    ratio === undefined || term === INTERCEPT
      ? []
      : [{ label: edition.variableName(term), oddsRatio: ratio.estimate, low: ratio.ci95[0], high: ratio.ci95[1] }],
  );
  if (name === undefined || rows.length === 0) return [];
  return [
    renderFigure(
      drawOddsRatioChart({
        id: edition.id("forest"),
        description: edition.say(
          text(`Forest plot, ${name.en}; the figures are in the table below.`, `${name.ko} 숲 그림. 수치는 아래 표에 있습니다.`),
        ),
        axisName: edition.say(text(`← lower · ${name.en.toLowerCase()} · higher →`, `← 낮음 · ${name.ko} · 높음 →`)),
        rows,
      }),
      edition.say(
        text(
          `${name.en} with 95 % interval, each adjusted for all others; logarithmic axis.`,
          `${name.ko}와 95 % 신뢰구간. 각 값은 나머지 변수를 모두 보정한 것이며, 축은 로그 눈금입니다.`,
        ),
      ),
    ),
  ];
}

const nameOf = (edition: Edition, name: string): string =>
  name === INTERCEPT ? edition.say(text("Intercept", "절편")) : edition.variableName(name);

/** Enough digits for a coefficient in any unit: four of its own. */
const own = (value: number): string =>
  value !== 0 && Math.abs(value) < 0.1 ? value.toPrecision(3) : formatDecimal(value, Math.abs(value) >= 100 ? 1 : 4);

function termTable(edition: Edition, analysis: GlmAnalysis): Html {
  const ratio = ratioName(analysis);
  const isT = analysis.dispersion !== undefined && analysis.errors.kind === "model";
  const ends = ({ ci95 }: GlmTerm): string => `${own(ci95[0])} – ${own(ci95[1])}`;
  return renderTable(edition, {
    caption: text("Coefficients of the shared model", "공동 모형의 계수"),
    columns: [
      { title: text("Variable", "변수"), cell: (term: GlmTerm) => nameOf(edition, term.name) },
      ...(ratio === undefined
        ? []
        : [
            {
              title: ratio,
              numeric: true,
              cell: (term: GlmTerm) => (term.ratio === undefined ? "–" : formatDecimal(term.ratio.estimate, 3)),
            },
            {
              title: text("its 95 % interval", "95 % 신뢰구간"),
              numeric: true,
              cell: (term: GlmTerm) =>
                term.ratio === undefined ? "–" : formatInterval({ low: term.ratio.ci95[0], high: term.ratio.ci95[1] }, 3),
            },
          ]),
      { title: text("Coefficient", "계수"), numeric: true, cell: (term) => own(term.estimate) },
      { title: text("SE", "표준오차"), numeric: true, cell: (term) => own(term.standardError) },
      ...(ratio === undefined ? [{ title: text("95 % interval", "95 % 신뢰구간"), numeric: true, cell: ends }] : []),
      { title: isT ? text("t", "t") : text("z", "z"), numeric: true, cell: (term) => formatDecimal(term.z, 2) },
      { title: text("p", "p"), numeric: true, cell: (term) => formatP(term.p) },
    ],
    rows: analysis.terms,
  });
}

/** Fewer clusters than these: intervals are too narrow (Cameron & Miller 2015, J Hum Resour 50:317). */
const CLUSTERS_FEW = 30;

function errorsNote({ errors, siteEffects }: GlmAnalysis): Text {
  const sites =
    siteEffects === undefined
      ? text("", "")
      : text(
          " Every hospital has an intercept of its own, which did not leave it: coefficients compare patients of one hospital.",
          " 병원마다 절편을 따로 두었고 그 값은 병원 밖으로 나가지 않았습니다. 계수는 같은 병원 환자끼리 비교한 것입니다.",
        );
  const kind = errorKind(errors);
  return text(`${kind.en}${sites.en}`, `${kind.ko}${sites.ko}`);
}

function errorKind({ kind, sites = 0, factor = 1 }: GlmAnalysis["errors"]): Text {
  if (kind === "model") {
    return text(
      "Standard errors are the model's own: right where the model's variance is.",
      "표준오차는 모형에서 구했습니다. 모형이 가정한 분산이 맞을 때 정확합니다.",
    );
  }
  if (kind === "sandwich") {
    return text(
      "Standard errors are robust to a wrong variance of the model (sandwich, HC0), not to patients of one hospital being alike.",
      "표준오차는 모형의 분산이 틀려도 유효합니다(샌드위치, HC0). 같은 병원 환자끼리 비슷한 정도는 반영하지 않습니다.",
    );
  }
  const few =
    sites >= CLUSTERS_FEW
      ? text("", "")
      : text(
          ` With fewer than ${CLUSTERS_FEW} hospitals such intervals are too narrow.`,
          ` 병원이 ${CLUSTERS_FEW}개보다 적으면 신뢰구간이 실제보다 좁아집니다.`,
        );
  return text(
    `Standard errors allow for patients of one hospital being alike (clustered by ${sites} hospitals, HC0 × G/(G − 1) = ${formatDecimal(factor, 3)}).${few.en}`,
    `표준오차는 같은 병원 환자끼리 비슷한 정도를 반영합니다(병원 ${sites}개 군집, HC0 × G/(G − 1) = ${formatDecimal(factor, 3)}).${few.ko}`,
  );
}

function testTable(edition: Edition, tests: NonNullable<GlmAnalysis["tests"]>): Html {
  const rows = [
    ...tests.terms.map((test) => ({ ...test, label: edition.variableName(test.term) })),
    { ...tests.overall, label: edition.say(text("All together", "전체")) },
  ];
  type Row = (typeof rows)[number];
  const kinds: readonly (readonly [keyof GlmTest, Text])[] = [
    ["wald", text("Wald", "왈드")],
    ["likelihoodRatio", text("Likelihood ratio", "가능도비")],
    ["score", text("Score", "점수")],
  ];
  const asked = kinds.filter(([kind]) => rows.some((row) => row[kind] !== undefined));
  const df = (row: Row): string => String((row.wald ?? row.likelihoodRatio ?? row.score)?.df ?? "–");
  const columns = asked.flatMap(([kind, name]) => [
    {
      title: text(`${name.en} χ²`, `${name.ko} χ²`),
      numeric: true,
      cell: (row: Row) => (row[kind] === undefined ? "–" : formatDecimal(row[kind].chisq, 2)),
    },
    { title: text("p", "p"), numeric: true, cell: (row: Row) => (row[kind] === undefined ? "–" : formatP(row[kind].p)) },
  ]);
  return renderTable(edition, {
    caption: text(
      "Tests of each variable with all its columns (and the products that it is part of)",
      "변수별 검정 (변수의 모든 열과 그 변수가 들어간 교호작용 포함)",
    ),
    columns: [
      { title: text("Variable", "변수"), cell: (row: Row) => row.label },
      { title: text("df", "자유도"), numeric: true, cell: df },
      ...columns,
    ],
    rows,
  });
}

function comparison(edition: Edition, { heterogeneity: found }: GlmAnalysis): readonly Html[] {
  if (found === undefined) return [];
  const name = edition.variableName(found.feature);
  if (found.kind === "not-compared") {
    return [
      paragraph(
        edition,
        text(
          `Hospitals could not be compared in the effect of ${name}: at one of them it does not vary, or splits the outcome.`,
          `${name}의 효과를 병원 사이에서 비교할 수 없었습니다. 한 병원에서 이 변수의 값이 모두 같거나 결과를 완전히 나눕니다.`,
        ),
      ),
    ];
  }
  const { q, likelihoodRatio: lr, iSquared, sites } = found;
  const p = (value: number): string => (value < 0.001 ? `p ${formatP(value)}` : `p = ${formatP(value)}`);
  const figures = `Q = ${formatDecimal(q.chisq, 2)} (df ${q.df}, ${p(q.p)}), I² = ${formatPercent(iSquared)}`;
  return [
    paragraph(
      edition,
      text(
        `Does the effect of ${name} differ between the ${sites} hospitals? ${figures}; likelihood ratio χ² = ${formatDecimal(lr.chisq, 2)} (${p(lr.p)}). No hospital's own effect was shown.`,
        `${name}의 효과가 ${sites}개 병원 사이에서 다릅니까? ${figures}, 가능도비 χ² = ${formatDecimal(lr.chisq, 2)} (${p(lr.p)}). 개별 병원의 효과는 공개되지 않았습니다.`,
      ),
    ),
  ];
}

function penalised(edition: Edition, penalty: NonNullable<GlmAnalysis["penalty"]>): readonly Html[] {
  const { coefficients, path, lambda, lambdaOneStandardError } = penalty;
  const chosen =
    path === undefined
      ? text(`λ = ${own(lambda)}, as the study gives it.`, `λ = ${own(lambda)} (연구에서 정한 값).`)
      : text(
          `λ = ${own(lambda)} gives the least deviance in patients whom a fit had not seen, each fifth left out in turn; the largest λ within one standard error of it is ${own(lambdaOneStandardError ?? lambda)}.`,
          `λ = ${own(lambda)}에서 모형이 보지 않은 환자(5분의 1씩 차례로 제외)의 이탈도가 가장 작았습니다. 표준오차 하나 이내의 가장 큰 λ는 ${own(lambdaOneStandardError ?? lambda)}입니다.`,
        );
  return [
    paragraph(edition, chosen),
    renderTable(edition, {
      caption: text("Coefficients under the penalty", "벌점을 적용한 계수"),
      columns: [
        { title: text("Variable", "변수"), cell: (row: (typeof coefficients)[number]) => nameOf(edition, row.name) },
        { title: text("Coefficient", "계수"), numeric: true, cell: ({ estimate }) => (estimate === 0 ? "0" : own(estimate)) },
      ],
      rows: coefficients,
    }),
    note(
      edition,
      text(
        "Penalised coefficients are drawn towards 0 on purpose and have no standard errors.",
        "벌점을 적용한 계수는 일부러 0 쪽으로 줄인 값이며 표준오차가 없습니다.",
      ),
    ),
    ...(path === undefined ? [] : [pathFigure(edition, path, lambda), pathTable(edition, path, lambda)]),
  ];
}

type Path = NonNullable<NonNullable<GlmAnalysis["penalty"]>["path"]>;

function pathFigure(edition: Edition, path: Path, lambda: number): Html {
  return renderFigure(
    drawPathChart({
      id: edition.id("path"),
      description: edition.say(
        text(
          "Deviance of patients left out over the penalty; the figures are in the table below.",
          "벌점에 따른 제외 환자의 이탈도 그림. 수치는 아래 표에 있습니다.",
        ),
      ),
      lambdaName: edition.say(text("λ, logarithmic: stronger penalty →", "λ (로그 눈금): 벌점 강함 →")),
      devianceName: edition.say(text("Mean deviance", "평균 이탈도")),
      path,
      chosen: lambda,
    }),
    edition.say(
      text(
        "Mean deviance of patients whom a fit had not seen, with one standard error to either side; the upright line is the λ that was taken.",
        "모형이 보지 않은 환자의 평균 이탈도와 위아래 표준오차 하나. 세로선은 선택한 λ입니다.",
      ),
    ),
  );
}

function pathTable(edition: Edition, path: Path, lambda: number): Html {
  type Row = (typeof path)[number];
  return renderTable(edition, {
    caption: text("Cross-validation", "교차 검증"),
    columns: [
      { title: text("λ", "λ"), cell: (row: Row) => `${own(row.lambda)}${row.lambda === lambda ? " ←" : ""}` },
      { title: text("Coefficients that are not 0", "0이 아닌 계수"), numeric: true, cell: (row) => String(row.nonZeroCount) },
      { title: text("Mean deviance", "평균 이탈도"), numeric: true, cell: (row) => own(row.deviance) },
      { title: text("SE", "표준오차"), numeric: true, cell: (row) => own(row.standardError) },
    ],
    rows: path,
  });
}
