import assert from "node:assert/strict";
import { createCipheriv, hkdfSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { concatBytes, fromHex, hmacSha256, toHex, transcript } from "@dure/kernel";
import { rehearsedContext, siteName } from "../testing.ts";
import { contextTranscript, PROTOCOL_VERSION } from "./context.ts";
import { verifyEd25519, x25519Agreement, x25519PublicKey } from "./curves.ts";
import { bindKeys, deriveKey } from "./key-schedule.ts";
import { applyMasksInto } from "./masks.ts";

const known = JSON.parse(readFileSync(new URL("../../known-answers/standards.json", import.meta.url), "utf8"));

const shared = (scalar: string, u: string): string => toHex(x25519Agreement(fromHex(scalar))(fromHex(u)) ?? new Uint8Array(0));

test("X25519 matches RFC 7748 sections 5.2 and 6.1", () => {
  for (const { scalar, u, result } of known.x25519.multiplications) assert.equal(shared(scalar, u), result);
  const { alicePrivate, alicePublic, bobPrivate, bobPublic, shared: secret } = known.x25519.agreement;
  assert.equal(toHex(x25519PublicKey(fromHex(alicePrivate))), alicePublic);
  assert.equal(toHex(x25519PublicKey(fromHex(bobPrivate))), bobPublic);
  assert.equal(shared(alicePrivate, bobPublic), secret);
  assert.equal(shared(bobPrivate, alicePublic), secret);
});

test("X25519 matches RFC 7748's thousand iterations", () => {
  const { start, after1, after1000 } = known.x25519.iterations;
  let k = start;
  let u = start;
  for (let i = 1; i <= 1000; i++) {
    [k, u] = [shared(k, u), k];
    if (i === 1) assert.equal(k, after1);
  }
  assert.equal(k, after1000);
});

test("X25519 gives no secret with a key of small order", () => {
  const smallOrder = ["00".repeat(32), `01${"00".repeat(31)}`, "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"];
  for (const point of smallOrder) assert.equal(x25519Agreement(fromHex(known.x25519.agreement.alicePrivate))(fromHex(point)), undefined);
});

test("Ed25519 accepts RFC 8032's signatures, and none of them with a flipped bit, on another message or under another key", () => {
  for (const [index, { public: publicKey, message, signature }] of known.ed25519.signatures.entries()) {
    const verify = (change: { message?: string; publicKey?: string; signature?: string }) =>
      verifyEd25519(fromHex(change.message ?? message), {
        publicKey: fromHex(change.publicKey ?? publicKey),
        signature: fromHex(change.signature ?? signature),
      });
    assert.equal(verify({}), true);
    assert.equal(verify({ message: `${message}00` }), false);
    assert.equal(verify({ publicKey: known.ed25519.signatures[(index + 1) % 3].public }), false);
    const flipped = fromHex(signature);
    flipped[40] = (flipped[40] ?? 0) ^ 1;
    assert.equal(verify({ signature: toHex(flipped) }), false);
  }
});

test("HKDF-SHA256 matches RFC 5869 A.1 to A.3", () => {
  for (const { ikm, salt, info, okm } of known.hkdfSha256.cases) {
    assert.equal(toHex(new Uint8Array(hkdfSync("sha256", fromHex(ikm), fromHex(salt), fromHex(info), okm.length / 2))), okm);
  }
});

const layout = { vectors: [{ name: "v", length: 9000, encoding: "wide", bound: 1 } as const] };

test("a key is HKDF's first block over version, purpose, attempt, key list and ordered pair", () => {
  const context = rehearsedContext({ siteCount: 5, layout });
  const secret = new Uint8Array(32).fill(7);
  const keyListHash = new Uint8Array(32).fill(9);
  const pair = [siteName(0), siteName(3)] as const;
  const info = concatBytes(transcript(PROTOCOL_VERSION, "mask"), contextTranscript(context), transcript(keyListHash, ...pair));
  const extracted = hmacSha256(new Uint8Array(32), secret);
  const expected = hmacSha256(extracted, concatBytes(info, Uint8Array.of(1)));
  assert.deepEqual(deriveKey(bindKeys(context, keyListHash), secret, { purpose: "mask", pair }), expected);
});

test("AES-256-CTR matches NIST SP 800-38A F.5.5", () => {
  const { key, counter, plaintext, ciphertext } = known.aes256Ctr;
  assert.equal(createCipheriv("aes-256-ctr", fromHex(key), fromHex(counter)).update(fromHex(plaintext)).toString("hex"), ciphertext);
});

test("a mask is one AES-256-CTR keystream from a zero counter over the whole vector, across its chunks", () => {
  const key = fromHex(known.aes256Ctr.key);
  const keystream = createCipheriv("aes-256-ctr", key, new Uint8Array(16)).update(new Uint8Array(16 * 9001));
  const bytes = new Uint8Array(16 * 9001);
  applyMasksInto(bytes, rehearsedContext({ siteCount: 5, layout }), [{ key: Uint8Array.from(key), operation: "add" }]);
  assert.equal(toHex(bytes), keystream.toString("hex"));
});
