import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bytesEqual, fromHex, toBase64, toHex, utf8 } from "@dure/kernel";
import fc from "fast-check";
import { systemRandom as random } from "../testing-random.ts";
import { agree, createSealKey, isSealPublicKey, openSealed, parseSealPrivateKey, sealKeyPair, sealTo } from "./seal.ts";

const { x25519 } = JSON.parse(readFileSync(new URL("../../known-answers/signatures-and-agreement.json", import.meta.url), "utf8"));
const context = utf8("run 1, result");
const [a, b, outsider] = [createSealKey(random), createSealKey(random), createSealKey(random)];

test("matches RFC 7748 section 6.1", () => {
  const alice = sealKeyPair(fromHex(x25519.alicePrivateKey));
  const bob = sealKeyPair(fromHex(x25519.bobPrivateKey));
  assert.equal(alice.publicKey, toBase64(fromHex(x25519.alicePublicKey)));
  assert.equal(bob.publicKey, toBase64(fromHex(x25519.bobPublicKey)));
  for (const secret of [agree(alice.privateKey, fromHex(x25519.bobPublicKey)), agree(bob.privateKey, fromHex(x25519.alicePublicKey))]) {
    assert.equal(toHex(secret ?? new Uint8Array()), x25519.sharedSecret);
  }
});

test("every recipient opens a box, an outsider is refused by name", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (plaintext) => {
      const box = sealTo({ recipients: [a.publicKey, b.publicKey], plaintext, context, random });
      assert.equal(box.byteLength, 67 + 2 * 80 + plaintext.byteLength + 16);
      for (const { privateKey } of [a, b]) {
        const opened = openSealed(privateKey, box, context);
        assert.ok(opened.kind === "opened" && bytesEqual(opened.plaintext, plaintext));
      }
      assert.deepEqual(openSealed(outsider.privateKey, box, context), { kind: "refused", code: "not-a-recipient" });
    }),
    { numRuns: 30 },
  );
});

test("a flipped bit anywhere, a cut and another context are refused", () => {
  const box = sealTo({ recipients: [a.publicKey, b.publicKey], plaintext: utf8("coefficients"), context, random });
  for (let bit = 0; bit < box.byteLength * 8; bit++) {
    const flipped = box.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.equal(openSealed(b.privateKey, flipped, context).kind, "refused", `bit ${bit}`);
  }
  for (let length = 0; length < box.byteLength; length++) {
    assert.equal(openSealed(a.privateKey, box.subarray(0, length), context).kind, "refused", `${length} bytes`);
  }
  assert.deepEqual(openSealed(a.privateKey, box, utf8("run 2, result")), { kind: "refused", code: "altered" });
  assert.deepEqual(openSealed(a.privateKey, new Uint8Array(400), context), { kind: "refused", code: "malformed" });
});

test("two boxes of one content share no key and no wrapped secret", () => {
  const request = { recipients: [a.publicKey], plaintext: utf8("the same"), context, random };
  const [first, second] = [sealTo(request), sealTo(request)];
  assert.notEqual(toHex(first.subarray(3, 35)), toHex(second.subarray(3, 35)));
  assert.notEqual(toHex(first.subarray(99)), toHex(second.subarray(99)));
});

test("keys of small order, malformed keys and repeated recipients are refused before anything is sealed", () => {
  const zero = toBase64(new Uint8Array(32));
  const orderEight = toBase64(fromHex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"));
  for (const wrong of [zero, orderEight, "", a.publicKey.slice(1)]) {
    assert.ok(!isSealPublicKey(wrong));
    assert.throws(() => sealTo({ recipients: [wrong], plaintext: utf8("x"), context, random }), RangeError);
  }
  assert.throws(() => sealTo({ recipients: [], plaintext: utf8("x"), context, random }), RangeError);
  assert.throws(() => sealTo({ recipients: [a.publicKey, a.publicKey], plaintext: utf8("x"), context, random }), RangeError);
  assert.throws(() => parseSealPrivateKey(new Uint8Array(33)), RangeError);
});
