/**
 * Joining an alliance: keys are made here and never leave; the token says whose root to trust.
 *
 * The coordinator's root comes over a line that nothing vouches for yet. It is believed only when its fingerprint is the token's, and
 * the enrolment itself then goes over a line that this root vouches for.
 */

import { connect } from "node:tls";
import {
  checkEnrolmentToken,
  createCertificateRequest,
  createEnrolmentRequest,
  createSealKey,
  createSigningKey,
  createStewardKey,
  createTlsKey,
  type EnrolmentToken,
  parseEnrolmentToken,
  parseStewardKeyFile,
  pemChain,
  sealKeyPair,
  signingKeyPair,
} from "@dure/identity";
import { type Clock, canonicalJson, DureError, fromUtf8, type JsonValue, type SecureRandom, text } from "@dure/kernel";
import { findPrivateFile, writePrivateFile } from "@dure/machine";
import { keepPrivateFile, makeStoreKeys } from "../home/init-home.ts";
import { makeSiteHome, type SitePaths, type SiteSettings, writeSettings } from "../home/site-home.ts";
import { connectToCoordinator } from "./connection.ts";
import { openTunnel, proxyUrl } from "./proxy.ts";

export interface EnrolmentOptions {
  readonly home: string;
  readonly token: string;
  readonly organisation: string;
  /** Of the data steward; the agent never learns it. */
  readonly stewardPassphrase: string;
  readonly source?: SiteSettings["source"];
  readonly clock: Clock;
  readonly random: SecureRandom;
}

/** How long the coordinator may take to answer the first handshake. */
const HANDSHAKE_MS = 10_000;

/**
 * Repeatable: a second call in the same folder sends the same keys, so a lost answer costs nothing.
 * @throws DureError when the token is not good, the root is another one, or the coordinator refuses
 */
export async function enrolSite(options: EnrolmentOptions): Promise<SiteSettings> {
  const token = parseEnrolmentToken(options.token);
  const paths = makeSiteHome(options.home);
  const rootPem = await fetchRoot(token, options.clock.nowMs());
  const keys = await makeKeys(paths, token, options);
  const request = createEnrolmentRequest({
    token,
    organisation: options.organisation,
    csr: keys.csr,
    identityPrivateKey: keys.identity.privateKey,
    sealKey: keys.seal.publicKey,
    stewardKey: keys.stewardKey,
    nowMs: options.clock.nowMs(),
  });
  const viaProxy = proxyUrl() !== undefined;
  const connection = connectToCoordinator({ url: token.coordinator, alliance: token.alliance, rootPem, viaProxy });
  try {
    const answer = await connection.enrolment.enrol({ requestJson: canonicalJson(request as unknown as JsonValue) }); // JSON by its type's own promise
    writePrivateFile(paths.allianceRoot, rootPem);
    writePrivateFile(paths.tlsChain, answer.certificateChainPem);
    writePrivateFile(paths.revocationList, answer.revocationListPem);
    const settings: SiteSettings = {
      version: 1,
      siteId: token.id,
      organisation: options.organisation,
      role: token.role === "researcher" ? "researcher" : "site",
      alliance: token.alliance,
      coordinatorUrl: token.coordinator,
      coordinatorKey: answer.coordinatorIdentityKey,
      stewardKey: keys.stewardKey,
      source: options.source ?? { kind: "store" },
    };
    writeSettings(paths, settings);
    return settings;
  } finally {
    connection.close();
  }
}

async function makeKeys(paths: SitePaths, token: EnrolmentToken, { stewardPassphrase, random }: EnrolmentOptions) {
  const identity = signingKeyPair(keepPrivateFile(paths.identitySeed, () => createSigningKey(random).privateKey));
  const seal = sealKeyPair(keepPrivateFile(paths.sealSeed, () => createSealKey(random).privateKey));
  makeStoreKeys(paths, random);
  const tlsKey = new TextDecoder().decode(keepPrivateFile(paths.tlsKey, () => new TextEncoder().encode(createTlsKey(random))));
  const stewardKey = token.role === "site" ? await makeStewardKey(paths, stewardPassphrase, random) : "";
  return { identity, seal, stewardKey, csr: await createCertificateRequest(tlsKey, token.id) };
}

/** A researcher keeps no records and has no steward. @returns the public half */
async function makeStewardKey(paths: SitePaths, passphrase: string, random: SecureRandom): Promise<string> {
  const kept = findPrivateFile(paths.steward);
  if (kept !== undefined) return parseStewardKeyFile(JSON.parse(fromUtf8(kept)) as JsonValue).publicKey; // JSON.parse gives JSON values only
  const made = await createStewardKey(passphrase, random);
  writePrivateFile(paths.steward, JSON.stringify(made));
  return made.publicKey;
}

/** The last certificate that the coordinator shows, if it is the root of the token. */
async function fetchRoot(token: EnrolmentToken, nowMs: number): Promise<string> {
  const rootPem = await shownRoot(token.coordinator);
  const problems = checkEnrolmentToken(token, { rootCertificate: rootPem, nowMs });
  if (problems.length > 0) throw new DureError(problems);
  return rootPem;
}

async function shownRoot(url: string): Promise<string> {
  const { hostname: host, port: named } = new URL(url);
  const port = named === "" ? 443 : Number(named);
  const proxy = proxyUrl();
  const way = proxy === undefined ? { host, port } : { socket: await openTunnel(proxy, host, port) };
  return new Promise((resolve, reject) => {
    const socket = connect({ ...way, servername: host, rejectUnauthorized: false, minVersion: "TLSv1.3" });
    socket.setTimeout(HANDSHAKE_MS, () => socket.destroy(new Error("timeout")));
    socket.once("error", (cause) => reject(notReached(url, cause)));
    socket.once("secureConnect", () => {
      let certificate = socket.getPeerCertificate(true);
      while (certificate.issuerCertificate !== undefined && certificate.issuerCertificate !== certificate)
        certificate = certificate.issuerCertificate;
      const rootPem = pemChain([certificate.raw]);
      socket.destroy();
      resolve(rootPem);
    });
  });
}

function notReached(url: string, cause: unknown): DureError {
  const problem = {
    code: "site/coordinator-not-reached",
    severity: "error" as const,
    place: {},
    what: text(`The coordinator at ${url} does not answer.`, `${url} 의 코디네이터가 응답하지 않습니다.`),
    remedy: text(
      "Check the address, the firewall (outbound only) and that the coordinator runs.",
      "주소와 방화벽(나가는 연결만 필요합니다), 코디네이터의 실행 여부를 확인해 주십시오.",
    ),
  };
  return new DureError(problem, { cause, retry: "transient" });
}
