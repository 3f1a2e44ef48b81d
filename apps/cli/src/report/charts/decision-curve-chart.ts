/** Net benefit over the threshold of risk: of deciding by the model, of calling everybody, and of calling nobody, which is 0. */

import type { NetBenefitFigures } from "@dure/federation/coordinator";
import type { Html } from "../html.ts";
import { COLOUR, drawChart } from "./svg.ts";

export interface DecisionCurveChart {
  readonly id: string;
  readonly description: string;
  readonly thresholdName: string;
  readonly benefitName: string;
  /** Ascending thresholds. */
  readonly points: readonly NetBenefitFigures[];
}

/** Calling everybody is worse than any use beyond this; the axis ends here so that the model's curve stays readable. */
const LOWEST_SHARE = -0.15;

export function drawDecisionCurveChart(chart: DecisionCurveChart): Html {
  const top = Math.max(0.01, ...chart.points.flatMap(({ model, everybody }) => [model, everybody]));
  const bottom = LOWEST_SHARE * top;
  const last = chart.points.at(-1)?.threshold ?? 1;
  const label = { color: COLOUR.quiet, fontSize: 12 };
  const axis = { type: "value" as const, nameLocation: "middle" as const, nameTextStyle: label };
  const line = (colour: string, style: "solid" | "dashed", of: (point: NetBenefitFigures) => number) => ({
    type: "line" as const,
    silent: true,
    showSymbol: false,
    clip: true,
    lineStyle: { color: colour, type: style, width: 2 },
    data: chart.points.map((point) => [point.threshold, of(point)]),
  });
  return drawChart({
    id: chart.id,
    description: chart.description,
    widthPx: 560,
    heightPx: 320,
    option: {
      grid: { left: 72, right: 24, top: 12, bottom: 52 },
      xAxis: {
        ...axis,
        name: chart.thresholdName,
        nameGap: 30,
        min: 0,
        max: Math.min(1, Math.ceil(10 * last) / 10),
        interval: 0.1,
        axisLabel: { ...label, formatter: (value: number) => `${Math.round(100 * value)} %` },
        splitLine: { show: false },
      },
      yAxis: {
        ...axis,
        name: chart.benefitName,
        nameGap: 52,
        min: bottom,
        max: top,
        axisLabel: { ...label, showMinLabel: false, showMaxLabel: false, formatter: (value: number) => value.toFixed(2) },
        splitLine: { lineStyle: { color: COLOUR.rule } },
      },
      series: [
        {
          ...line(COLOUR.quiet, "dashed", ({ everybody }) => everybody),
          markLine: {
            silent: true,
            symbol: "none",
            lineStyle: { color: COLOUR.ink, type: "solid", width: 1 },
            label: { show: false },
            data: [{ yAxis: 0 }],
          },
        },
        line(COLOUR.shared, "solid", ({ model }) => model),
      ],
    },
  });
}
