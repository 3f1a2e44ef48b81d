/**
 * The alliance's certificate authority: a root key that stays offline and signs nothing but issuing keys, and an issuing key that the
 * coordinator's operator keeps online.
 *
 * A stolen issuing key lasts until the root signs another, and even then no hospital enters a running study by it: approvals pin the
 * roster's identity keys (roster.ts).
 */

import { DureError, type Problem, type SecureRandom, type Sha256, sha256, text } from "@dure/kernel";
import { authorityUri, identityKeyUri, isName, type MemberRole, memberUri } from "./names.ts";
import { CLOCK_SKEW_MS, createSerialNumber, createTlsKey, DAY_MS, ECDSA_P256, isStrongKey, loadKeys, x509 } from "./x509.ts";

/** Both in PEM; the private key is PKCS #8 and unencrypted, so whoever writes it to disk says mode 0600. */
export interface CertificateAuthority {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface Alliance {
  /** Kept offline. */
  readonly root: CertificateAuthority;
  readonly issuing: CertificateAuthority;
}

export interface Issuance {
  readonly role: MemberRole;
  readonly id: string;
  readonly alliance: string;
  /** Host names and IP addresses under which a coordinator, or a site's console, is reached. */
  readonly dnsNames?: readonly string[];
  /** The Ed25519 key that the holder proved to own (enrolment.ts), base64url. */
  readonly identityKey?: string;
  readonly nowMs: number;
  /** 90 unless told; at most 398. Cut where the issuing certificate ends. */
  readonly validityDays?: number;
  readonly random: SecureRandom;
}

export interface IssuedCertificate {
  readonly certificate: string;
  /** The certificate and the issuing one, as a TLS server or client presents them. */
  readonly chain: string;
  readonly serialNumber: string;
  readonly notAfterMs: number;
}

const ROOT_DAYS = 20 * 365;
const ISSUING_DAYS = 2 * 365;
const MEMBER_DAYS = 90;
const MEMBER_DAYS_MAX = 398;

/**
 * A new alliance: root and first issuing key.
 *
 * @param name letters, digits, ".", "_", "-"; at most 63: it stands in every certificate.
 * Fails: DureError `identity/alliance-name`.
 */
export async function createAlliance({
  name,
  nowMs,
  random,
}: {
  readonly name: string;
  readonly nowMs: number;
  readonly random: SecureRandom;
}): Promise<Alliance> {
  if (!isName(name)) throw new DureError(allianceNameProblem);
  const privateKey = createTlsKey(random);
  const keys = loadKeys(privateKey);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: createSerialNumber(random),
    name: [{ CN: [`${name} root`] }],
    ...validity(nowMs, nowMs + ROOT_DAYS * DAY_MS),
    signingAlgorithm: ECDSA_P256,
    keys,
    extensions: [...authorityExtensions(name, 1), await x509.SubjectKeyIdentifierExtension.create(keys.publicKey)],
  });
  const root = { certificate: certificate.toString("pem"), privateKey };
  return { root, issuing: await createIssuing(root, { alliance: name, nowMs, random }) };
}

/** Another issuing key under the same root, when the first ends or is lost. */
export async function createIssuing(
  root: CertificateAuthority,
  { alliance, nowMs, random }: { readonly alliance: string; readonly nowMs: number; readonly random: SecureRandom },
): Promise<CertificateAuthority> {
  const rootCertificate = new x509.X509Certificate(root.certificate);
  const privateKey = createTlsKey(random);
  const { publicKey } = loadKeys(privateKey);
  const serialNumber = createSerialNumber(random);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber,
    // Two issuing keys of one alliance must not share a name, or a revocation list would not say whose it is.
    subject: [{ CN: [`${alliance} issuing ${serialNumber.slice(0, 8)}`] }],
    issuer: rootCertificate.subjectName,
    ...validity(nowMs, Math.min(nowMs + ISSUING_DAYS * DAY_MS, rootCertificate.notAfter.getTime())),
    signingAlgorithm: ECDSA_P256,
    publicKey,
    signingKey: loadKeys(root.privateKey).privateKey,
    extensions: [
      ...authorityExtensions(alliance, 0),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(rootCertificate.publicKey),
    ],
  });
  return { certificate: certificate.toString("pem"), privateKey };
}

/** A request made where the key is: the private key never leaves the site. */
export async function createCertificateRequest(privateKeyPem: string, id: string): Promise<string> {
  const keys = loadKeys(privateKeyPem);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ name: [{ CN: [id] }], keys, signingAlgorithm: ECDSA_P256 });
  return request.toString("pem");
}

/** SHA-256 of the certificate in DER: what an enrolment token carries of the root, and how a log names a peer. */
export const certificateFingerprint = (certificatePem: string): Sha256 =>
  sha256(new Uint8Array(new x509.X509Certificate(certificatePem).rawData));

/**
 * Signs a request. Of the request only the public key is taken: names, role and use come from the alliance's own record.
 *
 * Fails: DureError `identity/certificate-request` when the request is malformed, not signed by its own key, or its key is weak;
 * RangeError on a name, key or validity that no record should hold.
 */
export async function issueCertificate(issuing: CertificateAuthority, requestPem: string, issuance: Issuance): Promise<IssuedCertificate> {
  const { role, id, alliance, nowMs, random, validityDays = MEMBER_DAYS } = issuance;
  if (!isName(id) || !isName(alliance)) throw new RangeError("the alliance or the id has characters that no certificate can name");
  if (!(validityDays > 0 && validityDays <= MEMBER_DAYS_MAX))
    throw new RangeError(`${validityDays} days; a certificate lasts at most ${MEMBER_DAYS_MAX}`);
  const request = await readRequest(requestPem);
  const issuer = new x509.X509Certificate(issuing.certificate);
  const serialNumber = createSerialNumber(random);
  const notAfterMs = Math.min(nowMs + validityDays * DAY_MS, issuer.notAfter.getTime());
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber,
    subject: [{ CN: [id] }],
    issuer: issuer.subjectName,
    ...validity(nowMs, notAfterMs),
    signingAlgorithm: ECDSA_P256,
    publicKey: request.publicKey,
    signingKey: loadKeys(issuing.privateKey).privateKey,
    extensions: [
      ...memberExtensions(role, subjectNames(issuance)),
      await x509.SubjectKeyIdentifierExtension.create(request.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  const pem = certificate.toString("pem");
  return { certificate: pem, chain: `${pem}\n${issuing.certificate}\n`, serialNumber, notAfterMs };
}

/** A request whose own key signed it and is strong enough; else DureError `identity/certificate-request`. */
export async function readRequest(requestPem: string): Promise<x509.Pkcs10CertificateRequest> {
  try {
    const request = new x509.Pkcs10CertificateRequest(requestPem);
    if (isStrongKey(request) && (await request.verify())) return request;
  } catch {
    // A text that is no request is refused like one that is badly signed.
  }
  throw new DureError(requestProblem);
}

/** Seconds are the finest that a certificate says; the start lies back by what two clocks may differ. */
function validity(nowMs: number, notAfterMs: number): { readonly notBefore: Date; readonly notAfter: Date } {
  const whole = (ms: number): Date => new Date(Math.floor(ms / 1000) * 1000);
  return { notBefore: whole(nowMs - CLOCK_SKEW_MS), notAfter: whole(notAfterMs) };
}

function authorityExtensions(alliance: string, pathLength: number): x509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(true, pathLength, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    new x509.SubjectAlternativeNameExtension([{ type: "url", value: authorityUri(alliance) }]),
  ];
}

function memberExtensions(role: MemberRole, names: x509.JsonGeneralNames): x509.Extension[] {
  const uses =
    role === "coordinator" ? [x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth] : [x509.ExtendedKeyUsage.clientAuth];
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension(uses),
    new x509.SubjectAlternativeNameExtension(names),
  ];
}

function subjectNames({ role, id, alliance, dnsNames = [], identityKey }: Issuance): x509.JsonGeneralNames {
  if (identityKey !== undefined && !/^[A-Za-z0-9_-]{43}$/.test(identityKey))
    throw new RangeError("the identity key is not base64url of 32 bytes");
  return [
    { type: "url", value: memberUri({ alliance, role, id }) },
    ...(identityKey === undefined ? [] : [{ type: "url" as const, value: identityKeyUri(alliance, identityKey) }]),
    ...dnsNames.map((name) => ({ type: isIpAddress(name) ? ("ip" as const) : ("dns" as const), value: name })),
  ];
}

const isIpAddress = (host: string): boolean => host.includes(":") || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host);

const allianceNameProblem: Problem = {
  code: "identity/alliance-name",
  severity: "error",
  place: {},
  what: text(
    'The alliance\'s name has other characters than letters a to z, digits, ".", "_", "-", or more than 63.',
    '연합 이름에 영문자, 숫자, ".", "_", "-" 이외의 문자가 있거나 63자를 넘습니다.',
  ),
  remedy: text(
    "Choose a short name such as breast-alliance; it stands in every certificate.",
    "breast-alliance처럼 짧은 이름을 정해 주십시오. 모든 인증서에 들어갑니다.",
  ),
};

const requestProblem: Problem = {
  code: "identity/certificate-request",
  severity: "error",
  place: {},
  what: text(
    "The certificate request is malformed, not signed by its own key, or its key is weaker than P-256 or RSA 3072.",
    "인증서 요청의 형식이 잘못되었거나, 자체 키로 서명되지 않았거나, 키가 P-256 또는 RSA 3072보다 약합니다.",
  ),
  remedy: text("Let the site make a new key and request: dure site enrol.", "기관에서 dure site enrol로 키와 요청을 새로 만들어 주십시오."),
};
