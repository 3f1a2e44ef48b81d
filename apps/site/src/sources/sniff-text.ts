/** How a delimited text is written, by its first lines: delimiter, quotes, line ends. Bytes outside ASCII are never one of these. */

export type DelimiterName = "comma" | "tab" | "semicolon" | "pipe";
export const DELIMITERS = { comma: ",", tab: "\t", semicolon: ";", pipe: "|" } as const satisfies Record<DelimiterName, string>;

export type LineEnd = "lf" | "crlf" | "cr";

export interface TextForm {
  readonly delimiter: DelimiterName;
  /** False where no delimiter divides the lines: a table of one column. */
  readonly isDivided: boolean;
  /** Whether any cell among the first lines is quoted. */
  readonly hasQuotes: boolean;
  readonly lineEnd: LineEnd;
  /** U+FEFF before the first character. */
  readonly hasByteOrderMark: boolean;
}

/** More say nothing new. */
const LINES_MAX = 200;
const BYTE_ORDER_MARK = "\xef\xbb\xbf";

/** @param start the first bytes of the file, one character a byte (latin1) */
export function sniffText(start: string): TextForm {
  const hasByteOrderMark = start.startsWith(BYTE_ORDER_MARK);
  const text = hasByteOrderMark ? start.slice(BYTE_ORDER_MARK.length) : start;
  const lineEnd: LineEnd = text.includes("\r\n") ? "crlf" : text.includes("\n") ? "lf" : text.includes("\r") ? "cr" : "lf";
  const counts = Object.entries(DELIMITERS).map(([name, delimiter]) => ({ name, score: regularity(countCells(text, delimiter)) }));
  const best = counts.reduce((leader, next) => (next.score > leader.score ? next : leader));
  const delimiter = best.name as DelimiterName; // a key of DELIMITERS
  const escaped = delimiter === "pipe" ? "\\|" : DELIMITERS[delimiter];
  return { delimiter, isDivided: best.score > 0, hasQuotes: new RegExp(`(?:^|[\\r\\n${escaped}])"`).test(text), lineEnd, hasByteOrderMark };
}

/** Cells of each of the first whole records, as if `delimiter` were the one; quotes as in RFC 4180. */
function countCells(text: string, delimiter: string): readonly number[] {
  const counts: number[] = [];
  let [cells, isQuoted, isEmpty] = [1, false, true];
  for (let i = 0; i < text.length && counts.length < LINES_MAX; i++) {
    const character = text.charAt(i);
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && character === delimiter) cells++;
    else if (!isQuoted && (character === "\n" || character === "\r")) {
      if (!isEmpty) counts.push(cells);
      [cells, isEmpty] = [1, true];
      continue;
    }
    isEmpty = false;
  }
  return counts.length === 0 ? [cells] : counts;
}

/** The share of records with as many cells as the first, times one more for a wider table; 0 where nothing is divided. */
function regularity(counts: readonly number[]): number {
  const first = counts[0] ?? 1;
  return first === 1 ? 0 : counts.filter((count) => count === first).length / counts.length + Math.min(first, 1000) / 10_000;
}
