import assert from "node:assert/strict";
import { argon2Sync } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DureError, fromHex, toHex, utf8 } from "@dure/kernel";
import { systemRandom } from "../testing-random.ts";
import { keyFromPassphrase } from "./passphrase.ts";
import { signMessage, verifySignature } from "./signing.ts";
import { createStewardKey, openStewardKey, parseStewardKeyFile } from "./steward-key.ts";

const { argon2id } = JSON.parse(readFileSync(new URL("../../known-answers/signatures-and-agreement.json", import.meta.url), "utf8"));
const passphrase = "여섯 마을 사람들이 함께 논을 맨다";
const hasCode = (code: string) => (error: unknown) => error instanceof DureError && error.code === code;

test("the platform's argon2id matches RFC 9106 section 5.3", () => {
  const fill = (length: number, value: number) => new Uint8Array(length).fill(value);
  const tag = argon2Sync("argon2id", {
    message: fill(32, 1),
    nonce: fill(16, 2),
    secret: fill(8, 3),
    associatedData: fill(12, 4),
    memory: 32,
    passes: 3,
    parallelism: 4,
    tagLength: 32,
  });
  assert.equal(toHex(new Uint8Array(tag)), "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
});

test("a key from a passphrase matches the reference implementation's test", async () => {
  const { memoryKiB, passes, lanes } = argon2id;
  const key = await keyFromPassphrase(argon2id.passphrase, fromHex(argon2id.salt), { memoryKiB, passes, lanes });
  assert.equal(toHex(key), argon2id.key);
});

test("the passphrase opens the key, composed or decomposed, and the agent reads only the public half", async () => {
  const file = parseStewardKeyFile(JSON.parse(JSON.stringify(await createStewardKey(passphrase.normalize("NFC"), systemRandom))));
  const privateKey = await openStewardKey(file, passphrase.normalize("NFD"));
  const message = utf8("a decision");
  assert.ok(verifySignature({ publicKey: file.publicKey, message, signature: signMessage(privateKey, message) }));
  assert.ok(!JSON.stringify(file).includes(Buffer.from(privateKey).toString("base64url")));
});

test("a wrong passphrase and an altered file give one and the same answer", async () => {
  const file = await createStewardKey(passphrase, systemRandom);
  const other = await createStewardKey(passphrase, systemRandom);
  await assert.rejects(openStewardKey(file, `${passphrase}!`), hasCode("identity/passphrase-wrong"));
  await assert.rejects(openStewardKey({ ...file, publicKey: other.publicKey }, passphrase), hasCode("identity/passphrase-wrong"));
  await assert.rejects(openStewardKey({ ...file, encryptedKey: other.encryptedKey }, passphrase), hasCode("identity/passphrase-wrong"));
  await assert.rejects(openStewardKey({ ...file, salt: other.salt }, passphrase), hasCode("identity/passphrase-wrong"));
});

test("a short passphrase is refused with its length, and never with itself", async () => {
  await assert.rejects(createStewardKey("열한자입니다아아아아", systemRandom), (error) => {
    assert.ok(error instanceof DureError && error.code === "identity/passphrase-short");
    assert.ok(!JSON.stringify(error.problems).includes("열한자"));
    return true;
  });
  await assert.rejects(createStewardKey("x".repeat(1001), systemRandom), hasCode("identity/passphrase-long"));
});

test("a file that asks for less protection, more memory, or has another shape is refused", async () => {
  const file = await createStewardKey(passphrase, systemRandom);
  const wrongs = [
    { ...file, memoryKiB: 8 },
    { ...file, memoryKiB: 2 ** 24 },
    { ...file, passes: 1 },
    { ...file, passes: 1e6 },
    { ...file, lanes: 2 },
    { ...file, salt: "" },
    { ...file, version: "dure steward key 2" },
    { ...file, privateKey: "" },
    { version: file.version },
    null,
  ];
  for (const wrong of wrongs) assert.throws(() => parseStewardKeyFile(wrong), hasCode("identity/steward-key-file"));
});
