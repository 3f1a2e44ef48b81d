/** Predicted against observed risk at a time, in groups of predicted risk; the diagonal is perfect agreement. */

import type { Html } from "../html.ts";
import { COLOUR, drawChart } from "./svg.ts";

export interface RiskGroupsChart {
  readonly id: string;
  readonly description: string;
  readonly predictedName: string;
  readonly observedName: string;
  readonly groups: readonly { readonly meanPredicted: number; readonly observed: number }[];
}

export function drawRiskGroupsChart(chart: RiskGroupsChart): Html {
  const points = chart.groups.map(({ meanPredicted, observed }) => [meanPredicted, observed] as const);
  const max = Math.min(1, Math.ceil(5 * Math.max(...points.flat())) / 5);
  const axis = {
    type: "value" as const,
    min: 0,
    max,
    interval: 0.2,
    nameLocation: "middle" as const,
    nameTextStyle: { color: COLOUR.quiet, fontSize: 12 },
    axisLabel: { color: COLOUR.quiet, fontSize: 12, formatter: (value: number) => `${Math.round(100 * value)} %` },
    splitLine: { lineStyle: { color: COLOUR.rule } },
  };
  return drawChart({
    id: chart.id,
    description: chart.description,
    widthPx: 760,
    heightPx: 340,
    option: {
      grid: { left: 230, right: 230, top: 12, bottom: 52 },
      xAxis: { ...axis, name: chart.predictedName, nameGap: 30 },
      yAxis: { ...axis, name: chart.observedName, nameGap: 46 },
      series: [
        {
          type: "scatter",
          silent: true,
          symbolSize: 9,
          itemStyle: { color: COLOUR.shared },
          data: points.map((point) => [...point]),
          markLine: {
            silent: true,
            symbol: "none",
            label: { show: false },
            lineStyle: { color: COLOUR.quiet, type: "dashed", width: 1 },
            data: [[{ coord: [0, 0] }, { coord: [max, max] }]],
          },
        },
      ],
    },
  });
}
