/**
 * A sheet of a workbook: what Excel shows as a table, as text cells. Numbers are written as Excel shows them with full precision, dates as
 * the mapping declares for their column, truth values as TRUE and FALSE. Rows without any cell are passed over, as blank lines of a text
 * are; rows keep the numbers that they have in the sheet, counted below the header row.
 */

import { open } from "node:fs/promises";
import type { MappingFile } from "@dure/clinical";
import { DureError, type Problem } from "@dure/kernel";
import { andMore, emptyFile, missingFile, PROBLEMS_PER_FILE_MAX } from "../ingest/problems.ts";
import { dateFormatsOf, dateWriter, OF_DATE, OF_TIME } from "./date-formats.ts";
import { hashFile } from "./hash-file.ts";
import type { ExportRequest, OpenedExport } from "./open-export.ts";
import { BARE_FORMULA, type SheetCell, type SheetRow } from "./sheet-rows.ts";
import { badWorkbook, bareFormula, noSheet, severalSheets } from "./source-problems.ts";
import { copiedRelation, placesOf, TableCopy } from "./table-copy.ts";
import { openWorkbook } from "./workbook.ts";

type XlsxFile = Extract<MappingFile, { readonly format: "xlsx" }>;

/**
 * Time: O(bytes); memory of some hundred rows, and of the texts that cells share.
 * @throws DureError `ingest/missing-file`, `empty-file`, `bad-workbook`, `no-sheet`, `several-sheets` or `bare-formula`.
 */
export async function openXlsx(definition: XlsxFile, request: ExportRequest): Promise<OpenedExport> {
  const path = `${request.directory}/${definition.path}`;
  const sheet = await openSheet(path, { name: definition.path, sheet: definition.sheet, copyPath: request.copyPath });
  try {
    const { header, places, rowsLeftOut } = await copyRows(definition, request, sheet.rows);
    return copiedRelation(request, { sha256: await hashFile(path, request.signal), header, places, rowsLeftOut });
  } finally {
    sheet.close();
  }
}

interface SheetChoice {
  /** Of the file, as the user knows it. */
  readonly name: string;
  /** By name or number; the only one where none is given. */
  readonly sheet: string | number | undefined;
  /** Beside it lies what the reading needs of disk. */
  readonly copyPath: string;
}

interface OpenedSheet {
  readonly sheets: readonly string[];
  readonly sheetIndex: number;
  /** To be read once. */
  readonly rows: AsyncIterable<readonly SheetRow[]>;
  readonly close: () => void;
}

/**
 * A sheet of a workbook, of which nothing but its existence is checked yet; the caller closes.
 * @throws DureError as `openXlsx`, and so do its rows.
 */
export async function openSheet(path: string, { name, sheet, copyPath }: SheetChoice): Promise<OpenedSheet> {
  await checkStart(path, name);
  const workbook = await openWorkbook(path, name);
  try {
    const sheetIndex = chosenSheet({ path: name, ...(sheet === undefined ? {} : { sheet }) }, workbook.sheets);
    return { sheets: workbook.sheets, sheetIndex, rows: workbook.rows(sheetIndex, `${copyPath}.texts`), close: workbook.close };
  } catch (cause) {
    workbook.close();
    throw cause;
  }
}

/** A cell as text; a formula without a value as nothing. @param writeDate as the mapping declares for the column */
export function writeCell(cell: SheetCell | undefined, writeDate?: (at: Date) => string): string {
  if (typeof cell === "string") return cell;
  if (cell === undefined || cell === BARE_FORMULA) return "";
  if (writeDate !== undefined) return writeDate(cell);
  return cell.getTime() % DAY_MS === 0 ? writeDay(cell) : writeTime(cell);
}

const [writeDay, writeTime] = [dateWriter(OF_DATE), dateWriter(OF_TIME)];
const DAY_MS = 86_400_000;

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

interface Table {
  readonly header: readonly string[];
  /** Of the columns that are read, in the header. */
  readonly places: readonly number[];
}

interface CopiedTable extends Table {
  /** Numbers of the rows without any cell that stand above others. */
  readonly rowsLeftOut: readonly number[];
}

async function copyRows(definition: XlsxFile, request: ExportRequest, rows: OpenedSheet["rows"]): Promise<CopiedTable> {
  let copied: SheetCopy | undefined;
  try {
    for await (const batch of rows) {
      request.signal?.throwIfAborted();
      for (const row of batch) {
        if (copied !== undefined) copied.add(row);
        else if (row.number >= definition.headerRow) copied = await SheetCopy.begin(definition, request, row);
      }
      if (copied?.isFull === true) await copied.flush();
    }
    if (copied === undefined) throw new DureError(emptyFile(definition.path));
    return await copied.finish();
  } catch (cause) {
    await copied?.discard();
    throw cause;
  }
}

/** The needed columns of a sheet on their way into the copy, and what is to be said of its rows. */
class SheetCopy {
  readonly #copy: TableCopy;
  readonly #definition: XlsxFile;
  readonly #table: Table;
  /** In the order of the places. */
  readonly #dateWriters: readonly (((at: Date) => string) | undefined)[];
  readonly #blank: number[] = [];
  readonly #problems: Problem[] = [];
  #bareFormulaCount = 0;
  /** Of the last row with a cell. */
  #last: number;

  private constructor(copy: TableCopy, definition: XlsxFile, table: Table) {
    [this.#copy, this.#definition, this.#table, this.#last] = [copy, definition, table, definition.headerRow];
    const declared = dateFormatsOf(definition);
    this.#dateWriters = table.places.map((place) => {
      const format = declared.get(table.header[place] ?? "");
      return format === undefined ? undefined : dateWriter(format);
    });
  }

  /** @param headerRow the first row at or below where the header should stand */
  static async begin(definition: XlsxFile, request: ExportRequest, headerRow: SheetRow): Promise<SheetCopy> {
    const header = Array.from(headerRow.cells, (cell) => writeCell(cell).trim().normalize("NFC"));
    if (headerRow.number > definition.headerRow || header.every((name) => name === "")) throw new DureError(emptyFile(definition.path));
    const places = placesOf(header, request.columns);
    return new SheetCopy(await TableCopy.create(request.copyPath, places.length), definition, { header, places });
  }

  add({ number, cells }: SheetRow): void {
    if (cells.every((cell) => cell === undefined)) return;
    for (let blank = this.#last + 1; blank < number; blank++) this.#blank.push(blank - this.#definition.headerRow);
    this.#last = number;
    this.#copy.add(
      this.#table.places.map((place, i) => {
        const cell = cells[place];
        if (cell === BARE_FORMULA) this.#tellOfFormula(number, place);
        return writeCell(cell, this.#dateWriters[i]);
      }),
    );
  }

  get isFull(): boolean {
    return this.#copy.isFull;
  }

  flush(): Promise<void> {
    return this.#copy.flush();
  }

  /** @throws DureError `ingest/bare-formula`, once for each such cell, up to a limit */
  async finish(): Promise<CopiedTable> {
    const more = this.#bareFormulaCount - this.#problems.length;
    if (more > 0) this.#problems.push(andMore(this.#definition.path, more));
    if (this.#problems.length > 0) throw new DureError(this.#problems);
    await this.#copy.close();
    return { ...this.#table, rowsLeftOut: this.#blank };
  }

  discard(): Promise<void> {
    return this.#copy.discard();
  }

  #tellOfFormula(rowNumber: number, place: number): void {
    this.#bareFormulaCount++;
    if (this.#problems.length >= PROBLEMS_PER_FILE_MAX) return;
    const { path, headerRow } = this.#definition;
    const at = { file: path, row: rowNumber - headerRow, column: this.#table.header[place] ?? "" };
    this.#problems.push(bareFormula(at, `${columnLetters(place)}${rowNumber}`));
  }
}

/** 0 is A, 25 Z, 26 AA. */
function columnLetters(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : columnLetters(Math.floor(index / 26) - 1) + letter;
}
