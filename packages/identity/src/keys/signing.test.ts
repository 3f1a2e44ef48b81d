import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromHex, toBase64, toHex, utf8 } from "@dure/kernel";
import fc from "fast-check";
import { systemRandom } from "../testing-random.ts";
import { keyFingerprint } from "./fingerprint.ts";
import {
  createSigner,
  createSigningKey,
  parseSigningPrivateKey,
  signingKeyFlaw,
  signingKeyPair,
  signMessage,
  verifySignature,
} from "./signing.ts";

const { ed25519 } = JSON.parse(readFileSync(new URL("../../known-answers/signatures-and-agreement.json", import.meta.url), "utf8"));

for (const vector of ed25519.vectors) {
  test(`matches RFC 8032 section 7.1 ${vector.name}`, () => {
    const { publicKey, privateKey } = signingKeyPair(fromHex(vector.secretKey));
    const message = fromHex(vector.message);
    const signature = signMessage(privateKey, message);
    assert.equal(publicKey, toBase64(fromHex(vector.publicKey)));
    assert.equal(toHex(signature), vector.signature);
    assert.ok(verifySignature({ publicKey, message, signature }));
  });
}

test("a signature holds for its own key, message and bits only", () => {
  const { publicKey, privateKey } = createSigningKey(systemRandom);
  const other = createSigningKey(systemRandom).publicKey;
  const message = utf8("a study's hash");
  const signature = createSigner("hospital-1", privateKey).sign(message);
  assert.ok(verifySignature({ publicKey, message, signature }));
  assert.ok(!verifySignature({ publicKey: other, message, signature }));
  assert.ok(!verifySignature({ publicKey, message: utf8("another hash"), signature }));
  assert.ok(!verifySignature({ publicKey, message, signature: signature.subarray(0, 63) }));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 511 }), (bit) => {
      const flipped = signature.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.ok(!verifySignature({ publicKey, message, signature: flipped }));
    }),
    { numRuns: 100 },
  );
});

const P = 2n ** 255n - 19n;
const modP = (x: bigint): bigint => ((x % P) + P) % P;
const power = (x: bigint, e: bigint): bigint => (e === 0n ? 1n : modP(power(modP(x * x), e / 2n) * (e % 2n === 1n ? x : 1n)));
const D = modP(-121665n * power(121666n, P - 2n));

/** Doubles a point of the curve −x² + y² = 1 + d x² y² (RFC 8032, section 5.1). */
function double([x, y]: readonly [bigint, bigint]): readonly [bigint, bigint] {
  const t = modP(D * x * x * y * y);
  return [modP(2n * x * y * power(1n + t, P - 2n)), modP((y * y + x * x) * power(modP(1n - t), P - 2n))];
}

/** The points whose eightfold is the neutral element, found from the curve itself: their y solve one of y = ±1, y = 0, d y⁴ + 2 y² − 1 = 0. */
function smallOrderY(): readonly bigint[] {
  const root = (square: bigint): bigint | undefined => {
    const candidate = power(square, (P + 3n) / 8n);
    const other = modP(candidate * power(2n, (P - 1n) / 4n));
    return [candidate, other].find((value) => modP(value * value) === modP(square));
  };
  const half = root(1n + D) ?? 0n;
  const ys = [1n, -1n].flatMap((sign) => root(modP((-1n + sign * half) * power(D, P - 2n))) ?? []);
  return [0n, 1n, P - 1n, ...ys.flatMap((y) => [y, modP(-y)])];
}

const encodePoint = (y: bigint, signBit: number): string => {
  const bytes = fromHex(y.toString(16).padStart(64, "0")).reverse();
  bytes[31] = (bytes[31] ?? 0) | (signBit << 7);
  return toBase64(bytes);
};

test("every point whose order divides 8 is refused by name, in every encoding", () => {
  const ys = smallOrderY();
  assert.equal(ys.length, 5);
  for (const y of ys) {
    const square = modP((y * y - 1n) * power(modP(D * y * y + 1n), P - 2n));
    const root = power(square, (P + 3n) / 8n);
    const x = modP(root * root) === square ? root : modP(root * power(2n, (P - 1n) / 4n));
    assert.deepEqual(double(double(double([x, y]))), [0n, 1n]);
    const encodings = y + P < 2n ** 255n ? [y, y + P] : [y];
    for (const encoding of encodings) {
      for (const signBit of [0, 1]) {
        const publicKey = encodePoint(encoding, signBit);
        assert.equal(signingKeyFlaw(publicKey), "small-order");
        assert.ok(!verifySignature({ publicKey, message: utf8("x"), signature: new Uint8Array(64) }));
      }
    }
  }
});

test("texts that are no public key are refused without a throw", () => {
  const { publicKey } = createSigningKey(systemRandom);
  for (const wrong of ["", publicKey.slice(1), `${publicKey}A`, `${publicKey.slice(0, 42)}=`, "*".repeat(43)]) {
    assert.equal(signingKeyFlaw(wrong), "malformed");
    assert.ok(!verifySignature({ publicKey: wrong, message: utf8("x"), signature: new Uint8Array(64) }));
  }
  assert.equal(signingKeyFlaw(publicKey), undefined);
  assert.throws(() => parseSigningPrivateKey(new Uint8Array(31)), RangeError);
});

test("a fingerprint is eight groups of four digits of the key's SHA-256", () => {
  const key = toBase64(fromHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
  assert.match(keyFingerprint(key), /^([0-9a-f]{4}-){7}[0-9a-f]{4}$/);
  assert.equal(keyFingerprint(key).replaceAll("-", ""), "21fe31dfa154a261626bf854046fd2271b7bed4b6abe45aa58877ef47f9721b9".slice(0, 32));
});
