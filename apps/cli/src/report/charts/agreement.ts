/** Predicted against observed shares on equal axes: what both pictures of calibration are drawn with. */

import type { ScatterSeriesOption } from "echarts/charts";
import { COLOUR } from "./svg.ts";

export interface Agreement {
  /** Predicted and observed share, of each group. */
  readonly points: readonly (readonly [number, number])[];
  /** The largest share that is drawn; the axes end at the next fifth, and never above 1. */
  readonly reach: number;
  readonly predictedName: string;
  readonly observedName: string;
  readonly symbolSizePx: number;
}

export interface AgreementOptions {
  readonly xAxis: object;
  readonly yAxis: object;
  /** The points, and the diagonal of perfect agreement. */
  readonly series: ScatterSeriesOption;
}

export function agreementOptions({ points, reach, predictedName, observedName, symbolSizePx }: Agreement): AgreementOptions {
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
  return {
    xAxis: { ...axis, name: predictedName, nameGap: 30 },
    yAxis: { ...axis, name: observedName, nameGap: 46 },
    series: {
      type: "scatter",
      silent: true,
      symbolSize: symbolSizePx,
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
  };
}
