/** How wide a text is on a terminal: Hangul and Chinese characters take two columns, combining marks none. */

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

/** Filled with spaces to so many columns; a wider text stays as it is. */
export function padToWidth(value: string, width: number, align: "left" | "right" = "left"): string {
  const space = " ".repeat(Math.max(0, width - displayWidth(value)));
  return align === "left" ? value + space : space + value;
}
