import assert from "node:assert/strict";
import { test } from "node:test";
import { addRingInto } from "@dure/numerics/kernels";
import fc from "fast-check";
import type { SumLayout, VectorLayout } from "../layout.ts";
import { decodeSum, encodeContribution, encodedByteLength, ringSegments } from "./encode.ts";
import { type EncodingReason, EncodingRefusal } from "./refusal.ts";

const wide = (name: string, length: number, bound: number): VectorLayout => ({ name, length, encoding: "wide", bound });
const histogram = (name: string, length: number, bound: number): VectorLayout => ({ name, length, encoding: "histogram", bound });
const layout: SumLayout = { vectors: [wide("gradient", 3, 100), histogram("counts", 3, 50)] };

function refusal(reason: EncodingReason, vector?: string, entryIndex?: number) {
  return (error: unknown) => {
    assert.ok(error instanceof EncodingRefusal, String(error));
    assert.deepEqual([error.reason, error.vector, error.entryIndex], [reason, vector, entryIndex]);
    assert.equal(error.code, `encoding/${reason}`);
    return true;
  };
}

const vectors = (gradient: readonly number[], counts: readonly number[] = [1, 2, 3]) => ({
  vectors: new Map([
    ["gradient", Float64Array.from(gradient)],
    ["counts", Float64Array.from(counts)],
  ]),
});

/** Added in the rings, as the coordinator adds. */
function added(of: SumLayout, encoded: readonly Uint8Array[]): Uint8Array {
  const total = new Uint8Array(encodedByteLength(of));
  for (const bytes of encoded) {
    for (const { byteOffset, byteLength, bits } of ringSegments(of)) {
      addRingInto(total.subarray(byteOffset, byteOffset + byteLength), bytes.subarray(byteOffset, byteOffset + byteLength), bits);
    }
  }
  return total;
}

const refused: readonly (readonly [string, ReturnType<typeof vectors>, EncodingReason, string, number | undefined])[] = [
  ["NaN", vectors([0, Number.NaN, 0]), "not-a-number", "gradient", 1],
  ["infinity", vectors([0, 0, Number.POSITIVE_INFINITY]), "infinite", "gradient", 2],
  ["a value beyond the bound", vectors([-100.00000000000001, 0, 0]), "beyond-bound", "gradient", 0],
  ["a count beyond the bound", vectors([0, 0, 0], [0, 51, 0]), "beyond-bound", "counts", 1],
  ["a count that is no multiple of 2^-30", vectors([0, 0, 0], [0, 0, 2 ** -31]), "not-a-multiple", "counts", 2],
  ["a vector that is too short", vectors([0, 0]), "wrong-vector-length", "gradient", undefined],
  ["a missing vector", { vectors: new Map([["gradient", new Float64Array(3)]]) }, "vectors-differ-from-layout", "counts", undefined],
  [
    "a vector that the layout does not name",
    { vectors: new Map([...vectors([0, 0, 0]).vectors, ["extra", new Float64Array(1)]]) },
    "vectors-differ-from-layout",
    "extra",
    undefined,
  ],
];

for (const [name, contribution, reason, vector, entryIndex] of refused) {
  test(`encoding refuses ${name} by name`, () => {
    assert.throws(() => encodeContribution(layout, contribution, 5), refusal(reason, vector, entryIndex));
  });
}

test("a refusal never says the value", () => {
  assert.throws(
    () => encodeContribution(layout, vectors([12345.678, 0, 0]), 5),
    (error: unknown) =>
      error instanceof EncodingRefusal && !JSON.stringify(error.problems).includes("12345") && !error.message.includes("12345"),
  );
});

test("bounds are refused exactly where n·B reaches 2^62, and n·bound·2^30 reaches 2^63", () => {
  const zero = { vectors: new Map([["v", new Float64Array(1)]]) };
  const attempt = (vector: VectorLayout, siteCount: number) => () => encodeContribution({ vectors: [vector] }, zero, siteCount);
  assert.doesNotThrow(attempt(wide("v", 1, 2 ** 62 / 100), 99));
  assert.throws(attempt(wide("v", 1, 2 ** 60), 4), refusal("bound-too-large", "v"));
  assert.doesNotThrow(attempt(histogram("v", 1, 2 ** 33 / 8 - 1), 8));
  assert.throws(attempt(histogram("v", 1, 2 ** 33 / 8), 8), refusal("bound-too-large", "v"));
  for (const siteCount of [0, 1.5, Number.NaN]) assert.throws(attempt(wide("v", 1, 1), siteCount), refusal("bound-too-large", "v"));
});

test("malformed layouts are refused", () => {
  const bad: SumLayout[] = [
    { vectors: [] },
    { vectors: [wide("a", 1, 1), wide("a", 1, 1)] },
    { vectors: [wide("a", 0, 1)] },
    { vectors: [wide("a", 1.5, 1)] },
    { vectors: [wide("a", 1, 0)] },
    { vectors: [wide("a", 1, Number.NaN)] },
    { vectors: [wide("a", 1, Number.POSITIVE_INFINITY)] },
    { vectors: [{ ...wide("a", 1, 1), encoding: "compact" as "wide" }] },
  ];
  for (const candidate of bad)
    assert.throws(
      () => encodedByteLength(candidate),
      (error: unknown) => error instanceof EncodingRefusal && error.reason === "malformed-layout",
    );
  assert.throws(() => encodedByteLength({ vectors: [wide("a", 2 ** 26, 1)] }), refusal("layout-too-large"));
});

test("at the bound nothing overflows: n sites at +B and at −B sum to ±n·B, in both encodings", () => {
  const sites = fc.integer({ min: 1, max: 100 });
  fc.assert(
    fc.property(sites, fc.double({ min: 2 ** -10, max: 0.999, noNaN: true }), fc.constantFrom(1, -1), (n, share, sign) => {
      const wideBound = (share * 2 ** 62) / n;
      const countBound = Math.floor((share * 2 ** 33) / n);
      fc.pre(n * wideBound < 2 ** 62 && countBound > 0);
      const extreme: SumLayout = { vectors: [wide("w", 1, wideBound), histogram("h", 1, countBound)] };
      const one = encodeContribution(
        extreme,
        {
          vectors: new Map([
            ["w", Float64Array.of(sign * wideBound)],
            ["h", Float64Array.of(sign * countBound)],
          ]),
        },
        n,
      );
      const sum = decodeSum(
        extreme,
        added(
          extreme,
          Array.from({ length: n }, () => one),
        ),
        n,
      );
      assert.equal(sum.vectors.get("h")?.[0], sign * n * countBound);
      assert.ok(Math.abs((sum.vectors.get("w")?.[0] ?? 0) / (sign * n * wideBound) - 1) <= 2 ** -52);
    }),
  );
});

test("a sum of doubles is the double nearest to the exact sum of the encoded ones, in any order of sites", () => {
  const one: SumLayout = { vectors: [wide("v", 1, 1e6)] };
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 20 }), (values) => {
      const encoded = values.map((value) => encodeContribution(one, { vectors: new Map([["v", Float64Array.of(value)]]) }, values.length));
      const bits = encoded.map((bytes) => {
        const view = new DataView(bytes.buffer, 16);
        return BigInt.asIntN(128, (view.getBigUint64(8, true) << 64n) | view.getBigUint64(0, true));
      });
      const exact = Number(bits.reduce((total, value) => total + value, 0n)) * 2 ** -64;
      for (const order of [encoded, encoded.toReversed()])
        assert.equal(decodeSum(one, added(one, order), values.length).vectors.get("v")?.[0], exact);
    }),
  );
});

test("decoding refuses another number of sites, a noise, a sum beyond n·bound and another length", () => {
  const bytes = added(
    layout,
    [1, 2, 3].map((value) => encodeContribution(layout, vectors([value, 0, -value]), 5)),
  );
  assert.deepEqual([...(decodeSum(layout, bytes, 3).vectors.get("gradient") ?? [])], [6, 0, -6]);
  assert.throws(() => decodeSum(layout, bytes, 4), refusal("sum-is-noise"));
  assert.throws(() => decodeSum(layout, bytes.subarray(1), 3), refusal("wrong-byte-length"));
  const noisy = Uint8Array.from(bytes);
  noisy[0] = 1; // 2^-64 off a whole number: far less than a double can show
  assert.throws(() => decodeSum(layout, noisy, 3), refusal("sum-is-noise"));
  const beyond = Uint8Array.from(bytes);
  beyond[16 + 2 * 16 + 10] = 0x7f;
  assert.throws(() => decodeSum(layout, beyond, 3), refusal("sum-beyond-bound", "gradient", 2));
});

test("neighbouring vectors of one ring are one segment, and the constant opens the first", () => {
  const mixed: SumLayout = { vectors: [wide("a", 2, 1), wide("b", 1, 1), histogram("c", 3, 1), histogram("d", 1, 1), wide("e", 1, 1)] };
  assert.deepEqual(ringSegments(mixed), [
    { byteOffset: 0, byteLength: 64, bits: 128 },
    { byteOffset: 64, byteLength: 32, bits: 64 },
    { byteOffset: 96, byteLength: 16, bits: 128 },
  ]);
  assert.equal(encodedByteLength(mixed), 112);
});
