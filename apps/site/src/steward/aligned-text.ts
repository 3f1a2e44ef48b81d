/** Tables for a terminal in which Korean letters take two columns: aligned by what the reader sees, not by what the string counts. */

export interface AlignedColumn {
  readonly heading: string;
  readonly align?: "left" | "right";
}

const INDENT = "  ";
const GAP = "   ";

/** Rows of cells under their headings, indented; an empty list of rows gives the headings alone. No line ends in a space. */
export function alignedTable(columns: readonly AlignedColumn[], rows: readonly (readonly string[])[]): readonly string[] {
  const headings = columns.map(({ heading }) => heading);
  const widths = columns.map((_, i) => Math.max(...[headings, ...rows].map((row) => terminalWidth(row[i] ?? ""))));
  const isHeaded = headings.some((heading) => heading !== "");
  return [...(isHeaded ? [headings] : []), ...rows].map((row) =>
    (INDENT + columns.map(({ align }, i) => padded(row[i] ?? "", widths[i] ?? 0, align ?? "left")).join(GAP)).trimEnd(),
  );
}

/** Name and value, one pair a line. */
export const alignedPairs = (pairs: readonly (readonly [name: string, value: string])[]): readonly string[] =>
  alignedTable([{ heading: "" }, { heading: "" }], pairs);

export const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => INDENT + line);

function padded(cell: string, width: number, align: "left" | "right"): string {
  const space = " ".repeat(Math.max(0, width - terminalWidth(cell)));
  return align === "left" ? cell + space : space + cell;
}

const WIDE = /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;
const ZERO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Composed first: a syllable typed on one system as three letters is still one. */
export function terminalWidth(value: string): number {
  let width = 0;
  for (const character of value.normalize("NFC")) width += ZERO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}
