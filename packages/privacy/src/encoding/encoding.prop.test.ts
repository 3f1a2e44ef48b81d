import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isHistogramMultiple, readHistogram, readWide, writeHistogram, writeWide } from "./fixed-point.ts";

/** The double as mantissa × 2^exponent, exactly. */
function exactly(value: number): { readonly mantissa: bigint; readonly exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const magnitude = biased === 0 ? fraction : fraction | 0x10000000000000n;
  return { mantissa: bits >> 63n === 1n ? -magnitude : magnitude, exponent: (biased === 0 ? 1 : biased) - 1075 };
}

/** 2 · (value · 2^64 − encoded) · 2^shift as an integer, with the shift that makes it one. */
function twiceError(value: number, encoded: bigint): { readonly error: bigint; readonly unit: bigint } {
  const { mantissa, exponent } = exactly(value);
  const shift = BigInt(Math.max(0, -(exponent + 64)));
  const scaled = exponent + 64 >= 0 ? mantissa << BigInt(exponent + 64) : mantissa;
  return { error: 2n * (scaled - (encoded << shift)), unit: 1n << shift };
}

function wideBits(value: number): bigint {
  const view = new DataView(new ArrayBuffer(16));
  writeWide(view, 0, value);
  return BigInt.asIntN(128, (view.getBigUint64(8, true) << 64n) | view.getBigUint64(0, true));
}

function readWideBits(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(16));
  view.setBigUint64(0, BigInt.asUintN(64, bits), true);
  view.setBigUint64(8, BigInt.asUintN(64, bits >> 64n), true);
  return readWide(view, 0);
}

const absolute = (value: bigint): bigint => (value < 0n ? -value : value);

/** Every binade from the subnormals to the largest bound, both signs. */
const anyDouble = fc.oneof(
  fc.double({ min: -(2 ** 60), max: 2 ** 60, noNaN: true }),
  fc
    .record({ mantissa: fc.double({ min: -2, max: 2, noNaN: true }), exponent: fc.integer({ min: -80, max: 60 }) })
    .map(({ mantissa, exponent }) => mantissa * 2 ** exponent),
);

test("a double is encoded as the multiple of 2^-64 nearest to it: compared as rationals, the error is at most 2^-65", () => {
  fc.assert(
    fc.property(anyDouble, (value) => {
      const { error, unit } = twiceError(value, wideBits(value));
      assert.ok(absolute(error) <= unit);
    }),
    { numRuns: 2000 },
  );
});

/** Integers at, next to and half way between doubles, in every size that fits. */
const anyWide = fc
  .record({
    top: fc.bigInt({ min: 0n, max: (1n << 54n) - 1n }),
    shift: fc.integer({ min: 0, max: 72 }),
    low: fc.oneof(fc.constantFrom(0n, 1n, -1n), fc.bigInt({ min: -(1n << 60n), max: 1n << 60n })),
    negative: fc.boolean(),
  })
  .map(({ top, shift, low, negative }) => {
    const magnitude = absolute((top << BigInt(shift)) + low) & ((1n << 127n) - 1n);
    return negative ? -magnitude : magnitude;
  });

test("a sum is decoded to the double nearest to it, ties to even, as BigInt's own conversion rounds", () => {
  fc.assert(
    fc.property(anyWide, (bits) => {
      assert.equal(readWideBits(bits), Number(bits) * 2 ** -64 + 0);
    }),
    { numRuns: 5000 },
  );
  for (const bits of [0n, 1n, -1n, (1n << 126n) - 1n, -(1n << 126n), (1n << 96n) - 1n, 1n << 32n, (1n << 53n) + 1n])
    assert.equal(readWideBits(bits), Number(bits) * 2 ** -64);
});

test("encoding then decoding gives every double back that is a multiple of 2^-64", () => {
  fc.assert(
    fc.property(anyDouble, (value) => {
      const rounded = Math.abs(value) >= 2 ** -11 ? value : Math.round(value * 2 ** 50) / 2 ** 50;
      assert.equal(readWideBits(wideBits(rounded)), rounded + 0);
    }),
  );
});

const anyMultiple = fc.bigInt({ min: -(1n << 52n), max: 1n << 52n }).map((multiple) => Number(multiple) / 2 ** 30);

test("multiples of 2^-30 are encoded exactly and come back", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        anyMultiple,
        fc.integer().map((value) => value * 4),
      ),
      (value) => {
        const view = new DataView(new ArrayBuffer(8));
        writeHistogram(view, 0, value);
        assert.equal(Number(view.getBigInt64(0, true)), value * 2 ** 30);
        assert.equal(readHistogram(view, 0), value + 0);
      },
    ),
  );
});

test("histogram sums beyond 2^53 are decoded to the nearest double", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), (bits) => {
      const view = new DataView(new ArrayBuffer(8));
      view.setBigInt64(0, bits, true);
      assert.equal(readHistogram(view, 0), Number(bits) / 2 ** 30);
    }),
  );
});

test("only multiples of 2^-30 are told as such", () => {
  assert.ok([0, 1, -3, 2 ** -30, 1.5, 2 ** 32 + 2 ** -20].every(isHistogramMultiple));
  assert.ok([2 ** -31, 0.1, 1 + 2 ** -31, Number.NaN, Number.POSITIVE_INFINITY].every((value) => !isHistogramMultiple(value)));
});
