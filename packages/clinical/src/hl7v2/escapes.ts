/** Escape sequences of HL7 v2.9 chapter 2.7: how a delimiter, a byte or a line break stands inside a value. */

import type { CharsetDecoder } from "./charset.ts";
import type { Delimiters } from "./message.ts";

/**
 * The value that an escaped text stands for.
 *
 * `\F\ \S\ \T\ \R\ \E\ \P\` are the delimiters, `\Xhhhh\` bytes in the message's character set, `\.br\` and `\.sp\` line breaks; highlighting
 * and changes of character set (`\H\ \N\ \C..\ \M..\`) and a site's own (`\Z..\`) say nothing about the value and vanish. An escape character
 * that opens no sequence stands for itself: many systems write Windows paths unescaped.
 * O(length).
 */
export function unescapeText(escaped: string, delimiters: Delimiters, decode: CharsetDecoder): string {
  const mark = delimiters.escape;
  let start = escaped.indexOf(mark);
  if (start < 0) return escaped;
  let value = "";
  let from = 0;
  while (start >= 0) {
    const end = escaped.indexOf(mark, start + 1);
    if (end < 0) break;
    const meaning = meaningOf(escaped.slice(start + 1, end), delimiters, decode);
    if (meaning === undefined) {
      value += escaped.slice(from, end);
      from = end;
      start = end;
      continue;
    }
    value += escaped.slice(from, start) + meaning;
    from = end + 1;
    start = escaped.indexOf(mark, from);
  }
  return value + escaped.slice(from);
}

function meaningOf(sequence: string, delimiters: Delimiters, decode: CharsetDecoder): string | undefined {
  switch (sequence) {
    case "F":
      return delimiters.field;
    case "S":
      return delimiters.component;
    case "T":
      return delimiters.subcomponent;
    case "R":
      return delimiters.repetition;
    case "E":
      return delimiters.escape;
    case "P":
      return delimiters.truncation ?? "#";
    case "H":
    case "N":
      return "";
  }
  if (/^X([0-9A-Fa-f]{2})+$/.test(sequence)) return decodeHex(sequence.slice(1), decode);
  if (/^\.(br|sp\+?\d*)$/.test(sequence)) return "\n";
  if (/^\.(in|ti|sk|ce|fi|nf)[+-]?\d*$/.test(sequence) || /^([CM][0-9A-Fa-f]{4,6}|Z\w*)$/.test(sequence)) return "";
  return undefined;
}

function decodeHex(hex: string, decode: CharsetDecoder): string {
  const decoded = decode(
    Uint8Array.from({ length: hex.length / 2 }, (_, index) => Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16)),
  );
  return (decoded ?? "").replaceAll("\r\n", "\n").replaceAll("\r", "\n");
}
