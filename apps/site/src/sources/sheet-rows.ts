/**
 * The rows of a sheet as its XML comes, with what each cell shows: ECMA-376 part 1, 18.3. Only the rows of one piece of XML are held.
 * A cell without a value and without a formula is empty; a formula has the value that Excel last computed, or none where a program that
 * cannot compute wrote the file, and such a cell must not pass for an empty one.
 */

import { RichText, unescapeControls } from "./rich-text.ts";
import type { SharedStrings } from "./shared-strings.ts";
import { isTrue } from "./workbook-parts.ts";
import { type Attributes, XmlReader } from "./xml-reader.ts";

export interface SheetRow {
  /** As Excel counts them, from 1; ascending, with gaps. */
  readonly number: number;
  /** By column, column A first; with holes. */
  readonly cells: readonly (SheetCell | undefined)[];
}

/** Text, TRUE, FALSE, a number's digits or an error such as #N/A; a moment whose UTC fields are what the cell shows; or a formula alone. */
export type SheetCell = string | Date | typeof BARE_FORMULA;

export const BARE_FORMULA = Symbol("a formula without a value");

export interface SheetContext {
  readonly strings: SharedStrings;
  /** By number of the cell's style: whether a number is a date. Empty where the workbook has no styles: none is. */
  readonly dateStyles: readonly boolean[];
  readonly isFrom1904: boolean;
}

/** Excel's own. */
const [ROWS_MAX, COLUMNS_MAX] = [2 ** 20, 2 ** 14];
/** Characters: a row is held whole, and the engine that reads the copy takes no longer line. */
const ROW_LENGTH_MAX = 2 ** 24;

/** @throws where the XML is none, cells are out of order or name texts and styles that are not there */
export async function* readRows(part: AsyncIterable<string>, context: SheetContext): AsyncGenerator<readonly SheetRow[]> {
  const rows = new RowListener(context);
  const reader = new XmlReader(rows);
  for await (const xml of part) {
    reader.write(xml);
    const read = rows.take();
    if (read.length > 0) yield read;
  }
  reader.end();
}

class RowListener {
  readonly #context: SheetContext;
  readonly #inline = new RichText();
  #rows: SheetRow[] = [];
  #isInSheet = false;
  #rowNumber = 0;
  #rowLength = 0;
  #cells: (SheetCell | undefined)[] = [];
  #isInCell = false;
  #column = -1;
  #type: string | undefined;
  #style: string | undefined;
  #value: string | undefined;
  #isInValue = false;
  #isInline = false;
  #hasFormula = false;

  constructor(context: SheetContext) {
    this.#context = context;
  }

  take(): readonly SheetRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  readonly open = (name: string, attributesOf: () => Attributes): void => {
    if (!this.#isInSheet) this.#isInSheet = name === "sheetData";
    else if (this.#isInCell) this.#openInCell(name);
    else if (name === "c") this.#openCell(attributesOf());
    else if (name === "row") this.#openRow(attributesOf()["r"]);
  };

  readonly close = (name: string): void => {
    if (!this.#isInSheet) return;
    if (name === "v") this.#isInValue = false;
    else if (name === "c") this.#closeCell();
    else if (name === "row") this.#rows.push({ number: this.#rowNumber, cells: this.#cells });
    else if (name === "sheetData") this.#isInSheet = false;
    else if (this.#isInline) this.#inline.close(name);
  };

  readonly text = (text: string): void => {
    if (this.#isInValue) this.#value = (this.#value ?? "") + text;
    else if (this.#isInline) this.#inline.add(text);
    else return;
    this.#measure(text.length);
  };

  #openRow(written: string | undefined): void {
    const number = written === undefined ? this.#rowNumber + 1 : Number(written);
    if (!(number > this.#rowNumber && number <= ROWS_MAX)) throw new RangeError("a row is out of order");
    this.#rowNumber = number;
    this.#rowLength = 0;
    this.#cells = [];
    this.#column = -1;
  }

  #openCell({ r, t, s }: Attributes): void {
    const column = r === undefined ? this.#column + 1 : columnIndexOf(r);
    if (!(column > this.#column && column < COLUMNS_MAX)) throw new RangeError("a cell is out of order");
    this.#column = column;
    this.#isInCell = true;
    this.#type = t;
    this.#style = s;
    this.#value = undefined;
    this.#isInline = false;
    this.#hasFormula = false;
  }

  #openInCell(name: string): void {
    if (name === "v") {
      this.#isInValue = true;
      this.#value = "";
    } else if (name === "f") this.#hasFormula = true;
    else if (name === "is") this.#isInline = true;
    else if (this.#isInline) this.#inline.open(name);
  }

  #closeCell(): void {
    this.#isInCell = false;
    const cell = this.#cell();
    this.#isInline = false;
    if (cell === "" || cell === undefined) return;
    for (let i = this.#cells.length; i < this.#column; i++) this.#cells.push(undefined);
    this.#cells.push(cell);
    if (typeof cell === "string") this.#measure(cell.length);
  }

  #measure(length: number): void {
    this.#rowLength += length;
    if (this.#rowLength > ROW_LENGTH_MAX) throw new RangeError("a row is too long");
  }

  #cell(): SheetCell | undefined {
    if (this.#isInline) return this.#inline.take();
    const value = this.#value;
    if (value === undefined) return this.#hasFormula ? BARE_FORMULA : undefined;
    if (value === "") return undefined;
    switch (this.#type) {
      case undefined:
      case "n":
        return this.#isDate() ? dateOf(value, this.#context.isFrom1904) : numberOf(value);
      case "s":
        return this.#context.strings.get(Number(value)) ?? refuse("a cell names a text that is not there");
      case "b":
        return isTrue(value) ? "TRUE" : "FALSE";
      case "d":
        return dateOfIso(value);
      case "str":
      case "e":
      case "inlineStr":
        return unescapeControls(value);
      default:
        return refuse("a cell is of no known type");
    }
  }

  #isDate(): boolean {
    const { dateStyles } = this.#context;
    if (this.#style === undefined || dateStyles.length === 0) return false;
    return dateStyles[Number(this.#style)] ?? refuse("a cell names a style that is not there");
  }
}

function refuse(what: string): never {
  throw new RangeError(what);
}

/** Of a cell's name such as C17: A is 0, Z 25, AA 26. NaN where there is no letter, which is in no order. */
function columnIndexOf(cell: string): number {
  let column = 0;
  let i = 0;
  for (let letter = cell.charCodeAt(0); letter >= 65 && letter <= 90; letter = cell.charCodeAt(++i)) column = column * 26 + letter - 64;
  return i === 0 || i > 3 ? Number.NaN : column - 1;
}

/**
 * A number as Excel shows it with full precision. The digits of a whole number are left as they are, because some programs write numbers
 * of patients with more digits than a floating-point number keeps.
 */
function numberOf(digits: string): string {
  if (WHOLE.test(digits) || (digits.length <= EXACT_LENGTH && FRACTION.test(digits))) return digits;
  const number = Number(digits);
  return Number.isNaN(number) ? digits : String(number);
}

const WHOLE = /^(?:0|-?[1-9]\d*)$/;
const FRACTION = /^-?(?:0|[1-9]\d*)\.\d*[1-9]$/;
/** A floating-point number keeps any 15 digits: these, and the point. */
const EXACT_LENGTH = 16;

const DAY_MS = 86_400_000;
/** Of 1970-01-01, counted from the day before 1900-01-01 and with the 29 February 1900 that Excel believes in. */
const SERIAL_OF_1970 = 25_569;
const DAYS_FROM_1900_TO_1904 = 1462;
/** 10000-01-01: Excel shows no date from there on. */
const SERIAL_MAX = 2_958_466;

/** Whole seconds, as days in fractions are a millisecond off. What is no date to Excel either stays the number that it is. */
function dateOf(digits: string, isFrom1904: boolean): Date | string {
  const written = Number(digits);
  const serial = isFrom1904 ? written + DAYS_FROM_1900_TO_1904 : written;
  if (!(written >= 0 && serial < SERIAL_MAX)) return numberOf(digits);
  const days = serial >= 1 && serial < 60 ? serial + 1 : serial;
  return new Date(Math.round((days - SERIAL_OF_1970) * (DAY_MS / 1000)) * 1000);
}

/** Without a zone, which a sheet does not have; with one, the moment in UTC. */
function dateOfIso(written: string): Date | string {
  const at = new Date(/T.*(?:Z|[-+]\d\d:?\d\d)$|^[^T]*$/.test(written) ? written : `${written}Z`);
  return Number.isNaN(at.getTime()) ? written : at;
}
