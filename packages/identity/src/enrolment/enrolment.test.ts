import assert from "node:assert/strict";
import { test } from "node:test";
import { DureError } from "@dure/kernel";
import { createAlliance, createCertificateRequest } from "../certificates/authority.ts";
import { alliance, allianceName, nowMs } from "../certificates/testing-alliance.ts";
import { createTlsKey, DAY_MS } from "../certificates/x509.ts";
import { createSealKey } from "../keys/seal.ts";
import { createSigningKey } from "../keys/signing.ts";
import { systemRandom as random } from "../testing-random.ts";
import { createEnrolmentRequest, type EnrolmentRequest, parseEnrolmentRequest, verifyEnrolmentRequest } from "./request.ts";
import {
  checkEnrolmentToken,
  createEnrolmentToken,
  type EnrolmentToken,
  formatEnrolmentToken,
  parseEnrolmentToken,
  pendingEnrolment,
} from "./token.ts";

const newToken = (changes: Partial<EnrolmentToken> = {}) =>
  createEnrolmentToken({
    alliance: allianceName,
    coordinator: "https://coordinator.example:8443",
    rootCertificate: alliance.root.certificate,
    role: "site",
    id: "hospital-1",
    expiresAtMs: nowMs + DAY_MS,
    random,
    ...changes,
  });
const token = newToken();
const [identity, steward, seal] = [createSigningKey(random), createSigningKey(random), createSealKey(random)];
const csr = await createCertificateRequest(createTlsKey(random), "hospital-1");
const member = {
  token,
  organisation: "가나병원",
  csr,
  identityPrivateKey: identity.privateKey,
  sealKey: seal.publicKey,
  stewardKey: steward.publicKey,
  nowMs,
};
const request = createEnrolmentRequest(member);
const pending = pendingEnrolment(token);
const codesOf = async (changed: EnrolmentRequest, at = nowMs, record = pending) =>
  (await verifyEnrolmentRequest(changed, record, at)).map(({ code }) => code);

test("a token is one line that reads back as it was, spaces around it apart", () => {
  const line = formatEnrolmentToken(token);
  assert.match(line, /^dure-enrol-[A-Za-z0-9_-]+$/);
  assert.deepEqual(parseEnrolmentToken(`  ${line}\n`), token);
});

test("a token that was cut, mistyped or made up is refused by name", () => {
  const line = formatEnrolmentToken(token);
  const wrongs = ["", "dure-enrol-", line.slice(0, -1), line.slice(1), `${line}A`];
  for (let i = 0; i < line.length; i++) wrongs.push(`${line.slice(0, i)}${line[i] === "Q" ? "R" : "Q"}${line.slice(i + 1)}`);
  for (const wrong of wrongs) {
    assert.throws(
      () => parseEnrolmentToken(wrong),
      (error) => error instanceof DureError && error.code === "identity/enrolment-token-malformed",
    );
  }
});

test("a token for an address without TLS or a name with a slash is not made", () => {
  assert.throws(() => newToken({ coordinator: "http://coordinator.example" }));
  assert.throws(() => newToken({ id: "a/b" }));
});

test("an expired token and another root are refused by name", async () => {
  const other = await createAlliance({ name: allianceName, nowMs, random });
  assert.deepEqual(checkEnrolmentToken(token, { rootCertificate: alliance.root.certificate, nowMs }), []);
  const problems = checkEnrolmentToken(token, { rootCertificate: other.root.certificate, nowMs: token.expiresAtMs });
  assert.deepEqual(
    problems.map(({ code }) => code),
    ["identity/enrolment-token-expired", "identity/enrolment-other-root"],
  );
});

test("the coordinator's record tells no secret", () => {
  assert.ok(!JSON.stringify(pending).includes(token.secret));
});

test("a request proves the token and every key, and survives the wire", async () => {
  assert.deepEqual(await codesOf(request), []);
  assert.deepEqual(parseEnrolmentRequest(JSON.parse(JSON.stringify(request))), request);
  assert.equal(parseEnrolmentRequest({ ...JSON.parse(JSON.stringify(request)), more: 1 }), undefined);
  assert.equal(parseEnrolmentRequest({ proof: "", signature: "", terms: {} }), undefined);
});

test("each way a request can be wrong has its name", async () => {
  const remade = (changes: Partial<typeof member>) => createEnrolmentRequest({ ...member, ...changes });
  const thief = createSigningKey(random);
  const stolen = createEnrolmentRequest({ ...member, identityPrivateKey: thief.privateKey });
  const rows: readonly (readonly [EnrolmentRequest, string, number?])[] = [
    [remade({ token: { ...token, secret: newToken().secret } }), "not-asked"],
    [remade({ token: newToken() }), "not-asked"],
    [{ ...request, terms: { ...request.terms, identityKey: thief.publicKey } }, "not-asked"],
    [{ ...request, proof: "" }, "not-asked"],
    [request, "token-expired", token.expiresAtMs],
    [remade({ token: { ...token, id: "hospital-2" } }), "other-name"],
    [remade({ token: { ...token, role: "operator" }, stewardKey: "" }), "other-name"],
    [remade({ organisation: " " }), "organisation"],
    [remade({ organisation: "x".repeat(201) }), "organisation"],
    [remade({ stewardKey: identity.publicKey }), "weak-key"],
    [remade({ stewardKey: "" }), "weak-key"],
    [remade({ sealKey: "A".repeat(43) }), "weak-key"],
    [{ ...request, signature: stolen.signature }, "bad-signature"],
    [remade({ csr: "x" }), "bad-csr"],
  ];
  for (const [changed, code, at] of rows) assert.deepEqual(await codesOf(changed, at), [`identity/enrolment-${code}`]);
});

test("a researcher enrols without a steward", async () => {
  const theirs = newToken({ role: "researcher", id: "kim" });
  const asked = createEnrolmentRequest({ ...member, token: theirs, stewardKey: "" });
  assert.deepEqual(await codesOf(asked, nowMs, pendingEnrolment(theirs)), []);
});
