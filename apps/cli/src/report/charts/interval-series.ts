/** Error bars and the figures beside them, as ECharts custom series: none is built in. */

import type { CustomSeriesOption } from "echarts/charts";
import { CHART_FONT, COLOUR } from "./svg.ts";

export interface HorizontalInterval {
  readonly rowIndex: number;
  readonly low: number;
  readonly estimate: number;
  readonly high: number;
}

const CAP_PX = 3.5;
const TEXT = { fill: COLOUR.ink, fontSize: 12.5, fontFamily: CHART_FONT };

/** One line with caps per row; with `marker` a square at the estimate. Coordinates are those of the chart's axes. */
export function horizontalIntervals(intervals: readonly HorizontalInterval[], marker?: { readonly colour: string }): CustomSeriesOption {
  return {
    type: "custom",
    silent: true,
    z: 5,
    data: intervals.map((interval) => [interval.low, interval.estimate, interval.high, interval.rowIndex]),
    renderItem: (_params, api) => {
      const [low = 0, y = 0] = api.coord([api.value(0), api.value(3)]);
      const [estimate = 0] = api.coord([api.value(1), api.value(3)]);
      const [high = 0] = api.coord([api.value(2), api.value(3)]);
      const style = { stroke: COLOUR.ink, lineWidth: 1.3, fill: "none" };
      const line = `M${low},${y}H${high}M${low},${y - CAP_PX}V${y + CAP_PX}M${high},${y - CAP_PX}V${y + CAP_PX}`;
      const square = {
        type: "rect" as const,
        shape: { x: estimate - 4.5, y: y - 4.5, width: 9, height: 9 },
        style: { fill: marker?.colour ?? "none" },
      };
      const path = { type: "path" as const, shape: { pathData: line }, style };
      return { type: "group", children: marker === undefined ? [path] : [path, square] };
    },
  };
}

export interface VerticalInterval {
  readonly x: number;
  readonly low: number;
  readonly high: number;
}

export function verticalIntervals(intervals: readonly VerticalInterval[]): CustomSeriesOption {
  return {
    type: "custom",
    silent: true,
    data: intervals.map((interval) => [interval.x, interval.low, interval.high]),
    renderItem: (_params, api) => {
      const [x = 0, low = 0] = api.coord([api.value(0), api.value(1)]);
      const [, high = 0] = api.coord([api.value(0), api.value(2)]);
      const line = `M${x},${low}V${high}M${x - CAP_PX},${low}H${x + CAP_PX}M${x - CAP_PX},${high}H${x + CAP_PX}`;
      return { type: "path", shape: { pathData: line }, style: { stroke: COLOUR.quiet, lineWidth: 1.2, fill: "none" } };
    },
  };
}

/** Names of the rows, left-aligned from the picture's edge; ECharts' own axis labels end at the axis instead. */
export interface RowName {
  readonly rowIndex: number;
  readonly name: string;
  readonly heading?: boolean;
}

export function rowNames(rows: readonly RowName[], options: { readonly anchorX: number; readonly widthPx: number }): CustomSeriesOption {
  return {
    type: "custom",
    silent: true,
    clip: false,
    data: rows.map((row) => [options.anchorX, row.rowIndex]),
    renderItem: (params, api) => {
      const [, y = 0] = api.coord([api.value(0), api.value(1)]);
      const row = rows[params.dataIndex];
      const heading = row?.heading === true;
      const weight = heading ? ("bold" as const) : ("normal" as const);
      // A heading's row has no bar, so that it may run on above the plot.
      const fit = heading ? {} : { width: options.widthPx, overflow: "break" as const, lineHeight: 15 };
      return { type: "text", x: 0, y, style: { ...TEXT, ...fit, text: row?.name ?? "", fontWeight: weight, verticalAlign: "middle" } };
    },
  };
}

/** Text in a column right of the plot, level with each row. */
export function figuresBeside(
  rows: readonly { readonly rowIndex: number; readonly figures: string }[],
  anchorX: number,
): CustomSeriesOption {
  return {
    type: "custom",
    silent: true,
    clip: false,
    data: rows.map((row) => [anchorX, row.rowIndex]),
    renderItem: (params, api) => {
      const [, y = 0] = api.coord([api.value(0), api.value(1)]);
      const figures = rows[params.dataIndex]?.figures ?? "";
      const plot = params.coordSys as unknown as { readonly x: number; readonly width: number }; // ECharts' own record for a cartesian grid
      return { type: "text", x: plot.x + plot.width + 14, y, style: { ...TEXT, text: figures, verticalAlign: "middle" } };
    },
  };
}
