/** Curves in steps over time, with a share on the other axis: what survival and incidence are drawn with. */

import type { CustomSeriesOption } from "echarts/charts";
import { COLOUR } from "./svg.ts";

/** Dark enough on white (WCAG 1.4.11) and apart for colour-blind readers. */
export const CURVE_COLOURS = ["#0f766e", "#b45309", "#4338ca", "#9d174d", "#1f2d3a", "#4d7c0f"] as const;

const DASHES = [[], [7, 4], [2, 3], [9, 3, 2, 3]] as const;

export const colourOf = (line: number): string => CURVE_COLOURS[line % CURVE_COLOURS.length] ?? COLOUR.ink;

export const dashOf = (kind: number): number[] => [...(DASHES[kind % DASHES.length] ?? [])];

const LABEL = { color: COLOUR.quiet, fontSize: 12 };

export const timeAxis = (name: string, lastTime: number) => ({
  type: "value" as const,
  min: 0,
  max: lastTime,
  name,
  nameLocation: "middle" as const,
  nameGap: 26,
  nameTextStyle: LABEL,
  axisLabel: LABEL,
  splitLine: { show: false },
});

export const shareAxis = (name: string) => ({
  type: "value" as const,
  min: 0,
  max: 1,
  interval: 0.25,
  name,
  nameLocation: "middle" as const,
  nameGap: 46,
  nameTextStyle: LABEL,
  axisLabel: { ...LABEL, formatter: (value: number) => `${Math.round(100 * value)} %` },
  splitLine: { lineStyle: { color: COLOUR.rule } },
});

/** Time and value, in the units of the axes. */
export type Point = readonly [number, number];

interface Steps {
  /** At time 0. */
  readonly start: number;
  /** Times ascending: each value holds until the next. */
  readonly points: readonly { readonly time: number; readonly value: number }[];
  readonly lastTime: number;
}

/** The corners from left to right. */
export function staircase({ start, points, lastTime }: Steps): readonly Point[] {
  const corners: Point[] = [[0, start]];
  let value = start;
  for (const point of points) {
    corners.push([point.time, value], [point.time, point.value]);
    value = point.value;
  }
  return [...corners, [Math.max(lastTime, points.at(-1)?.time ?? 0), value]];
}

/** One path through points of the plot. */
export function path(points: readonly Point[], style: object): CustomSeriesOption {
  return {
    type: "custom",
    silent: true,
    data: [0],
    renderItem: (_params, api) => {
      const corners = points.map((point) => api.coord([...point]).map((pixel) => Math.round(100 * pixel) / 100));
      return { type: "path", shape: { pathData: `M${corners.map((corner) => corner.join(",")).join("L")}` }, style };
    },
  };
}
