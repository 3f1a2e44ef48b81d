/** A share over the runs of a trend, as a line of the height of a word. */

import type { Language } from "@dure/kernel";
import { type Html, html } from "../html.ts";
import { formatShare } from "./words.ts";

const WIDTH = 72;
const HEIGHT = 18;
const MARGIN = 2;

/**
 * Nothing where there are fewer than two counted runs.
 * @param percents 0 to 100, oldest first; undefined where a run did not count
 */
export function sparkline(percents: readonly (number | undefined)[], language: Language): Html | undefined {
  const counted = percents.flatMap((percent, i) => (percent === undefined ? [] : [{ percent, i }]));
  const last = counted.at(-1);
  if (counted.length < 2 || last === undefined) return undefined;
  const highest = Math.max(...counted.map(({ percent }) => percent), Number.MIN_VALUE);
  const x = (i: number): number => MARGIN + ((WIDTH - 2 * MARGIN) * i) / Math.max(1, percents.length - 1);
  const y = (percent: number): number => HEIGHT - MARGIN - ((HEIGHT - 2 * MARGIN) * percent) / highest;
  const points = counted.map(({ percent, i }) => `${x(i).toFixed(1)},${y(percent).toFixed(1)}`).join(" ");
  const values = counted.map(({ percent }) => formatShare(percent)).join(", ");
  const label = language === "ko" ? `추이: ${values}` : `over the runs: ${values}`;
  return html`<svg class="spark" role="img" aria-label="${label}" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}"><polyline points="${points}"/><circle cx="${x(last.i).toFixed(1)}" cy="${y(last.percent).toFixed(1)}" r="2"/></svg>`;
}
