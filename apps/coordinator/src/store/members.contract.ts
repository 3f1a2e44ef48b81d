import assert from "node:assert/strict";
import { sha256 } from "@dure/kernel";
import type { Contract } from "./contract.testing.ts";
import { sampleCertificate, sampleMember, startMs } from "./samples.ts";

export const membersContract: Contract = {
  "an alliance is established once; another name or root is a conflict": async ({ run, alliance }) => {
    const made = {
      name: "두레",
      rootFingerprint: sha256("root"),
      rootCertificate: "root",
      issuingCertificate: "issuing 1",
      establishedAtMs: startMs,
    };
    assert.equal(await run((tx) => alliance.find(tx)), undefined);
    assert.deepEqual(await run((tx) => alliance.establish(tx, made)), { kind: "stored" });
    assert.deepEqual(await run((tx) => alliance.establish(tx, { ...made, establishedAtMs: startMs + 1 })), { kind: "repeated" });
    assert.deepEqual(await run((tx) => alliance.establish(tx, { ...made, name: "other", rootFingerprint: sha256("other") })), {
      kind: "conflict",
      columns: ["name", "rootFingerprint"],
    });
    assert.deepEqual(await run((tx) => alliance.find(tx)), made);
  },

  "an issuing certificate is replaced by who knows the one in force": async ({ run, alliance }) => {
    const change = { from: "issuing 1", to: "issuing 2" };
    assert.deepEqual(await run((tx) => alliance.replaceIssuingCertificate(tx, change)), { kind: "stored" });
    assert.deepEqual(await run((tx) => alliance.replaceIssuingCertificate(tx, change)), { kind: "repeated" });
    const late = { from: "issuing 1", to: "issuing 3" };
    assert.deepEqual(await run((tx) => alliance.replaceIssuingCertificate(tx, late)), {
      kind: "conflict",
      columns: ["issuingCertificate"],
    });
  },

  "a member keeps its keys: enrolling again with others is a conflict": async ({ run, members }) => {
    const [member, certificate] = [sampleMember("enrol"), sampleCertificate("enrol")];
    assert.deepEqual(await run((tx) => members.enrol(tx, member, certificate)), { kind: "stored" });
    assert.deepEqual(await run((tx) => members.enrol(tx, member, certificate)), { kind: "repeated" });
    const otherKey = { ...member, identityKey: "another" };
    assert.deepEqual(await run((tx) => members.enrol(tx, otherKey, certificate)), { kind: "conflict", columns: ["identityKey"] });
    const inForce = { certificateSerial: certificate.serial, certificateFingerprint: certificate.fingerprint, status: "active" };
    assert.deepEqual(await run((tx) => members.find(tx, "enrol")), { ...member, ...inForce });
  },

  "an identity key belongs to one member": async ({ run, members }) => {
    await run((tx) => members.enrol(tx, sampleMember("key-1"), sampleCertificate("key-1")));
    const thief = { ...sampleMember("key-2"), identityKey: "identity-key-1" };
    assert.deepEqual(await run((tx) => members.enrol(tx, thief, sampleCertificate("key-2"))), { kind: "conflict", columns: [] });
    assert.equal(await run((tx) => members.find(tx, "key-2")), undefined);
  },

  "a researcher has no seal key and no steward key": async ({ run, members }) => {
    const { sealKey: _, stewardKey: __, ...rest } = sampleMember("researcher");
    await run((tx) => members.enrol(tx, { ...rest, role: "researcher" }, sampleCertificate("researcher")));
    const found = await run((tx) => members.find(tx, "researcher"));
    assert.equal(found?.role, "researcher");
    assert.equal("sealKey" in (found ?? {}), false);
  },

  "a renewal replaces the certificate in force, and both still name their member": async ({ run, members }) => {
    const first = sampleCertificate("renew");
    const second = { ...sampleCertificate("renew", "02renew"), issuedAtMs: startMs + 1 };
    await run((tx) => members.enrol(tx, sampleMember("renew"), first));
    const renewal = { replaces: first.serial, certificate: second };
    assert.deepEqual(await run((tx) => members.renew(tx, renewal)), { kind: "stored" });
    assert.deepEqual(await run((tx) => members.renew(tx, renewal)), { kind: "repeated" });
    const late = { replaces: first.serial, certificate: sampleCertificate("renew", "03renew") };
    assert.deepEqual(await run((tx) => members.renew(tx, late)), { kind: "conflict", columns: ["certificateSerial"] });
    assert.deepEqual(await run((tx) => members.certificatesOf(tx, "renew")), [first, second]);
    const old = await run((tx) => members.findByFingerprint(tx, first.fingerprint));
    assert.equal(old?.certificate.serial, first.serial);
    assert.equal(old?.member.certificateSerial, second.serial);
    assert.equal(await run((tx) => members.findByFingerprint(tx, sha256("nobody"))), undefined);
  },

  "revoking a member puts all its certificates on one list, once": async ({ run, members }) => {
    const [first, second] = [sampleCertificate("revoke"), sampleCertificate("revoke", "02revoke")];
    await run((tx) => members.enrol(tx, sampleMember("revoke"), first));
    await run((tx) => members.renew(tx, { replaces: first.serial, certificate: second }));
    const before = await run((tx) => members.revocations(tx));
    const revocation = { siteId: "revoke", reason: "cessationOfOperation", atMs: startMs + 5 };
    assert.deepEqual(await run((tx) => members.revokeMember(tx, revocation)), { kind: "stored" });
    assert.deepEqual(await run((tx) => members.revokeMember(tx, revocation)), { kind: "repeated" });
    const after = await run((tx) => members.revocations(tx));
    assert.equal(after.crlNumber, before.crlNumber + 1);
    const row = { crlNumber: after.crlNumber, reason: "cessationOfOperation", revokedAtMs: startMs + 5 };
    assert.deepEqual(after.revoked.slice(before.revoked.length), [
      { serial: first.serial, ...row },
      { serial: second.serial, ...row },
    ]);
    assert.equal((await run((tx) => members.find(tx, "revoke")))?.status, "revoked");
    assert.deepEqual(
      await run((tx) => members.renew(tx, { replaces: second.serial, certificate: sampleCertificate("revoke", "03revoke") })),
      {
        kind: "conflict",
        columns: ["certificateSerial"],
      },
    );
    assert.deepEqual(await run((tx) => members.revokeMember(tx, { ...revocation, siteId: "nobody" })), {
      kind: "conflict",
      columns: ["siteId"],
    });
  },

  "revoking one certificate leaves the member in the alliance": async ({ run, members }) => {
    const certificate = sampleCertificate("lost-key");
    await run((tx) => members.enrol(tx, sampleMember("lost-key"), certificate));
    const revocation = { serial: certificate.serial, reason: "keyCompromise", atMs: startMs };
    assert.deepEqual(await run((tx) => members.revokeCertificate(tx, revocation)), { kind: "stored" });
    assert.deepEqual(await run((tx) => members.revokeCertificate(tx, revocation)), { kind: "repeated" });
    assert.deepEqual(await run((tx) => members.revokeCertificate(tx, { ...revocation, serial: "none" })), {
      kind: "conflict",
      columns: ["serial"],
    });
    assert.equal((await run((tx) => members.find(tx, "lost-key")))?.status, "active");
    assert.deepEqual((await run((tx) => members.list(tx))).map((member) => member.siteId).includes("lost-key"), true);
  },

  "a token is redeemed by one request, however often that request comes": async ({ run, enrolmentTokens }) => {
    const token = {
      secretSha256: sha256("secret"),
      siteId: "token",
      organisation: "Hospital",
      role: "site" as const,
      issuedAtMs: startMs,
      expiresAtMs: startMs + 1000,
    };
    assert.deepEqual(await run((tx) => enrolmentTokens.issue(tx, token)), { kind: "stored" });
    assert.deepEqual(await run((tx) => enrolmentTokens.issue(tx, token)), { kind: "repeated" });
    const mine = { secretSha256: token.secretSha256, requestSha256: sha256("request"), nowMs: startMs + 10 };
    const used = { ...token, usedAtMs: startMs + 10 };
    assert.deepEqual(await run((tx) => enrolmentTokens.redeem(tx, mine)), { kind: "redeemed", isRepeated: false, token: used });
    const later = { ...mine, nowMs: startMs + 5000 };
    assert.deepEqual(await run((tx) => enrolmentTokens.redeem(tx, later)), { kind: "redeemed", isRepeated: true, token: used });
    const another = { ...mine, requestSha256: sha256("another request") };
    assert.deepEqual(await run((tx) => enrolmentTokens.redeem(tx, another)), { kind: "refused", reason: "used" });
    assert.deepEqual(
      (await run((tx) => enrolmentTokens.list(tx))).filter(({ siteId }) => siteId === "token"),
      [used],
    );
  },

  "an unknown token and an expired one are refused by name": async ({ run, enrolmentTokens }) => {
    const token = {
      secretSha256: sha256("expired"),
      siteId: "late",
      organisation: "Hospital",
      role: "site" as const,
      issuedAtMs: startMs,
      expiresAtMs: startMs + 1000,
    };
    await run((tx) => enrolmentTokens.issue(tx, token));
    const redemption = { secretSha256: token.secretSha256, requestSha256: sha256("request"), nowMs: startMs + 1000 };
    assert.deepEqual(await run((tx) => enrolmentTokens.redeem(tx, redemption)), { kind: "refused", reason: "expired" });
    const unknown = { ...redemption, secretSha256: sha256("unknown") };
    assert.deepEqual(await run((tx) => enrolmentTokens.redeem(tx, unknown)), { kind: "refused", reason: "unknown" });
  },
};
