/** Bars of discrimination by hospital: own model, shared model, own model at the external hospital, with 95 % intervals. */

import { aucInterval, formatDecimal, formatInterval } from "../format.ts";
import type { Html } from "../html.ts";
import { figuresBeside, horizontalIntervals, rowNames } from "./interval-series.ts";
import { COLOUR, drawChart } from "./svg.ts";

export interface AucBar {
  readonly label: string;
  readonly kind: "own" | "shared" | "abroad";
  readonly auc: number;
  readonly standardError: number;
}

export interface AucGroup {
  readonly hospital: string;
  readonly bars: readonly AucBar[];
}

export interface AucChart {
  readonly id: string;
  readonly description: string;
  readonly axisName: string;
  readonly groups: readonly AucGroup[];
  /** A dashed line across all rows, such as the shared model at the external hospital. */
  readonly reference?: number;
}

const ROW_PX = 21;
const NAME_PX = 236;

type Row = { readonly heading: string } | { readonly bar: AucBar };

/** Bars start at 0.5, which is chance; the axis goes lower only where an interval does. */
export function drawAucChart(chart: AucChart): Html {
  const rows: readonly Row[] = chart.groups.flatMap((group) => [{ heading: group.hospital }, ...group.bars.map((bar) => ({ bar }))]);
  const bars = rows.flatMap((row, rowIndex) =>
    "bar" in row ? [{ rowIndex, bar: row.bar, ...aucInterval(row.bar.auc, row.bar.standardError) }] : [],
  );
  const low = Math.min(0.5, Math.floor(10 * Math.min(...bars.map((bar) => bar.low))) / 10);
  const high = Math.min(1, Math.ceil(10 * Math.max(...bars.map((bar) => bar.high))) / 10);
  const figures = bars.map((bar) => ({ rowIndex: bar.rowIndex, figures: `${formatDecimal(bar.bar.auc, 3)}  (${formatInterval(bar, 3)})` }));
  return drawChart({
    id: chart.id,
    description: chart.description,
    widthPx: 760,
    heightPx: rows.length * ROW_PX + 52,
    option: {
      grid: { left: NAME_PX + 14, right: 158, top: 6, bottom: 46 },
      xAxis: {
        type: "value",
        min: low,
        max: high,
        interval: 0.1,
        name: chart.axisName,
        nameLocation: "middle",
        nameGap: 28,
        nameTextStyle: { color: COLOUR.quiet, fontSize: 12 },
        axisLabel: { color: COLOUR.quiet, fontSize: 12, formatter: (value: number) => value.toFixed(1) },
        splitLine: { lineStyle: { color: COLOUR.rule } },
      },
      yAxis: {
        type: "category",
        inverse: true,
        data: rows.map((_row, rowIndex) => String(rowIndex)),
        axisTick: { show: false },
        axisLine: { lineStyle: { color: COLOUR.quiet } },
        axisLabel: { show: false },
      },
      series: [
        {
          type: "bar",
          silent: true,
          barWidth: 13,
          data: rows.map((row) =>
            "bar" in row ? { value: row.bar.auc, itemStyle: { color: COLOUR[row.bar.kind], borderRadius: [0, 3, 3, 0] } } : null,
          ),
          markLine: referenceLine(chart.reference),
        },
        horizontalIntervals(bars.map((bar) => ({ rowIndex: bar.rowIndex, low: bar.low, estimate: bar.bar.auc, high: bar.high }))),
        rowNames(
          rows.map((row, rowIndex) => ("bar" in row ? { rowIndex, name: row.bar.label } : { rowIndex, name: row.heading, heading: true })),
          { anchorX: low, widthPx: NAME_PX },
        ),
        figuresBeside(figures, low),
      ],
    },
  });
}

function referenceLine(reference: number | undefined): object {
  return {
    silent: true,
    symbol: "none",
    precision: 12, // the default of 2 would move the line
    label: { show: false },
    lineStyle: { color: COLOUR.shared, type: "dashed", width: 1.2 },
    data: reference === undefined ? [] : [{ xAxis: reference }],
  };
}
