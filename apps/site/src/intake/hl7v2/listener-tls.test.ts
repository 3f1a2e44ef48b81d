/** The listener over TLS: a sender with the hospital's certificate is heard, one without is not. */

import assert from "node:assert/strict";
import { once } from "node:events";
import test from "node:test";
import { connect, type TLSSocket } from "node:tls";
import { createAlliance, createCertificateRequest, createTlsKey, issueCertificate } from "@dure/identity";
import { systemRandom as random, systemClock } from "@dure/machine";
import { intakeFolder } from "../testing.ts";
import { startListener } from "./listener.ts";
import { FrameReader, frameOf } from "./mllp.ts";
import { emrSource, resultMessage } from "./testing-sender.ts";

test("over TLS a sender that the hospital certified is answered, one without a certificate is not heard", { timeout: 20_000 }, async () => {
  await using folder = intakeFolder();
  const nowMs = systemClock.nowMs();
  const hospital = await createAlliance({ name: "hospital", nowMs, random });
  const certified = async (role: "coordinator" | "site") => {
    const key = createTlsKey(random);
    const request = await createCertificateRequest(key, role);
    const issuance = { role, id: role, alliance: "hospital", nowMs, random, dnsNames: role === "coordinator" ? ["localhost"] : [] };
    return { key, chain: (await issueCertificate(hospital.issuing, request, issuance)).chain };
  };
  const [receiver, emr] = [await certified("coordinator"), await certified("site")];
  const roots = `${hospital.root.certificate}\n${hospital.issuing.certificate}`;
  const listener = await startListener({
    ...emrSource,
    open: folder.open,
    host: "127.0.0.1",
    port: 0,
    tls: { ...receiver, clientRoots: roots },
    language: "en",
    clock: systemClock,
    log: () => undefined,
  });
  const call = (client: { readonly key?: string; readonly cert?: string }): TLSSocket =>
    connect({ host: "127.0.0.1", port: listener.port, servername: "localhost", ca: hospital.root.certificate, ...client });
  const stranger = call({});
  stranger.on("error", () => undefined);
  stranger.write(frameOf(resultMessage("T0")));
  await new Promise((resolve) => stranger.once("close", resolve));
  const sender = call({ key: emr.key, cert: emr.chain });
  sender.write(frameOf(resultMessage("T1")));
  const [answer] = (await once(sender, "data")) as [Buffer];
  const [frame] = new FrameReader(10_000).push(answer);
  assert.ok(frame?.kind === "message");
  assert.match(Buffer.from(frame.bytes).toString(), /\rMSA\|AA\|T1\r/);
  assert.equal(listener.counts().read, 1);
  sender.destroy();
  await listener.close();
});
