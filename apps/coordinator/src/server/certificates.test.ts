/** Every refusal of a certificate, by name, over real TLS. */

import assert from "node:assert/strict";
import { connect as connectHttp2, constants } from "node:http2";
import { after, before, test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { createAlliance, createCertificateRequest, createTlsKey, type Issuance, issueCertificate } from "@dure/identity";
import { problemsFromHeaders } from "@dure/wire";
import { revokeMember } from "../admin/administer.ts";
import { coordinatorPaths, readKeyText } from "../home/coordinator-home.ts";
import { type RunningCoordinator, startCoordinator } from "../start-coordinator.ts";
import { allianceName, type Certified, clock, connect, enrolMember, makeHome, memoryLog, random, type TestHome } from "../testing.ts";

const DAY_MS = 86_400_000;
let home: TestHome;
let coordinator: RunningCoordinator;

before(async () => {
  home = await makeHome();
  coordinator = await startCoordinator({ home: home.home, clock, random, log: memoryLog() });
});

after(async () => {
  await coordinator.close();
  await home.remove();
});

async function issued(changes: Partial<Issuance> = {}): Promise<Certified> {
  const paths = coordinatorPaths(home.home);
  const issuing = { certificate: readKeyText(paths.issuingCertificate), privateKey: readKeyText(paths.issuingKey) };
  return certify(issuing, changes);
}

async function certify(issuing: Parameters<typeof issueCertificate>[0], changes: Partial<Issuance>): Promise<Certified> {
  const privateKey = createTlsKey(random);
  const issuance = { role: "site" as const, id: "intruder", alliance: allianceName, nowMs: clock.nowMs(), random, ...changes };
  return { privateKey, chain: (await issueCertificate(issuing, await createCertificateRequest(privateKey, "intruder"), issuance)).chain };
}

async function refusalOf(member: Certified | undefined, httpVersion: "1.1" | "2" = "2"): Promise<readonly [Code, string]> {
  const connection = connect(coordinator.url, home.rootPem, member, httpVersion);
  try {
    await connection.sites.poll({ session: "s", waitMs: 1 });
    return [Code.Unknown, "not refused"];
  } catch (error) {
    const refusal = ConnectError.from(error);
    return [refusal.code, problemsFromHeaders(refusal.metadata)[0]?.code ?? refusal.message];
  } finally {
    connection.close();
  }
}

for (const version of ["2", "1.1"] as const) {
  test(`an enrolled site is served over HTTP/${version}`, async () => {
    const site = await enrolMember(home, coordinator.url, { id: `served-${version}` });
    assert.deepEqual(await refusalOf(site, version), [Code.Unknown, "not refused"]);
  });

  test(`a caller without a certificate is refused by name over HTTP/${version}`, async () => {
    assert.deepEqual(await refusalOf(undefined, version), [Code.Unauthenticated, "coordinator/certificate-absent"]);
  });
}

test("an expired certificate is refused by name", async () => {
  const expired = await issued({ nowMs: clock.nowMs() - 3 * DAY_MS, validityDays: 2 });
  assert.deepEqual(await refusalOf(expired), [Code.Unauthenticated, "identity/certificate-expired"]);
});

test("a certificate of another alliance is refused by name, whether it says so or not", async () => {
  const stranger = await createAlliance({ name: "other-alliance", nowMs: clock.nowMs(), random });
  const open = await certify(stranger.issuing, { alliance: "other-alliance" });
  assert.deepEqual(await refusalOf(open), [Code.Unauthenticated, "identity/certificate-wrong-alliance"]);
  const disguised = await certify(stranger.issuing, {});
  assert.deepEqual(await refusalOf(disguised), [Code.Unauthenticated, "identity/certificate-unknown-issuer"]);
});

test("a researcher may not poll for a hospital, and the coordinator's own role calls nobody", async () => {
  const researcher = await enrolMember(home, coordinator.url, { id: "researcher", role: "researcher" });
  assert.deepEqual(await refusalOf(researcher), [Code.PermissionDenied, "identity/certificate-wrong-role"]);
  assert.deepEqual(await refusalOf(await issued({ role: "coordinator" })), [Code.PermissionDenied, "identity/certificate-wrong-role"]);
});

test("a revoked member is refused at its next call, on the connection that it has open", async () => {
  const site = await enrolMember(home, coordinator.url, { id: "revoked" });
  const connection = connect(coordinator.url, home.rootPem, site);
  await connection.sites.poll({ session: "s", waitMs: 1 });
  const revoked = await revokeMember({ home: home.home, id: "revoked", reason: "cessationOfOperation", clock, random });
  assert.deepEqual(revoked, { id: "revoked", isNew: true, certificateCount: 1 });
  await assert.rejects(connection.sites.poll({ session: "s", waitMs: 1 }), (error) => {
    const refusal = ConnectError.from(error);
    assert.equal(problemsFromHeaders(refusal.metadata)[0]?.code, "identity/certificate-revoked");
    return refusal.code === Code.Unauthenticated;
  });
  connection.close();
});

test("the revocation list names the revoked certificate to the others", async () => {
  const site = await enrolMember(home, coordinator.url, { id: "reader" });
  const connection = connect(coordinator.url, home.rootPem, site);
  const { revocationListPem } = await connection.enrolment.getRevocationList({});
  assert.match(revocationListPem, /^-----BEGIN X509 CRL-----/);
  connection.close();
});

test("a refused caller's large message is not read", async () => {
  const connection = connect(coordinator.url, home.rootPem);
  const content = new Uint8Array(8 * 2 ** 20);
  await assert.rejects(connection.studies.propose({ files: [{ name: "x", content }] }), (error) => {
    assert.equal(ConnectError.from(error).code, Code.Unauthenticated);
    return true;
  });
  connection.close();
});

for (const member of ["refused", "served"]) {
  test(`a ${member} caller that breaks off in the middle of a message leaves the coordinator running`, async () => {
    const site = member === "served" ? await enrolMember(home, coordinator.url, { id: "breaks-off" }) : undefined;
    const session = connectHttp2(coordinator.url, {
      ca: home.rootPem,
      ...(site === undefined ? {} : { key: site.privateKey, cert: site.chain }),
    });
    session.on("error", () => undefined);
    const headers = { ":method": "POST", ":path": "/dure.v1.SiteService/Post", "content-type": "application/proto" };
    for (const end of ["cancel", "destroy"]) {
      const call = session.request(headers);
      call.on("error", () => undefined);
      call.write(new Uint8Array(100_000));
      await clock.sleep(50);
      if (end === "cancel") call.close(constants.NGHTTP2_CANCEL);
      else session.destroy();
      await clock.sleep(50);
    }
    assert.deepEqual(await refusalOf(undefined), [Code.Unauthenticated, "coordinator/certificate-absent"]);
  });
}
