/** For tests only: a founded alliance in a folder of its own, members with keys in memory, and connections over real TLS. */

import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, type Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, Http2SessionManager } from "@connectrpc/connect-node";
import {
  createCertificateRequest,
  createEnrolmentRequest,
  createSealKey,
  createSigningKey,
  createTlsKey,
  type EnrolmentRequest,
  parseEnrolmentToken,
  type SealKeyPair,
  type SigningKeyPair,
} from "@dure/identity";
import { type Clock, canonicalJson, type JsonValue } from "@dure/kernel";
import { systemClock, systemRandom } from "@dure/machine";
import { problemsFromHeaders, alliance as wire } from "@dure/wire";
import { createEnrolmentToken } from "./admin/administer.ts";
import { coordinatorPaths, readKeyText } from "./home/coordinator-home.ts";
import { initAlliance } from "./home/init-alliance.ts";
import type { CoordinatorLog, LogEntry } from "./log.ts";
import { type TestDatabase, testDatabases } from "./store/testing.ts";

export const allianceName = "test-alliance";
export const clock: Clock = systemClock;
export const random = systemRandom;

export interface TestHome {
  readonly home: string;
  readonly rootPem: string;
  remove(): Promise<void>;
}

export async function makeHome({ make }: Pick<TestDatabase, "make"> = { make: makeEmbedded }, port = 0): Promise<TestHome> {
  const home = mkdtempSync(join(tmpdir(), "dure-coordinator-"));
  const { target, remove } = await make();
  // An embedded database whose files are made already: making them takes seconds.
  if (target.kind === "embedded") renameSync(target.directory, coordinatorPaths(home).store);
  await initAlliance({
    home,
    name: allianceName,
    listen: { host: "127.0.0.1", port },
    dnsNames: ["localhost"],
    ...(target.kind === "postgres" ? { databaseUrl: target.url } : {}),
    clock,
    random,
  });
  const rootPem = readKeyText(coordinatorPaths(home).rootCertificate);
  const removeAll = async (): Promise<void> => {
    rmSync(home, { recursive: true, force: true });
    await remove();
  };
  return { home, rootPem, remove: removeAll };
}

function makeEmbedded() {
  const [embedded] = testDatabases;
  if (embedded === undefined) throw new Error("PGlite is always there");
  return embedded.make();
}

export interface TestLog extends CoordinatorLog {
  readonly entries: LogEntry[];
}

export function memoryLog(): TestLog {
  const entries: LogEntry[] = [];
  const add = (entry: LogEntry): void => void entries.push(entry);
  return { entries, info: add, warn: add, error: add };
}

export interface Certified {
  readonly privateKey: string;
  readonly chain: string;
}

export interface TestMember extends Certified {
  readonly id: string;
  readonly organisation: string;
  readonly identity: SigningKeyPair;
  readonly seal: SealKeyPair;
  readonly steward: SigningKeyPair;
}

export interface TestConnection {
  readonly enrolment: Client<typeof wire.EnrolmentService>;
  readonly studies: Client<typeof wire.StudyService>;
  readonly sites: Client<typeof wire.SiteService>;
  close(): void;
}

export function connect(url: string, rootPem: string, member?: Certified, httpVersion: "1.1" | "2" = "2"): TestConnection {
  const tls = {
    ca: rootPem,
    minVersion: "TLSv1.3" as const,
    ...(member === undefined ? {} : { key: member.privateKey, cert: member.chain }),
  };
  const sessionManager = new Http2SessionManager(url, {}, tls);
  const transport =
    httpVersion === "2"
      ? createConnectTransport({ httpVersion, baseUrl: url, sessionManager, useBinaryFormat: true })
      : createConnectTransport({ httpVersion, baseUrl: url, nodeOptions: tls, useBinaryFormat: true });
  return {
    enrolment: createClient(wire.EnrolmentService, transport),
    studies: createClient(wire.StudyService, transport),
    sites: createClient(wire.SiteService, transport),
    close: () => sessionManager.abort(),
  };
}

export interface EnrolmentKeys {
  readonly request: EnrolmentRequest;
  readonly privateKey: string;
  readonly identity: SigningKeyPair;
  readonly seal: SealKeyPair;
  readonly steward: SigningKeyPair;
}

/** What `dure site enrol` makes from a token. */
export async function makeRequest(tokenText: string, organisation: string): Promise<EnrolmentKeys> {
  const token = parseEnrolmentToken(tokenText);
  const privateKey = createTlsKey(random);
  const [identity, steward, seal] = [createSigningKey(random), createSigningKey(random), createSealKey(random)];
  const request = createEnrolmentRequest({
    token,
    organisation,
    csr: await createCertificateRequest(privateKey, token.id),
    identityPrivateKey: identity.privateKey,
    sealKey: seal.publicKey,
    stewardKey: token.role === "site" ? steward.publicKey : "",
    nowMs: clock.nowMs(),
  });
  return { request, privateKey, identity, seal, steward };
}

export const json = (value: unknown): string => canonicalJson(value as JsonValue);

export async function enrolMember(
  { home, rootPem }: TestHome,
  url: string,
  {
    id,
    role = "site",
    organisation = `Hospital ${id}`,
  }: { readonly id: string; readonly role?: "site" | "researcher"; readonly organisation?: string },
): Promise<TestMember> {
  const token = await createEnrolmentToken({ home, role, id, clock, random });
  const { request, ...keys } = await makeRequest(token, organisation);
  const connection = connect(url, rootPem);
  try {
    const answer = await connection.enrolment.enrol({ requestJson: json(request) });
    return { id, organisation, ...keys, chain: answer.certificateChainPem };
  } finally {
    connection.close();
  }
}

/** The status of a refused call, and the code of its first problem. Fails where it is not refused. */
export async function refusalOf(call: Promise<unknown>): Promise<readonly [Code, string | undefined]> {
  try {
    await call;
  } catch (error) {
    const refusal = ConnectError.from(error);
    return [refusal.code, problemsFromHeaders(refusal.metadata)[0]?.code ?? refusal.message];
  }
  throw new Error("not refused");
}
