/** The effect by every estimator: forest plot, table of measures, and both standard errors where weights were estimated. */

import type { MeasuredEffect, TreatmentEffectAnalysis, TreatmentEffectEstimate } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import { ERRORS, ESTIMANDS, ESTIMATORS, isRatio, MEASURES } from "../../treatment-words.ts";
import { drawDifferenceChart } from "../charts/difference-chart.ts";
import { drawOddsRatioChart } from "../charts/odds-ratio-chart.ts";
import type { Edition } from "../edition.ts";
import { formatDecimal, formatInterval, formatP } from "../format.ts";
import { type Html, html } from "../html.ts";
import { note, renderFigure, renderSection, renderTable } from "./parts.ts";

export function renderTreatmentEffects(edition: Edition, analysis: TreatmentEffectAnalysis): Html {
  return renderSection(edition, {
    name: "treatment-effects",
    title: text("What does the treatment do?", "치료의 효과는 무엇입니까?"),
    body: [
      forest(edition, analysis.estimates),
      effectTable(edition, analysis.estimates),
      note(edition, errorWords(analysis.estimates)),
      meansTable(edition, analysis.estimates),
      note(edition, ASSUMPTIONS),
    ],
  });
}

const ASSUMPTIONS = text(
  "Patients were not allotted at random. These figures are effects of the treatment only if everything that drives both treatment and outcome is among the variables of the study; the E-value below says how much a missing one would have to do.",
  "환자는 무작위로 배정되지 않았습니다. 치료와 결과에 모두 영향을 주는 요인이 연구 변수에 빠짐없이 들어 있을 때만 이 수치를 치료 효과로 볼 수 있습니다. 빠진 요인이 얼마나 강해야 결과가 뒤집히는지는 아래 E-값이 말해 줍니다.",
);

/** The digits that a difference is told with: three significant ones, near enough. */
const digitsOf = (values: readonly number[]): number => {
  const largest = Math.max(...values.map(Math.abs).filter(Number.isFinite), Number.MIN_VALUE);
  return Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(largest))));
};

export function formatEffect({ measure, estimate, ci95 }: Pick<MeasuredEffect, "measure" | "estimate" | "ci95">): string {
  if (isRatio(measure)) return `${formatDecimal(estimate, 2)} (${formatInterval({ low: ci95[0], high: ci95[1] }, 2)})`;
  // A dash between two negative numbers reads badly.
  const digits = digitsOf([estimate, ...ci95]);
  return `${formatDecimal(estimate, digits)} (${ci95.map((end) => formatDecimal(end, digits)).join(", ")})`;
}

const estimatorName = (edition: Edition, { estimator, estimand }: TreatmentEffectEstimate): string =>
  `${edition.say(ESTIMATORS[estimator])}, ${edition.say(ESTIMANDS[estimand])}`;

function forest(edition: Edition, estimates: readonly TreatmentEffectEstimate[]): Html {
  const rows = estimates.flatMap((estimate) => {
    const [effect] = estimate.effects;
    return effect === undefined ? [] : [{ label: estimatorName(edition, estimate), effect }];
  });
  const measure = rows[0]?.effect.measure ?? "mean-difference";
  const name = MEASURES[measure];
  const chart = {
    id: edition.id("effects"),
    description: edition.say(
      text(
        "Forest plot of the effect by estimator; the figures are in the table below.",
        "추정법별 효과의 숲 그림. 수치는 아래 표에 있습니다.",
      ),
    ),
    axisName: edition.say(text(`← less with treatment · ${name.en} · more →`, `← 치료 시 감소 · ${name.ko} · 증가 →`)),
  };
  const drawn = isRatio(measure)
    ? drawOddsRatioChart({
        ...chart,
        rows: rows.map(({ label, effect: { estimate, ci95 } }) => ({ label, oddsRatio: estimate, low: ci95[0], high: ci95[1] })),
      })
    : drawDifferenceChart({
        ...chart,
        digits: digitsOf(rows.flatMap(({ effect: { estimate, ci95 } }) => [estimate, ...ci95])),
        rows: rows.map(({ label, effect: { estimate, ci95 } }) => ({ label, difference: estimate, low: ci95[0], high: ci95[1] })),
      });
  return renderFigure(
    drawn,
    edition.say(
      text(
        "Treated against untreated, with 95 % intervals, one line an estimator.",
        "치료군과 비치료군의 비교와 95 % 신뢰구간. 한 줄이 추정법 하나입니다.",
      ),
    ),
  );
}

function effectTable(edition: Edition, estimates: readonly TreatmentEffectEstimate[]): Html {
  const rows = estimates.flatMap((estimate) => estimate.effects.map((effect) => ({ estimate, effect })));
  type Row = (typeof rows)[number];
  const hasFixed = rows.some(({ effect }) => effect.weightsFixed !== undefined);
  return renderTable(edition, {
    caption: text("Effects", "효과"),
    columns: [
      { title: text("Estimator", "추정법"), cell: ({ estimate }: Row) => estimatorName(edition, estimate) },
      { title: text("Measure", "척도"), cell: ({ effect }) => edition.say(MEASURES[effect.measure]) },
      { title: text("Estimate (95 % interval)", "추정값(95 % 신뢰구간)"), numeric: true, cell: ({ effect }) => formatEffect(effect) },
      { title: text("SE", "표준오차"), numeric: true, cell: ({ effect }) => formatDecimal(effect.standardError, 4) },
      { title: text("p", "p"), numeric: true, cell: ({ effect }) => formatP(effect.p) },
      ...(hasFixed
        ? [
            {
              title: text("SE, weights as known", "표준오차(가중치 고정)"),
              numeric: true,
              cell: ({ effect: { weightsFixed } }: Row) =>
                weightsFixed === undefined ? "–" : formatDecimal(weightsFixed.standardError, 4),
            },
          ]
        : []),
    ],
    rows,
  });
}

function meansTable(edition: Edition, estimates: readonly TreatmentEffectEstimate[]): Html {
  const rows = estimates.flatMap(({ means, ...estimate }) => (means === undefined ? [] : [{ estimate: { ...estimate, means }, means }]));
  if (rows.length === 0) return html``;
  type Row = (typeof rows)[number];
  const digits = digitsOf(rows.flatMap(({ means }) => means.map(({ estimate }) => estimate)));
  const mean = (title: Text, arm: 0 | 1) => ({
    title,
    numeric: true,
    cell: ({ means }: Row) => `${formatDecimal(means[arm].estimate, digits)} (${formatDecimal(means[arm].standardError, digits + 1)})`,
  });
  return renderTable(edition, {
    caption: text("Mean outcome if all had the same treatment (standard error)", "모두 같은 치료를 받았을 때의 평균 결과(표준오차)"),
    columns: [
      { title: text("Estimator", "추정법"), cell: ({ estimate }: Row) => estimatorName(edition, estimate) },
      mean(text("Nobody treated", "모두 비치료"), 0),
      mean(text("Everybody treated", "모두 치료"), 1),
    ],
    rows,
  });
}

/** Which estimator's error comes from where. */
function errorWords(estimates: readonly TreatmentEffectEstimate[]): Text {
  const sources = [...new Set(estimates.map(({ errors }) => errors))].map((errors) => {
    const names = estimates.filter((estimate) => estimate.errors === errors).map(({ estimator }) => ESTIMATORS[estimator]);
    return text(
      `${names.map(({ en }) => en).join(", ")}: ${ERRORS[errors].en}`,
      `${names.map(({ ko }) => ko).join(", ")}: ${ERRORS[errors].ko}`,
    );
  });
  return text(
    `Standard errors: ${sources.map(({ en }) => en).join("; ")}. Those of ratios are of their logarithms. “Weights as known” leaves out that the propensities are estimates.`,
    `표준오차: ${sources.map(({ ko }) => ko).join("; ")}. 비율의 표준오차는 로그 척도입니다. ‘가중치 고정’은 성향점수가 추정값이라는 점을 반영하지 않은 값입니다.`,
  );
}
