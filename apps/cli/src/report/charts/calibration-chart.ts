/** Predicted against observed risk in groups of equal predicted risk, with Wilson intervals; the diagonal is perfect agreement. */

import { proportionInterval } from "../format.ts";
import type { Html } from "../html.ts";
import type { Calibration } from "../report-options.ts";
import { agreementOptions } from "./agreement.ts";
import { verticalIntervals } from "./interval-series.ts";
import { drawChart } from "./svg.ts";

export interface CalibrationChart {
  readonly id: string;
  readonly description: string;
  readonly predictedName: string;
  readonly observedName: string;
  readonly bins: Calibration["bins"];
}

export function drawCalibrationChart(chart: CalibrationChart): Html {
  const points = chart.bins.map((bin) => ({ x: bin.meanPredicted, y: bin.events / bin.n, ...proportionInterval(bin.events, bin.n) }));
  const { series, ...axes } = agreementOptions({
    points: points.map(({ x, y }) => [x, y]),
    reach: Math.max(...points.flatMap((point) => [point.x, point.high])),
    predictedName: chart.predictedName,
    observedName: chart.observedName,
    symbolSizePx: 8,
  });
  return drawChart({
    id: chart.id,
    description: chart.description,
    widthPx: 380,
    heightPx: 350,
    option: { grid: { left: 66, right: 16, top: 12, bottom: 52 }, ...axes, series: [verticalIntervals(points), series] },
  });
}
