/** Predicted against observed risk in groups of equal predicted risk, with Wilson intervals; the diagonal is perfect agreement. */

import { proportionInterval } from "../format.ts";
import type { Html } from "../html.ts";
import type { Calibration } from "../report-options.ts";
import { verticalIntervals } from "./interval-series.ts";
import { COLOUR, drawChart } from "./svg.ts";

export interface CalibrationChart {
  readonly id: string;
  readonly description: string;
  readonly predictedName: string;
  readonly observedName: string;
  readonly bins: Calibration["bins"];
}

export function drawCalibrationChart(chart: CalibrationChart): Html {
  const points = chart.bins.map((bin) => ({ x: bin.meanPredicted, y: bin.events / bin.n, ...proportionInterval(bin.events, bin.n) }));
  const reach = Math.max(...points.flatMap((point) => [point.x, point.high]));
  const max = Math.min(1, Math.ceil(5 * reach) / 5);
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
    widthPx: 380,
    heightPx: 350,
    option: {
      grid: { left: 66, right: 16, top: 12, bottom: 52 },
      xAxis: { ...axis, name: chart.predictedName, nameGap: 30 },
      yAxis: { ...axis, name: chart.observedName, nameGap: 46 },
      series: [
        verticalIntervals(points),
        {
          type: "scatter",
          silent: true,
          symbolSize: 8,
          itemStyle: { color: COLOUR.shared },
          data: points.map((point) => [point.x, point.y]),
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
