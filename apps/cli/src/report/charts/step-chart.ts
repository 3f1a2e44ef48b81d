/** Shares over time as lines between a few times, one line a hospital, told apart by colour and by the name at its end. */

import type { CustomSeriesOption } from "echarts/charts";
import type { Html } from "../html.ts";
import { CHART_FONT, COLOUR, drawChart } from "./svg.ts";

export interface StepChart {
  readonly id: string;
  readonly description: string;
  readonly timeName: string;
  readonly curves: readonly { readonly label: string; readonly points: readonly { readonly time: number; readonly share: number }[] }[];
}

const COLOURS = [COLOUR.shared, COLOUR.abroad, COLOUR.own, COLOUR.ink, COLOUR.quiet] as const;
const LABEL_HEIGHT_PX = 15;

/** Every curve begins at time 0 with share 1. */
export function drawStepChart(chart: StepChart): Html {
  const curves = chart.curves.map(({ label, points }) => ({ label, points: [{ time: 0, share: 1 }, ...points] }));
  const timeMax = Math.max(1, ...curves.flatMap(({ points }) => points.map(({ time }) => time)));
  const low = Math.min(1, ...curves.flatMap(({ points }) => points.map(({ share }) => share)));
  const axis = { nameTextStyle: { color: COLOUR.quiet, fontSize: 12 }, axisLabel: { color: COLOUR.quiet, fontSize: 12 } };
  return drawChart({
    id: chart.id,
    description: chart.description,
    widthPx: 760,
    heightPx: 320,
    option: {
      grid: { left: 56, right: 190, top: 14, bottom: 46 },
      xAxis: {
        type: "value",
        min: 0,
        max: timeMax,
        name: chart.timeName,
        nameLocation: "middle",
        nameGap: 28,
        splitLine: { show: false },
        ...axis,
      },
      yAxis: {
        type: "value",
        min: Math.max(0, Math.floor(low * 10) / 10),
        max: 1,
        splitLine: { lineStyle: { color: COLOUR.rule } },
        ...axis,
      },
      series: curves.map((curve, index) => line(curve, COLOURS[index % COLOURS.length] ?? COLOUR.ink)).concat(names(curves)),
    },
  });
}

type Curve = StepChart["curves"][number];

function line({ points }: Curve, colour: string): CustomSeriesOption {
  return {
    type: "custom",
    silent: true,
    data: [[points.length]],
    renderItem: (_params, api) => ({
      type: "polyline",
      shape: { points: points.map(({ time, share }) => api.coord([time, share])) },
      style: { stroke: colour, lineWidth: 2, fill: "none" },
    }),
  };
}

/** At the right edge, from the highest end down, moved apart where ends lie close. */
function names(curves: readonly Curve[]): CustomSeriesOption {
  const ends = curves
    .map(({ label, points }, index) => ({ label, colour: COLOURS[index % COLOURS.length] ?? COLOUR.ink, share: points.at(-1)?.share ?? 1 }))
    .sort((a, b) => b.share - a.share);
  return {
    type: "custom",
    silent: true,
    clip: false,
    data: [[0]],
    renderItem: (params, api) => {
      const plot = params.coordSys as unknown as { readonly x: number; readonly width: number }; // ECharts' own record for a cartesian grid
      let last = Number.NEGATIVE_INFINITY;
      const children = ends.map(({ label, colour, share }) => {
        const [, wanted = 0] = api.coord([0, share]);
        last = Math.max(wanted, last + LABEL_HEIGHT_PX);
        const style = { text: label, fill: colour, fontSize: 12.5, fontFamily: CHART_FONT, verticalAlign: "middle" as const };
        return { type: "text" as const, x: plot.x + plot.width + 10, y: last, style };
      });
      return { type: "group", children };
    },
  };
}
