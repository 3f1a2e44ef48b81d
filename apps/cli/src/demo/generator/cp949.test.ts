import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodeCp949 } from "./cp949.ts";

const hex = (text: string): string => Buffer.from(encodeCp949(text)).toString("hex");

test("Korean text has the bytes of KS X 1001", () => {
  assert.equal(hex("가a힝"), "b0a161c8fe");
  assert.equal(new TextDecoder("euc-kr", { fatal: true }).decode(encodeCp949("등록번호 양성림프절수")), "등록번호 양성림프절수");
});

test("syllables of the extension have the bytes of Windows code page 949", () => {
  // Oracle: Python 3.11.7, str.encode("cp949"); the first and the last of the extension, and two between.
  assert.deepEqual(["갂", "똠", "펲", "힣"].map(hex), ["8141", "8c63", "bc84", "c652"]);
});

test("all 11,172 syllables have bytes, and no two the same", () => {
  const syllables = Array.from({ length: 0xd7a4 - 0xac00 }, (_, i) => String.fromCharCode(0xac00 + i));
  assert.equal(new Set(syllables.map(hex)).size, 11_172);
});

test("ASCII stays as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary-ascii" }), (text) => assert.equal(hex(text), Buffer.from(text, "latin1").toString("hex"))),
  );
});

test("a character outside CP949 is refused by code point", () => {
  assert.throws(() => encodeCp949("é"), { name: "RangeError", message: "U+00E9 is not in CP949" });
});
