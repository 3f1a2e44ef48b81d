/** `dure site intake listen`: HL7 v2 over MLLP into the site's intake store, until it is told to stop. */

import { resolve } from "node:path";
import { DureError, type JsonValue, text } from "@dure/kernel";
import { systemClock } from "@dure/machine";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-status.ts";
import { homeOption } from "../../shared-options.ts";
import { HL7_SOURCE_DEFAULT, hl7Options, typedTerms } from "./hl7-options.ts";

/** IANA's port for HL7. */
const PORT_DEFAULT = 2575;

export const siteIntakeListen = defineCommand({
  name: "site intake listen",
  summary: text("receive HL7 v2 messages over MLLP", "MLLP로 HL7 v2 메시지를 수신합니다"),
  description: text(
    "Listens for HL7 v2 over TCP or TLS and answers AA only when a message is durably in the intake store, so that a sender repeats exactly " +
      "what was not kept. It listens on this machine alone unless --host says otherwise, and on a network only with TLS or --allow-plaintext. " +
      "Run it under a supervisor such as systemd; a signal to end makes it answer what it has read first.",
    "TCP 또는 TLS로 HL7 v2를 수신하며, 메시지가 반입 저장소에 안전하게 저장된 뒤에만 AA로 응답합니다. 저장되지 않은 메시지는 보낸 시스템이 다시 보내게 됩니다. " +
      "--host를 지정하지 않으면 이 컴퓨터에서만 수신하고, 네트워크에서는 TLS나 --allow-plaintext가 있어야 수신합니다. " +
      "systemd 같은 관리자 아래에서 실행하십시오. 종료 신호를 받으면 읽은 메시지에 먼저 응답합니다.",
  ),
  arguments: {},
  options: {
    home: homeOption,
    ...hl7Options,
    host: {
      kind: "text",
      placeholder: "ADDRESS",
      summary: text("address to listen on (default 127.0.0.1)", "수신할 주소(기본값 127.0.0.1)"),
    },
    port: { kind: "whole-number", placeholder: "PORT", min: 0, max: 65_535, summary: text("port (default 2575)", "포트(기본값 2575)") },
    tlsKey: { kind: "text", placeholder: "FILE", summary: text("this listener's private key (PEM)", "수신기의 개인 키(PEM)") },
    tlsChain: { kind: "text", placeholder: "FILE", summary: text("its certificate chain (PEM)", "수신기의 인증서 체인(PEM)") },
    tlsClients: {
      kind: "text",
      placeholder: "FILE",
      summary: text("roots of which senders must show a certificate (PEM)", "보내는 시스템의 인증서를 확인할 루트 인증서(PEM)"),
    },
    allowPlaintext: {
      kind: "flag",
      summary: text("receive from a network without TLS", "TLS 없이 네트워크에서 수신합니다"),
    },
    connectionsMax: {
      kind: "whole-number",
      placeholder: "COUNT",
      min: 1,
      max: 1_000,
      summary: text("connections at a time (default 32)", "동시 연결 수(기본값 32)"),
    },
  },
  examples: [
    { line: "dure site intake listen --home seoul", shows: text("receive from systems on this machine", "이 컴퓨터의 시스템에서 수신") },
    {
      line: "dure site intake listen --home seoul --host 10.1.2.3 --tls-key key.pem --tls-chain chain.pem --tls-clients hospital-ca.pem",
      shows: text("receive over TLS from senders that the hospital certified", "병원이 인증한 시스템에서 TLS로 수신"),
    },
  ],
  async run({ output, language, workingFolder, signal }, input) {
    const { listenIntoHome } = await import("@dure/site/intake");
    const at = (path: string): string => resolve(workingFolder, path);
    if ((input.tlsKey === undefined) !== (input.tlsChain === undefined)) throw halfTls();
    const clients = input.tlsClients === undefined ? {} : { clientRoots: at(input.tlsClients) };
    const limits = {
      ...(input.messageBytesMax === undefined ? {} : { messageBytesMax: input.messageBytesMax }),
      ...(input.connectionsMax === undefined ? {} : { connectionsMax: input.connectionsMax }),
    };
    const counts = await listenIntoHome({
      home: at(input.home),
      source: input.source ?? HL7_SOURCE_DEFAULT,
      typed: typedTerms(input),
      host: input.host ?? "127.0.0.1",
      port: input.port ?? PORT_DEFAULT,
      ...(input.tlsKey === undefined || input.tlsChain === undefined
        ? {}
        : { tls: { key: at(input.tlsKey), chain: at(input.tlsChain), ...clients } }),
      allowsPlaintext: input.allowPlaintext,
      limits,
      language,
      clock: systemClock,
      signal,
      log: (entry) => output.log({ at: new Date(systemClock.nowMs()).toISOString(), ...entry }),
    });
    const { read, repeated, notStored } = counts;
    const line = text(
      `${read} messages taken, ${repeated} repeated, ${notStored} not stored`,
      `메시지 ${read}건 처리, ${repeated}건 중복, ${notStored}건 저장 실패`,
    );
    output.result({ json: counts as unknown as JsonValue, text: line[language] }); // counts alone
    return EXIT.done;
  },
});

const halfTls = (): DureError =>
  new DureError({
    code: "hl7/bad-option",
    severity: "error",
    place: { path: "--tls-key, --tls-chain" },
    what: text("TLS needs both the key and the certificate chain.", "TLS에는 개인 키와 인증서 체인이 모두 필요합니다."),
    remedy: text("Give both.", "두 가지를 모두 지정하십시오."),
  });
