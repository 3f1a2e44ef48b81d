/**
 * Text of a DICOM attribute by its Specific Character Set (0008,0005): PS3.3 C.12.1.1.2 for the terms, PS3.5 section 6.1 and annexes H to K
 * for the escape sequences of ISO/IEC 2022. Korean hospitals write `\ISO 2022 IR 149`: Latin, and KS X 1001 after `ESC $ ) C`.
 */

import { DureError, type Problem, text } from "@dure/kernel";

/** Labels of the WHATWG Encoding Standard, which Node brings. */
const SINGLE: Readonly<Record<string, string>> = {
  "": "windows-1252",
  "ISO_IR 6": "windows-1252",
  "ISO_IR 100": "iso-8859-1",
  "ISO_IR 101": "iso-8859-2",
  "ISO_IR 109": "iso-8859-3",
  "ISO_IR 110": "iso-8859-4",
  "ISO_IR 144": "iso-8859-5",
  "ISO_IR 127": "iso-8859-6",
  "ISO_IR 126": "iso-8859-7",
  "ISO_IR 138": "iso-8859-8",
  "ISO_IR 148": "iso-8859-9",
  "ISO_IR 203": "iso-8859-15",
  "ISO_IR 13": "shift_jis",
  "ISO_IR 166": "windows-874",
  "ISO_IR 192": "utf-8",
  GB18030: "gb18030",
  GBK: "gbk",
};

/** Final bytes of escape sequences, by what follows `ESC`. */
const ESCAPED: Readonly<Record<string, string>> = {
  "(B": "ascii",
  "-A": "iso-8859-1",
  "-B": "iso-8859-2",
  "-C": "iso-8859-3",
  "-D": "iso-8859-4",
  "-L": "iso-8859-5",
  "-G": "iso-8859-6",
  "-F": "iso-8859-7",
  "-H": "iso-8859-8",
  "-M": "iso-8859-9",
  "-b": "iso-8859-15",
  "-T": "windows-874",
  ")I": "shift_jis",
  "(J": "shift_jis",
  "$)C": "euc-kr",
  "$)A": "gb2312",
  $B: "jis-x-0208",
};

const ESCAPE = 0x1b;

/**
 * @param values of (0008,0005); none for an attribute that is not there
 * @throws DureError `dicom/unknown-character-set` naming the set, never the text
 */
export function decodeText(bytes: Uint8Array, values: readonly string[]): string {
  const first = (values[0] ?? "").trim();
  const usesEscapes = values.length > 1 || first.startsWith("ISO 2022");
  if (!usesEscapes) return decodeBy(labelOf(first), bytes);
  let label = labelOf(first.replace("ISO 2022 IR", "ISO_IR").replace(/^ISO_IR (?:149|87|159|58)$/, ""));
  let out = "";
  for (const part of splitAtEscapes(bytes)) {
    if (part.sequence !== undefined) label = ESCAPED[part.sequence] ?? unknown(`ESC ${part.sequence}`);
    out += decodeBy(label, part.bytes);
  }
  return out;
}

const labelOf = (term: string): string => SINGLE[term] ?? unknown(term);

/** KS X 1001 and its neighbours stand in the upper half, so delimiters between them are plain ASCII and reset nothing here. */
function* splitAtEscapes(bytes: Uint8Array): Generator<{ readonly sequence?: string; readonly bytes: Uint8Array }> {
  let start = 0;
  let sequence: string | undefined;
  for (let at = bytes.indexOf(ESCAPE); at >= 0; at = bytes.indexOf(ESCAPE, start)) {
    yield { ...(sequence === undefined ? {} : { sequence }), bytes: bytes.subarray(start, at) };
    // Intermediates 2/0 to 2/15, then one final byte: ISO/IEC 2022.
    let end = at + 1;
    while (end < bytes.length && (bytes[end] ?? 0) < 0x30) end++;
    sequence = String.fromCharCode(...bytes.subarray(at + 1, end + 1));
    start = end + 1;
  }
  yield { ...(sequence === undefined ? {} : { sequence }), bytes: bytes.subarray(start) };
}

function decodeBy(label: string, bytes: Uint8Array): string {
  if (label !== "jis-x-0208") return new TextDecoder(label).decode(bytes);
  // The two bytes of JIS X 0208 are those of EUC-JP without their upper bits; ASCII delimiters stay.
  return new TextDecoder("euc-jp").decode(bytes.map((byte) => (byte > 0x20 ? byte | 0x80 : byte)));
}

function unknown(name: string): never {
  throw new DureError(unknownCharacterSet(name));
}

const unknownCharacterSet = (name: string): Problem => ({
  code: "dicom/unknown-character-set",
  severity: "error",
  place: {},
  what: text(`The character set ${name} is not known here.`, `알 수 없는 문자 집합입니다: ${name}.`),
  remedy: text(
    "Export the images with a character set of DICOM PS3.3 C.12.1.1.2, such as ISO_IR 192 (UTF-8).",
    "DICOM PS3.3 C.12.1.1.2에 있는 문자 집합(예: ISO_IR 192, UTF-8)으로 다시 내보내 주십시오.",
  ),
});
