/** The small parts of a workbook: what its sheets are called and where they lie, which day is its first, which styles show dates. */

import { type Attributes, textAttribute, XmlReader } from "./xml-reader.ts";

export interface WorkbookParts {
  /** In their order. */
  readonly sheets: readonly SheetPart[];
  /** Days are counted from 1904-01-01, as Excel for the Macintosh once did, not from 1900. */
  readonly isFrom1904: boolean;
  /** Names of parts in the archive, as far as the workbook names them. */
  readonly sharedStrings: string | undefined;
  readonly styles: string | undefined;
}

export interface SheetPart {
  readonly name: string;
  /** In the archive. */
  readonly entry: string;
}

/** More than a workbook has sheets, pictures and links; each is held. */
const RELATIONS_MAX = 10_000;
/** Excel has up to 65,490 styles of cells; each is held. */
const STYLES_MAX = 2 ** 17;

type Text = AsyncIterable<string>;

/** @throws where a part is no XML or has too many entries. */
export async function readParts(workbook: Text, relations: Text): Promise<WorkbookParts> {
  const targets = new Map<string, string>();
  const byType = new Map<string, string>();
  await eachElement(relations, (name, attributesOf) => {
    if (name !== "Relationship") return;
    const attributes = attributesOf();
    const target = textAttribute(attributes, "Target");
    const entry = target.startsWith("/") ? target.slice(1) : `xl/${target}`;
    targets.set(textAttribute(attributes, "Id"), entry);
    byType.set(textAttribute(attributes, "Type").replace(/^.*\//, ""), entry);
    if (targets.size > RELATIONS_MAX) throw new RangeError("too many relations");
  });
  const sheets: SheetPart[] = [];
  let isFrom1904 = false;
  await eachElement(workbook, (name, attributesOf) => {
    if (name === "workbookPr") isFrom1904 = isTrue(attributesOf()["date1904"]);
    if (name !== "sheet") return;
    const attributes = attributesOf();
    sheets.push({ name: textAttribute(attributes, "name"), entry: targets.get(textAttribute(attributes, "id")) ?? "" });
    if (sheets.length > RELATIONS_MAX) throw new RangeError("too many sheets");
  });
  return { sheets, isFrom1904, sharedStrings: byType.get("sharedStrings"), styles: byType.get("styles") };
}

/**
 * For each style of cells, by its number, whether a number in it is a date.
 * @throws where the part is no XML or has too many styles.
 */
export async function readDateStyles(styles: Text): Promise<readonly boolean[]> {
  const formats = new Map<number, boolean>();
  const [base, own]: [boolean[], boolean[]] = [[], []];
  let list: boolean[] | undefined;
  const isDate = (attributes: Attributes): boolean => {
    const format = attributes["numFmtId"];
    if (format === undefined) return base[Number(attributes["xfId"] ?? 0)] ?? false;
    return formats.get(Number(format)) ?? isBuiltInDate(Number(format));
  };
  await eachElement(styles, (name, attributesOf) => {
    if (name === "cellStyleXfs") list = base;
    else if (name === "cellXfs") list = own;
    else if (name === "xf") list?.push(isDate(attributesOf()));
    else if (name === "numFmt") {
      const attributes = attributesOf();
      formats.set(Number(attributes["numFmtId"]), isDateFormat(textAttribute(attributes, "formatCode")));
    }
    if (formats.size + base.length + own.length > STYLES_MAX) throw new RangeError("too many styles");
  });
  return own;
}

export const isTrue = (written: string | undefined): boolean => written === "1" || written === "true";

async function eachElement(part: Text, open: (name: string, attributesOf: () => Attributes) => void): Promise<void> {
  const reader = new XmlReader({ open, close: () => undefined });
  for await (const xml of part) reader.write(xml);
  reader.end();
}

/**
 * Formats that a workbook need not spell out: ECMA-376 part 1, 18.8.30, with those of Korean, Japanese, Chinese and Thai installations.
 */
const isBuiltInDate = (id: number): boolean =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58) || (id >= 71 && id <= 81);

/** A section of a format with a part of a date and no place for a digit, once literals, paddings, colours and conditions are away. */
function isDateFormat(code: string): boolean {
  const bare = code.replace(/"[^"]*"|\\.|[_*].|general/gi, "").replace(/\[(?!(?:h+|m+|s+)\])[^\]]*\]/gi, "");
  return bare.split(";").some((section) => /[ymdhs]|aaa|ge/i.test(section) && !/[0#?%@]/.test(section.replace(/[.,]0+/g, "")));
}
