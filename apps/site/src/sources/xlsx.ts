/**
 * A sheet of a workbook: what Excel shows as a table, as text cells. Numbers are written as Excel shows them with full precision, dates as
 * the mapping declares for their column, truth values as TRUE and FALSE. Rows without any cell are passed over, as blank lines of a text
 * are; rows keep the numbers that they have in the sheet, counted below the header row.
 */

import { open } from "node:fs/promises";
import type { MappingFile } from "@dure/clinical";
import { DureError, type Problem } from "@dure/kernel";
import { readSheet } from "read-excel-file/node";
import { andMore, emptyFile, missingFile, PROBLEMS_PER_FILE_MAX } from "../ingest/problems.ts";
import { dateFormatsOf, OF_DATE, OF_TIME, writeDate } from "./date-formats.ts";
import { hashFile } from "./hash-file.ts";
import type { ExportRequest, OpenedExport } from "./open-export.ts";
import { badWorkbook, bareFormula, noSheet, severalSheets } from "./source-problems.ts";
import { copiedRelation, placesOf, TableCopy } from "./table-copy.ts";
import { openWorkbook, type Workbook } from "./workbook.ts";

type XlsxFile = Extract<MappingFile, { readonly format: "xlsx" }>;

/** @throws DureError `ingest/missing-file`, `empty-file`, `bad-workbook`, `no-sheet`, `several-sheets` or `bare-formula`. */
export async function openXlsx(definition: XlsxFile, request: ExportRequest): Promise<OpenedExport> {
  const path = `${request.directory}/${definition.path}`;
  await checkStart(path, definition.path);
  const workbook = await openWorkbook(path, definition.path);
  try {
    const sheetIndex = chosenSheet(definition, workbook.sheets);
    const rows = await readRows(path, definition.path, sheetIndex);
    const header = (rows[definition.headerRow - 1] ?? []).map((cell) => writeCell(cell, undefined).trim().normalize("NFC"));
    if (header.every((name) => name === "")) throw new DureError(emptyFile(definition.path));
    const places = placesOf(header, request.columns);
    await checkFormulas(definition, workbook, { sheetIndex, header, places });
    const rowsLeftOut = await copyRows(definition, request, { rows, header, places });
    return copiedRelation(request, { sha256: await hashFile(path, request.signal), header, places, rowsLeftOut });
  } finally {
    workbook.close();
  }
}

/** Names of a workbook's sheets, and the text cells of one of them from its first row on. For looking at a file before it has a mapping. */
export async function lookAtWorkbook(path: string, name: string, sheet?: string | number) {
  await checkStart(path, name);
  const workbook = await openWorkbook(path, name);
  try {
    const sheetIndex = sheet === undefined ? 0 : chosenSheet({ path: name, sheet }, workbook.sheets);
    const rows = await readRows(path, name, sheetIndex);
    return { sheets: workbook.sheets, sheetIndex, rows: rows.map((row) => row.map((cell) => writeCell(cell, undefined))) };
  } finally {
    workbook.close();
  }
}

const ZIP = "504b0304";
/** What Excel up to 2003 wrote, and every version writes around a workbook with a password. */
const COMPOUND_DOCUMENT = "d0cf11e0";

async function checkStart(path: string, name: string): Promise<void> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) throw new DureError(missingFile(name));
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    if (bytesRead === 0) throw new DureError(emptyFile(name));
    const start = buffer.toString("hex");
    if (start === COMPOUND_DOCUMENT) throw new DureError(badWorkbook(name, "locked"));
    if (start !== ZIP) throw new DureError(badWorkbook(name, "foreign"));
  } finally {
    await file.close();
  }
}

function chosenSheet({ path, sheet }: Pick<XlsxFile, "path" | "sheet">, sheets: readonly string[]): number {
  if (sheet === undefined) {
    if (sheets.length > 1) throw new DureError(severalSheets(path, sheets));
    return 0;
  }
  const index = typeof sheet === "number" ? sheet - 1 : sheets.findIndex((name) => name.normalize("NFC") === sheet.normalize("NFC"));
  if (index < 0 || index >= sheets.length) throw new DureError(noSheet(path, sheets));
  return index;
}

type SheetCell = string | boolean | Date | null;

async function readRows(path: string, name: string, sheetIndex: number): Promise<readonly (readonly SheetCell[])[]> {
  try {
    const rows = await readSheet(path, sheetIndex + 1, { parseNumber: (digits) => String(Number(digits)), trim: false });
    return rows as unknown as readonly (readonly SheetCell[])[]; // the library's types name the constructor of dates where it gives dates
  } catch (cause) {
    throw new DureError(badWorkbook(name, "unreadable"), { cause });
  }
}

function writeCell(cell: SheetCell | undefined, dateFormat: string | undefined): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "string") return cell;
  if (typeof cell === "boolean") return cell ? "TRUE" : "FALSE";
  const at = new Date(Math.round(cell.getTime() / 1000) * 1000); // days as fractions are a millisecond off
  return writeDate(at, dateFormat ?? (at.getTime() % DAY_MS === 0 ? OF_DATE : OF_TIME));
}

const DAY_MS = 86_400_000;

interface Sheet {
  readonly header: readonly string[];
  readonly places: readonly number[];
}

async function checkFormulas(
  definition: XlsxFile,
  workbook: Workbook,
  { sheetIndex, header, places }: Sheet & { readonly sheetIndex: number },
): Promise<void> {
  const problems: Problem[] = [];
  let count = 0;
  await workbook.findBareFormulas(sheetIndex, (cell) => {
    const [, letters = "", digits = ""] = /^([A-Z]{1,3})(\d{1,7})$/.exec(cell) ?? [];
    const [column, row] = [columnIndex(letters), Number(digits) - definition.headerRow];
    if (row < 1 || !places.includes(column)) return;
    count++;
    if (problems.length < PROBLEMS_PER_FILE_MAX)
      problems.push(bareFormula({ file: definition.path, row, column: header[column] ?? "" }, cell));
  });
  if (count > problems.length) problems.push(andMore(definition.path, count - problems.length));
  if (problems.length > 0) throw new DureError(problems);
}

/** A is 0, Z 25, AA 26. */
function columnIndex(letters: string): number {
  let index = 0;
  for (const letter of letters) index = index * 26 + letter.charCodeAt(0) - 64;
  return index - 1;
}

/** @returns numbers of the rows without any cell */
async function copyRows(
  definition: XlsxFile,
  request: ExportRequest,
  { rows, header, places }: Sheet & { readonly rows: readonly (readonly SheetCell[])[] },
): Promise<readonly number[]> {
  const declared = dateFormatsOf(definition);
  const formats = places.map((place) => declared.get(header[place] ?? ""));
  const copy = await TableCopy.create(request.copyPath, places.length);
  const blank: number[] = [];
  try {
    for (let i = definition.headerRow; i < rows.length; i++) {
      const row = rows[i] ?? [];
      if (row.every((cell) => cell === null || cell === "")) blank.push(i - definition.headerRow + 1);
      else copy.add(places.map((place, at) => writeCell(row[place], formats[at])));
      if (copy.isFull) await copy.flush();
    }
    await copy.close();
  } catch (cause) {
    await copy.discard();
    throw cause;
  }
  return blank;
}
