/** For tests only: DICOM files of our own making, Explicit VR Little Endian. */

const LONG: ReadonlySet<string> = new Set(["OB", "OW", "SQ", "UN", "UT"]);

/** One element from its tag (eight hexadecimal digits), value representation and bytes or text. */
export function element(tag: string, vr: string, value: string | Uint8Array): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value, "utf8") : Buffer.from(value);
  const padded = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from([vr === "UI" || LONG.has(vr) ? 0 : 0x20])]);
  const header = Buffer.alloc(LONG.has(vr) ? 12 : 8);
  header.writeUInt16LE(Number.parseInt(tag.slice(0, 4), 16), 0);
  header.writeUInt16LE(Number.parseInt(tag.slice(4), 16), 2);
  header.write(vr, 4, "latin1");
  if (LONG.has(vr)) header.writeUInt32LE(padded.length, 8);
  else header.writeUInt16LE(padded.length, 6);
  return Buffer.concat([header, padded]);
}

export const item = (...elements: readonly Buffer[]): Buffer => {
  const header = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
  const body = Buffer.concat(elements);
  header.writeUInt32LE(body.length, 4);
  return Buffer.concat([header, body]);
};

export const words = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt16LE(value & 0xffff, 2 * i);
  return bytes;
};

/** A file of these elements, which must ascend by tag. */
export function dicomFile(elements: readonly Buffer[], syntax = "1.2.840.10008.1.2.1"): Buffer {
  const meta = Buffer.concat([element("00020002", "UI", CT_IMAGE), element("00020010", "UI", syntax)]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(meta.length);
  return Buffer.concat([Buffer.alloc(128), Buffer.from("DICM"), element("00020000", "UL", length), meta, ...elements]);
}

export const CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2";

export interface ImageOptions {
  readonly patient?: string;
  readonly study?: string;
  readonly series?: string;
  readonly instance?: string;
  readonly date?: string;
  readonly modality?: string;
  readonly photometric?: string;
  readonly burnedIn?: string;
  /** Rows of 16-bit values. */
  readonly pixels?: readonly (readonly number[])[];
}

/** A small image, with the word `canary` in every attribute that could tell who the patient is. */
export function imageFile(options: ImageOptions = {}): Buffer {
  const { patient = "canary-number", study = "1.2.3.1", series = "1.2.3.1.1", instance = "1.2.3.1.1.1", date = "20240229" } = options;
  const {
    modality = "CT",
    photometric = "MONOCHROME2",
    burnedIn,
    pixels = [
      [0, 1],
      [2, 3],
    ],
  } = options;
  return dicomFile([
    element("00080005", "CS", "ISO_IR 192"),
    element("00080008", "CS", String.raw`ORIGINAL\PRIMARY\AXIAL`),
    element("00080016", "UI", CT_IMAGE),
    element("00080018", "UI", instance),
    element("00080020", "DA", date),
    element("00080030", "TM", "101112"),
    element("00080050", "SH", "canary-acc"),
    element("00080060", "CS", modality),
    element("00080070", "LO", "Maker"),
    element("00080080", "LO", "canary hospital"),
    element("00080090", "PN", "canary^doctor"),
    element("00081030", "LO", "canary study text"),
    element("00081140", "SQ", item(element("00081155", "UI", "1.2.3.canary"), element("00104000", "LT", "canary in a sequence"))),
    element("00090010", "LO", "CANARY PRIVATE canary"),
    element("00091001", "LO", "canary private value"),
    element("00100010", "PN", "canary^환자"),
    element("00100020", "LO", patient),
    element("00100030", "DA", "19500101"),
    element("00100040", "CS", "F"),
    element("00101040", "LO", "canary address"),
    element("00104000", "LT", "canary comment"),
    element("00180015", "CS", "CHEST"),
    element("00181000", "LO", "canary-serial"),
    element("0020000d", "UI", study),
    element("0020000e", "UI", series),
    element("00200010", "SH", "canary-id"),
    element("00200013", "IS", "1"),
    element("00280002", "US", words(1)),
    element("00280004", "CS", photometric),
    element("00280010", "US", words(pixels.length)),
    element("00280011", "US", words(pixels[0]?.length ?? 0)),
    element("00280100", "US", words(16)),
    element("00280101", "US", words(16)),
    element("00280102", "US", words(15)),
    element("00280103", "US", words(0)),
    ...(burnedIn === undefined ? [] : [element("00280301", "CS", burnedIn)]),
    element("00281052", "DS", "-1"),
    element("00281053", "DS", "2"),
    element("60003000", "OW", Buffer.from("canary overlay")),
    element("7fe00010", "OW", words(...pixels.flat())),
  ]);
}
