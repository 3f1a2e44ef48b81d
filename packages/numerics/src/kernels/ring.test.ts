import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { wasmBase64 } from "./gen/mask.ts";
import { addRingInto, RING_BLOCK_BYTES_MAX, type RingBits, RingBlock } from "./ring.ts";

const bytesPerEntry = (bits: RingBits): number => bits / 8;

/** The oracle: byte by byte with a carry, as on paper. */
function addPlainly(target: Uint8Array, summand: Uint8Array, options: { readonly bits: RingBits; readonly sign: 1 | -1 }): Uint8Array {
  const out = new Uint8Array(target.length);
  let carry = 0;
  for (let i = 0; i < target.length; i++) {
    if (i % bytesPerEntry(options.bits) === 0) carry = 0;
    const digit = (target[i] ?? 0) + options.sign * (summand[i] ?? 0) + carry;
    carry = Math.floor(digit / 256);
    out[i] = digit & 255;
  }
  return out;
}

/** Runs of 0x00 and 0xff are where carries travel furthest, so they are drawn often. */
const bytes = (length: number) =>
  fc
    .array(fc.oneof(fc.constantFrom(0, 1, 127, 128, 255), fc.integer({ min: 0, max: 255 })), { minLength: length, maxLength: length })
    .map((list) => Uint8Array.from(list));

for (const bits of [64, 128] as const) {
  test(`sums and differences modulo 2^${bits} equal those on paper`, () => {
    const block = new RingBlock();
    const entries = fc
      .integer({ min: 0, max: 17 })
      .chain((count) => fc.tuple(bytes((count * bits) / 8), bytes((count * bits) / 8), bytes((count * bits) / 8)));
    fc.assert(
      fc.property(entries, ([target, added, taken]) => {
        block.load(target, bits);
        block.add(added);
        block.subtract(taken);
        const out = new Uint8Array(target.length);
        block.storeInto(out);
        assert.deepEqual(out, addPlainly(addPlainly(target, added, { bits, sign: 1 }), taken, { bits, sign: -1 }));
      }),
    );
  });

  test(`a carry crosses every word of an entry modulo 2^${bits} and none beyond it`, () => {
    const target = new Uint8Array(2 * bytesPerEntry(bits)).fill(0, 0).fill(255, 0, bytesPerEntry(bits));
    const one = new Uint8Array(target.length);
    one[0] = 1;
    addRingInto(target, one, bits);
    assert.deepEqual(target, new Uint8Array(target.length));
  });

  test(`vectors longer than a block are added whole modulo 2^${bits}`, () => {
    const length = 2 * RING_BLOCK_BYTES_MAX + 3 * bytesPerEntry(bits);
    const target = Uint8Array.from({ length }, (_, i) => (i * 131 + (i >> 8)) & 255);
    const summand = Uint8Array.from({ length }, (_, i) => (i * 197 + (i >> 7)) & 255);
    const expected = addPlainly(target, summand, { bits, sign: 1 });
    addRingInto(target, summand, bits);
    assert.deepEqual(target, expected);
  });
}

test("a block that is too long, cut inside an entry, or of another length than its summand is refused", () => {
  const block = new RingBlock();
  assert.throws(() => block.load(new Uint8Array(RING_BLOCK_BYTES_MAX + 16), 128), RangeError);
  assert.throws(() => block.load(new Uint8Array(24), 128), RangeError);
  block.load(new Uint8Array(32), 128);
  assert.throws(() => block.add(new Uint8Array(16)), RangeError);
  assert.throws(() => block.storeInto(new Uint8Array(16)), RangeError);
  assert.throws(() => addRingInto(new Uint8Array(8), new Uint8Array(16), 64), RangeError);
});

test("the committed kernel has the committed SHA-256, and the generated module carries it", () => {
  const file = (name: string) => readFileSync(new URL(`../../assembly/${name}`, import.meta.url));
  const wasm = file("mask.wasm");
  assert.equal(file("mask.wasm.sha256").toString().split(" ")[0], createHash("sha256").update(wasm).digest("hex"));
  assert.equal(wasmBase64, wasm.toString("base64"));
});

test("the source compiles to the committed kernel, byte for byte", () => {
  const script = fileURLToPath(new URL("../../../../scripts/build-wasm.ts", import.meta.url));
  const run = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
});
