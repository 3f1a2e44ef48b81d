/**
 * Survival curves with their pointwise bands, and the numbers at risk under the axis, level with the times that they are of.
 *
 * Groups are told apart by colour and by the kind of line, so that a print in grey still shows which is which.
 */

import type { CustomSeriesOption } from "echarts/charts";
import type { Html } from "../html.ts";
import { colourOf, dashOf, type Point, path, shareAxis, staircase, timeAxis } from "./step-curves.ts";
import { CHART_FONT, COLOUR, drawChart } from "./svg.ts";

export interface SurvivalLine {
  readonly label: string;
  /** Ascending; survival 1 before the first. */
  readonly steps: readonly { readonly time: number; readonly survival: number; readonly low?: number; readonly high?: number }[];
  /** The curve ends here. */
  readonly lastTime: number;
  /** In the order of the chart's times. */
  readonly atRisk: readonly number[];
}

export interface SurvivalChart {
  readonly id: string;
  readonly description: string;
  readonly timeName: string;
  readonly survivalName: string;
  readonly atRiskName: string;
  /** Ascending, from 0, evenly spaced: the ticks of the axis. */
  readonly times: readonly number[];
  readonly lines: readonly SurvivalLine[];
}

const HEIGHT_PX = 330;
const ROW_PX = 18;
const LEFT_PX = 170;

export function drawSurvivalChart(chart: SurvivalChart): Html {
  const belowPx = 74 + ROW_PX * chart.lines.length;
  const last = Math.max(...chart.lines.map(({ lastTime }) => lastTime), ...chart.times);
  const axis = timeAxis(chart.timeName, last);
  return drawChart({
    id: chart.id,
    description: chart.description,
    widthPx: 760,
    heightPx: HEIGHT_PX + belowPx,
    option: {
      grid: { left: LEFT_PX, right: 24, top: 12, bottom: belowPx },
      xAxis: { ...axis, interval: chart.times[1] ?? last, axisLabel: { ...axis.axisLabel, showMaxLabel: chart.times.includes(last) } },
      yAxis: shareAxis(chart.survivalName),
      series: [...chart.lines.map(band), ...chart.lines.map(curve), numbersAtRisk(chart)],
    },
  });
}

/** From 1: everybody is without the event at the start. */
const stairs = (points: readonly { readonly time: number; readonly value: number }[], lastTime: number): readonly Point[] =>
  staircase({ start: 1, points, lastTime });

/** An area between the ends of the intervals, as far as there are any: where S is 0 there is none. */
function band(line: SurvivalLine, index: number): CustomSeriesOption {
  const bounded = line.steps.flatMap(({ time, low, high }) => (low === undefined || high === undefined ? [] : [{ time, low, high }]));
  const end = bounded.length < line.steps.length ? (line.steps[bounded.length]?.time ?? line.lastTime) : line.lastTime;
  const upper = stairs(
    bounded.map(({ time, high }) => ({ time, value: high })),
    end,
  );
  const lower = stairs(
    bounded.map(({ time, low }) => ({ time, value: low })),
    end,
  );
  return path([...upper, ...lower.toReversed()], { fill: colourOf(index), opacity: 0.13 });
}

function curve(line: SurvivalLine, index: number): CustomSeriesOption {
  const steps = line.steps.map(({ time, survival }) => ({ time, value: survival }));
  return path(stairs(steps, line.lastTime), { fill: "none", stroke: colourOf(index), lineWidth: 2, lineDash: dashOf(index) });
}

function numbersAtRisk({ times, lines, atRiskName }: SurvivalChart): CustomSeriesOption {
  const font = { fontSize: 12, fontFamily: CHART_FONT, verticalAlign: "middle" as const };
  return {
    type: "custom",
    silent: true,
    clip: false,
    data: [0],
    renderItem: (_params, api) => {
      const [, bottom = 0] = api.coord([0, 0]);
      const y = (line: number): number => bottom + 66 + ROW_PX * line;
      const heading = { type: "text" as const, x: 0, y: y(-1), style: { ...font, text: atRiskName, fill: COLOUR.quiet } };
      const rows = lines.flatMap(({ label, atRisk }, line) => [
        {
          type: "path" as const,
          shape: { pathData: `M0,${y(line)}H26` },
          style: { stroke: colourOf(line), lineWidth: 2.5, lineDash: dashOf(line), fill: "none" },
        },
        {
          type: "text" as const,
          x: 34,
          y: y(line),
          style: { ...font, text: label, fill: COLOUR.ink, width: LEFT_PX - 62, overflow: "truncate" as const },
        },
        ...atRisk.map((count, i) => ({
          type: "text" as const,
          x: api.coord([times[i] ?? 0, 0])[0] ?? 0,
          y: y(line),
          style: { ...font, text: count.toLocaleString("en-US"), fill: COLOUR.ink, align: "center" as const },
        })),
      ]);
      return { type: "group", children: [heading, ...rows] };
    },
  };
}
