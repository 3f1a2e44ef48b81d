/** Rates by group: how many events per person-time, how the groups compare, and what standardisation makes of it. */

import type { IncidenceAnalysis, RateGroup, RateStratum } from "@dure/federation/coordinator";
import { type Text, text } from "@dure/kernel";
import { drawOddsRatioChart } from "../charts/odds-ratio-chart.ts";
import type { Edition } from "../edition.ts";
import { formatDecimal, formatInteger, formatP } from "../format.ts";
import type { Html } from "../html.ts";
import { type Column, note, paragraph, renderFigure, renderSection, renderTable } from "./parts.ts";
import { levelName } from "./table-one.ts";

export function renderIncidenceRates(edition: Edition, analysis: IncidenceAnalysis): Html {
  const unit = perWords(analysis);
  return renderSection(edition, {
    name: "rates",
    title: text("How often did the event happen?", "사건은 얼마나 자주 발생했습니까?"),
    body: [
      paragraph(
        edition,
        text(
          `Rates are events ${unit.en} of follow-up, with exact 95 % intervals.`,
          `발생률은 추적 ${unit.ko} 사건 수이며, 95 % 정확 신뢰구간과 함께 적었습니다.`,
        ),
      ),
      rateTable(edition, analysis),
      ...comparison(edition, analysis),
      ...standardised(edition, analysis),
      ...strata(edition, analysis),
      ...hidden(edition, analysis),
    ],
  });
}

/** `per 1,000 years`, with the unit of time in words where it has one. */
export function perWords({ per, timeUnitDays }: IncidenceAnalysis): Text {
  const count = formatInteger(per);
  const known = UNITS.find(([days]) => Math.abs(days - timeUnitDays) < 0.3);
  if (known !== undefined) return text(`per ${count} person-${known[1].en}`, `${count}${known[1].ko}당`);
  return text(`per ${count} × ${timeUnitDays} person-days`, `${count} × ${timeUnitDays}인일당`);
}

const UNITS: readonly (readonly [number, Text])[] = [
  [365.25, text("years", "인년")],
  [30.4375, text("months", "인월")],
  [7, text("weeks", "인주")],
  [1, text("days", "인일")],
];

type Interval = { readonly estimate: number; readonly ci95: readonly [number, number | null] };

/** `12.3 (10.1–14.9)`, with so many decimals that three digits show. */
export function intervalWords({ estimate, ci95: [low, high] }: Interval): string {
  const digits = estimate > 0 ? Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(estimate)))) : 2;
  const end = (value: number | null): string => (value === null ? "∞" : formatDecimal(value, digits));
  return `${formatDecimal(estimate, digits)} (${end(low)}\u2060–\u2060${end(high)})`;
}

const shown = (found: Interval | undefined): string => (found === undefined ? "–" : intervalWords(found));

const groupColumn = (edition: Edition, { group }: IncidenceAnalysis): Column<RateGroup> => ({
  title: group === undefined ? text("Group", "집단") : sameWords(edition.variableName(group.variable)),
  cell: ({ level }) => edition.say(level === undefined ? text("All patients", "전체 환자") : levelName(edition, level)),
});

function rateTable(edition: Edition, analysis: IncidenceAnalysis): Html {
  const { total, groups, group } = analysis;
  return renderTable(edition, {
    caption:
      group === undefined
        ? text("Incidence rate", "발생률")
        : text(`Incidence rates by ${edition.variableName(group.variable)}`, `${edition.variableName(group.variable)}별 발생률`),
    columns: [
      groupColumn(edition, analysis),
      { title: text("Patients", "환자 수"), numeric: true, cell: ({ n }) => formatInteger(n) },
      { title: text("Events", "사건 수"), numeric: true, cell: ({ events }) => (events === undefined ? "–" : formatInteger(events)) },
      { title: timeWords(analysis), numeric: true, cell: ({ personTime }) => formatDecimal(personTime, 1) },
      { title: text("Rate (95 % interval)", "발생률(95 % 신뢰구간)"), numeric: true, cell: ({ rate }) => shown(rate) },
    ],
    rows: [...(total === undefined ? [] : [total]), ...groups],
  });
}

function timeWords({ timeUnitDays }: IncidenceAnalysis): Text {
  const known = UNITS.find(([days]) => Math.abs(days - timeUnitDays) < 0.3)?.[1];
  return known === undefined ? text("Person-time", "관찰 기간") : text(`Person-${known.en}`, known.ko);
}

function comparison(edition: Edition, analysis: IncidenceAnalysis): readonly Html[] {
  const { groups, group } = analysis;
  const rows = groups.filter(({ ratio, difference }) => ratio !== undefined || difference !== undefined);
  if (rows.length === 0 || group === undefined) return [];
  const reference = levelName(edition, group.reference);
  const table = renderTable(edition, {
    caption: text(`Against “${reference.en}”`, `‘${reference.ko}’ 대비`),
    columns: [
      groupColumn(edition, analysis),
      { title: text("Rate ratio, exact interval", "발생률비(정확 신뢰구간)"), numeric: true, cell: ({ ratio }) => shown(ratio) },
      {
        title: text("Mid-P interval", "mid-P 신뢰구간"),
        numeric: true,
        cell: ({ ratio }) =>
          ratio === undefined ? "–" : intervalWords({ estimate: ratio.estimate, ci95: ratio.midP.ci95 }).replace(/^.*\(/, "("),
      },
      { title: text("p, exact", "p(정확)"), numeric: true, cell: ({ ratio }) => (ratio === undefined ? "–" : formatP(ratio.p)) },
      {
        title: text("Rate difference, Wald interval", "발생률 차(Wald 신뢰구간)"),
        numeric: true,
        cell: ({ difference }) => (difference === undefined ? "–" : differenceWords(difference)),
      },
    ],
    rows,
  });
  return [table, ...ratioFigure(edition, rows)];
}

function differenceWords({ estimate, ci95 }: NonNullable<RateGroup["difference"]>): string {
  const size = Math.max(...ci95.map(Math.abs), Math.abs(estimate));
  const digits = size > 0 ? Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(size)))) : 2;
  return `${formatDecimal(estimate, digits)} (${ci95.map((end) => formatDecimal(end, digits)).join("\u2060 – \u2060")})`;
}

function ratioFigure(edition: Edition, rows: readonly RateGroup[]): readonly Html[] {
  const drawn = rows.flatMap(({ level, ratio }) => {
    if (level === undefined || ratio === undefined || !(ratio.estimate > 0)) return [];
    const [low, high] = ratio.ci95;
    return [{ label: edition.say(levelName(edition, level)), oddsRatio: ratio.estimate, low, high: high ?? Number.MAX_VALUE }];
  });
  if (drawn.length === 0) return [];
  const chart = drawOddsRatioChart({
    id: edition.id("rate-ratios"),
    description: edition.say(
      text(
        "Rate ratios with exact 95 % intervals; the figures are in the table above.",
        "발생률비와 95 % 정확 신뢰구간. 수치는 위 표에 있습니다.",
      ),
    ),
    axisName: edition.say(text("Rate ratio (log scale)", "발생률비(로그 척도)")),
    rows: drawn,
  });
  return [
    renderFigure(
      chart,
      edition.say(
        text("Rate ratios with exact 95 % intervals; 1 means no difference.", "발생률비와 95 % 정확 신뢰구간. 1은 차이가 없음을 뜻합니다."),
      ),
    ),
  ];
}

function standardised(edition: Edition, analysis: IncidenceAnalysis): readonly Html[] {
  const rows = [...(analysis.total === undefined ? [] : [analysis.total]), ...analysis.groups];
  if (analysis.standardisation === undefined) return [];
  const isDirect = analysis.standardisation === "direct";
  const hasRatio = rows.some(({ standardisedRateRatio }) => standardisedRateRatio !== undefined);
  const ratioColumn: Column<RateGroup> = {
    title: text("Standardised rate ratio", "표준화 발생률비"),
    numeric: true,
    cell: ({ standardisedRateRatio }) => shown(standardisedRateRatio),
  };
  const direct: readonly Column<RateGroup>[] = [
    { title: text("Crude rate", "조발생률"), numeric: true, cell: ({ rate }) => shown(rate) },
    {
      title: text("Standardised rate (95 % interval)", "표준화 발생률(95 % 신뢰구간)"),
      numeric: true,
      cell: ({ standardisedRate }) => shown(standardisedRate),
    },
    ...(hasRatio ? [ratioColumn] : []),
  ];
  const indirect: readonly Column<RateGroup>[] = [
    { title: text("Observed", "관찰"), numeric: true, cell: ({ events }) => (events === undefined ? "–" : formatInteger(events)) },
    { title: text("Expected", "기대"), numeric: true, cell: ({ expected }) => (expected === undefined ? "–" : formatDecimal(expected, 1)) },
    {
      title: text("Observed / expected (95 % interval)", "관찰/기대(95 % 신뢰구간)"),
      numeric: true,
      cell: ({ standardisedRatio }) => shown(standardisedRatio),
    },
  ];
  return [
    renderTable(edition, {
      caption: isDirect
        ? text("Standardised directly to the study’s population", "연구의 표준 인구로 직접 표준화")
        : text("Standardised indirectly by the study’s rates", "연구의 표준 발생률로 간접 표준화"),
      columns: [groupColumn(edition, analysis), ...(isDirect ? direct : indirect)],
      rows,
    }),
  ];
}

function strata(edition: Edition, analysis: IncidenceAnalysis): readonly Html[] {
  if (analysis.strata.length === 0) return [];
  const levels = Object.keys(analysis.strata[0]?.levels ?? {});
  const name = (level: string | undefined): string => (level === undefined ? "" : edition.say(levelName(edition, level)));
  return [
    renderTable(edition, {
      caption: text("By stratum", "층별"),
      columns: [
        ...levels.map(
          (variable): Column<RateStratum> => ({
            title: sameWords(edition.variableName(variable)),
            cell: (row) => name(row.levels[variable]),
          }),
        ),
        ...(analysis.group === undefined
          ? []
          : [{ title: sameWords(edition.variableName(analysis.group.variable)), cell: ({ level }: RateStratum) => name(level) }]),
        { title: text("Patients", "환자 수"), numeric: true, cell: ({ n }: RateStratum) => formatInteger(n) },
        { title: text("Events", "사건 수"), numeric: true, cell: ({ events }: RateStratum) => formatInteger(events) },
        { title: timeWords(analysis), numeric: true, cell: ({ personTime }: RateStratum) => formatDecimal(personTime, 1) },
        {
          title: text("Rate (95 % interval)", "발생률(95 % 신뢰구간)"),
          numeric: true,
          cell: ({ rate }: RateStratum) => intervalWords(rate),
        },
      ],
      rows: analysis.strata,
    }),
  ];
}

const sameWords = (words: string): Text => text(words, words);

function hidden(edition: Edition, { groups, strata: found, total }: IncidenceAnalysis): readonly Html[] {
  const k = edition.result.study.minimumCell;
  const isHidden = [total, ...groups].some((group) => group !== undefined && group.events === undefined);
  if (k === 0) return [];
  return [
    ...(isHidden
      ? [
          note(
            edition,
            text(
              `A dash: fewer than ${k} patients of the group had the event, or its count would give such a group away.`,
              `줄표(–): 사건이 발생한 환자가 ${k}명 미만인 집단이거나, 그 수를 알려 주면 그런 집단의 수를 알아낼 수 있는 집단입니다.`,
            ),
          ),
        ]
      : []),
    ...(found.length === 0
      ? []
      : [
          note(
            edition,
            text(
              `Strata are shown of groups in which each has at least ${k} patients with the event.`,
              `층별 수치는 모든 층에서 사건이 발생한 환자가 ${k}명 이상인 집단만 표시합니다.`,
            ),
          ),
        ]),
  ];
}
