/**
 * Revocation lists (RFC 5280, section 5): signed and dated by the issuing key, published every few hours.
 *
 * A list older than a day is worth nothing: whoever can hold back a newer one would keep a thrown-out member in. It therefore refuses
 * everybody until a fresh one arrives.
 */

import type { CertificateAuthority } from "./authority.ts";
import { CLOCK_SKEW_MS, DAY_MS, ECDSA_P256, loadKeys, pemBlocks, x509 } from "./x509.ts";

export interface Revocation {
  /** Hexadecimal, as `issueCertificate` gave it. */
  readonly serialNumber: string;
  readonly revokedAtMs: number;
}

export const CRL_AGE_MS_MAX = DAY_MS;

/** RFC 5280, section 5.2.3. */
const CRL_NUMBER_OID = "2.5.29.20";
const PEM_LABEL = "X509 CRL";

export interface RevocationListOptions {
  readonly revoked: readonly Revocation[];
  /** Higher for every list: 0 to 2^31 - 1. */
  readonly number: number;
  readonly nowMs: number;
}

/** A list in PEM, good for a day. */
export async function createRevocationList(
  issuing: CertificateAuthority,
  { revoked, number, nowMs }: RevocationListOptions,
): Promise<string> {
  const issuer = new x509.X509Certificate(issuing.certificate);
  const crl = await x509.X509CrlGenerator.create({
    issuer: issuer.subjectName,
    thisUpdate: new Date(Math.floor(nowMs / 1000) * 1000),
    nextUpdate: new Date(Math.floor((nowMs + CRL_AGE_MS_MAX) / 1000) * 1000),
    signingAlgorithm: ECDSA_P256,
    signingKey: loadKeys(issuing.privateKey).privateKey,
    entries: revoked.map(({ serialNumber, revokedAtMs }) => ({ serialNumber, revocationDate: new Date(revokedAtMs) })),
    extensions: [
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      new x509.Extension(CRL_NUMBER_OID, false, derInteger(number)),
    ],
  });
  return x509.PemConverter.encode(crl.rawData, PEM_LABEL); // the library's own label is not the one that OpenSSL reads
}

export type RevocationStatus = "good" | "revoked" | "crl-stale" | "crl-untrusted";

/** What the lists say of a certificate: one must be signed by its issuer and be fresh. */
export async function revocationStatus(
  serialNumber: string,
  { issuer, crlPem, nowMs }: { readonly issuer: x509.X509Certificate; readonly crlPem: string; readonly nowMs: number },
): Promise<RevocationStatus> {
  const lists = await Promise.all(pemBlocks(crlPem, PEM_LABEL).map((block) => readTrusted(block, issuer)));
  const trusted = lists.filter((list) => list !== undefined);
  if (trusted.length === 0) return "crl-untrusted";
  const wanted = plainSerial(serialNumber);
  // A stale list cannot clear anybody, but what it revoked stays revoked.
  if (trusted.some((list) => list.entries.some((entry) => plainSerial(entry.serialNumber) === wanted))) return "revoked";
  return trusted.some((list) => isFresh(list, nowMs)) ? "good" : "crl-stale";
}

async function readTrusted(block: string, issuer: x509.X509Certificate): Promise<x509.X509Crl | undefined> {
  try {
    const list = new x509.X509Crl(x509.PemConverter.decodeFirst(block));
    return list.issuer === issuer.subject && (await list.verify({ publicKey: issuer.publicKey })) ? list : undefined;
  } catch {
    return undefined;
  }
}

function isFresh(list: x509.X509Crl, nowMs: number): boolean {
  const ageMs = nowMs - list.thisUpdate.getTime();
  return ageMs >= -CLOCK_SKEW_MS && ageMs <= CRL_AGE_MS_MAX;
}

const plainSerial = (serialNumber: string): string => serialNumber.toLowerCase().replace(/^0+/, "");

function derInteger(value: number): Uint8Array<ArrayBuffer> {
  if (!Number.isSafeInteger(value) || value < 0 || value >= 2 ** 31)
    throw new RangeError(`the list's number is ${value}; it must be 0 to 2^31 - 1`);
  const bytes = new Uint8Array(6);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0x0204); // INTEGER of 4 bytes, shortened below to the fewest that keep the sign
  view.setUint32(2, value);
  let start = 2;
  while (start < 5 && bytes[start] === 0 && (bytes[start + 1] ?? 0) < 0x80) start++;
  return Uint8Array.of(0x02, 6 - start, ...bytes.subarray(start));
}
