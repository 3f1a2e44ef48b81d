/** Files that are no delimited text at all, told by their first bytes: what a hospital's "export to Excel" button often writes. */

export type ForeignFormat = "excel" | "parquet" | "html" | "utf-16";

const EXCEL_SIGNATURES = [
  [0x50, 0x4b, 0x03, 0x04], // xlsx is a zip archive
  [0xd0, 0xcf, 0x11, 0xe0], // xls is a compound document
] as const;
const UTF_16_MARKS = [
  [0xff, 0xfe],
  [0xfe, 0xff],
] as const;
/** Reports saved as .xls are often a web page with one table. */
const HTML_START = /^(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|meta|table|\?xml)/i;
const HEAD_BYTES = 256;
/** In UTF-16 every second byte of a Latin letter, a digit or a delimiter is zero; in UTF-8 and CP949 none is, unless the file is damaged. */
const UTF_16_ZERO_SHARE_MIN = 0.2;

/** The format of a file that begins with these bytes, where it is known to be none of the encodings that a mapping can declare. */
export function findForeignFormat(start: Uint8Array): ForeignFormat | undefined {
  const head = Buffer.from(start.subarray(0, HEAD_BYTES));
  const startsWith = (bytes: readonly number[]): boolean => bytes.every((byte, i) => head[i] === byte);
  if (EXCEL_SIGNATURES.some(startsWith)) return "excel";
  if (head.toString("latin1", 0, 4) === "PAR1" && head.includes(0)) return "parquet";
  if (UTF_16_MARKS.some(startsWith) || zeroShare(head) >= UTF_16_ZERO_SHARE_MIN) return "utf-16";
  return HTML_START.test(head.toString("latin1")) ? "html" : undefined;
}

const zeroShare = (head: Buffer): number => head.filter((byte) => byte === 0).length / Math.max(1, head.length);
