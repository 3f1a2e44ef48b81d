/** A DICOM data set with only what `attributes.ts` keeps, written anew as Explicit VR Little Endian. Bytes that are kept are kept exactly. */

import { createHmac } from "node:crypto";
import { assert, utf8 } from "@dure/kernel";
import type dicomParser from "dicom-parser";
import { type Attribute, KEPT_ATTRIBUTES, REQUIRED_TAGS, type Vr } from "./attributes.ts";

export interface DeidentificationKey {
  /** 32 bytes of the site: with another key the same study gets other UIDs, days and pseudonyms. */
  readonly key: Uint8Array;
  /** What the hospital calls the patient. */
  readonly patientNumber: string;
}

/** A person's days move back by 1 to this many, all by the same: intervals stay, dates do not. */
const SHIFT_DAYS_MAX = 365;
const DAY_MS = 86_400_000;

/** 2.25 and an unsigned 128-bit number: the form of PS3.5 B.2, which needs no registered root. Equal for equal UIDs. */
export function keyedUid(key: Uint8Array, uid: string): string {
  return `2.25.${BigInt(`0x${hmac(key, "uid", uid).subarray(0, 16).toString("hex")}`)}`;
}

/** Days to add to each date of the person, -1 to -365. */
export function shiftDays({ key, patientNumber }: DeidentificationKey): number {
  return -1 - (hmac(key, "shift", patientNumber).readUInt32BE(0) % SHIFT_DAYS_MAX);
}

/** 16 hexadecimal digits. */
export const pseudonymOf = ({ key, patientNumber }: DeidentificationKey): string =>
  hmac(key, "pseudonym", patientNumber).toString("hex", 0, 8).toUpperCase();

/** `YYYYMMDD` moved by days; undefined for what is no day (it is then left empty). */
export function shiftDate(date: string, days: number): string | undefined {
  const [, year, month, day] = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(date.trim()) ?? [];
  if (year === undefined) return undefined;
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const isReal = new Date(ms).toISOString().slice(0, 10) === `${year}-${month}-${day}`;
  return isReal ? new Date(ms + days * DAY_MS).toISOString().slice(0, 10).replaceAll("-", "") : undefined;
}

/**
 * @param dataSet read whole, with its pixels
 * @param pixels in place of those of the data set: for a source in big-endian order
 * @returns a file of PS3.10; its transfer syntax is the source's, or Explicit VR Little Endian for an uncompressed one
 */
export function deidentify(dataSet: dicomParser.DataSet, key: DeidentificationKey, pixels?: Uint8Array): Uint8Array {
  const source = dataSet.string("x00020010") ?? "";
  const isEncapsulated = dataSet.elements["x7fe00010"]?.encapsulatedPixelData === true;
  const syntax = isEncapsulated ? source : EXPLICIT_LITTLE_ENDIAN;
  const elements = [...elementsOf(dataSet, key, pixels), ...statements()].sort((a, b) => (a.tag < b.tag ? -1 : 1));
  for (const tag of REQUIRED_TAGS.filter((required) => !elements.some((element) => element.tag === required)))
    elements.push({ tag, bytes: encode(tag, attributeOf(tag).vr, replaced(attributeOf(tag), "", key)) });
  elements.sort((a, b) => (a.tag < b.tag ? -1 : 1));
  const instance = keyedUid(key.key, dataSet.string("x00080018") ?? "");
  return Buffer.concat([fileMeta(syntax, dataSet.string("x00080016") ?? "", instance), ...elements.map(({ bytes }) => bytes)]);
}

const EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1";

interface Written {
  readonly tag: string;
  readonly bytes: Uint8Array;
}

function elementsOf(dataSet: dicomParser.DataSet, key: DeidentificationKey, pixels?: Uint8Array): Written[] {
  const isBigEndian = isBigEndianSet(dataSet);
  return Object.values(dataSet.elements).flatMap((element): Written[] => {
    const tag = element.tag.slice(1).toLowerCase();
    const attribute = KEPT_ATTRIBUTES.get(tag);
    if (attribute === undefined) return [];
    if (attribute.vr === "SQ") return [{ tag, bytes: encode(tag, "SQ", sequenceOf(element, key)) }];
    if (tag === PIXELS) return [{ tag, bytes: pixelElement(dataSet, element, pixels) }];
    const raw = dataSet.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
    const bytes =
      attribute.action === "keep"
        ? inLittleEndian(raw, attribute.vr, isBigEndian)
        : replaced(attribute, dataSet.string(element.tag) ?? "", key);
    return [{ tag, bytes: encode(tag, attribute.vr, bytes) }];
  });
}

const PIXELS = "7fe00010";

/** Items of defined length; inside them the same list holds. */
function sequenceOf(element: dicomParser.Element, key: DeidentificationKey): Uint8Array {
  return Buffer.concat(
    (element.items ?? []).flatMap(({ dataSet }) => {
      const content = dataSet === undefined ? [] : elementsOf(dataSet, key).sort((a, b) => (a.tag < b.tag ? -1 : 1));
      const body = Buffer.concat(content.map(({ bytes }) => bytes));
      return [itemHeader(body.length), body];
    }),
  );
}

function replaced({ action, vr }: Attribute, value: string, key: DeidentificationKey): Uint8Array {
  switch (action) {
    case "uid":
      return value === "" ? new Uint8Array() : utf8(keyedUid(key.key, value));
    case "shift":
      return utf8(shiftDate(value, shiftDays(key)) ?? "");
    case "pseudonym":
      return utf8(pseudonymOf(key));
    default:
      assert(action === "empty", `${vr} is kept or replaced`);
      return new Uint8Array();
  }
}

/** Says what was done, as the profile asks (E.1.1 items 4 and 6): 113100 the basic profile, 113107 modified dates. */
function statements(): Written[] {
  const code = (value: string, meaning: string): Uint8Array => {
    const body = Buffer.concat([
      encode("00080100", "SH", utf8(value)),
      encode("00080102", "SH", utf8("DCM")),
      encode("00080104", "LO", utf8(meaning)),
    ]);
    return Buffer.concat([itemHeader(body.length), body]);
  };
  const codes = Buffer.concat([
    code("113100", "Basic Application Confidentiality Profile"),
    code("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
  ]);
  return [
    { tag: "00120062", bytes: encode("00120062", "CS", utf8("YES")) },
    { tag: "00120064", bytes: encode("00120064", "SQ", codes) },
    { tag: "00280303", bytes: encode("00280303", "CS", utf8("MODIFIED")) },
  ];
}

/** Encapsulated frames keep their fragments and their (perhaps empty) table of offsets, byte for byte: PS3.5 annex A.4. */
function pixelElement(dataSet: dicomParser.DataSet, element: dicomParser.Element, pixels: Uint8Array | undefined): Uint8Array {
  if (element.encapsulatedPixelData !== true) {
    const raw = pixels ?? dataSet.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
    return encode(PIXELS, "OW", raw);
  }
  const offsets = Buffer.alloc(4 * (element.basicOffsetTable?.length ?? 0));
  for (const [i, offset] of (element.basicOffsetTable ?? []).entries()) offsets.writeUInt32LE(offset, 4 * i);
  const fragments = (element.fragments ?? []).flatMap(({ position, length }) => {
    const bytes = dataSet.byteArray.subarray(position, position + length);
    return [itemHeader(bytes.length), bytes];
  });
  const header = Buffer.from([0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x57, 0, 0, 0xff, 0xff, 0xff, 0xff]);
  const end = Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
  return Buffer.concat([header, itemHeader(offsets.length), offsets, ...fragments, end]);
}

/** The preamble, the prefix and group 2 (PS3.10 section 7.1). */
function fileMeta(syntax: string, sopClass: string, instance: string): Uint8Array {
  const body = Buffer.concat([
    // File Meta Information Version, OB.
    Buffer.from([0x02, 0x00, 0x01, 0x00, 0x4f, 0x42, 0, 0, 2, 0, 0, 0, 0, 1]),
    encode("00020002", "UI", utf8(sopClass)),
    encode("00020003", "UI", utf8(instance)),
    encode("00020010", "UI", utf8(syntax)),
    encode("00020012", "UI", utf8(IMPLEMENTATION)),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([Buffer.alloc(128), utf8("DICM"), encode("00020000", "UL", length), body]);
}

/** Of this program: 2.25 and a number drawn once. */
const IMPLEMENTATION = "2.25.190246918394270451883160224370911846205";

const LONG_LENGTH: ReadonlySet<Vr> = new Set(["OW", "SQ"]);

/** One element in Explicit VR Little Endian, padded to an even length: with a zero byte for UIDs and words, with a space for text. */
function encode(tag: string, vr: Vr, value: Uint8Array): Uint8Array {
  const isOdd = value.length % 2 === 1;
  const padding = isOdd ? [vr === "UI" || vr === "OW" ? 0 : 0x20] : [];
  const header = Buffer.alloc(LONG_LENGTH.has(vr) ? 12 : 8);
  header.writeUInt16LE(Number.parseInt(tag.slice(0, 4), 16), 0);
  header.writeUInt16LE(Number.parseInt(tag.slice(4), 16), 2);
  header.write(vr, 4, "latin1");
  const length = value.length + padding.length;
  if (LONG_LENGTH.has(vr)) header.writeUInt32LE(length, 8);
  else header.writeUInt16LE(length, 6);
  return Buffer.concat([header, value, Buffer.from(padding)]);
}

function itemHeader(length: number): Uint8Array {
  const header = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
  header.writeUInt32LE(length, 4);
  return header;
}

const WORD_BYTES: Partial<Record<Vr, number>> = { US: 2, SS: 2, OW: 2, AT: 2, UL: 4 };

function inLittleEndian(bytes: Uint8Array, vr: Vr, isBigEndian: boolean): Uint8Array {
  const width = WORD_BYTES[vr];
  if (!isBigEndian || width === undefined) return bytes;
  const swapped = Buffer.from(bytes);
  return width === 2 ? swapped.swap16() : swapped.swap32();
}

export const isBigEndianSet = (dataSet: dicomParser.DataSet): boolean => dataSet.string("x00020010") === "1.2.840.10008.1.2.2";

function attributeOf(tag: string): Attribute {
  const attribute = KEPT_ATTRIBUTES.get(tag);
  assert(attribute !== undefined, "the tag is of the list");
  return attribute;
}

const hmac = (key: Uint8Array, purpose: string, value: string): Buffer =>
  createHmac("sha256", key)
    .update(utf8(`dure dicom ${purpose}\0${value}`))
    .digest();
