/** Deviance of patients left out over the penalty: a line within a band of one standard error, and the λ that was chosen. */

import type { GlmAnalysis } from "@dure/federation/coordinator";
import type { Html } from "../html.ts";
import { COLOUR, drawChart } from "./svg.ts";

type PathPoint = NonNullable<NonNullable<GlmAnalysis["penalty"]>["path"]>[number];

export interface PathChart {
  readonly id: string;
  readonly description: string;
  readonly lambdaName: string;
  readonly devianceName: string;
  /** Descending λ. */
  readonly path: readonly PathPoint[];
  readonly chosen: number;
}

/** Significant digits that tell neighbouring marks of an axis apart. */
const DIGITS = 3;

export function drawPathChart(chart: PathChart): Html {
  const points = chart.path.toReversed();
  const ends = points.flatMap(({ deviance, standardError }) => [deviance - standardError, deviance + standardError]);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const margin = 0.05 * (high - low);
  const label = { color: COLOUR.quiet, fontSize: 12 };
  const axis = { nameLocation: "middle" as const, nameTextStyle: label, axisLabel: label };
  const line = (of: (point: PathPoint) => number, style: object) => ({
    type: "line" as const,
    silent: true,
    showSymbol: false,
    data: points.map((point) => [point.lambda, of(point)]),
    ...style,
  });
  const edge = { lineStyle: { color: COLOUR.own, type: "dashed", width: 1 } };
  return drawChart({
    id: chart.id,
    description: chart.description,
    widthPx: 560,
    heightPx: 300,
    option: {
      grid: { left: 78, right: 24, top: 12, bottom: 52 },
      xAxis: {
        ...axis,
        type: "log",
        name: chart.lambdaName,
        nameGap: 30,
        min: points[0]?.lambda,
        max: points.at(-1)?.lambda,
        axisLabel: {
          ...label,
          showMinLabel: false,
          showMaxLabel: false,
          formatter: (value: number) => String(Number(value.toPrecision(DIGITS))),
        },
        splitLine: { show: false },
      },
      yAxis: {
        ...axis,
        type: "value",
        name: chart.devianceName,
        nameGap: 56,
        min: low - margin,
        max: high + margin,
        axisLabel: {
          ...label,
          showMinLabel: false,
          showMaxLabel: false,
          formatter: (value: number) => String(Number(value.toPrecision(DIGITS))),
        },
        splitLine: { lineStyle: { color: COLOUR.rule } },
      },
      series: [
        line(({ deviance, standardError }) => deviance - standardError, edge),
        line(({ deviance, standardError }) => deviance + standardError, edge),
        line(({ deviance }) => deviance, { lineStyle: { color: COLOUR.shared, width: 2 } }),
        // A mark line would round λ to two decimals.
        {
          ...line(() => 0, { lineStyle: { color: COLOUR.ink, width: 1 } }),
          data: [low - margin, high + margin].map((end) => [chart.chosen, end]),
        },
      ],
    },
  });
}
