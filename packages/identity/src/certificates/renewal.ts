/**
 * Renewal without an operator: whoever holds a certificate's key, while it is good, may have the next one.
 *
 * The request carries a signature by the old TLS key over the new one's CSR, so that neither the coordinator nor a thief of the new key
 * alone can move a hospital's name to another key.
 */

import { createPrivateKey, sign, verify, X509Certificate } from "node:crypto";
import { fromBase64, type Problem, toBase64, transcript } from "@dure/kernel";
import { certificateFingerprint, createCertificateRequest, readRequest } from "./authority.ts";
import { type Peer, readCertificate, type Trust, verifyPeerCertificate } from "./peer.ts";
import { type CertificateRefusal, certificateProblem } from "./peer-problems.ts";
import { pemBlocks } from "./x509.ts";

export interface RenewalRequest {
  readonly csr: string;
  /** The chain that is about to end. */
  readonly chain: string;
  /** By the old key over the transcript of "dure renewal 1", the CSR and the old certificate's fingerprint; ECDSA in DER, base64url. */
  readonly signature: string;
}

export type RenewalVerdict =
  | { readonly kind: "renewable"; readonly peer: Peer }
  | { readonly kind: "refused"; readonly reason: CertificateRefusal; readonly problem: Problem };

/** A certificate is renewed after two thirds of its life: a month is left of 90 days to notice that it fails. */
export function renewalDueAtMs(certificatePem: string): number | undefined {
  const certificate = readCertificate(certificatePem);
  if (certificate === undefined) return undefined;
  return certificate.notBeforeMs + Math.floor(((certificate.notAfterMs - certificate.notBeforeMs) * 2) / 3);
}

export interface RenewalKeys {
  readonly chain: string;
  readonly privateKey: string;
  /** PEM; from `createTlsKey`. */
  readonly newPrivateKey: string;
}

/** Fails: RangeError when the chain holds no certificate that names a member. */
export async function requestRenewal({ chain, privateKey, newPrivateKey }: RenewalKeys): Promise<RenewalRequest> {
  const current = readCertificate(chain);
  if (current === undefined) throw new RangeError("the chain to renew names no member of an alliance");
  const csr = await createCertificateRequest(newPrivateKey, current.id);
  const signature = sign("sha256", renewalMessage(csr, current), createPrivateKey(privateKey));
  return { csr, chain, signature: toBase64(new Uint8Array(signature)) };
}

/** Whether the holder of a good certificate asks. The next one carries the names of `peer`, whatever the CSR says. */
export async function verifyRenewal(request: RenewalRequest, trust: Trust): Promise<RenewalVerdict> {
  const verdict = await verifyPeerCertificate(request.chain, trust);
  if (verdict.kind === "refused") return verdict;
  const isSigned = (await isRequest(request.csr)) && isSignedByOldKey(request, verdict.peer);
  return isSigned
    ? { kind: "renewable", peer: verdict.peer }
    : { kind: "refused", reason: "malformed", problem: certificateProblem("malformed") };
}

const isRequest = (csr: string): Promise<boolean> =>
  readRequest(csr).then(
    () => true,
    () => false,
  );

function isSignedByOldKey({ csr, chain, signature }: RenewalRequest, peer: Peer): boolean {
  const leaf = pemBlocks(chain, "CERTIFICATE")[0];
  if (leaf === undefined || certificateFingerprint(leaf) !== peer.fingerprint || !/^[A-Za-z0-9_-]{1,200}$/.test(signature)) return false;
  return verify("sha256", renewalMessage(csr, peer), new X509Certificate(leaf).publicKey, fromBase64(signature));
}

const renewalMessage = (csr: string, { fingerprint }: Peer): Uint8Array => transcript("dure renewal 1", csr, fingerprint);
