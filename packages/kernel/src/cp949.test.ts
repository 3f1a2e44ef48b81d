import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { concatBytes, fromUtf8 } from "./bytes.ts";
import { Cp949Error, Cp949ToUtf8, decodeCp949, encodeCp949 } from "./cp949.ts";

const hex = (text: string): string => Buffer.from(encodeCp949(text)).toString("hex");

/** The code unit of a pair, or 0. */
function unitOf(lead: number, trail: number): number {
  try {
    return decodeCp949(Uint8Array.of(lead, trail)).charCodeAt(0);
  } catch (error) {
    assert(error instanceof Cp949Error);
    return 0;
  }
}

/**
 * Oracle: Python 3.11.7, its `cp949` codec; leads 0x80 to 0xFF, trails 0x00 to 0xFF, each pair's code unit (0 where there is none)
 * as two bytes, the high one first:
 *
 * import hashlib
 * def unit(pair):
 *     try: return ord(pair.decode("cp949"))
 *     except (UnicodeDecodeError, TypeError): return 0
 * pairs = [bytes([lead, trail]) for lead in range(0x80, 0x100) for trail in range(0x100)]
 * print(sum(unit(p) > 0 for p in pairs), hashlib.sha256(b"".join(unit(p).to_bytes(2, "big") for p in pairs)).hexdigest())
 */
const PYTHON = { pairCount: 17_048, sha256: "f98cf1a5a3a3a17fd15ea8352c0ed12d545107c31704e327b7fc0eef112dbf32" };

test("every pair of bytes decodes as in Python's cp949, and encodes back", () => {
  const hash = createHash("sha256");
  let pairCount = 0;
  for (let lead = 0x80; lead <= 0xff; lead++) {
    for (let trail = 0; trail <= 0xff; trail++) {
      const unit = unitOf(lead, trail);
      hash.update(Uint8Array.of(unit >> 8, unit & 0xff));
      if (unit === 0) continue;
      pairCount++;
      assert.deepEqual(encodeCp949(String.fromCharCode(unit)), Uint8Array.of(lead, trail));
    }
  }
  assert.deepEqual({ pairCount, sha256: hash.digest("hex") }, PYTHON);
});

test("syllables of KS X 1001 and of the extension, and the signs of 1998, have the bytes of the code page", () => {
  // Oracle: Python 3.11.7, str.encode("cp949").
  assert.deepEqual(["가a힝", "갂", "똠", "펲", "힣", "€®"].map(hex), ["b0a161c8fe", "8141", "8c63", "bc84", "c652", "a2e6a2e7"]);
});

test("text cut into chunks anywhere decodes to the same text", () => {
  const characters = fc.constantFrom("가", "똠", "펲", "a", ",", "\n", "®", "漢", "㎎");
  fc.assert(
    fc.property(fc.string({ unit: characters, maxLength: 40 }), fc.integer({ min: 1, max: 7 }), (text, chunkBytes) => {
      const bytes = encodeCp949(text);
      const decoder = new Cp949ToUtf8();
      const parts: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += chunkBytes) parts.push(decoder.write(bytes.subarray(at, at + chunkBytes)));
      decoder.end();
      assert.equal(fromUtf8(concatBytes(...parts)), text);
    }),
  );
});

test("a wrong pair is told by byte and line over all chunks, and a pair cut short as such", () => {
  const decoder = new Cp949ToUtf8();
  decoder.write(encodeCp949("등록번호\n"));
  assert.throws(() => decoder.write(Uint8Array.of(0x61, 0x0a, 0xb0, 0x20)), { byteOffset: 11, lineIndex: 2, isCutShort: false });
  const cut = new Cp949ToUtf8();
  cut.write(Uint8Array.of(0x61, 0x0a, 0xb0));
  assert.throws(() => cut.end(), { byteOffset: 2, lineIndex: 1, isCutShort: true });
});

test("ASCII stays as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary-ascii" }), (text) => {
      assert.equal(hex(text), Buffer.from(text, "latin1").toString("hex"));
      assert.equal(decodeCp949(encodeCp949(text)), text);
    }),
  );
});

test("a character outside CP949 is refused by code point", () => {
  assert.throws(() => encodeCp949("é"), { name: "RangeError", message: "U+00E9 is not in CP949" });
});
