/**
 * Cumulative incidence by cause in two pictures: every cause's curve with its pointwise band, and the causes of one group stacked, so that
 * what is left above them is the share without any event.
 */

import type { CustomSeriesOption } from "echarts/charts";
import type { Html } from "../html.ts";
import { CURVE_COLOURS, colourOf, dashOf, type Point, path, shareAxis, staircase, timeAxis } from "./step-curves.ts";
import { CHART_FONT, COLOUR, drawChart } from "./svg.ts";

export interface IncidenceLine {
  readonly label: string;
  /** Ascending; 0 before the first. */
  readonly steps: readonly { readonly time: number; readonly share: number; readonly low?: number; readonly high?: number }[];
  /** The curve ends here. */
  readonly lastTime: number;
}

export interface IncidenceChart {
  readonly id: string;
  readonly description: string;
  readonly timeName: string;
  readonly shareName: string;
  readonly lastTime: number;
  readonly lines: readonly IncidenceLine[];
}

const HEIGHT_PX = 330;
const ROW_PX = 18;
const LEFT_PX = 70;

/** The colours are told apart first, then the kinds of line. */
const dashOfLine = (line: number): number[] => dashOf(Math.floor(line / CURVE_COLOURS.length));

/** Every line with its band, and a legend under the axis. */
export function drawIncidenceChart(chart: IncidenceChart): Html {
  return draw(chart, [...chart.lines.map(band), ...chart.lines.map(curve), legend(chart, "line")]);
}

/** The lines piled up: each fills what it adds. */
export function drawStackedIncidence(chart: IncidenceChart): Html {
  const times = [...new Set(chart.lines.flatMap(({ steps }) => steps.map(({ time }) => time)))].sort((a, b) => a - b);
  const shareAt = (line: IncidenceLine, time: number): number => line.steps.findLast((step) => step.time <= time)?.share ?? 0;
  const tops = chart.lines.map((_, index) =>
    times.map((time) => ({ time, value: chart.lines.slice(0, index + 1).reduce((sum, line) => sum + shareAt(line, time), 0) })),
  );
  const areas = tops.map((top, index) => {
    const below = index === 0 ? [] : (tops[index - 1] ?? []);
    return path([...stairs(top, chart.lastTime), ...stairs(below, chart.lastTime).toReversed()], {
      fill: colourOf(index),
      opacity: 0.55,
      stroke: colourOf(index),
      lineWidth: 1,
    });
  });
  return draw(chart, [...areas, legend(chart, "area")]);
}

function draw(chart: IncidenceChart, series: readonly CustomSeriesOption[]): Html {
  const belowPx = 62 + ROW_PX * chart.lines.length;
  return drawChart({
    id: chart.id,
    description: chart.description,
    widthPx: 760,
    heightPx: HEIGHT_PX + belowPx,
    option: {
      grid: { left: LEFT_PX, right: 24, top: 12, bottom: belowPx },
      xAxis: timeAxis(chart.timeName, chart.lastTime),
      yAxis: shareAxis(chart.shareName),
      series,
    },
  });
}

/** From 0. */
const stairs = (points: readonly { readonly time: number; readonly value: number }[], lastTime: number): readonly Point[] =>
  staircase({ start: 0, points, lastTime });

function band({ steps, lastTime }: IncidenceLine, index: number): CustomSeriesOption {
  const end = (of: "low" | "high") =>
    stairs(
      steps.map((step) => ({ time: step.time, value: step[of] ?? step.share })),
      lastTime,
    );
  return path([...end("high"), ...end("low").toReversed()], { fill: colourOf(index), opacity: 0.13 });
}

function curve({ steps, lastTime }: IncidenceLine, index: number): CustomSeriesOption {
  const points = steps.map(({ time, share }) => ({ time, value: share }));
  return path(stairs(points, lastTime), { fill: "none", stroke: colourOf(index), lineWidth: 2, lineDash: dashOfLine(index) });
}

function legend({ lines }: IncidenceChart, kind: "line" | "area"): CustomSeriesOption {
  return {
    type: "custom",
    silent: true,
    clip: false,
    data: [0],
    renderItem: (_params, api) => {
      const [left = 0, bottom = 0] = api.coord([0, 0]);
      const rows = lines.flatMap(({ label }, index) => {
        const y = bottom + 58 + ROW_PX * index;
        const mark =
          kind === "line"
            ? {
                shape: { pathData: `M${left},${y}H${left + 26}` },
                style: { stroke: colourOf(index), lineWidth: 2.5, lineDash: dashOfLine(index), fill: "none" },
              }
            : { shape: { pathData: `M${left},${y - 6}H${left + 26}V${y + 6}H${left}Z` }, style: { fill: colourOf(index), opacity: 0.55 } };
        const words = { text: label, fill: COLOUR.ink, fontSize: 12, fontFamily: CHART_FONT, verticalAlign: "middle" as const };
        return [
          { type: "path" as const, ...mark },
          { type: "text" as const, x: left + 36, y, style: words },
        ];
      });
      return { type: "group", children: rows };
    },
  };
}
