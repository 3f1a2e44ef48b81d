/** Tables for a terminal in which Korean letters take two columns: aligned by what the reader sees, not by what the string counts. */

import { displayWidth, padToWidth } from "@dure/kernel";

export interface AlignedColumn {
  readonly heading: string;
  readonly align?: "left" | "right";
}

const INDENT = "  ";
const GAP = "   ";

/** Rows of cells under their headings, indented; an empty list of rows gives the headings alone. No line ends in a space. */
export function alignedTable(columns: readonly AlignedColumn[], rows: readonly (readonly string[])[]): readonly string[] {
  const headings = columns.map(({ heading }) => heading);
  const widths = columns.map((_, i) => Math.max(...[headings, ...rows].map((row) => displayWidth(row[i] ?? ""))));
  const isHeaded = headings.some((heading) => heading !== "");
  return [...(isHeaded ? [headings] : []), ...rows].map((row) =>
    (INDENT + columns.map(({ align }, i) => padToWidth(row[i] ?? "", widths[i] ?? 0, align)).join(GAP)).trimEnd(),
  );
}

/** Name and value, one pair a line. */
export const alignedPairs = (pairs: readonly (readonly [name: string, value: string])[]): readonly string[] =>
  alignedTable([{ heading: "" }, { heading: "" }], pairs);

export const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => INDENT + line);
