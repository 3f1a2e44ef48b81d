/**
 * Whether to speak with a peer: its certificate chain against the alliance's root, the revocation list and the role that it claims.
 *
 * TLS proves that the peer holds the private key; it names no alliance and no role, and Node reads no dated revocation list. A server
 * therefore asks for a certificate without judging it (`requestCert: true, rejectUnauthorized: false`) and asks this function about
 * every connection, so that each refusal has its name.
 */

import { bytesEqual, type Problem, type Sha256 } from "@dure/kernel";
import { certificateFingerprint } from "./authority.ts";
import { type MemberName, type MemberRole, readUris } from "./names.ts";
import { type CertificateRefusal, certificateProblem } from "./peer-problems.ts";
import { revocationStatus } from "./revocation.ts";
import { hostNamesOf, isStrongKey, pemBlocks, urisOf, x509 } from "./x509.ts";

export interface Trust {
  /** The alliance's root certificate, PEM: its fingerprint came with the enrolment token. */
  readonly root: string;
  /** Issuing certificates known already, PEM; a resumed TLS session shows no more than the peer's own certificate. */
  readonly issuing?: string;
  /** One revocation list or several, PEM. */
  readonly crl: string;
  /** Roles that may call here. */
  readonly roles: readonly MemberRole[];
  readonly alliance: string;
  readonly nowMs: number;
}

export interface Peer extends MemberName {
  /** SHA-256 of the certificate in DER. */
  readonly fingerprint: Sha256;
  readonly serialNumber: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly dnsNames: readonly string[];
  /** The Ed25519 key that the CA saw proven at enrolment. What a hospital is known by in a study is the roster's, not this one. */
  readonly identityKey: string | undefined;
}

export type PeerVerdict =
  | { readonly kind: "trusted"; readonly peer: Peer }
  | { readonly kind: "refused"; readonly reason: CertificateRefusal; readonly problem: Problem };

const CHAIN_CHARACTERS_MAX = 64 * 1024;
const CHAIN_COUNT_MAX = 5;

/** Never throws. Reasons are tried in the order in which they would mislead: first whose certificate, then whether it still holds. */
export async function verifyPeerCertificate(chainPem: string, trust: Trust): Promise<PeerVerdict> {
  const chain = readChain(chainPem);
  const leaf = chain?.[0];
  if (chain === undefined || leaf === undefined) return refuse("malformed");
  const names = readUris(urisOf(leaf));
  const path = await findPath(leaf, chain.slice(1), trust);
  if (path === undefined) return refuse(claimsOther(leaf, trust.alliance) ? "wrong-alliance" : "unknown-issuer");
  if (![leaf, ...path].every(isStrongKey)) return refuse("weak-key");
  const { member } = names;
  if (member === undefined || hasUnknownCritical(leaf)) return refuse("malformed");
  if (member.alliance !== trust.alliance) return refuse("wrong-alliance");
  const standing = timeStanding([leaf, ...path], trust.nowMs) ?? (await revocation(leaf, path[0], trust));
  if (standing !== undefined) return refuse(standing);
  if (!trust.roles.includes(member.role) || !mayServe(leaf, member.role)) return refuse("wrong-role");
  return { kind: "trusted", peer: describe(leaf, member, names.identityKey) };
}

/** What a certificate says of its holder, unchecked: for a person to read, and to know when to renew. Undefined where it names nobody. */
export function readCertificate(certificatePem: string): Peer | undefined {
  const leaf = readChain(certificatePem)?.[0];
  if (leaf === undefined) return undefined;
  const { member, identityKey } = readUris(urisOf(leaf));
  return member === undefined ? undefined : describe(leaf, member, identityKey);
}

/** What `socket.getPeerCertificate(true)` of node:tls gives; without `raw` where the peer showed no certificate. */
export interface ShownCertificate {
  readonly raw?: Uint8Array;
  readonly issuerCertificate?: ShownCertificate;
}

/**
 * The chain of a TLS connection as the PEM text that `verifyPeerCertificate` reads; empty where the peer showed none.
 *
 * Node shows the server of an accepted client nothing above the leaf unless the issuing certificate stands in its `ca` beside the root,
 * and nothing above it in a resumed session: pass the issuing certificate in `Trust.issuing` as well.
 */
export function shownChain(certificate: ShownCertificate): string {
  const chain: Uint8Array[] = [];
  let current: ShownCertificate | undefined = certificate;
  while (current?.raw !== undefined && chain.length < CHAIN_COUNT_MAX) {
    const { raw }: { raw?: Uint8Array } = current;
    const previous = chain.at(-1);
    if (raw === undefined || (previous !== undefined && bytesEqual(previous, raw))) break; // a root is its own issuer
    chain.push(raw);
    current = current.issuerCertificate;
  }
  return pemChain(chain);
}

/** Certificates in DER as one PEM text. */
export const pemChain = (certificates: readonly Uint8Array[]): string =>
  certificates.map((der) => x509.PemConverter.encode(der.slice().buffer, "CERTIFICATE")).join("\n");

function readChain(chainPem: string): readonly x509.X509Certificate[] | undefined {
  if (chainPem.length > CHAIN_CHARACTERS_MAX) return undefined;
  const blocks = pemBlocks(chainPem, "CERTIFICATE");
  if (blocks.length === 0 || blocks.length > CHAIN_COUNT_MAX) return undefined;
  try {
    const chain = blocks.map((block) => new x509.X509Certificate(block));
    // The library reads extensions when they are asked for; a malformed one must be found here.
    return chain.every(({ extensions }) => extensions.length > 0) ? chain : undefined;
  } catch {
    return undefined;
  }
}

/** [issuing, root] where an issuing certificate signed the leaf and the root signed that one; the root itself signs no member. */
async function findPath(
  leaf: x509.X509Certificate,
  shown: readonly x509.X509Certificate[],
  trust: Trust,
): Promise<readonly [x509.X509Certificate, x509.X509Certificate] | undefined> {
  const root = new x509.X509Certificate(trust.root);
  const known = trust.issuing === undefined ? [] : (readChain(trust.issuing) ?? []);
  for (const issuing of [...known, ...shown]) {
    if (issuing.subject !== root.subject && (await hasSigned(issuing, leaf)) && (await hasSigned(root, issuing))) return [issuing, root];
  }
  return undefined;
}

async function hasSigned(authority: x509.X509Certificate, certificate: x509.X509Certificate): Promise<boolean> {
  const isAuthority = authority.getExtension(x509.BasicConstraintsExtension)?.ca === true;
  const usages = authority.getExtension(x509.KeyUsagesExtension)?.usages ?? 0;
  if (!isAuthority || (usages & x509.KeyUsageFlags.keyCertSign) === 0 || certificate.issuer !== authority.subject) return false;
  try {
    return await certificate.verify({ publicKey: authority.publicKey, signatureOnly: true });
  } catch {
    return false;
  }
}

function timeStanding(path: readonly x509.X509Certificate[], nowMs: number): CertificateRefusal | undefined {
  if (path.some(({ notAfter }) => nowMs > notAfter.getTime())) return "expired";
  return path.some(({ notBefore }) => nowMs < notBefore.getTime()) ? "not-yet-valid" : undefined;
}

async function revocation(
  leaf: x509.X509Certificate,
  issuer: x509.X509Certificate | undefined,
  trust: Trust,
): Promise<CertificateRefusal | undefined> {
  if (issuer === undefined) return "unknown-issuer";
  const status = await revocationStatus(leaf.serialNumber, { issuer, crlPem: trust.crl, nowMs: trust.nowMs });
  return status === "good" ? undefined : status;
}

function claimsOther(leaf: x509.X509Certificate, alliance: string): boolean {
  const claimed = readUris(urisOf(leaf)).member?.alliance;
  return claimed !== undefined && claimed !== alliance;
}

function mayServe(leaf: x509.X509Certificate, role: MemberRole): boolean {
  const uses = leaf.getExtension(x509.ExtendedKeyUsageExtension)?.usages ?? [];
  const isAuthority = leaf.getExtension(x509.BasicConstraintsExtension)?.ca === true;
  return !isAuthority && uses.includes(role === "coordinator" ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth);
}

/** RFC 5280, section 4.2: a certificate with a critical extension that the reader does not know is refused. */
function hasUnknownCritical(leaf: x509.X509Certificate): boolean {
  const known = ["2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.37"];
  return leaf.extensions.some(({ critical, type }) => critical && !known.includes(type));
}

function describe(leaf: x509.X509Certificate, member: MemberName, identityKey: string | undefined): Peer {
  return {
    ...member,
    fingerprint: certificateFingerprint(leaf.toString("pem")),
    serialNumber: leaf.serialNumber,
    notBeforeMs: leaf.notBefore.getTime(),
    notAfterMs: leaf.notAfter.getTime(),
    dnsNames: hostNamesOf(leaf),
    identityKey,
  };
}

const refuse = (reason: CertificateRefusal): PeerVerdict => ({ kind: "refused", reason, problem: certificateProblem(reason) });
