/**
 * X.509 through @peculiar/x509, in one place: its decorators need `reflect-metadata` first, and every algorithm that the alliance
 * signs with is named here.
 *
 * ECDSA over P-256 is the one choice that Node's TLS 1.3, browsers, hardware modules and OpenSSL all take.
 */

import "reflect-metadata";
import { createECDH, createPrivateKey, createPublicKey, type KeyObject, type webcrypto } from "node:crypto";
import { type SecureRandom, toBase64, toHex } from "@dure/kernel";
import * as x509 from "@peculiar/x509";

export { x509 };

export const ECDSA_P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
export const DAY_MS = 86_400_000;
/** How far the clocks of two hospitals may lie apart. */
export const CLOCK_SKEW_MS = 5 * 60_000;

/** A new P-256 private key, PKCS #8 in PEM. Its scalar is drawn until it lies in [1, n − 1] (FIPS 186-5, appendix A.2.2). */
export function createTlsKey(random: SecureRandom): string {
  const ecdh = createECDH("prime256v1");
  for (;;) {
    const scalar = random.bytes(32);
    try {
      ecdh.setPrivateKey(scalar);
    } catch {
      continue; // zero, or not below the order of the curve: once in 2^32 draws
    }
    const point = new Uint8Array(ecdh.getPublicKey());
    const jwk = { kty: "EC", crv: "P-256", d: toBase64(scalar), x: toBase64(point.subarray(1, 33)), y: toBase64(point.subarray(33)) };
    return createPrivateKey({ key: jwk, format: "jwk" }).export({ type: "pkcs8", format: "pem" }).toString();
  }
}

/** A P-256 private key and its public half for the X.509 library. Throws on any other key. */
export function loadKeys(privateKeyPem: string): webcrypto.CryptoKeyPair {
  const privateKey = createPrivateKey(privateKeyPem);
  return {
    privateKey: privateKey.toCryptoKey(ECDSA_P256, true, ["sign"]),
    publicKey: createPublicKey(privateKey).toCryptoKey(ECDSA_P256, true, ["verify"]),
  };
}

/** 127 random bits, never zero: RFC 5280, section 4.1.2.2. */
export function createSerialNumber(random: SecureRandom): string {
  const bytes = random.bytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return toHex(bytes);
}

/** The blocks of a PEM text with this label, in order; a text without one gives none. */
export function pemBlocks(pem: string, label: string): readonly string[] {
  return pem.match(new RegExp(`-----BEGIN ${label}-----[A-Za-z0-9+/=\\s]*-----END ${label}-----`, "g")) ?? [];
}

export function urisOf(certificate: x509.X509Certificate): readonly string[] {
  const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  return names.filter(({ type }) => type === "url").map(({ value }) => value);
}

export function hostNamesOf(certificate: x509.X509Certificate): readonly string[] {
  const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  return names.filter(({ type }) => type === "dns" || type === "ip").map(({ value }) => value);
}

/** An elliptic curve that TLS 1.3 takes, or RSA of 3072 bits and more (NIST SP 800-57, part 1: 128 bits of strength). */
export function isStrongKey({ publicKey }: { readonly publicKey: x509.PublicKey }): boolean {
  const key = readPublicKey(publicKey);
  if (key?.asymmetricKeyType === "ed25519") return true;
  if (key?.asymmetricKeyType === "ec") return ["prime256v1", "secp384r1", "secp521r1"].includes(key.asymmetricKeyDetails?.namedCurve ?? "");
  return key?.asymmetricKeyType === "rsa" && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 3072;
}

function readPublicKey(publicKey: x509.PublicKey): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(publicKey.rawData), format: "der", type: "spki" });
  } catch {
    return undefined; // a point that is not on its curve, or an algorithm that OpenSSL does not know
  }
}
