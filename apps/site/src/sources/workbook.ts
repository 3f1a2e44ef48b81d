/**
 * What is looked at in a workbook before its cells are read. A workbook is a zip archive: a few kilobytes can unpack to gigabytes, so its
 * parts are counted and unpacked once, under limits, and nothing is believed that the archive says of itself. Formulas are found here,
 * because whoever reads the cells is not told of them: a formula has the value that Excel last computed, or none where a program that
 * cannot compute wrote the file, and such a cell must not pass for an empty one.
 */

import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { DureError } from "@dure/kernel";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { badWorkbook } from "./source-problems.ts";

export interface Workbook {
  /** Names of the sheets, in their order. */
  readonly sheets: readonly string[];
  /** Cells, such as `C17`, with a formula and no value; called for each in the order of the sheet. */
  readonly findBareFormulas: (sheetIndex: number, tell: (cell: string) => void) => Promise<void>;
  readonly close: () => void;
}

/** More parts than a workbook of many sheets, pictures and charts has. */
const ENTRIES_MAX = 10_000;
/** The cells of a sheet are held in memory while they are read, six times the size of its XML: about 200,000 rows of 12 columns. */
const SHEET_BYTES_MAX = 128 * 2 ** 20;
/** Tables compress ten- to fiftyfold; what unpacks to more is made to harm. Small parts are let be. */
const RATIO_MAX = 200;
const RATIO_BYTES_MIN = 2 ** 20;
/** Between two parts lies at most the data descriptor of the first. */
const GAP_BYTES_MAX = 24;

/**
 * Opens and checks; the caller closes.
 * @throws DureError `ingest/bad-workbook`
 */
export async function openWorkbook(path: string, name: string): Promise<Workbook> {
  const zip = await openPromise(path, { autoClose: false, lazyEntries: true }).catch((cause: unknown) => {
    throw new DureError(badWorkbook(name, "cut-short"), { cause });
  });
  try {
    const entries = await checkedEntries(zip, name);
    const part = async (entryName: string): Promise<string> => textOf(zip, entries.get(entryName), name);
    for (const entry of entries.values()) await unpack(zip, entry, name);
    const sheets = sheetsIn(await part("xl/workbook.xml"), await part("xl/_rels/workbook.xml.rels"));
    if (sheets.length === 0) throw new DureError(badWorkbook(name, "unreadable"));
    return {
      sheets: sheets.map((sheet) => sheet.name),
      findBareFormulas: async (sheetIndex, tell) => findBareFormulas(zip, entries.get(sheets[sheetIndex]?.entry ?? ""), { name, tell }),
      close: () => zip.close(),
    };
  } catch (cause) {
    zip.close();
    throw cause instanceof DureError ? cause : new DureError(badWorkbook(name, "unreadable"), { cause });
  }
}

/** The XML parts by name, where their sizes as declared are within the limits and the file consists of them only. */
async function checkedEntries(zip: ZipFile, name: string): Promise<ReadonlyMap<string, Entry>> {
  const entries: Entry[] = [];
  if (zip.entryCount > ENTRIES_MAX) throw new DureError(badWorkbook(name, "bomb"));
  for await (const entry of zip.eachEntry()) entries.push(entry);
  const xml = entries.filter(({ fileName }) => /\.(?:xml|rels)$/.test(fileName));
  if (xml.some((entry) => entry.isEncrypted())) throw new DureError(badWorkbook(name, "locked"));
  for (const { compressedSize, uncompressedSize } of xml) {
    if (uncompressedSize > RATIO_BYTES_MIN && uncompressedSize > RATIO_MAX * compressedSize) throw new DureError(badWorkbook(name, "bomb"));
  }
  const total = xml.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
  if (total > SHEET_BYTES_MAX) throw new DureError(badWorkbook(name, "too-large"));
  await checkLayout(zip, entries, name);
  return new Map(xml.map((entry) => [entry.fileName, entry]));
}

/**
 * Parts that the directory does not list, or that lie in one another, are how a bomb gets past a count of sizes: whoever reads the archive
 * from its start would unpack them.
 */
async function checkLayout(zip: ZipFile, entries: readonly Entry[], name: string): Promise<void> {
  let end = 0;
  for (const entry of [...entries].sort((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader)) {
    const start = entry.relativeOffsetOfLocalHeader;
    if (start < end || start - end > GAP_BYTES_MAX) throw new DureError(badWorkbook(name, "bomb"));
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    end = fileDataStart + entry.compressedSize;
  }
}

/** To the end and away: the library ends it where the part is larger than it says. */
async function unpack(zip: ZipFile, entry: Entry, name: string): Promise<void> {
  let byteCount = 0;
  const stream: Readable = await zip.openReadStreamPromise(entry);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) byteCount += chunk.length; // a stream without an encoding gives Buffers
  } catch (cause) {
    throw new DureError(badWorkbook(name, "unreadable"), { cause });
  }
  if (byteCount !== entry.uncompressedSize) throw new DureError(badWorkbook(name, "bomb"));
}

async function textOf(zip: ZipFile, entry: Entry | undefined, name: string): Promise<string> {
  if (entry === undefined) throw new DureError(badWorkbook(name, "foreign"));
  const chunks: Buffer[] = [];
  for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) chunks.push(chunk); // as above
  return Buffer.concat(chunks).toString("utf8");
}

interface SheetPart {
  readonly name: string;
  readonly entry: string;
}

function sheetsIn(workbook: string, relations: string): readonly SheetPart[] {
  const targets = new Map<string, string>();
  for (const [tag] of relations.matchAll(/<(?:\w+:)?Relationship\b[^>]*>/g)) targets.set(attribute(tag, "Id"), attribute(tag, "Target"));
  return [...workbook.matchAll(/<(?:\w+:)?sheet\b[^>]*>/g)].map(([tag]) => {
    const target = targets.get(attribute(tag, "id")) ?? "";
    return { name: attribute(tag, "name"), entry: target.startsWith("/") ? target.slice(1) : `xl/${target}` };
  });
}

/** The value of an attribute of a tag, with any prefix. */
function attribute(tag: string, name: string): string {
  const found = new RegExp(`[\\s:]${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(tag);
  return unescapeXml(found?.[1] ?? found?.[2] ?? "");
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

const unescapeXml = (escaped: string): string =>
  escaped.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (entity, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name] ?? entity;
    const point = Number.parseInt(hex ?? decimal ?? "", hex === undefined ? 10 : 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : entity;
  });

interface Telling {
  readonly name: string;
  readonly tell: (cell: string) => void;
}

/** One cell's element at a time, from a text that is cut anywhere. */
async function findBareFormulas(zip: ZipFile, entry: Entry | undefined, { name, tell }: Telling): Promise<void> {
  if (entry === undefined) throw new DureError(badWorkbook(name, "unreadable"));
  const decoder = new StringDecoder("utf8");
  const cell = /<((?:\w+:)?)c\b([^>]*?)(\/?)>(?:(?<!\/>)(.*?)<\/\1c>)?/gs;
  let rest = "";
  const stream: Readable = await zip.openReadStreamPromise(entry);
  // A stream without an encoding gives Buffers.
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const xml = rest + decoder.write(chunk);
    const end = Math.max(xml.lastIndexOf("</row>"), xml.lastIndexOf("</c>"), xml.lastIndexOf(":c>"), xml.lastIndexOf(":row>"));
    if (end < 0 && xml.length > CELL_LENGTH_MAX) throw new DureError(badWorkbook(name, "unreadable"));
    rest = xml.slice(Math.max(end, 0));
    const whole = xml.slice(0, Math.max(end, 0));
    if (!/<(?:\w+:)?f\b/.test(whole)) continue;
    for (const [, , attributes = "", , content = ""] of `${whole}</c>`.matchAll(cell)) {
      if (/<(?:\w+:)?f\b/.test(content) && !/<(?:\w+:)?(?:v|is)\b/.test(content)) tell(attribute(` ${attributes}`, "r"));
    }
  }
}

/** A cell holds up to 32,767 characters, each at most ten in XML. */
const CELL_LENGTH_MAX = 2 ** 20;
