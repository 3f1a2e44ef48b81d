/** From bytes to segments: character sets, delimiters, escapes, dates, and what is wrong with a message. */

import assert from "node:assert/strict";
import test from "node:test";
import { encodeCp949, utf8 } from "@dure/kernel";
import fc from "fast-check";
import { DECODERS } from "./charset.ts";
import { instantOf, parseDateTime } from "./date-time.ts";
import { unescapeText } from "./escapes.ts";
import { type Hl7Message, parseMessage } from "./message.ts";
import { readMessage } from "./read-message.ts";
import { MessageSplitter } from "./split-messages.ts";

const delimiters = { field: "|", component: "^", repetition: "~", escape: "\\", subcomponent: "&" };
const parse = (text: string): Hl7Message => {
  const message = parseMessage(text, DECODERS["utf-8"]);
  assert.ok(message !== undefined);
  return message;
};
const header = (charset = ""): string => `MSH|^~\\&|A|B|C|D|20240301||ADT^A08|1|P|2.5||||||${charset}`;

/** All messages in bytes cut into pieces of `pieceBytes`. */
function split(bytes: Uint8Array, pieceBytes = 7, bytesMax = 100_000) {
  const splitter = new MessageSplitter(bytesMax);
  const found = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) found.push(...splitter.push(bytes.subarray(at, at + pieceBytes)));
  return [...found, ...splitter.finish()];
}

const read = (bytes: Uint8Array, undeclaredCharset?: "cp949") =>
  split(bytes).map((raw) => {
    const reading = readMessage({ raw, file: "f", ...(undeclaredCharset === undefined ? {} : { undeclaredCharset }) });
    return reading.kind === "message" ? (reading.message.segments.at(-1)?.text(5) ?? "") : reading.problem.code;
  });

test("fields, repetitions, components and subcomponents count from 1; null and empty are nothing", () => {
  const { segments } = parse('MSH|^~\\&|A\rPID|1||12^^^H&1.2.3&ISO^MR~34^^^N^SS||""|| x ');
  const pid = segments[1];
  assert.deepEqual([pid?.text(3), pid?.text(3, 4), pid?.text(3, 4, 2), pid?.text(3, 5), pid?.text(7)], ["12", "H", "1.2.3", "MR", "x"]);
  assert.deepEqual(
    pid?.repetitions(3).map((repetition) => repetition.component(1)),
    ["12", "34"],
  );
  assert.deepEqual(
    [pid?.text(5), pid?.isNull(5), pid?.text(6), pid?.isNull(6), pid?.text(99)],
    [undefined, true, undefined, false, undefined],
  );
  assert.deepEqual([segments[0]?.text(1), segments[0]?.raw(2), segments[0]?.text(3)], ["|", "^~\\&", "A"]);
});

test("delimiters are the message's own, and an escape doubled by a careless sender is one", () => {
  assert.equal(parse("MSH$%*!?$A\rPID$1$$12%x?y").segments[1]?.text(3, 2, 2), "y");
  assert.equal(parse("MSH|^~\\\\&|A\rPID|1||12^x&y").segments[1]?.text(3, 2, 2), "y");
  for (const wrong of ["MSH", "MSHA^~\\&", "MSH|^^\\&|A", "PID|1", "MSH|^"])
    assert.equal(parseMessage(wrong, DECODERS.ascii), undefined, wrong);
});

test("escapes stand for delimiters, bytes and line breaks; a lone mark stands for itself", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f", "a|b^c&d~e\\f"],
    ["one\\.br\\two\\.sp+2\\three", "one\ntwo\nthree"],
    ["\\H\\bold\\N\\ \\Zown\\", "bold "],
    ["\\X414B\\\\X0D0A\\", "AK\n"],
    ["C:\\lab\\a.txt", "C:\\lab\\a.txt"],
    ["50\\", "50\\"],
  ];
  for (const [escaped, value] of cases) assert.equal(unescapeText(escaped, delimiters, DECODERS["utf-8"]), value, escaped);
  assert.equal(unescapeText("\\XB1E8\\", delimiters, DECODERS.cp949), "김");
});

test("any text survives escaping", () => {
  const marks: Readonly<Record<string, string>> = { "|": "F", "^": "S", "&": "T", "~": "R", "\\": "E" };
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "|", "^", "&", "~", "\\", "한", "X", "F") }), (value) => {
      const escaped = Array.from(value, (character) => (marks[character] === undefined ? character : `\\${marks[character]}\\`)).join("");
      assert.equal(unescapeText(escaped, delimiters, DECODERS["utf-8"]), value);
    }),
  );
});

test("a message is read in the character set that it declares; nothing is guessed", () => {
  const text = (charset: string): string => `${header(charset)}\rPID|1||1||혈색소\r`;
  assert.deepEqual(read(encodeCp949(text("KS X 1001"))), ["혈색소"]);
  assert.deepEqual(read(utf8(text("UNICODE UTF-8"))), ["혈색소"]);
  assert.deepEqual(read(encodeCp949(text("~KS X 1001"))), ["혈색소"]);
  assert.deepEqual(read(utf8(`\ufeff${text("")}`)), ["혈색소"]);
  assert.deepEqual(read(encodeCp949(text("")), "cp949"), ["혈색소"]);
  assert.deepEqual(read(encodeCp949(text(""))), ["hl7/undeclared-charset"]);
  assert.deepEqual(read(encodeCp949(text("UNICODE UTF-8"))), ["hl7/wrong-charset"]);
  assert.deepEqual(read(utf8(text("ASCII"))), ["hl7/wrong-charset"]);
  assert.deepEqual(read(utf8(text("ISO IR87"))), ["hl7/unknown-charset"]);
  assert.deepEqual(read(Buffer.from(`${header("8859/1")}\rPID|1||1||\u00e9`, "latin1")), ["é"]);
});

test("CR, LF, CRLF, batches and MLLP frames split alike, whatever the pieces", () => {
  const one = `${header()}\rPID|1||1||a`;
  const two = `${header()}\rPID|1||1||b`;
  const forms = [
    `${one}\r${two}\r`,
    `${one}\n${two}`.replaceAll("\r", "\n"),
    `${one}\r${two}\r`.replaceAll("\r", "\r\n"),
    `FHS|^~\\&|\rBHS|^~\\&|\r${one}\r${two}\rBTS|2\rFTS|1\r`,
    `\u000b${one}\r\u001c\r\u000b${two}\r\u001c\r`,
  ];
  for (const form of forms) for (const piece of [1, 5, 4096]) assert.deepEqual(split(utf8(form), piece).length, 2, JSON.stringify(form));
  for (const form of forms) assert.deepEqual(read(utf8(form)), ["a", "b"]);
});

test("a piece without MSH and a message too large are named by number; the others go on", () => {
  assert.deepEqual(read(utf8(`PID|1||1||x\r${header()}\rPID|1||1||a\r`)), ["hl7/no-header", "a"]);
  const large = `${header()}\rPID|1||1||${"x".repeat(300)}\r`;
  const kinds = split(utf8(`${large}${header()}\r${large}`), 11, 200).map(({ kind, number, bytes }) => [kind, number, bytes.length > 0]);
  assert.deepEqual(kinds, [
    ["too-large", 1, false],
    ["message", 2, true],
    ["too-large", 3, false],
  ]);
  assert.deepEqual(split(utf8("\r\n\r\n")), []);
});

test("a broken line continues the field before it", () => {
  assert.equal(parse("MSH|^~\\&|A\nOBX|1|TX|1||first\nsecond\nOBX|2").segments[1]?.text(5), "first\nsecond");
  assert.equal(parse("MSH|^~\\&|A\nOBX|1|TX|1||first\nsecond\nOBX|2").segments.length, 3);
});

test("dates keep their precision; times get a zone; what does not exist is not read", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["2024", "2024"],
    ["202402", "2024-02"],
    ["20240229", "2024-02-29"],
    ["2024022915", "2024-02-29"],
    ["202402291530", "2024-02-29T15:30:00+09:00"],
    ["20240229153059.1234-0500", "2024-02-29T15:30:59.123-05:00"],
    ["20230229", undefined],
    ["20241301", undefined],
    ["2024022925", undefined],
    ["00000101", undefined],
    ["2024-02-29", undefined],
  ];
  for (const [dtm, date] of cases) {
    const parsed = parseDateTime(dtm, "+09:00");
    assert.equal(parsed.kind === "date-time" ? parsed.text : undefined, date, dtm);
  }
  assert.equal(instantOf("2024-02-29T00:30:00+09:00", "+09:00"), "2024-02-28T15:30:00.000Z");
  assert.equal(instantOf("2024-02-29", "+09:00"), "2024-02-28T15:00:00.000Z");
});
