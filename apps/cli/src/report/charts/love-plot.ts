/** How alike two groups are, column by column, before weighting and after: one row a column, one mark a weighting. */

import type { Html } from "../html.ts";
import { rowNames } from "./interval-series.ts";
import { COLOUR, drawChart } from "./svg.ts";

export interface LovePlotRow {
  readonly label: string;
  /** By `series`: absolute standardised differences. */
  readonly differences: readonly number[];
}

export interface LovePlot {
  readonly id: string;
  readonly description: string;
  readonly axisName: string;
  /** The first is before weighting. */
  readonly series: readonly string[];
  readonly rows: readonly LovePlotRow[];
}

const ROW_PX = 24;
const NAME_PX = 230;
const LEGEND_PX = 34;
/** Differences below this are called balanced (Austin 2009). */
const BALANCED_MAX = 0.1;

/** Apart by form and colour, so that a print in grey still shows which is which. */
const MARKS = [
  { symbol: "emptyCircle", colour: COLOUR.quiet },
  { symbol: "rect", colour: COLOUR.shared },
  { symbol: "triangle", colour: COLOUR.abroad },
] as const;

export function drawLovePlot(chart: LovePlot): Html {
  const most = Math.max(0.2, ...chart.rows.flatMap(({ differences }) => differences));
  const label = { color: COLOUR.quiet, fontSize: 12 };
  return drawChart({
    id: chart.id,
    description: chart.description,
    widthPx: 760,
    heightPx: chart.rows.length * ROW_PX + 56 + LEGEND_PX,
    option: {
      grid: { left: NAME_PX + 20, right: 24, top: LEGEND_PX, bottom: 46 },
      xAxis: {
        type: "value",
        min: 0,
        max: Math.ceil(10 * most) / 10,
        name: chart.axisName,
        nameLocation: "middle",
        nameGap: 28,
        nameTextStyle: label,
        axisLabel: label,
        splitLine: { lineStyle: { color: COLOUR.rule } },
      },
      yAxis: {
        type: "category",
        inverse: true,
        data: chart.rows.map((row) => row.label),
        axisTick: { show: false },
        axisLine: { show: false },
        axisLabel: { show: false },
      },
      series: [
        ...chart.series.map((name, k) => ({
          type: "scatter" as const,
          silent: true,
          symbol: MARKS[k % MARKS.length]?.symbol ?? "circle",
          symbolSize: 10,
          itemStyle: { color: MARKS[k % MARKS.length]?.colour ?? COLOUR.ink, borderWidth: 2 },
          data: chart.rows.map(({ differences }, row) => [differences[k] ?? 0, row]),
          ...(k === 0 ? { markLine: balanced() } : {}),
          name,
        })),
        rowNames(
          chart.rows.map((row, rowIndex) => ({ rowIndex, name: row.label })),
          { anchorX: 0, widthPx: NAME_PX },
        ),
        legend(chart.series),
      ],
    },
  });
}

function balanced(): object {
  return {
    silent: true,
    symbol: "none",
    label: { show: false },
    lineStyle: { color: COLOUR.ink, type: "dashed", width: 1 },
    data: [{ xAxis: BALANCED_MAX }],
  };
}

function legend(series: readonly string[]): object {
  return {
    type: "custom",
    silent: true,
    clip: false,
    data: [0],
    renderItem: () => ({
      type: "group",
      children: series.flatMap((name, k) => {
        const x = NAME_PX + 26 + 170 * k;
        const colour = MARKS[k % MARKS.length]?.colour ?? COLOUR.ink;
        return [
          legendMark(MARKS[k % MARKS.length]?.symbol, x, colour),
          { type: "text", x: x + 12, y: 9, style: { text: name, fill: COLOUR.ink, fontSize: 12.5 } },
        ];
      }),
    }),
  };
}

function legendMark(symbol: string | undefined, x: number, colour: string): object {
  if (symbol === "rect") return { type: "rect", shape: { x: x - 5, y: 10, width: 10, height: 10 }, style: { fill: colour } };
  if (symbol === "triangle")
    return {
      type: "polygon",
      shape: {
        points: [
          [x - 5, 20],
          [x + 5, 20],
          [x, 10],
        ],
      },
      style: { fill: colour },
    };
  return { type: "circle", shape: { cx: x, cy: 15, r: 4.5 }, style: { fill: "#fff", stroke: colour, lineWidth: 2 } };
}
