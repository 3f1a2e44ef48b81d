/** Two histograms back to back: the treated above the line, the untreated below, each of area 1. */

import type { CustomSeriesOption } from "echarts/charts";
import type { Html } from "../html.ts";
import { CHART_FONT, COLOUR, drawChart } from "./svg.ts";

export interface PropensityChart {
  readonly id: string;
  readonly description: string;
  readonly axisName: string;
  readonly treated: string;
  readonly untreated: string;
  /** Untreated and treated patients from one probability to the next. */
  readonly steps: readonly { readonly from: number; readonly to: number; readonly arms: readonly [number, number] }[];
}

export function drawPropensityChart({ id, description, axisName, treated, untreated, steps }: PropensityChart): Html {
  const totals = [0, 1].map((arm) => steps.reduce((total, { arms }) => total + (arms[arm] ?? 0), 0));
  const height = (step: PropensityChart["steps"][number], arm: 0 | 1): number =>
    step.arms[arm] / Math.max(1, totals[arm] ?? 1) / (step.to - step.from);
  const most = 1.1 * Math.max(...steps.flatMap((step) => [height(step, 0), height(step, 1)]), 1);
  const label = { color: COLOUR.quiet, fontSize: 12 };
  const bars = steps.flatMap((step) => [
    [step.from, step.to, height(step, 1), 1],
    [step.from, step.to, -height(step, 0), 0],
  ]);
  const rectangles: CustomSeriesOption = {
    type: "custom",
    silent: true,
    data: bars,
    renderItem: (_params, api) => {
      const [left = 0, zero = 0] = api.coord([api.value(0), 0]);
      const [right = 0, end = 0] = api.coord([api.value(1), api.value(2)]);
      const colour = api.value(3) === 1 ? COLOUR.shared : COLOUR.own;
      const shape = { x: left, y: Math.min(zero, end), width: right - left, height: Math.abs(end - zero) };
      return { type: "rect", shape, style: { fill: colour, opacity: 0.75, stroke: "#fff", lineWidth: 1 } };
    },
  };
  return drawChart({
    id,
    description,
    widthPx: 760,
    heightPx: 230,
    option: {
      grid: { left: 110, right: 24, top: 10, bottom: 46 },
      xAxis: {
        type: "value",
        min: 0,
        max: 1,
        name: axisName,
        nameLocation: "middle",
        nameGap: 28,
        nameTextStyle: label,
        axisLabel: label,
        axisLine: { onZero: false },
        splitLine: { lineStyle: { color: COLOUR.rule } },
      },
      yAxis: { type: "value", min: -most, max: most, axisLabel: { show: false }, axisTick: { show: false }, splitLine: { show: false } },
      series: [rectangles, armNames(treated, untreated, most)],
    },
  });
}

function armNames(treated: string, untreated: string, most: number): CustomSeriesOption {
  return {
    type: "custom",
    silent: true,
    clip: false,
    data: [[most / 2], [-most / 2]],
    renderItem: (params, api) => {
      const [, y = 0] = api.coord([0, api.value(0)]);
      const text = params.dataIndex === 0 ? treated : untreated;
      return { type: "text", x: 0, y, style: { text, fill: COLOUR.ink, fontSize: 12.5, fontFamily: CHART_FONT, verticalAlign: "middle" } };
    },
  };
}
