/** A sheet on its way into a copy, before anybody has said where its header stands. */

import { DureError } from "@dure/kernel";
import { emptyFile } from "../ingest/problems.ts";
import type { SheetRow } from "./sheet-rows.ts";
import { TableCopy } from "./table-copy.ts";
import { writeCell } from "./xlsx.ts";

/** Titles stand above many a table: among so many rows of a sheet its header is looked for. */
const HEADER_ROW_MAX = 20;

export interface SheetHeader {
  readonly header: readonly string[];
  /** Counted from 1. */
  readonly headerRow: number;
}

/** The rows below the header, which is told from the first rows; those with cells beyond the width of these are broken rows of the copy. */
export async function copySheet(
  rows: AsyncIterable<readonly SheetRow[]>,
  { name, copyPath, signal }: { readonly name: string; readonly copyPath: string; readonly signal: AbortSignal | undefined },
): Promise<SheetHeader> {
  const first: SheetRow[] = [];
  let copied: (SheetHeader & { readonly copy: TableCopy }) | undefined;
  const begin = async (): Promise<SheetHeader & { readonly copy: TableCopy }> => {
    const found = findHeader(first);
    if (found === undefined) throw new DureError(emptyFile(name));
    const copy = await TableCopy.create(copyPath, found.header.length);
    for (const row of first) if (row.number > found.headerRow) addRow(copy, found.header.length, row);
    return { ...found, copy };
  };
  try {
    for await (const batch of rows) {
      signal?.throwIfAborted();
      for (const row of batch) {
        if (copied === undefined && row.number > HEADER_ROW_MAX) copied = await begin();
        if (copied === undefined) first.push(row);
        else addRow(copied.copy, copied.header.length, row);
      }
      if (copied?.copy.isFull === true) await copied.copy.flush();
    }
    copied ??= await begin();
    await copied.copy.close();
    return copied;
  } catch (cause) {
    await copied?.copy.discard();
    throw cause;
  }
}

function addRow(copy: TableCopy, columnCount: number, { cells }: SheetRow): void {
  if (cells.some((cell) => cell !== undefined))
    copy.add(Array.from({ length: Math.max(columnCount, cells.length) }, (_, i) => writeCell(cells[i])));
}

/** The first row that is nearly as wide as the widest, with a name or none for each column of that. */
function findHeader(rows: readonly SheetRow[]): SheetHeader | undefined {
  const widthOf = ({ cells }: SheetRow): number => cells.filter((cell) => cell !== undefined).length;
  const widest = Math.max(0, ...rows.map(widthOf));
  const row = rows.find((candidate) => widthOf(candidate) >= 0.8 * widest);
  if (row === undefined || widest === 0) return undefined;
  const columnCount = Math.max(...rows.map(({ cells }) => cells.length));
  return {
    header: Array.from({ length: columnCount }, (_, i) => writeCell(row.cells[i]).trim().normalize("NFC")),
    headerRow: row.number,
  };
}
