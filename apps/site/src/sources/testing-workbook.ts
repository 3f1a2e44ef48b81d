/** For tests only: zip archives and workbooks written by hand, good ones and bad ones. */

import { crc32, deflateRawSync } from "node:zlib";

interface ZipPart {
  readonly name: string;
  readonly content: string | Uint8Array;
  /** What the directory says instead of the true size. */
  readonly declaredBytes?: number;
  /** Left out of the directory. */
  readonly isHidden?: boolean;
}

export function zipOf(parts: readonly ZipPart[]): Buffer {
  const [local, central]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const { name, content, declaredBytes, isHidden = false } of parts) {
    const bytes = Buffer.from(content);
    const [data, nameBytes] = [deflateRawSync(bytes), Buffer.from(name)];
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0); // version needed
    fields.writeUInt16LE(0x800, 2); // names in UTF-8
    fields.writeUInt16LE(8, 4); // deflate
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(declaredBytes ?? bytes.length, 18);
    fields.writeUInt16LE(nameBytes.length, 22);
    local.push(Buffer.from("PK\x03\x04", "latin1"), fields, nameBytes, data);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    if (!isHidden) central.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), fields, rest, nameBytes);
    at += 30 + nameBytes.length + data.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  const listed = parts.filter(({ isHidden }) => isHidden !== true).length;
  end.writeUInt16LE(listed, 8);
  end.writeUInt16LE(listed, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...local, directory, end]);
}

const NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/** A cell's element without its place: see `cells`. */
export const cells = {
  text: (text: string): string => ` t="inlineStr"><is><t>${escapeXml(text)}</t></is></c>`,
  shared: (index: number): string => ` t="s"><v>${index}</v></c>`,
  number: (digits: string): string => `><v>${digits}</v></c>`,
  /** @param serial days since 1899-12-30 */
  date: (serial: number): string => ` s="1"><v>${serial}</v></c>`,
  truth: (value: boolean): string => ` t="b"><v>${value ? 1 : 0}</v></c>`,
  formula: (formula: string, value?: string): string => `><f>${formula}</f>${value === undefined ? "" : `<v>${value}</v>`}</c>`,
  none: "",
} as const;

export interface TestSheet {
  readonly name: string;
  readonly rows: readonly (readonly string[])[];
}

export function workbookParts(sheets: readonly TestSheet[], sharedStrings: readonly string[] = []): ZipPart[] {
  const ids = sheets.map((_, i) => i + 1);
  const relation = (id: string, type: string, target: string): string =>
    `<Relationship Id="${id}" Type="${RELATIONS}/${type}" Target="${target}"/>`;
  const relations = [
    ...ids.map((id) => relation(`rId${id}`, "worksheet", `worksheets/sheet${id}.xml`)),
    relation("rId90", "sharedStrings", "sharedStrings.xml"),
    relation("rId91", "styles", "styles.xml"),
  ];
  const named = sheets.map(({ name }, i) => `<sheet name="${escapeXml(name)}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`);
  return [
    { name: "[Content_Types].xml", content: '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>' },
    { name: "xl/workbook.xml", content: `<workbook ${NAMESPACE} xmlns:r="${RELATIONS}"><sheets>${named.join("")}</sheets></workbook>` },
    {
      name: "xl/_rels/workbook.xml.rels",
      content: `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${relations.join("")}</Relationships>`,
    },
    {
      name: "xl/styles.xml",
      content: `<styleSheet ${NAMESPACE}><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>`,
    },
    {
      name: "xl/sharedStrings.xml",
      content: `<sst ${NAMESPACE}>${sharedStrings.map((s) => `<si><t>${escapeXml(s)}</t></si>`).join("")}</sst>`,
    },
    ...sheets.map(({ rows }, i) => ({ name: `xl/worksheets/sheet${i + 1}.xml`, content: sheetXml(rows) })),
  ];
}

export const workbookOf = (sheets: readonly TestSheet[], sharedStrings: readonly string[] = []): Buffer =>
  zipOf(workbookParts(sheets, sharedStrings));

/** Every cell of a text table as text. */
export const textSheet = (name: string, csv: string): TestSheet => ({
  name,
  rows: csv
    .trimEnd()
    .split("\n")
    .map((line) => line.split(",").map((cell) => (cell === "" ? cells.none : cells.text(cell)))),
});

function sheetXml(rows: readonly (readonly string[])[]): string {
  const written = rows.map((row, r) => {
    const elements = row.map((cell, c) => (cell === "" ? "" : `<c r="${String.fromCharCode(65 + c)}${r + 1}"${cell}`));
    return `<row r="${r + 1}">${elements.join("")}</row>`;
  });
  return `<worksheet ${NAMESPACE}><sheetData>${written.join("")}</sheetData></worksheet>`;
}

const escapeXml = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
