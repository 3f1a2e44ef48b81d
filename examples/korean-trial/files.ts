/** Files as hospitals and Athena write them: text tables in the encodings of the trade, and a zip. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import { encodeCp949, utf8 } from "@dure/kernel";

export interface TextTable {
  readonly name: string;
  readonly encoding: "cp949" | "utf-8" | "utf-8-bom";
  readonly delimiter: "," | "|" | "\t";
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Lines end in CRLF, as Windows programs write them. */
export function writeTable(folder: string, { name, encoding, delimiter, header, rows }: TextTable): void {
  mkdirSync(folder, { recursive: true });
  const cell = (text: string): string => (text.includes(delimiter) || text.includes('"') ? `"${text.replaceAll('"', '""')}"` : text);
  const text = [header, ...rows].map((row) => `${row.map(cell).join(delimiter)}\r\n`).join("");
  writeFileSync(join(folder, name), encoding === "cp949" ? encodeCp949(text) : utf8(encoding === "utf-8-bom" ? `\uFEFF${text}` : text));
}

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_RECORD = 0x06054b50;
const [VERSION_NEEDED, DEFLATED, UTF8_NAMES] = [20, 8, 0x0800];
/** 1980-01-01: the same content is the same archive on every day. */
const DOS_DATE = 0x21;

/** A deflated archive of a few small members. Source: PKWARE APPNOTE 6.3.10, without zip64. */
export function writeZip(path: string, members: readonly { readonly name: string; readonly content: string }[]): void {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content } of members) {
    const [nameBytes, plain] = [Buffer.from(name), Buffer.from(content)];
    const packed = deflateRawSync(plain);
    const facts = Buffer.alloc(26); // what both headers say of a member
    const values = [VERSION_NEEDED, UTF8_NAMES, DEFLATED, 0, DOS_DATE];
    values.forEach((value, i) => void facts.writeUInt16LE(value, 2 * i));
    [crc32(plain), packed.length, plain.length].forEach((value, i) => void facts.writeUInt32LE(value, 10 + 4 * i));
    facts.writeUInt16LE(nameBytes.length, 22);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(CENTRAL_HEADER, 0);
    central.writeUInt16LE(VERSION_NEEDED, 4);
    facts.copy(central, 6);
    central.writeUInt32LE(offset, 42);
    const local = Buffer.alloc(4);
    local.writeUInt32LE(LOCAL_HEADER, 0);
    parts.push(local, facts, nameBytes, packed);
    directory.push(central, nameBytes);
    offset += local.length + facts.length + nameBytes.length + packed.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END_RECORD, 0);
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  writeFileSync(path, Buffer.concat([...parts, central, end]));
}
