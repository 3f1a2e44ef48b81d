/**
 * Enrolment requests: a hospital gives the alliance its keys, and proves that it owns them and was asked.
 *
 * Three proofs stand in one request. The CSR is signed by the TLS key; the whole is signed by the identity key; and an HMAC under the
 * token's secret covers the whole, so that nobody between the hospital and the coordinator puts keys of his own in its place.
 */

import { bytesEqual, canonicalJson, fromBase64, hmacSha256, type JsonValue, type Problem, toBase64, transcript } from "@dure/kernel";
import { readRequest } from "../certificates/authority.ts";
import { isSealPublicKey } from "../keys/seal.ts";
import { type SigningPrivateKey, signingKeyFlaw, signingKeyPair } from "../keys/signing.ts";
import { readSigned, signTerms, termsAreSigned } from "../signed-terms.ts";
import { enrolmentProblem } from "./problems.ts";
import { type EnrolmentToken, type PendingEnrolment, proofKeyOf } from "./token.ts";

export interface EnrolmentTerms {
  readonly alliance: string;
  readonly tokenId: string;
  readonly role: string;
  readonly id: string;
  /** The name of the hospital or company, for people. */
  readonly organisation: string;
  readonly csr: string;
  readonly identityKey: string;
  readonly sealKey: string;
  /** Empty for every role but `site`. */
  readonly stewardKey: string;
  readonly requestedAtMs: number;
}

export interface EnrolmentRequest {
  readonly terms: EnrolmentTerms;
  /** HMAC-SHA256 under the token's proof key over the terms, base64url. */
  readonly proof: string;
  /** Ed25519 by the identity key over the transcript of "dure enrolment 1" and the canonical terms, base64url. */
  readonly signature: string;
}

export interface NewMember {
  readonly token: EnrolmentToken;
  readonly organisation: string;
  readonly csr: string;
  readonly identityPrivateKey: SigningPrivateKey;
  readonly sealKey: string;
  readonly stewardKey: string;
  readonly nowMs: number;
}

const ORGANISATION_CHARACTERS_MAX = 200;

const VERSION = "dure enrolment 1";
const shapes = {
  envelope: { proof: "string", signature: "string" },
  terms: {
    alliance: "string",
    tokenId: "string",
    role: "string",
    id: "string",
    organisation: "string",
    csr: "string",
    identityKey: "string",
    sealKey: "string",
    stewardKey: "string",
    requestedAtMs: "number",
  },
} as const;

export function createEnrolmentRequest({ token, identityPrivateKey, nowMs, ...keys }: NewMember): EnrolmentRequest {
  const { alliance, tokenId, role, id, secret } = token;
  const identityKey = signingKeyPair(identityPrivateKey).publicKey;
  const terms: EnrolmentTerms = { alliance, tokenId, role, id, ...keys, identityKey, requestedAtMs: nowMs };
  const { signature } = signTerms(VERSION, { ...terms }, identityPrivateKey);
  return { terms, proof: toBase64(proofOf(terms, proofKeyOf(secret))), signature };
}

/** What arrived as JSON, as a request; undefined where a field is missing, unknown or of another type. */
export function parseEnrolmentRequest(value: JsonValue): EnrolmentRequest | undefined {
  const signed = readSigned(value, shapes);
  return signed === undefined ? undefined : { terms: signed.terms, ...signed.envelope };
}

/**
 * Whether to issue a certificate for this request; all problems at once. That the token was not used before is the store's matter:
 * it takes the pending enrolment away in the transaction that records the member.
 */
export async function verifyEnrolmentRequest(
  { terms, proof, signature }: EnrolmentRequest,
  pending: PendingEnrolment,
  nowMs: number,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const isAsked = terms.tokenId === pending.tokenId && isProven(terms, proof, pending.proofKey);
  // Without the secret a caller learns nothing more about the token.
  if (!isAsked) return [enrolmentProblem("not-asked")];
  if (!(nowMs < pending.expiresAtMs)) problems.push(enrolmentProblem("token-expired"));
  const isNamed = terms.alliance === pending.alliance && terms.role === pending.role && terms.id === pending.id;
  if (!isNamed) problems.push(enrolmentProblem("other-name"));
  if (terms.organisation.trim() === "" || terms.organisation.length > ORGANISATION_CHARACTERS_MAX)
    problems.push(enrolmentProblem("organisation"));
  if (!keysAreSound(terms)) problems.push(enrolmentProblem("weak-key"));
  if (!termsAreSigned({ version: VERSION, terms: { ...terms }, publicKey: terms.identityKey, signature }))
    problems.push(enrolmentProblem("bad-signature"));
  if (!(await isSignedRequest(terms.csr))) problems.push(enrolmentProblem("bad-csr"));
  return problems;
}

function keysAreSound({ role, identityKey, sealKey, stewardKey }: EnrolmentTerms): boolean {
  const stewardIsSound = role === "site" ? signingKeyFlaw(stewardKey) === undefined && stewardKey !== identityKey : stewardKey === "";
  return signingKeyFlaw(identityKey) === undefined && isSealPublicKey(sealKey) && stewardIsSound;
}

function isProven(terms: EnrolmentTerms, proof: string, proofKey: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(proof) && bytesEqual(fromBase64(proof), proofOf(terms, proofKey));
}

const proofOf = (terms: EnrolmentTerms, proofKey: string): Uint8Array =>
  hmacSha256(fromBase64(proofKey), transcript("dure enrolment proof 1", canonicalJson({ ...terms })));

const isSignedRequest = (csr: string): Promise<boolean> =>
  readRequest(csr).then(
    () => true,
    () => false,
  );
