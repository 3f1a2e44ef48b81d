/** Tables for a terminal, aligned although Hangul and Chinese characters take two columns each. */

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
      .map(({ align }, i) => pad(row[i] ?? "", widths[i] ?? 0, align ?? "left"))
      .join(GAP)
      .trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join(GAP);
  return [line(headings), rule, ...rows.map(line)].join("\n");
}

/** Name and value, one pair a line, the values aligned. */
export function formatFields(fields: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(0, ...fields.map(([name]) => displayWidth(name)));
  return fields.map(([name, value]) => `${pad(name, width, "left")}${GAP}${value}`.trimEnd()).join("\n");
}

function pad(cell: string, width: number, align: "left" | "right"): string {
  const space = " ".repeat(Math.max(0, width - displayWidth(cell)));
  return align === "left" ? cell + space : space + cell;
}

/** Ranges of East Asian Wide and Fullwidth characters that appear in Korean text. Source: Unicode Standard Annex 11. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;
const ZERO = /\p{Mn}|\p{Me}|\p{Cf}/u;

/** Columns of a terminal that the text takes. A Korean syllable written in decomposed letters is composed first. */
export function displayWidth(value: string): number {
  let width = 0;
  for (const character of value.normalize("NFC")) width += ZERO.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}
