/**
 * Charts drawn without a browser: ECharts' SVG renderer on the server, made fit to stand inside an HTML page.
 *
 * Axes, scales and text layout are ECharts'; intervals are custom series, since none is built in.
 */

import { BarChart, CustomChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, MarkLineComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { escapeHtml, type Html, trustHtml } from "../html.ts";

use([BarChart, CustomChart, LineChart, ScatterChart, GridComponent, MarkLineComponent, SVGRenderer]);

export const CHART_FONT = "Pretendard, 'Noto Sans CJK KR', 'Noto Sans KR', 'Apple SD Gothic Neo', 'Malgun Gothic', system-ui, sans-serif";

export const COLOUR = {
  ink: "#1f2d3a",
  quiet: "#55636f",
  rule: "#d5dde2",
  shared: "#0f766e",
  own: "#8b9aa7",
  abroad: "#c79a4b",
} as const;

export interface Chart {
  /** Unique on the page; prefixes every identifier inside. */
  readonly id: string;
  /** What the picture shows, for those who cannot see it. The figures stand in a table beside it. */
  readonly description: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly option: EChartsCoreOption;
}

/** Inline SVG with an accessible name, scaled to its container, without identifiers of any other chart. */
export function drawChart(chart: Chart): Html {
  const instance = init(null, null, { renderer: "svg", ssr: true, width: chart.widthPx, height: chart.heightPx });
  try {
    instance.setOption({ animation: false, textStyle: { fontFamily: CHART_FONT }, ...chart.option });
    const svg = instance.renderToSVGString({ useViewBox: true });
    // Classes and their style sheet only serve hovering, and count on from chart to chart.
    const inner = svg
      .slice(svg.indexOf(">") + 1)
      .replace(/<style.*?<\/style>| class="[^"]*"/gs, "")
      .replace(/zr\d+-/g, `${chart.id}-`)
      .replace(/ xmlns(?::\w+)?="[^"]*"/g, "");
    const name = escapeHtml(chart.description);
    return trustHtml(`<svg role="img" aria-label="${name}" viewBox="0 0 ${chart.widthPx} ${chart.heightPx}">${inner}`);
  } finally {
    instance.dispose();
  }
}
