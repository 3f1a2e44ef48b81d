/** Survival by group: the curves, how long half of each group went without the event, and whether the groups differ. */

import type { KaplanMeierAnalysis, SurvivalGroup } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import { drawSurvivalChart } from "../charts/survival-chart.ts";
import type { Edition } from "../edition.ts";
import { formatDecimal, formatInteger, formatInterval, formatP, formatPercent } from "../format.ts";
import { type Html, html } from "../html.ts";
import { groupName } from "./group-name.ts";
import { type Column, note, paragraph, renderFigure, renderSection, renderTable } from "./parts.ts";
import { wideStepWarning } from "./wide-steps.ts";

export function renderSurvivalCurves(edition: Edition, analysis: KaplanMeierAnalysis): Html {
  return renderSection(edition, {
    name: "survival",
    title: text("How long without the event?", "사건 없이 지낸 기간은 얼마나 됩니까?"),
    body: [
      paragraph(
        edition,
        text(
          "Each curve is the share of patients who have not had the event by that day (Kaplan-Meier). Patients whose follow-up ended earlier count as long as they were followed.",
          "각 곡선은 그날까지 사건이 발생하지 않은 환자의 비율입니다(카플란-마이어). 추적이 먼저 끝난 환자는 추적된 기간까지만 반영됩니다.",
        ),
      ),
      figure(edition, analysis),
      groupTable(edition, analysis),
      timeTable(edition, analysis),
      riskTable(edition, analysis),
      test(edition, analysis),
      note(edition, gridWords(edition, analysis)),
    ],
  });
}

/** `269 (212–310)`, with a word where the curve stays above a half. */
export function medianWords({ median }: SurvivalGroup): Text {
  const days = (value: number | null): Text => (value === null ? text("not reached", "미도달") : both(formatInteger(value)));
  const [low, high] = median.ci95.map(days);
  const estimate = days(median.estimate);
  if (low === undefined || high === undefined) return estimate;
  return text(`${estimate.en} (${low.en}\u2060–\u2060${high.en})`, `${estimate.ko}(${low.ko}\u2060–\u2060${high.ko})`);
}

/** `= 0.024`, `< 0.001`. */
export function pRelation(p: number): string {
  const printed = formatP(p);
  return printed.startsWith("<") ? `< ${printed.slice(1)}` : `= ${printed}`;
}

const both = (words: string): Text => text(words, words);

function figure(edition: Edition, analysis: KaplanMeierAnalysis): Html {
  const svg = drawSurvivalChart({
    id: edition.id("survival-curves"),
    description: edition.say(
      text(
        "Survival curves by group with 95 % bands and numbers at risk; the figures are in the tables below.",
        "집단별 생존 곡선과 95 % 신뢰대, 위험집단 수. 수치는 아래 표에 있습니다.",
      ),
    ),
    timeName: edition.say(text("Days", "일")),
    survivalName: edition.say(text("Without the event", "사건 없음")),
    atRiskName: edition.say(text("Number at risk", "위험집단 수")),
    times: timesAtRisk(analysis),
    lines: analysis.groups.map((group) => ({
      label: groupName(edition, group),
      steps: group.curve.map(({ time, survival, ci95 }) => ({
        time,
        survival,
        ...(ci95 === undefined ? {} : { low: ci95[0], high: ci95[1] }),
      })),
      lastTime: group.followedDays,
      atRisk: group.numbersAtRisk.map(({ atRisk }) => atRisk),
    })),
  });
  const caption = text(
    "Share of patients without the event, with pointwise 95 % bands. Below the axis: how many were still followed just before that day.",
    "사건이 발생하지 않은 환자의 비율과 시점별 95 % 신뢰대. 축 아래는 그날 직전까지 추적 중인 환자 수입니다.",
  );
  return renderFigure(svg, edition.say(caption));
}

const timesAtRisk = (analysis: KaplanMeierAnalysis): readonly number[] => analysis.groups[0]?.numbersAtRisk.map(({ time }) => time) ?? [];

const groupColumn = (edition: Edition): Column<SurvivalGroup> => ({
  title: text("Group", "집단"),
  cell: (group: SurvivalGroup) => groupName(edition, group),
});

function groupTable(edition: Edition, analysis: KaplanMeierAnalysis): Html {
  const until = analysis.groups.find(({ restrictedMean }) => restrictedMean !== undefined)?.restrictedMean?.untilDays;
  const mean: Column<SurvivalGroup> = {
    title: text(`Mean days up to day ${until} (95 % interval)`, `${until}일까지의 평균 일수(95 % 신뢰구간)`),
    numeric: true,
    cell: ({ restrictedMean: found }) => (found === undefined ? "–" : `${formatDecimal(found.estimate, 1)} (${interval(found.ci95, 1)})`),
  };
  return renderTable(edition, {
    caption: text("Groups", "집단"),
    columns: [
      groupColumn(edition),
      { title: text("Patients", "환자 수"), numeric: true, cell: (group: SurvivalGroup) => formatInteger(group.n) },
      { title: text("With the event", "사건 발생"), numeric: true, cell: (group) => formatInteger(group.events) },
      {
        title: text("Median, days (95 % interval)", "중앙값, 일(95 % 신뢰구간)"),
        numeric: true,
        cell: (group) => edition.say(medianWords(group)),
      },
      ...(until === undefined ? [] : [mean]),
    ],
    rows: analysis.groups,
  });
}

function timeTable(edition: Edition, { groups }: KaplanMeierAnalysis): Html {
  const rows = groups.flatMap((group) => group.at.map((at) => ({ group, at })));
  if (rows.length === 0) return html``;
  type Row = (typeof rows)[number];
  const lastStep: Column<Row> = {
    title: text("Last step, day", "마지막 계단(일)"),
    numeric: true,
    cell: ({ at }) => (at.lastStep === undefined ? "–" : formatInteger(at.lastStep)),
  };
  return html`${renderTable(edition, {
    caption: text("Without the event at given days", "시점별 사건이 없는 비율"),
    columns: [
      { title: text("Group", "집단"), cell: ({ group }: Row) => groupName(edition, group) },
      { title: text("Day", "일"), numeric: true, cell: ({ at }) => formatInteger(at.time) },
      ...(rows.some(({ at }) => at.lastStep !== undefined) ? [lastStep] : []),
      { title: text("Share", "비율"), numeric: true, cell: ({ at }) => formatPercent(at.survival) },
      {
        title: text("SE", "표준오차"),
        numeric: true,
        cell: ({ at }) => (at.standardError === undefined ? "–" : formatPercent(at.standardError)),
      },
      {
        title: text("95 % interval", "95 % 신뢰구간"),
        numeric: true,
        cell: ({ at }) => (at.ci95 === undefined ? "–" : percentInterval(at.ci95)),
      },
      { title: text("At risk", "위험집단"), numeric: true, cell: ({ at }) => formatInteger(at.atRisk) },
    ],
    rows,
  })}${wideStepWarning(
    edition,
    rows.map(({ at }) => at),
  )}`;
}

/** The same figures as under the chart, for whoever does not see it. */
function riskTable(edition: Edition, analysis: KaplanMeierAnalysis): Html {
  return renderTable(edition, {
    caption: text("Number at risk, by day", "날짜별 위험집단 수"),
    columns: [
      groupColumn(edition),
      ...timesAtRisk(analysis).map(
        (time, i): Column<SurvivalGroup> => ({
          title: both(formatInteger(time)),
          numeric: true,
          cell: ({ numbersAtRisk }) => formatInteger(numbersAtRisk[i]?.atRisk ?? 0),
        }),
      ),
    ],
    rows: analysis.groups,
  });
}

function test(edition: Edition, { test: found, groups }: KaplanMeierAnalysis): Html {
  if (found === undefined) return html``;
  const within = found.strata === undefined ? text("", "") : text(" within hospitals", "(병원 안에서)");
  const words = text(
    `Log-rank test of the groups${within.en}: χ² = ${formatDecimal(found.chisq, 2)} with ${found.df} degree${found.df === 1 ? "" : "s"} of freedom, p ${pRelation(found.p)}.`,
    `집단 간 로그순위 검정${within.ko}: χ² = ${formatDecimal(found.chisq, 2)}, 자유도 ${found.df}, p ${pRelation(found.p)}.`,
  );
  const rows = groups.map((group, i) => ({ group, observed: found.observed[i], expected: found.expected[i] }));
  type Row = (typeof rows)[number];
  const table = renderTable(edition, {
    caption: text("Events, against those expected if all groups were alike", "관찰된 사건 수와, 집단이 모두 같다고 볼 때의 기대 수"),
    columns: [
      { title: text("Group", "집단"), cell: ({ group }: Row) => groupName(edition, group) },
      { title: text("Observed", "관찰"), numeric: true, cell: ({ observed }) => (observed === undefined ? "–" : formatInteger(observed)) },
      {
        title: text("Expected", "기대"),
        numeric: true,
        cell: ({ expected }) => (expected === undefined ? "–" : formatDecimal(expected, 1)),
      },
    ],
    rows,
  });
  return html`${paragraph(edition, words)}${table}`;
}

function gridWords(edition: Edition, { timeBinDays, horizonDays }: KaplanMeierAnalysis): Text {
  const { minimumCell } = edition.result.study;
  const grid = text(
    `Time was counted in steps of ${timeBinDays} day${timeBinDays === 1 ? "" : "s"} up to day ${formatInteger(horizonDays)}.`,
    `시간은 ${timeBinDays}일 단위로 ${formatInteger(horizonDays)}일까지 세었습니다.`,
  );
  if (minimumCell === 0) return grid;
  return text(
    `${grid.en} Neighbouring steps were joined until each held at least ${minimumCell} events and either no or at least ${minimumCell} patients whose follow-up ended without one, so the curves move in larger steps than the records would. Whoever leaves within a step counts as followed to its end: with few patients, late survival is overestimated.`,
    `${grid.ko} 각 구간에 사건이 ${minimumCell}건 이상 있고 사건 없이 추적이 끝난 환자가 없거나 ${minimumCell}명 이상이 되도록 이웃한 구간을 합쳤으므로, 곡선은 실제 기록보다 큰 폭으로 움직입니다. 한 구간 안에서 추적이 끝난 환자는 구간 끝까지 추적된 것으로 보므로, 환자가 적으면 후반부의 생존 비율이 실제보다 높게 나옵니다.`,
  );
}

const interval = ([low, high]: readonly [number, number], digits: number): string => formatInterval({ low, high }, digits);

const percentInterval = ([low, high]: readonly [number, number]): string =>
  `${formatDecimal(100 * low, 1)}\u2060–\u2060${formatDecimal(100 * high, 1)} %`;
