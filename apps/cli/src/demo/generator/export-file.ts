/** A hospital's export as bytes: rows of cells under a header, in the hospital's own delimiter and encoding. */

import { encodeCp949, utf8 } from "@dure/kernel";

export interface ExportFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface TableFormat {
  readonly name: string;
  readonly delimiter: "," | "\t" | ";" | "|";
  readonly encoding: "utf-8" | "utf-8-bom" | "cp949";
  readonly columns: readonly string[];
}

export type Cell = string | number;

const BYTE_ORDER_MARK = "\uFEFF";

/** Cells must not hold the delimiter, quotes or line ends: the generator writes none. Lines end as Windows programs end them in CP949 files. */
export function writeTable(format: TableFormat, rows: readonly (readonly Cell[])[]): ExportFile {
  const lineEnd = format.encoding === "cp949" ? "\r\n" : "\n";
  const lines = [format.columns, ...rows].map((row) => row.join(format.delimiter));
  const text = `${lines.join(lineEnd)}${lineEnd}`;
  return { name: format.name, bytes: encode(text, format.encoding) };
}

function encode(text: string, encoding: TableFormat["encoding"]): Uint8Array {
  if (encoding === "cp949") return encodeCp949(text);
  return utf8(encoding === "utf-8-bom" ? `${BYTE_ORDER_MARK}${text}` : text);
}
