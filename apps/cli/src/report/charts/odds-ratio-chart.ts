/** Forest plot: odds ratios with 95 % intervals on a logarithmic axis, 1 as the line of no association. */

import { formatDecimal, formatInterval } from "../format.ts";
import type { Html } from "../html.ts";
import { figuresBeside, horizontalIntervals, rowNames } from "./interval-series.ts";
import { COLOUR, drawChart } from "./svg.ts";

export interface OddsRatioRow {
  readonly label: string;
  readonly oddsRatio: number;
  readonly low: number;
  readonly high: number;
}

export interface OddsRatioChart {
  readonly id: string;
  readonly description: string;
  readonly axisName: string;
  readonly rows: readonly OddsRatioRow[];
}

const ROW_PX = 30;
const NAME_PX = 304;
/** Beyond 2^±8 an interval is cut: such a coefficient is all but unidentified, and the table has its figures. */
const DOUBLINGS_MAX = 8;

export function drawOddsRatioChart(chart: OddsRatioChart): Html {
  const doublings = (ratio: number) => Math.log2(ratio);
  const lowest = Math.max(-DOUBLINGS_MAX, Math.floor(Math.min(-1, ...chart.rows.map((row) => doublings(row.low)))));
  const highest = Math.min(DOUBLINGS_MAX, Math.ceil(Math.max(1, ...chart.rows.map((row) => doublings(row.high)))));
  const within = (ratio: number) => Math.min(2 ** highest, Math.max(2 ** lowest, ratio));
  const intervals = chart.rows.map((row, rowIndex) => ({
    rowIndex,
    low: within(row.low),
    estimate: within(row.oddsRatio),
    high: within(row.high),
  }));
  return drawChart({
    id: chart.id,
    description: chart.description,
    widthPx: 760,
    heightPx: chart.rows.length * ROW_PX + 52,
    option: {
      grid: { left: NAME_PX + 20, right: 138, top: 6, bottom: 46 },
      xAxis: {
        type: "log",
        logBase: 2,
        min: 2 ** lowest,
        max: 2 ** highest,
        name: chart.axisName,
        nameLocation: "middle",
        nameGap: 28,
        nameTextStyle: { color: COLOUR.quiet, fontSize: 12 },
        axisLabel: { color: COLOUR.quiet, fontSize: 12, formatter: (value: number) => String(Number(value.toPrecision(3))) },
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
        { ...horizontalIntervals(intervals, { colour: COLOUR.shared }), markLine: noAssociation() },
        rowNames(
          chart.rows.map((row, rowIndex) => ({ rowIndex, name: row.label })),
          { anchorX: 2 ** lowest, widthPx: NAME_PX },
        ),
        figuresBeside(
          chart.rows.map((row, rowIndex) => ({ rowIndex, figures: `${formatDecimal(row.oddsRatio, 2)}  (${formatInterval(row, 2)})` })),
          2 ** lowest,
        ),
      ],
    },
  });
}

function noAssociation(): object {
  return {
    silent: true,
    symbol: "none",
    label: { show: false },
    lineStyle: { color: COLOUR.ink, type: "solid", width: 1 },
    data: [{ xAxis: 1 }],
  };
}
