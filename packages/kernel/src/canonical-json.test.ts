/** Vectors: RFC 8785, sections 3.2.2 to 3.2.4 and appendix B. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromHex, utf8 } from "./bytes.ts";
import { canonicalJson, type JsonValue } from "./canonical-json.ts";

const APPENDIX_B: readonly (readonly [string, string])[] = [
  ["0000000000000000", "0"],
  ["8000000000000000", "0"],
  ["0000000000000001", "5e-324"],
  ["8000000000000001", "-5e-324"],
  ["7fefffffffffffff", "1.7976931348623157e+308"],
  ["ffefffffffffffff", "-1.7976931348623157e+308"],
  ["4340000000000000", "9007199254740992"],
  ["c340000000000000", "-9007199254740992"],
  ["4430000000000000", "295147905179352830000"],
  ["44b52d02c7e14af5", "9.999999999999997e+22"],
  ["44b52d02c7e14af6", "1e+23"],
  ["44b52d02c7e14af7", "1.0000000000000001e+23"],
  ["444b1ae4d6e2ef4e", "999999999999999700000"],
  ["444b1ae4d6e2ef4f", "999999999999999900000"],
  ["444b1ae4d6e2ef50", "1e+21"],
  ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
  ["3eb0c6f7a0b5ed8d", "0.000001"],
  ["41b3de4355555553", "333333333.3333332"],
  ["41b3de4355555554", "333333333.33333325"],
  ["41b3de4355555555", "333333333.3333333"],
  ["41b3de4355555556", "333333333.3333334"],
  ["41b3de4355555557", "333333333.33333343"],
  ["becbf647612f3696", "-0.0000033333333333333333"],
  ["43143ff3c1cb0959", "1424953923781206.2"],
];

const double = (bits: string): number => new DataView(fromHex(bits).buffer).getFloat64(0);

test("numbers print as in RFC 8785, appendix B", () => {
  for (const [bits, printed] of APPENDIX_B) assert.equal(canonicalJson(double(bits)), printed, bits);
});

test("NaN and infinity of appendix B are refused", () => {
  for (const bits of ["7fffffffffffffff", "7ff0000000000000", "fff0000000000000"])
    assert.throws(() => canonicalJson(double(bits)), RangeError);
});

test("the bytes are those of RFC 8785, section 3.2.4", () => {
  const value: JsonValue = JSON.parse(String.raw`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  }`);
  const expected = fromHex(
    "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e333333333333332c31652b33302c342e35" +
      "2c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d",
  );
  assert.deepEqual(utf8(canonicalJson(value)), expected);
});

test("keys are in the order of RFC 8785, section 3.2.3", () => {
  const value = {
    "\u20ac": "Euro Sign",
    "\r": "Carriage Return",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One",
    "\ud83d\ude00": "Emoji: Grinning Face",
    "\u0080": "Control",
    "\u00f6": "Latin Small Letter O With Diaeresis",
  };
  assert.deepEqual(Object.values(JSON.parse(canonicalJson(value).replace('"1"', '"\\u0001"'))), [
    "Carriage Return",
    "One",
    "Control",
    "Latin Small Letter O With Diaeresis",
    "Euro Sign",
    "Emoji: Grinning Face",
    "Hebrew Letter Dalet With Dagesh",
  ]);
});

test("a lone surrogate is refused, as a value and as a key", () => {
  assert.throws(() => canonicalJson("\ud800"), RangeError);
  assert.throws(() => canonicalJson({ "\udc00": 1 }), RangeError);
});

test("a hundred levels are written, one more is refused", () => {
  const nested = (levels: number): JsonValue => (levels === 0 ? 1 : [nested(levels - 1)]);
  assert.equal(canonicalJson(nested(100)), `${"[".repeat(100)}1${"]".repeat(100)}`);
  assert.throws(() => canonicalJson(nested(101)), RangeError);
});

test("a key whose value is undefined is left out", () => {
  assert.equal(canonicalJson({ b: undefined, a: { c: undefined } }), '{"a":{}}');
});

const wellFormed = fc.string({ unit: "binary" }).filter((value) => value.isWellFormed());
const json = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    wellFormed,
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(wellFormed, tie("value"), { maxKeys: 5 }),
  ),
})).value;

test("parsing the canonical form and writing it again gives the same text", () => {
  fc.assert(fc.property(json, (value) => assert.equal(canonicalJson(JSON.parse(canonicalJson(value))), canonicalJson(value))));
});

test("the order in which keys were added does not matter", () => {
  fc.assert(
    fc.property(fc.dictionary(wellFormed, fc.integer(), { maxKeys: 8 }), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      assert.equal(canonicalJson(reversed), canonicalJson(value));
    }),
  );
});
