import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { connect, createServer, type TLSSocket } from "node:tls";
import { systemRandom as random } from "../testing-random.ts";
import { createAlliance } from "./authority.ts";
import { shownChain, type Trust, verifyPeerCertificate } from "./peer.ts";
import { createRevocationList } from "./revocation.ts";
import { allianceName, enrolled } from "./testing-alliance.ts";

/** TLS reads the machine's clock, so the certificates of this test are of today. */
const nowMs = Date.now();
const alliance = await createAlliance({ name: allianceName, nowMs, random });
const crl = await createRevocationList(alliance.issuing, { revoked: [], number: 1, nowMs });
const trust: Trust = { root: alliance.root.certificate, crl, roles: ["site"], alliance: allianceName, nowMs };
const coordinator = await enrolled(
  { role: "coordinator", id: "coordinator", dnsNames: ["localhost", "127.0.0.1"], nowMs },
  alliance.issuing,
);
const site = await enrolled({ nowMs }, alliance.issuing);
const stranger = await createAlliance({ name: "lung-alliance", nowMs, random });
const foreign = await enrolled({ alliance: "lung-alliance", nowMs }, stranger.issuing);

const server = createServer({
  key: coordinator.privateKey,
  cert: coordinator.chain,
  ca: [alliance.root.certificate, alliance.issuing.certificate],
  minVersion: "TLSv1.3",
  requestCert: true,
  rejectUnauthorized: false,
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as AddressInfo;
after(() => server.close());

async function call(member: { readonly privateKey: string; readonly chain: string } | undefined, servername = "localhost") {
  const accepted = once(server, "secureConnection") as Promise<[TLSSocket]>;
  const client = connect({
    host: "127.0.0.1",
    port,
    servername,
    ca: alliance.root.certificate,
    minVersion: "TLSv1.3",
    ...(member === undefined ? {} : { key: member.privateKey, cert: member.chain }),
  });
  await once(client, "secureConnect");
  const [socket] = await accepted;
  const seen = {
    protocol: socket.getProtocol(),
    peer: shownChain(socket.getPeerCertificate(true)),
    server: shownChain(client.getPeerCertificate(true)),
  };
  client.destroy();
  socket.destroy();
  return seen;
}

test("a site and the coordinator know each other over mutual TLS 1.3", async () => {
  const seen = await call(site);
  assert.equal(seen.protocol, "TLSv1.3");
  const peer = await verifyPeerCertificate(seen.peer, trust);
  assert.ok(peer.kind === "trusted" && peer.peer.id === "hospital-1", JSON.stringify(peer));
  const server = await verifyPeerCertificate(seen.server, { ...trust, roles: ["coordinator"] });
  assert.ok(server.kind === "trusted" && server.peer.role === "coordinator", JSON.stringify(server));
});

test("a certificate of another alliance reaches the server and is refused there by name", async () => {
  const verdict = await verifyPeerCertificate((await call(foreign)).peer, trust);
  assert.ok(verdict.kind === "refused" && verdict.reason === "wrong-alliance");
});

test("a caller without a certificate is refused", async () => {
  const verdict = await verifyPeerCertificate((await call(undefined)).peer, trust);
  assert.ok(verdict.kind === "refused" && verdict.reason === "malformed");
});

test("a client that asked for another host, or trusts another root, does not speak with the coordinator", async () => {
  const attempts = [
    { servername: "elsewhere.example", ca: alliance.root.certificate },
    { servername: "localhost", ca: stranger.root.certificate },
  ];
  for (const attempt of attempts) {
    const client = connect({ host: "127.0.0.1", port, ...attempt });
    const [error] = await once(client, "error");
    assert.match(
      String(error.code),
      /ERR_TLS_CERT_ALTNAME_INVALID|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE/,
    );
  }
});
