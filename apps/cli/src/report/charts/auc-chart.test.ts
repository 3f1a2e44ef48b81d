import assert from "node:assert/strict";
import { test } from "node:test";
import { drawAucChart } from "./auc-chart.ts";

const bar = { label: "Shared model", kind: "shared", auc: 0.756, standardError: 0.0065 } as const;
const draw = (reference: number): string =>
  String(drawAucChart({ id: "a", description: "a chart", axisName: "AUC", groups: [{ hospital: "A", bars: [bar] }], reference }));

/** End of the bar, whose path starts at the axis, and place of the dashed line, both in pixels. */
const barEnd = (svg: string): number =>
  Math.max(...[...(svg.match(/<path d="([^"]+)"[^>]*fill="#0f766e"/)?.[1] ?? "").matchAll(/[\d.]+/g)].map(Number).filter((x) => x > 250));
const lineAt = (svg: string): number => Number(svg.match(/<path d="M([\d.]+) [^"]*"[^>]*stroke-dasharray/)?.[1]);

test("the reference line stands where a bar of the same AUC ends", () => {
  const svg = draw(0.756);
  assert.ok(Math.abs(barEnd(svg) - lineAt(svg)) < 1, `${barEnd(svg)} against ${lineAt(svg)}`);
});

test("the figures beside a bar are its AUC and its interval", () => {
  assert.match(draw(0.7).replaceAll("\u2060", ""), />0\.756 {1,2}\(0\.743–0\.769\)</);
});
