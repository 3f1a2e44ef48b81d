/**
 * Text as CP949, the encoding that Korean hospital systems still export in.
 *
 * The platform has no encoder, and its "euc-kr" decoder knows the 2,350 syllables of KS X 1001 only (ICU's EUC-KR, although the Encoding
 * Standard gives that label the whole code page). So the table is made in two steps: what the decoder knows, turned round; then the
 * remaining 8,822 syllables in Unicode order over the lead and trail bytes that the extension leaves free, which is how Windows code
 * page 949 (Unified Hangul Code) is laid out.
 */

const ASCII_MAX = 0x7f;
const KS_X_1001_MIN = 0xa1;
const BYTE_MAX = 0xfe;
const REPLACEMENT = 0xfffd;
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

let cachedTable: Uint16Array | undefined;

/** @throws RangeError naming the code point of the first character that CP949 does not have. */
export function encodeCp949(text: string): Uint8Array {
  cachedTable ??= buildTable();
  const out = new Uint8Array(2 * text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit <= ASCII_MAX) {
      out[length++] = unit;
      continue;
    }
    const pair = cachedTable[unit] ?? 0;
    if (pair === 0) throw new RangeError(`U+${unit.toString(16).toUpperCase().padStart(4, "0")} is not in CP949`);
    out[length++] = pair >> 8;
    out[length++] = pair & 0xff;
  }
  return out.slice(0, length);
}

/** By UTF-16 code unit: lead × 256 + trail, or 0. Every character of CP949 lies in the basic multilingual plane. */
function buildTable(): Uint16Array {
  const table = new Uint16Array(0x10000);
  addKsX1001(table);
  addExtension(table);
  return table;
}

function addKsX1001(table: Uint16Array): void {
  const decoder = new TextDecoder("euc-kr");
  const pair = new Uint8Array(2);
  for (let lead = KS_X_1001_MIN; lead <= BYTE_MAX; lead++) {
    for (let trail = KS_X_1001_MIN; trail <= BYTE_MAX; trail++) {
      pair[0] = lead;
      pair[1] = trail;
      const decoded = decoder.decode(pair);
      const unit = decoded.charCodeAt(0);
      if (decoded.length === 1 && unit !== REPLACEMENT) table[unit] = lead * 256 + trail;
    }
  }
}

function addExtension(table: Uint16Array): void {
  let unit = HANGUL_MIN;
  for (let lead = EXTENSION_LEAD_MIN; lead <= EXTENSION_LEAD_MAX; lead++) {
    for (const [first, last] of EXTENSION_TRAILS) {
      for (let trail = first; trail <= last; trail++) {
        if (lead >= KS_X_1001_MIN && trail >= KS_X_1001_MIN) break;
        while (unit <= HANGUL_MAX && table[unit] !== 0) unit++;
        if (unit > HANGUL_MAX) return;
        table[unit] = lead * 256 + trail;
      }
    }
  }
}
