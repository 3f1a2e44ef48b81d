/** Tables for a terminal, aligned although Hangul and Chinese characters take two columns each. */

import { displayWidth, padToWidth } from "@dure/kernel";

export interface Column {
  readonly heading: string;
  readonly align?: "left" | "right";
}

const GAP = "  ";

/** Rows of cells under their headings; no line ends in a space. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const headings = columns.map(({ heading }) => heading);
  const widths = columns.map((_, i) => Math.max(...[headings, ...rows].map((row) => displayWidth(row[i] ?? ""))));
  const line = (row: readonly string[]): string =>
    columns
      .map(({ align }, i) => padToWidth(row[i] ?? "", widths[i] ?? 0, align))
      .join(GAP)
      .trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join(GAP);
  return [line(headings), rule, ...rows.map(line)].join("\n");
}

/** Name and value, one pair a line, the values aligned. */
export function formatFields(fields: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(0, ...fields.map(([name]) => displayWidth(name)));
  return fields.map(([name, value]) => `${padToWidth(name, width)}${GAP}${value}`.trimEnd()).join("\n");
}
