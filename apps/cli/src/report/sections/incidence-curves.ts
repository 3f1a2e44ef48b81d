/** Cumulative incidence by cause: what share of each group has had each kind of event by each day, where one ends the chance of the others. */

import type { CumulativeIncidenceAnalysis, IncidenceGroup } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import { drawIncidenceChart, drawStackedIncidence, type IncidenceLine } from "../charts/incidence-chart.ts";
import type { Edition } from "../edition.ts";
import { formatDecimal, formatInteger, formatPercent } from "../format.ts";
import { type Html, html } from "../html.ts";
import { groupName } from "./group-name.ts";
import { type Column, note, paragraph, renderFigure, renderSection, renderTable } from "./parts.ts";
import { wideStepWarning } from "./wide-steps.ts";

export function renderIncidenceCurves(edition: Edition, analysis: CumulativeIncidenceAnalysis): Html {
  return renderSection(edition, {
    name: "incidence",
    title: text("What share has had each event by when?", "언제까지 각 사건이 얼마나 발생했습니까?"),
    body: [
      paragraph(
        edition,
        text(
          "Each curve is the share of patients who have had that event by that day, where another kind of event takes the chance of it away (Aalen-Johansen). One less Kaplan-Meier, which counts other events as the end of follow-up, would be too high.",
          "각 곡선은 그날까지 해당 사건이 발생한 환자의 비율입니다. 다른 종류의 사건이 먼저 발생하면 해당 사건은 더 이상 발생할 수 없습니다(알렌-요한센). 다른 사건을 추적 종료로 보는 카플란-마이어 방식(1에서 뺀 값)은 실제보다 높게 나옵니다.",
        ),
      ),
      ...analysis.causes.map((cause, index) => curves(edition, analysis, { cause, index })),
      ...analysis.groups.map((group, index) => stacked(edition, analysis, { group, index })),
      timeTable(edition, analysis),
      groupTable(edition, analysis),
      riskTable(edition, analysis),
      note(edition, gridWords(edition, analysis)),
    ],
  });
}

const lastDayOf = ({ groups, horizonDays }: CumulativeIncidenceAnalysis): number =>
  groups.length === 0 ? horizonDays : Math.max(...groups.map(({ followedDays }) => followedDays));

const lineOf = (group: IncidenceGroup, index: number, label: string): IncidenceLine => ({
  label,
  steps: (group.causes[index]?.curve ?? []).map(({ time, incidence, ci95 }) => ({
    time,
    share: incidence,
    ...(ci95 === undefined ? {} : { low: ci95[0], high: ci95[1] }),
  })),
  lastTime: group.followedDays,
});

/** One cause, a line a group. */
function curves(
  edition: Edition,
  analysis: CumulativeIncidenceAnalysis,
  { cause, index }: { readonly cause: string; readonly index: number },
): Html {
  const svg = drawIncidenceChart({
    id: edition.id(`incidence-${index}`),
    description: edition.say(
      text(
        `Cumulative incidence of ${cause} by group with 95 % bands; the figures are in the tables below.`,
        `집단별 ${cause} 누적 발생률과 95 % 신뢰대. 수치는 아래 표에 있습니다.`,
      ),
    ),
    timeName: edition.say(text("Days", "일")),
    shareName: edition.say(text("Share with the event", "사건 발생 비율")),
    lastTime: lastDayOf(analysis),
    lines: analysis.groups.map((group) => lineOf(group, index, groupName(edition, group))),
  });
  return renderFigure(
    svg,
    edition.say(text(`Cumulative incidence of "${cause}", with pointwise 95 % bands.`, `"${cause}" 의 누적 발생률과 시점별 95 % 신뢰대.`)),
  );
}

/** One group, its causes piled up. */
function stacked(
  edition: Edition,
  { causes }: CumulativeIncidenceAnalysis,
  { group, index }: { readonly group: IncidenceGroup; readonly index: number },
): Html {
  const name = groupName(edition, group);
  const svg = drawStackedIncidence({
    id: edition.id(`incidence-stacked-${index}`),
    description: edition.say(text(`Causes stacked: ${name}.`, `원인별 누적 그림: ${name}.`)),
    timeName: edition.say(text("Days", "일")),
    shareName: edition.say(text("Share of patients", "환자 비율")),
    lastTime: group.followedDays,
    lines: causes.map((cause, c) => lineOf(group, c, cause)),
  });
  const caption = text(
    `${name}: causes stacked; the white above them is the share without any event.`,
    `${name}: 원인별로 쌓은 그림. 위쪽 흰 부분은 아무 사건도 없는 비율입니다.`,
  );
  return renderFigure(svg, edition.say(caption));
}

function timeTable(edition: Edition, { groups }: CumulativeIncidenceAnalysis): Html {
  const rows = groups.flatMap((group) => group.causes.flatMap(({ cause, at }) => at.map((found) => ({ group, cause, at: found }))));
  if (rows.length === 0) return html``;
  type Row = (typeof rows)[number];
  const lastStep: Column<Row> = {
    title: text("Last step, day", "마지막 계단(일)"),
    numeric: true,
    cell: ({ at }) => (at.lastStep === undefined ? "–" : formatInteger(at.lastStep)),
  };
  return html`${renderTable(edition, {
    caption: text("Share with the event by given days", "시점별 사건 발생 비율"),
    columns: [
      { title: text("Group", "집단"), cell: ({ group }: Row) => groupName(edition, group) },
      { title: text("Event", "사건"), cell: ({ cause }) => cause },
      { title: text("Day", "일"), numeric: true, cell: ({ at }) => formatInteger(at.time) },
      ...(rows.some(({ at }) => at.lastStep !== undefined) ? [lastStep] : []),
      { title: text("Share", "비율"), numeric: true, cell: ({ at }) => formatPercent(at.incidence) },
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

function groupTable(edition: Edition, { groups, causes }: CumulativeIncidenceAnalysis): Html {
  return renderTable(edition, {
    caption: text("Patients and events, by group", "집단별 환자 수와 사건 수"),
    columns: [
      { title: text("Group", "집단"), cell: (group: IncidenceGroup) => groupName(edition, group) },
      { title: text("Patients", "환자 수"), numeric: true, cell: (group) => formatInteger(group.n) },
      ...causes.map(
        (cause, c): Column<IncidenceGroup> => ({
          title: text(cause, cause),
          numeric: true,
          cell: (group) => formatInteger(group.causes[c]?.events ?? 0),
        }),
      ),
    ],
    rows: groups,
  });
}

function riskTable(edition: Edition, { groups }: CumulativeIncidenceAnalysis): Html {
  const times = groups[0]?.numbersAtRisk.map(({ time }) => time) ?? [];
  return renderTable(edition, {
    caption: text("Number at risk, by day", "날짜별 위험집단 수"),
    columns: [
      { title: text("Group", "집단"), cell: (group: IncidenceGroup) => groupName(edition, group) },
      ...times.map(
        (time, i): Column<IncidenceGroup> => ({
          title: text(formatInteger(time), formatInteger(time)),
          numeric: true,
          cell: ({ numbersAtRisk }) => formatInteger(numbersAtRisk[i]?.atRisk ?? 0),
        }),
      ),
    ],
    rows: groups,
  });
}

function gridWords(edition: Edition, { timeBinDays, horizonDays }: CumulativeIncidenceAnalysis): Text {
  const { minimumCell } = edition.result.study;
  const grid = text(
    `Time was counted in steps of ${timeBinDays} day${timeBinDays === 1 ? "" : "s"} up to day ${formatInteger(horizonDays)}.`,
    `시간은 ${timeBinDays}일 단위로 ${formatInteger(horizonDays)}일까지 세었습니다.`,
  );
  if (minimumCell === 0) return grid;
  return text(
    `${grid.en} Neighbouring steps were joined until each held at least ${minimumCell} events, and of every kind of event and of patients whose follow-up ended without one either none or at least ${minimumCell}: the curves move in larger steps than the records would, and whoever leaves within a step counts as followed to its end.`,
    `${grid.ko} 각 구간에 사건이 ${minimumCell}건 이상 있고, 사건의 종류마다 그리고 사건 없이 추적이 끝난 환자도 없거나 ${minimumCell}명 이상이 되도록 이웃한 구간을 합쳤습니다. 그래서 곡선은 실제 기록보다 큰 폭으로 움직이며, 한 구간 안에서 추적이 끝난 환자는 구간 끝까지 추적된 것으로 봅니다.`,
  );
}

const percentInterval = ([low, high]: readonly [number, number]): string =>
  `${formatDecimal(100 * low, 1)}\u2060–\u2060${formatDecimal(100 * high, 1)} %`;
