/** Predicted against observed risk at a time, in groups of predicted risk; the diagonal is perfect agreement. */

import type { Html } from "../html.ts";
import { agreementOptions } from "./agreement.ts";
import { drawChart } from "./svg.ts";

export interface RiskGroupsChart {
  readonly id: string;
  readonly description: string;
  readonly predictedName: string;
  readonly observedName: string;
  readonly groups: readonly { readonly meanPredicted: number; readonly observed: number }[];
}

export function drawRiskGroupsChart(chart: RiskGroupsChart): Html {
  const points = chart.groups.map(({ meanPredicted, observed }) => [meanPredicted, observed] as const);
  const { series, ...axes } = agreementOptions({
    points,
    reach: Math.max(...points.flat()),
    predictedName: chart.predictedName,
    observedName: chart.observedName,
    symbolSizePx: 9,
  });
  return drawChart({
    id: chart.id,
    description: chart.description,
    widthPx: 760,
    heightPx: 340,
    option: { grid: { left: 230, right: 230, top: 12, bottom: 52 }, ...axes, series: [series] },
  });
}
