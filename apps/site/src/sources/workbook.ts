/**
 * A workbook as its sheets and their rows. Its cells are read as a stream, so that memory does not grow with them: at most some 130 MiB
 * are held, nearly all of it texts that cells share (shared-strings.ts).
 */

import { DureError } from "@dure/kernel";
import { readSharedStrings, SharedStrings, TooManyTexts } from "./shared-strings.ts";
import { readRows, type SheetRow } from "./sheet-rows.ts";
import { badWorkbook } from "./source-problems.ts";
import { openArchive, type WorkbookArchive } from "./workbook-archive.ts";
import { readDateStyles, readParts, type WorkbookParts } from "./workbook-parts.ts";

export interface Workbook {
  /** Names of the sheets, in their order. */
  readonly sheets: readonly string[];
  /**
   * The rows of a sheet that have an element, some hundred at a time.
   * @param scratchPath of a file that is not there, for texts that do not fit into memory; it has no name any more once it is open
   * @throws DureError `ingest/bad-workbook`
   */
  readonly rows: (sheetIndex: number, scratchPath: string) => AsyncIterable<readonly SheetRow[]>;
  readonly close: () => void;
}

/**
 * Opens and checks; the caller closes. Time: all parts but sheets and texts are unpacked once.
 * @throws DureError `ingest/bad-workbook`
 */
export async function openWorkbook(path: string, name: string): Promise<Workbook> {
  const archive = await openArchive(path, name);
  try {
    const parts = await readParts(archive.read("xl/workbook.xml"), archive.read("xl/_rels/workbook.xml.rels"));
    const late = [...parts.sheets.map(({ entry }) => entry), stringsOf(parts)];
    await archive.checkAllBut(new Set(late));
    if (parts.sheets.length === 0) throw new DureError(badWorkbook(name, "unreadable"));
    return {
      sheets: parts.sheets.map((sheet) => sheet.name),
      rows: (sheetIndex, scratchPath) => sheetRows({ archive, parts, name }, sheetIndex, scratchPath),
      close: () => archive.close(),
    };
  } catch (cause) {
    archive.close();
    throw problemOf(cause, name);
  }
}

interface Opened {
  readonly archive: WorkbookArchive;
  readonly parts: WorkbookParts;
  readonly name: string;
}

async function* sheetRows({ archive, parts, name }: Opened, sheetIndex: number, scratchPath: string) {
  const entry = parts.sheets[sheetIndex]?.entry ?? "";
  const strings = new SharedStrings(scratchPath);
  try {
    if (!archive.has(entry)) throw new DureError(badWorkbook(name, "unreadable"));
    if (archive.has(stringsOf(parts))) await readSharedStrings(archive.read(stringsOf(parts)), strings);
    const styles = parts.styles ?? "xl/styles.xml";
    const dateStyles = archive.has(styles) ? await readDateStyles(archive.read(styles)) : [];
    yield* readRows(archive.read(entry), { strings, dateStyles, isFrom1904: parts.isFrom1904 });
  } catch (cause) {
    throw problemOf(cause, name);
  } finally {
    strings.close();
  }
}

const stringsOf = ({ sharedStrings }: WorkbookParts): string => sharedStrings ?? "xl/sharedStrings.xml";

/** What the machine says (a full disk) is nobody's workbook's fault; whatever else is thrown says that the XML is not as it should be. */
function problemOf(cause: unknown, name: string): unknown {
  if (cause instanceof DureError || (cause instanceof Error && "code" in cause)) return cause;
  return new DureError(badWorkbook(name, cause instanceof TooManyTexts ? "too-large" : "unreadable"), { cause });
}
