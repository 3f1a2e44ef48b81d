/**
 * Character sets that MSH-18 declares (HL7 table 0211).
 *
 * Bytes are never guessed at: CP949 read as UTF-8 loses names and codes in silence, and the other way round it gives wrong ones. A message with
 * bytes beyond ASCII that declares nothing takes the site's setting, and without one it is refused by name.
 */

import { Cp949Error, decodeCp949 } from "@dure/kernel";

export const CHARSETS = ["ascii", "utf-8", "cp949", "iso-8859-1"] as const;
export type Charset = (typeof CHARSETS)[number];

/** The text, or nothing where the bytes are not of the character set. */
export type CharsetDecoder = (bytes: Uint8Array) => string | undefined;

/** Spellings of MSH-18 that are understood, without spaces, in upper case; KS X 1001 is read by its superset CP949, as Windows writes it. */
const CHARSET_BY_NAME: Readonly<Record<string, Charset>> = {
  ASCII: "ascii",
  "US-ASCII": "ascii",
  "8859/1": "iso-8859-1",
  "ISO8859-1": "iso-8859-1",
  "ISO-8859-1": "iso-8859-1",
  UNICODEUTF8: "utf-8",
  "UNICODEUTF-8": "utf-8",
  "UTF-8": "utf-8",
  UTF8: "utf-8",
  KSX1001: "cp949",
  KSC5601: "cp949",
  "KSC5601-1987": "cp949",
  "EUC-KR": "cp949",
  CP949: "cp949",
  MS949: "cp949",
};

/** What MSH-18 says; `unknown` is a character set that is not read here. Of several, the first that is named holds for the message. */
export function declaredCharset(msh18: string, repetitionMark: string): Charset | "unknown" | undefined {
  const name = msh18
    .split(repetitionMark)
    .map((repetition) => repetition.replaceAll(/\s/g, "").toUpperCase())
    .find((repetition) => repetition !== "" && repetition !== '""');
  return name === undefined ? undefined : (CHARSET_BY_NAME[name] ?? "unknown");
}

export const isAscii = (bytes: Uint8Array): boolean => {
  for (let index = 0; index < bytes.length; index += 1) if ((bytes[index] ?? 0) > 0x7f) return false;
  return true;
};

const utf8Decoder = new TextDecoder("utf-8", { fatal: true });

export const DECODERS: Readonly<Record<Charset, CharsetDecoder>> = {
  ascii: (bytes) => (isAscii(bytes) ? latin1(bytes) : undefined),
  "iso-8859-1": (bytes) => latin1(bytes),
  "utf-8": (bytes) => {
    try {
      return utf8Decoder.decode(bytes);
    } catch {
      return undefined;
    }
  },
  cp949: (bytes) => {
    try {
      return decodeCp949(bytes);
    } catch (cause) {
      if (cause instanceof Cp949Error) return undefined;
      throw cause;
    }
  },
};

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
