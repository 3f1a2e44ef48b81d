/** A message's bytes to its segments: the character set that MSH-18 declares, then the delimiters that MSH-1 and MSH-2 declare. */

import type { Problem } from "@dure/kernel";
import { type Charset, DECODERS, declaredCharset, isAscii } from "./charset.ts";
import { type Hl7Message, parseMessage, readDelimiters } from "./message.ts";
import { type Hl7ProblemCode, hl7Problem } from "./problems.ts";
import type { RawMessage } from "./split-messages.ts";

export type Hl7Reading =
  | { readonly kind: "message"; readonly message: Hl7Message }
  | {
      readonly kind: "unreadable";
      readonly problem: Problem /** As far as it could be read, to answer the sender. */;
      readonly message?: Hl7Message;
    };

export interface ReadingInput {
  readonly raw: RawMessage;
  readonly file: string;
  /** The site's word on messages of this source that declare none. */
  readonly undeclaredCharset?: Charset;
}

const CARRIAGE_RETURN = 0x0d;

export function readMessage({ raw, file, undeclaredCharset }: ReadingInput): Hl7Reading {
  // The header is ASCII in every character set that is read here, but for names, which are not asked before it is decoded.
  const end = raw.bytes.indexOf(CARRIAGE_RETURN);
  const header = DECODERS["iso-8859-1"](end < 0 ? raw.bytes : raw.bytes.subarray(0, end)) ?? "";
  const unreadable = (code: Hl7ProblemCode, path: string): Hl7Reading => {
    const message = code === "hl7/no-header" || code === "hl7/too-large" ? undefined : parseMessage(header, DECODERS.ascii);
    const problem = hl7Problem(code, { file, row: raw.number, path });
    return { kind: "unreadable", problem, ...(message === undefined ? {} : { message }) };
  };
  if (raw.kind === "too-large") return unreadable("hl7/too-large", "MSH");
  const delimiters = raw.kind === "no-header" ? undefined : readDelimiters(header);
  if (delimiters === undefined) return unreadable("hl7/no-header", "MSH");
  const declared = declaredCharset(header.split(delimiters.field)[17] ?? "", delimiters.repetition);
  if (declared === "unknown") return unreadable("hl7/unknown-charset", "MSH-18");
  const charset = declared ?? (raw.hasByteOrderMark ? "utf-8" : (undeclaredCharset ?? (isAscii(raw.bytes) ? "ascii" : undefined)));
  if (charset === undefined) return unreadable("hl7/undeclared-charset", "MSH-18");
  const text = DECODERS[charset](raw.bytes);
  if (text === undefined) return unreadable("hl7/wrong-charset", "MSH-18");
  const message = parseMessage(text, DECODERS[charset]);
  return message === undefined ? unreadable("hl7/no-header", "MSH") : { kind: "message", message };
}
