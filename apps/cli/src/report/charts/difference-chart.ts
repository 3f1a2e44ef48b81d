/** Forest plot of differences with 95 % intervals on a plain axis, 0 as the line of no effect. */

import { formatDecimal, formatInterval } from "../format.ts";
import type { Html } from "../html.ts";
import { figuresBeside, horizontalIntervals, rowNames } from "./interval-series.ts";
import { COLOUR, drawChart } from "./svg.ts";

export interface DifferenceRow {
  readonly label: string;
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

export interface DifferenceChart {
  readonly id: string;
  readonly description: string;
  readonly axisName: string;
  readonly digits: number;
  readonly rows: readonly DifferenceRow[];
}

const ROW_PX = 30;
const NAME_PX = 260;

export function drawDifferenceChart({ id, description, axisName, digits, rows }: DifferenceChart): Html {
  const ends = rows.flatMap(({ low, high }) => [low, high]);
  const reach = 1.05 * Math.max(...ends.map(Math.abs), Number.MIN_VALUE);
  const [lowest, highest] = [Math.min(...ends) < 0 ? -reach : -reach / 10, Math.max(...ends) > 0 ? reach : reach / 10];
  const label = { color: COLOUR.quiet, fontSize: 12 };
  return drawChart({
    id,
    description,
    widthPx: 760,
    heightPx: rows.length * ROW_PX + 52,
    option: {
      grid: { left: NAME_PX + 20, right: 160, top: 6, bottom: 46 },
      xAxis: {
        type: "value",
        min: lowest,
        max: highest,
        name: axisName,
        nameLocation: "middle",
        nameGap: 28,
        nameTextStyle: label,
        axisLabel: {
          ...label,
          showMinLabel: false,
          showMaxLabel: false,
          formatter: (value: number) => String(Number(value.toPrecision(2))),
        },
        splitLine: { lineStyle: { color: COLOUR.rule } },
      },
      yAxis: {
        type: "category",
        inverse: true,
        data: rows.map((row) => row.label),
        axisTick: { show: false },
        axisLine: { show: false },
        axisLabel: { show: false },
      },
      series: [
        {
          ...horizontalIntervals(
            rows.map(({ low, difference, high }, rowIndex) => ({ rowIndex, low, estimate: difference, high })),
            { colour: COLOUR.shared },
          ),
          markLine: {
            silent: true,
            symbol: "none",
            label: { show: false },
            lineStyle: { color: COLOUR.ink, type: "solid", width: 1 },
            data: [{ xAxis: 0 }],
          },
        },
        rowNames(
          rows.map((row, rowIndex) => ({ rowIndex, name: row.label })),
          { anchorX: lowest, widthPx: NAME_PX },
        ),
        figuresBeside(
          rows.map((row, rowIndex) => ({
            rowIndex,
            figures: `${formatDecimal(row.difference, digits)}  (${formatInterval(row, digits)})`,
          })),
          lowest,
        ),
      ],
    },
  });
}
