import assert from "node:assert/strict";
import { generateKeyPairSync, type webcrypto } from "node:crypto";
import { test } from "node:test";
import { DureError } from "@dure/kernel";
import { systemRandom as random } from "../testing-random.ts";
import { createAlliance, createCertificateRequest, createIssuing, issueCertificate } from "./authority.ts";
import { memberUri } from "./names.ts";
import { pemChain, readCertificate, type Trust, verifyPeerCertificate } from "./peer.ts";
import type { CertificateRefusal } from "./peer-problems.ts";
import { createRevocationList } from "./revocation.ts";
import { alliance, allianceName, emptyList, enrolled, nowMs } from "./testing-alliance.ts";
import { createTlsKey, DAY_MS, ECDSA_P256, loadKeys, pemBlocks, x509 } from "./x509.ts";

const trust: Trust = { root: alliance.root.certificate, crl: emptyList, roles: ["site"], alliance: allianceName, nowMs };
const site = await enrolled({ identityKey: "A".repeat(43) });
const stranger = await createAlliance({ name: allianceName, nowMs, random });
const neighbour = await createAlliance({ name: "lung-alliance", nowMs, random });

/** A certificate that the alliance's own issuing key signed, as no careful operator would. */
async function careless(publicKey: webcrypto.CryptoKey | x509.PublicKey, extensions: x509.Extension[] = []): Promise<string> {
  const issuer = new x509.X509Certificate(alliance.issuing.certificate);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: "01",
    subject: "CN=hospital-1",
    issuer: issuer.subjectName,
    notBefore: new Date(nowMs - DAY_MS),
    notAfter: new Date(nowMs + DAY_MS),
    signingAlgorithm: ECDSA_P256,
    publicKey,
    signingKey: loadKeys(alliance.issuing.privateKey).privateKey,
    extensions: [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: "url", value: memberUri({ alliance: allianceName, role: "site", id: "hospital-1" }) },
      ]),
      ...extensions,
    ],
  });
  return `${certificate.toString("pem")}\n${alliance.issuing.certificate}`;
}

const rsa1024 = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ type: "spki", format: "der" });
const p256 = loadKeys(createTlsKey(random)).publicKey;
const list = (options: { serial?: string; issuedAtMs?: number }, issuing = alliance.issuing) =>
  createRevocationList(issuing, {
    revoked: options.serial === undefined ? [] : [{ serialNumber: options.serial, revokedAtMs: nowMs }],
    number: 2,
    nowMs: options.issuedAtMs ?? nowMs,
  });

test("a certificate of the alliance is trusted and names its holder", async () => {
  const verdict = await verifyPeerCertificate(site.chain, trust);
  assert.ok(verdict.kind === "trusted", JSON.stringify(verdict));
  const { alliance: named, role, id, identityKey, fingerprint, serialNumber } = verdict.peer;
  assert.deepEqual({ named, role, id, identityKey }, { named: allianceName, role: "site", id: "hospital-1", identityKey: "A".repeat(43) });
  assert.match(fingerprint, /^[0-9a-f]{64}$/);
  assert.equal(serialNumber, site.serialNumber);
  assert.deepEqual(readCertificate(site.certificate), verdict.peer);
});

test("a resumed session that shows the leaf alone is trusted through the issuing certificate known here", async () => {
  assert.equal((await verifyPeerCertificate(site.certificate, { ...trust, issuing: alliance.issuing.certificate })).kind, "trusted");
});

const refusals: readonly (readonly [fact: string, expected: CertificateRefusal, chain: string, changes: Partial<Trust>])[] = [
  ["after its last second", "expired", site.chain, { nowMs: site.notAfterMs + 1000 }],
  ["after the issuing certificate's last second", "expired", site.chain, { nowMs: nowMs + 3 * 365 * DAY_MS }],
  ["before its first second", "not-yet-valid", site.chain, { nowMs: nowMs - 6 * 60_000 }],
  ["on the revocation list", "revoked", site.chain, { crl: await list({ serial: site.serialNumber }) }],
  [
    "on a stale list beside a fresh one",
    "revoked",
    site.chain,
    { crl: `${await list({ serial: site.serialNumber, issuedAtMs: nowMs - 9 * DAY_MS })}\n${emptyList}` },
  ],
  ["a researcher where sites call", "wrong-role", (await enrolled({ role: "researcher" })).chain, {}],
  ["a site as a coordinator", "wrong-role", site.chain, { roles: ["coordinator"] }],
  ["of another alliance with its own root", "wrong-alliance", (await enrolled({ alliance: "lung-alliance" }, neighbour.issuing)).chain, {}],
  ["of another alliance under the same root", "wrong-alliance", (await enrolled({ alliance: "lung-alliance" })).chain, {}],
  ["of a root with the same name and another key", "unknown-issuer", (await enrolled({}, stranger.issuing)).chain, {}],
  ["without its issuing certificate", "unknown-issuer", site.certificate, {}],
  [
    "signed by a site",
    "unknown-issuer",
    (await enrolled({}, { certificate: site.certificate, privateKey: site.privateKey })).chain + site.chain,
    {},
  ],
  ["with an RSA key of 1024 bits", "weak-key", await careless(new x509.PublicKey(rsa1024)), {}],
  ["under a list of yesterday", "crl-stale", site.chain, { crl: await list({ issuedAtMs: nowMs - DAY_MS - 1000 }) }],
  ["under a list of tomorrow", "crl-stale", site.chain, { crl: await list({ issuedAtMs: nowMs + DAY_MS }) }],
  ["under no list", "crl-untrusted", site.chain, { crl: "" }],
  ["under another CA's list", "crl-untrusted", site.chain, { crl: await list({}, stranger.issuing) }],
  [
    "under a list with a flipped byte",
    "crl-untrusted",
    site.chain,
    { crl: emptyList.replace(/.(?=[^\n]{4}\n-----END)/, (c) => (c === "A" ? "B" : "A")) },
  ],
  [
    "with a critical extension that nobody knows",
    "malformed",
    await careless(p256, [new x509.Extension("1.2.3.4", true, new Uint8Array([5, 0]))]),
    {},
  ],
  ["that is no certificate", "malformed", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", {}],
  ["that is empty", "malformed", "", {}],
  ["longer than any chain", "malformed", site.chain.repeat(100), {}],
];

for (const [fact, expected, chain, changes] of refusals) {
  test(`a certificate ${fact} is refused as ${expected}`, async () => {
    const verdict = await verifyPeerCertificate(chain, { ...trust, ...changes });
    assert.ok(verdict.kind === "refused");
    assert.equal(verdict.reason, expected);
    assert.equal(verdict.problem.code, `identity/certificate-${expected}`);
  });
}

test("every reason of refusal has a row above", () => {
  const reasons: Record<CertificateRefusal, true> = {
    malformed: true,
    "unknown-issuer": true,
    "wrong-alliance": true,
    "weak-key": true,
    expired: true,
    "not-yet-valid": true,
    revoked: true,
    "crl-stale": true,
    "crl-untrusted": true,
    "wrong-role": true,
  };
  assert.deepEqual([...new Set(refusals.map(([, reason]) => reason))].sort(), Object.keys(reasons).sort());
});

test("a flipped bit of a certificate is never trusted", async () => {
  const der = new Uint8Array(new x509.X509Certificate(site.certificate).rawData);
  const issuing = new Uint8Array(new x509.X509Certificate(alliance.issuing.certificate).rawData);
  for (let bit = 0; bit < der.byteLength * 8; bit += 11) {
    const flipped = der.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.equal((await verifyPeerCertificate(pemChain([flipped, issuing]), trust)).kind, "refused", `bit ${bit}`);
  }
});

test("a second issuing key works beside the first, each with its own list", async () => {
  const second = await createIssuing(alliance.root, { alliance: allianceName, nowMs, random });
  const member = await enrolled({ id: "hospital-2" }, second);
  const both = `${emptyList}\n${await list({}, second)}`;
  assert.equal((await verifyPeerCertificate(member.chain, { ...trust, crl: both })).kind, "trusted");
  assert.equal((await verifyPeerCertificate(site.chain, { ...trust, crl: both })).kind, "trusted");
  const verdict = await verifyPeerCertificate(member.chain, trust);
  assert.ok(verdict.kind === "refused" && verdict.reason === "crl-untrusted");
});

test("of a request only the key is taken, and a weak, unsigned or malformed one is refused by name", async () => {
  const isRefused = (error: unknown) => error instanceof DureError && error.code === "identity/certificate-request";
  const issuance = { role: "site", id: "hospital-3", alliance: allianceName, nowMs, random } as const;
  const csr = await createCertificateRequest(createTlsKey(random), "somebody-else");
  const { certificate } = await issueCertificate(alliance.issuing, csr, issuance);
  assert.equal(readCertificate(certificate)?.id, "hospital-3");
  const other = new Uint8Array(new x509.Pkcs10CertificateRequest(csr).rawData);
  other[other.byteLength - 1] = (other.at(-1) ?? 0) ^ 1;
  const rsa2048 = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const weakKeys = {
    publicKey: rsa2048.publicKey.toCryptoKey({ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, true, ["verify"]),
    privateKey: rsa2048.privateKey.toCryptoKey({ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, true, ["sign"]),
  };
  const weak = await x509.Pkcs10CertificateRequestGenerator.create({
    name: "CN=x",
    keys: weakKeys,
    signingAlgorithm: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as never,
  });
  for (const wrong of ["", "x", x509.PemConverter.encode(other, "CERTIFICATE REQUEST"), weak.toString("pem")]) {
    await assert.rejects(issueCertificate(alliance.issuing, wrong, issuance), isRefused);
  }
  await assert.rejects(issueCertificate(alliance.issuing, csr, { ...issuance, id: "a/b" }), RangeError);
  await assert.rejects(issueCertificate(alliance.issuing, csr, { ...issuance, validityDays: 399 }), RangeError);
});

test("an alliance's name is checked before a key is made", async () => {
  await assert.rejects(
    createAlliance({ name: "유방암 연합", nowMs, random }),
    (error) => error instanceof DureError && error.code === "identity/alliance-name",
  );
});

test("lists and certificates carry the labels and serial numbers that OpenSSL reads", () => {
  assert.equal(pemBlocks(emptyList, "X509 CRL").length, 1);
  assert.equal(pemBlocks(site.chain, "CERTIFICATE").length, 2);
  assert.match(site.serialNumber, /^[4-7][0-9a-f]{31}$/);
});
