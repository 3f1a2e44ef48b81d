import assert from "node:assert/strict";
import { test } from "node:test";
import { systemRandom as random } from "../testing-random.ts";
import { createCertificateRequest, issueCertificate } from "./authority.ts";
import { readCertificate, type Trust, verifyPeerCertificate } from "./peer.ts";
import { renewalDueAtMs, requestRenewal, verifyRenewal } from "./renewal.ts";
import { createRevocationList } from "./revocation.ts";
import { alliance, allianceName, emptyList, enrolled, nowMs } from "./testing-alliance.ts";
import { createTlsKey, DAY_MS } from "./x509.ts";

const trust: Trust = { root: alliance.root.certificate, crl: emptyList, roles: ["site"], alliance: allianceName, nowMs };
const site = await enrolled({ identityKey: "B".repeat(43), dnsNames: ["hospital-1.example"] });
const newPrivateKey = createTlsKey(random);
const request = await requestRenewal({ chain: site.chain, privateKey: site.privateKey, newPrivateKey });

test("the holder of a good certificate gets the next one, with the same names", async () => {
  const verdict = await verifyRenewal(request, trust);
  assert.ok(verdict.kind === "renewable");
  const { role, id, identityKey, dnsNames } = verdict.peer;
  const next = await issueCertificate(alliance.issuing, request.csr, {
    role,
    id,
    alliance: allianceName,
    dnsNames,
    ...(identityKey === undefined ? {} : { identityKey }),
    nowMs: nowMs + 60 * DAY_MS,
    random,
  });
  const names = readCertificate(next.certificate);
  assert.deepEqual([names?.id, names?.identityKey, names?.dnsNames], ["hospital-1", "B".repeat(43), ["hospital-1.example"]]);
  const later = { ...trust, nowMs: nowMs + 61 * DAY_MS };
  const crl = await createRevocationList(alliance.issuing, { revoked: [], number: 3, nowMs: later.nowMs });
  assert.equal((await verifyPeerCertificate(next.chain, { ...later, crl })).kind, "trusted");
});

test("a renewal falls due after two thirds of the certificate's life", () => {
  const due = renewalDueAtMs(site.certificate);
  assert.ok(due !== undefined && due > nowMs + 59 * DAY_MS && due < nowMs + 61 * DAY_MS);
  assert.equal(renewalDueAtMs(alliance.root.certificate), undefined);
});

test("a renewal that the old key did not sign is refused", async () => {
  const thief = await requestRenewal({ chain: site.chain, privateKey: newPrivateKey, newPrivateKey });
  const otherCsr = await createCertificateRequest(createTlsKey(random), "hospital-1");
  for (const wrong of [
    thief,
    { ...request, csr: otherCsr },
    { ...request, csr: "" },
    { ...request, signature: "" },
    { ...request, signature: "A".repeat(96) },
  ]) {
    const verdict = await verifyRenewal(wrong, trust);
    assert.ok(verdict.kind === "refused" && verdict.reason === "malformed");
  }
});

test("an expired or revoked certificate is not renewed", async () => {
  const revoked = await createRevocationList(alliance.issuing, {
    revoked: [{ serialNumber: site.serialNumber, revokedAtMs: nowMs }],
    number: 2,
    nowMs,
  });
  const late = await verifyRenewal(request, { ...trust, nowMs: site.notAfterMs + 1000 });
  const thrownOut = await verifyRenewal(request, { ...trust, crl: revoked });
  assert.ok(late.kind === "refused" && late.reason === "expired");
  assert.ok(thrownOut.kind === "refused" && thrownOut.reason === "revoked");
});
