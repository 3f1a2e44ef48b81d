/**
 * CP949, the encoding that Korean hospital systems still export in (Windows code page 949, Unified Hangul Code).
 *
 * The platform has no encoder, and its "euc-kr" decoder knows only the 2,350 syllables of KS X 1001: ICU takes the label for EUC-KR,
 * although the Encoding Standard gives it the whole code page. A table of the code page would be 34 KB of source that nobody can read,
 * so it is made in three steps from what is known: the square of KS X 1001 as the platform decodes it, without its private use rows;
 * the two signs that KS X 1001 gained in 1998; and the other 8,822 syllables in Unicode order over the lead and trail bytes that the
 * extension leaves free, which is how the code page is laid out. A test compares the whole of it with Python's codec.
 */

import { fromUtf8 } from "./bytes.ts";

/** Bytes that are not CP949, and where. */
export class Cp949Error extends Error {
  /** Of the offending character's first byte, from 0 over all chunks. */
  readonly byteOffset: number;
  /** Line feeds before it. */
  readonly lineIndex: number;
  /** The bytes end after the first byte of a pair. */
  readonly isCutShort: boolean;

  constructor(place: { readonly byteOffset: number; readonly lineIndex: number; readonly isCutShort: boolean }) {
    super(`byte ${place.byteOffset} is not CP949`);
    this.name = "Cp949Error";
    this.byteOffset = place.byteOffset;
    this.lineIndex = place.lineIndex;
    this.isCutShort = place.isCutShort;
  }
}

/** From CP949 to UTF-8 in chunks of any size. Time: linear, one table look-up a character. */
export class Cp949ToUtf8 {
  private lead = 0;
  private bytesBefore = 0;
  private linesBefore = 0;

  /**
   * UTF-8 of the characters that end in this chunk; a pair may begin in one chunk and end in the next.
   * @throws Cp949Error at the first pair that the code page does not have; the decoder is then of no more use.
   */
  write(chunk: Uint8Array): Uint8Array {
    const table = tables().units;
    const out = new Uint8Array(Math.ceil((UTF8_BYTES_MAX / 2) * (chunk.length + 1)));
    let { lead } = this;
    let length = 0;
    let lines = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] ?? 0;
      if (lead === 0) {
        if (byte > ASCII_MAX) lead = byte;
        else {
          out[length++] = byte;
          if (byte === LINE_FEED) lines++;
        }
        continue;
      }
      const unit = table[(lead << 8) | byte] ?? 0;
      if (unit === 0) throw this.fault(i - 1, lines);
      lead = 0;
      if (unit < 0x800) out[length++] = 0xc0 | (unit >> 6);
      else {
        out[length++] = 0xe0 | (unit >> 12);
        out[length++] = 0x80 | ((unit >> 6) & 0x3f);
      }
      out[length++] = 0x80 | (unit & 0x3f);
    }
    this.lead = lead;
    this.bytesBefore += chunk.length;
    this.linesBefore += lines;
    return out.subarray(0, length);
  }

  /** @throws Cp949Error where the last chunk ended inside a pair. */
  end(): void {
    if (this.lead !== 0) throw this.fault(-1, 0, true);
  }

  private fault(index: number, lines: number, isCutShort = false): Cp949Error {
    return new Cp949Error({ byteOffset: this.bytesBefore + index, lineIndex: this.linesBefore + lines, isCutShort });
  }
}

/** @throws Cp949Error */
export function decodeCp949(bytes: Uint8Array): string {
  const decoder = new Cp949ToUtf8();
  const utf8 = decoder.write(bytes);
  decoder.end();
  return fromUtf8(utf8);
}

/** @throws RangeError naming the code point of the first character that CP949 does not have. */
export function encodeCp949(text: string): Uint8Array {
  const { pairs } = tables();
  const out = new Uint8Array(2 * text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit <= ASCII_MAX) {
      out[length++] = unit;
      continue;
    }
    const pair = pairs[unit] ?? 0;
    if (pair === 0) throw new RangeError(`U+${(text.codePointAt(i) ?? 0).toString(16).toUpperCase().padStart(4, "0")} is not in CP949`);
    out[length++] = pair >> 8;
    out[length++] = pair & 0xff;
  }
  return out.slice(0, length);
}

const ASCII_MAX = 0x7f;
const LINE_FEED = 0x0a;
/** Of a pair: every character of CP949 lies in the basic multilingual plane. */
const UTF8_BYTES_MAX = 3;
const KS_X_1001_MIN = 0xa1;
const BYTE_MAX = 0xfe;
const REPLACEMENT = 0xfffd;
const PRIVATE_USE_MIN = 0xe000;
const PRIVATE_USE_MAX = 0xf8ff;
/** The euro sign and the registered sign, which KS X 1001 gained in 1998 and the platform's table lacks. */
const ADDED_1998 = [
  [0xa2e6, 0x20ac],
  [0xa2e7, 0x00ae],
] as const;
const HANGUL_MIN = 0xac00;
const HANGUL_MAX = 0xd7a3;
const EXTENSION_LEAD_MIN = 0x81;
const EXTENSION_LEAD_MAX = 0xc6;
/** The extension's trail bytes; from lead 0xA1 on those above 0xA0 belong to KS X 1001. */
const EXTENSION_TRAILS: readonly (readonly [number, number])[] = [
  [0x41, 0x5a],
  [0x61, 0x7a],
  [0x81, BYTE_MAX],
];

interface Tables {
  /** By lead × 256 + trail: the UTF-16 code unit, or 0. */
  readonly units: Uint16Array;
  /** By UTF-16 code unit: lead × 256 + trail, or 0. */
  readonly pairs: Uint16Array;
}

let cached: Tables | undefined;

/** Made once, at the first use: 256 KB and a few milliseconds. */
function tables(): Tables {
  if (cached !== undefined) return cached;
  const made = { units: new Uint16Array(0x10000), pairs: new Uint16Array(0x10000) };
  addKsX1001(made);
  for (const [pair, unit] of ADDED_1998) add(made, pair, unit);
  addExtension(made);
  cached = made;
  return made;
}

function add({ units, pairs }: Tables, pair: number, unit: number): void {
  units[pair] = unit;
  pairs[unit] = pair;
}

function addKsX1001(made: Tables): void {
  const decoder = new TextDecoder("euc-kr");
  for (let lead = KS_X_1001_MIN; lead <= BYTE_MAX; lead++) {
    for (let trail = KS_X_1001_MIN; trail <= BYTE_MAX; trail++) {
      const decoded = decoder.decode(Uint8Array.of(lead, trail));
      const unit = decoded.charCodeAt(0);
      const isPrivate = unit >= PRIVATE_USE_MIN && unit <= PRIVATE_USE_MAX;
      if (decoded.length === 1 && unit !== REPLACEMENT && !isPrivate) add(made, lead * 256 + trail, unit);
    }
  }
}

function addExtension(made: Tables): void {
  let unit = HANGUL_MIN;
  for (let lead = EXTENSION_LEAD_MIN; lead <= EXTENSION_LEAD_MAX; lead++) {
    for (const [first, last] of EXTENSION_TRAILS) {
      for (let trail = first; trail <= last; trail++) {
        if (lead >= KS_X_1001_MIN && trail >= KS_X_1001_MIN) break;
        while (unit <= HANGUL_MAX && made.pairs[unit] !== 0) unit++;
        if (unit > HANGUL_MAX) return;
        add(made, lead * 256 + trail, unit);
      }
    }
  }
}
