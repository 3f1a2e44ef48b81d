/**
 * The line to the coordinator: always from the hospital outwards, TLS 1.3 with both certificates.
 *
 * Directly it is HTTP/2 with pings, so that a line that died in a firewall is found within seconds. Where the hospital's network
 * demands a proxy (HTTPS_PROXY), it is Connect over HTTP/1.1, which proxies let through.
 */

import { Agent } from "node:https";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { pemChain, readCertificate } from "@dure/identity";
import { alliance, messageBytesMax } from "@dure/wire";
import { readKeyText, type SitePaths } from "../home/site-home.ts";
import { namingFaults } from "./faults.ts";
import { proxyUrl } from "./proxy.ts";

export interface ConnectionOptions {
  readonly url: string;
  readonly alliance: string;
  readonly rootPem: string;
  /** None only while enrolling. */
  readonly client?: { readonly keyPem: string; readonly chainPem: string };
  readonly viaProxy?: boolean;
}

export interface Connection {
  readonly enrolment: Client<typeof alliance.EnrolmentService>;
  readonly studies: Client<typeof alliance.StudyService>;
  readonly sites: Client<typeof alliance.SiteService>;
  close(): void;
}

/** Half-open lines fail within this time and the reply's time. */
const PING_INTERVAL_MS = 10_000;
const PING_TIMEOUT_MS = 5_000;

export function connectToCoordinator(options: ConnectionOptions): Connection {
  const { transport, close } = options.viaProxy === true ? overHttp1(options) : overHttp2(options);
  return {
    enrolment: namingFaults(createClient(alliance.EnrolmentService, transport)),
    studies: namingFaults(createClient(alliance.StudyService, transport)),
    sites: namingFaults(createClient(alliance.SiteService, transport)),
    close,
  };
}

/** With the keys of an enrolled folder. */
export function connectFromHome(paths: SitePaths, settings: { readonly coordinatorUrl: string; readonly alliance: string }): Connection {
  return connectToCoordinator({
    url: settings.coordinatorUrl,
    alliance: settings.alliance,
    rootPem: readKeyText(paths.allianceRoot),
    client: { keyPem: readKeyText(paths.tlsKey), chainPem: readKeyText(paths.tlsChain) },
    viaProxy: proxyUrl() !== undefined,
  });
}

interface Line {
  readonly transport: Transport;
  close(): void;
}

function overHttp2(options: ConnectionOptions): Line {
  const sessionManager = new Http2SessionManager(
    options.url,
    { pingIntervalMs: PING_INTERVAL_MS, pingTimeoutMs: PING_TIMEOUT_MS },
    tlsOptions(options),
  );
  const limits = { readMaxBytes: messageBytesMax, writeMaxBytes: messageBytesMax };
  const transport = createConnectTransport({ httpVersion: "2", baseUrl: options.url, sessionManager, useBinaryFormat: true, ...limits });
  return { transport, close: () => sessionManager.abort() };
}

function overHttp1(options: ConnectionOptions): Line {
  const agent = new Agent({ ...tlsOptions(options), keepAlive: true, proxyEnv: process.env } as ConstructorParameters<typeof Agent>[0]); // Node 24 knows proxyEnv
  const limits = { readMaxBytes: messageBytesMax, writeMaxBytes: messageBytesMax };
  const transport = createConnectTransport({
    httpVersion: "1.1",
    baseUrl: options.url,
    nodeOptions: { agent },
    useBinaryFormat: true,
    ...limits,
  });
  return { transport, close: () => agent.destroy() };
}

function tlsOptions(options: ConnectionOptions) {
  return {
    ca: options.rootPem,
    minVersion: "TLSv1.3" as const,
    checkServerIdentity: (host: string, certificate: PeerCertificate) =>
      checkServerIdentity(host, certificate) ?? checkRole(certificate, options.alliance),
    ...(options.client === undefined ? {} : { key: options.client.keyPem, cert: options.client.chainPem }),
  };
}

/** TLS knows host names; that the other side is this alliance's coordinator only its certificate's own name says. */
function checkRole(certificate: PeerCertificate, allianceName: string): Error | undefined {
  const peer = readCertificate(pemChain([certificate.raw]));
  if (peer?.role === "coordinator" && peer.alliance === allianceName) return undefined;
  return new Error(
    peer?.alliance === allianceName
      ? "wrong-role: the server is not the coordinator"
      : "wrong-alliance: the server belongs to another alliance",
  );
}
