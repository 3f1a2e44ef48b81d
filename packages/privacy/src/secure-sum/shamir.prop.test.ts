import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { predictableRandom } from "../testing.ts";
import { rebuildSecret, splitSecret } from "./shamir.ts";

/** The oracle's field: powers of z and their logarithms, from the polynomial alone. */
const powers = new Uint16Array(65_535);
const logarithms = new Uint16Array(65_536);
for (let i = 0, x = 1; i < 65_535; i++) {
  powers[i] = x;
  logarithms[x] = i;
  x <<= 1;
  if (x > 0xffff) x ^= 0x1100b;
}
const times = (a: number, b: number): number =>
  a === 0 || b === 0 ? 0 : (powers[((logarithms[a] ?? 0) + (logarithms[b] ?? 0)) % 65_535] ?? 0);

const wordAt = (bytes: Uint8Array, index: number): number => (bytes[2 * index] ?? 0) | ((bytes[2 * index + 1] ?? 0) << 8);
const word = (value: number): Uint8Array => Uint8Array.of(value & 255, value >>> 8);

const plan = fc
  .integer({ min: 1, max: 40 })
  .chain((shareCount) => fc.record({ shareCount: fc.constant(shareCount), threshold: fc.integer({ min: 1, max: shareCount }) }));
const secretOf = (byteLength: number) => fc.uint8Array({ minLength: byteLength, maxLength: byteLength });

test("any threshold of the shares rebuilds the secret", () => {
  fc.assert(
    fc.property(plan, secretOf(64), fc.string(), fc.infiniteStream(fc.nat()), (chosen, secret, seed, order) => {
      const shares = splitSecret(secret, chosen, predictableRandom(seed)).map((share, index) => ({
        x: index + 1,
        share,
        rank: order.next().value ?? 0,
      }));
      const some = shares.toSorted((a, b) => a.rank - b.rank).slice(0, chosen.threshold);
      assert.deepEqual(rebuildSecret(some), secret);
    }),
  );
});

test("shares are the polynomial's values in the field of z^16 + z^12 + z^3 + z + 1, and z generates it", () => {
  assert.equal(new Set(powers).size, 65_535);
  fc.assert(
    fc.property(plan, secretOf(4), fc.string(), (chosen, secret, seed) => {
      const coefficients = predictableRandom(seed).bytes((chosen.threshold - 1) * 4);
      const shares = splitSecret(secret, chosen, predictableRandom(seed));
      for (const [index, share] of shares.entries()) {
        for (const w of [0, 1]) {
          let value = wordAt(secret, w);
          let power = index + 1;
          for (let j = 0; j < chosen.threshold - 1; j++, power = times(power, index + 1))
            value ^= times(wordAt(coefficients, 2 * j + w), power);
          assert.equal(wordAt(share, w), value);
        }
      }
    }),
    { numRuns: 30 },
  );
});

test("one share less than the threshold fits every secret: each of the 65,536 belongs to exactly one missing share", () => {
  const [first = word(0), second = word(0)] = splitSecret(word(0xbeef), { shareCount: 4, threshold: 3 }, predictableRandom("three"));
  const rebuilt = new Set<number>();
  for (let missing = 0; missing < 65_536; missing++) {
    rebuilt.add(
      wordAt(
        rebuildSecret([
          { x: 1, share: first },
          { x: 2, share: second },
          { x: 4, share: word(missing) },
        ]),
        0,
      ),
    );
  }
  assert.equal(rebuilt.size, 65_536);
});

test("shares at one point twice, secrets of odd length and thresholds beyond the shares are refused", () => {
  const share = word(1);
  assert.throws(
    () =>
      rebuildSecret([
        { x: 1, share },
        { x: 1, share },
      ]),
    RangeError,
  );
  assert.throws(() => rebuildSecret([]), RangeError);
  assert.throws(() => splitSecret(new Uint8Array(3), { shareCount: 3, threshold: 2 }, predictableRandom("odd")), RangeError);
  assert.throws(() => splitSecret(share, { shareCount: 3, threshold: 4 }, predictableRandom("beyond")), RangeError);
});
