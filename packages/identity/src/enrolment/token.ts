/**
 * Enrolment tokens: one line of text that the alliance's operator gives to a hospital, on paper or by telephone.
 *
 * The token says where the coordinator is and which root to trust, so that the very first connection is already authenticated, and
 * carries a secret that is good once. The coordinator keeps only the hash of the secret.
 */

import {
  canonicalJson,
  DureError,
  fromBase64,
  fromHex,
  fromUtf8,
  type JsonValue,
  type Problem,
  type SecureRandom,
  type Sha256,
  sha256,
  sha256Bytes,
  toBase64,
  toHex,
  utf8,
} from "@dure/kernel";
import { certificateFingerprint } from "../certificates/authority.ts";
import { isName, type MemberRole, memberRoles } from "../certificates/names.ts";
import { readShape } from "../shape.ts";
import { isSha256 } from "../signed-terms.ts";
import { enrolmentProblem } from "./problems.ts";

export interface EnrolmentToken {
  readonly alliance: string;
  /** An https address. */
  readonly coordinator: string;
  /** SHA-256 of the root certificate in DER. */
  readonly rootFingerprint: Sha256;
  readonly role: MemberRole;
  readonly id: string;
  /** Names the secret without telling it. */
  readonly tokenId: string;
  /** 32 bytes, base64url. */
  readonly secret: string;
  readonly expiresAtMs: number;
}

/** What the coordinator keeps until the token is used. Whoever reads it can use the token, so it lives as a password hash does. */
export interface PendingEnrolment {
  readonly tokenId: string;
  readonly alliance: string;
  readonly role: MemberRole;
  readonly id: string;
  /** SHA-256 of the secret, base64url: the key under which a request proves that its sender has the token. */
  readonly proofKey: string;
  readonly expiresAtMs: number;
}

const PREFIX = "dure-enrol-";
const TOKEN_CHARACTERS_MAX = 2000;
const CHECKSUM_CHARACTERS = 8;
const shape = { a: "string", c: "string", e: "number", f: "string", i: "string", k: "string", r: "string", s: "string" } as const;

export type NewToken = Omit<EnrolmentToken, "tokenId" | "secret" | "rootFingerprint"> & {
  readonly rootCertificate: string;
  readonly random: SecureRandom;
};

/** Fails: RangeError on a name or address that no token can carry. */
export function createEnrolmentToken({ random, rootCertificate, ...rest }: NewToken): EnrolmentToken {
  const tokenId = toHex(random.bytes(8));
  const token = { ...rest, tokenId, secret: toBase64(random.bytes(32)), rootFingerprint: certificateFingerprint(rootCertificate) };
  const reread = parseEnrolmentToken(formatEnrolmentToken(token));
  if (canonicalJson({ ...reread }) !== canonicalJson({ ...token })) throw new RangeError("a name or address that no token can carry");
  return token;
}

/** `dure-enrol-…`: base64url, safe to copy and paste. */
export function formatEnrolmentToken(token: EnrolmentToken): string {
  const { alliance: a, coordinator: c, expiresAtMs: e, id: i, tokenId: k, role: r, secret: s } = token;
  const body = toBase64(utf8(canonicalJson({ a, c, e, f: toBase64(fromHex(token.rootFingerprint)), i, k, r, s })));
  return `${PREFIX}${body}${checksum(body)}`;
}

/** Fails: DureError `identity/enrolment-token-malformed`, also for a token that was cut or mistyped. */
export function parseEnrolmentToken(value: string): EnrolmentToken {
  const fields = readShape(readBody(value.trim()), shape);
  const role = memberRoles.find((known) => known === fields?.r);
  if (fields === undefined || role === undefined || !fieldsAreSound(fields)) throw new DureError(enrolmentProblem("token-malformed"));
  const rootFingerprint = toHex(fromBase64(fields.f));
  if (!isSha256(rootFingerprint)) throw new DureError(enrolmentProblem("token-malformed"));
  const { a: alliance, c: coordinator, e: expiresAtMs, i: id, k: tokenId, s: secret } = fields;
  return { alliance, coordinator, rootFingerprint, role, id, tokenId, secret, expiresAtMs };
}

/** Whether the token is still good, and the coordinator's root is the one it names; all problems at once. */
export function checkEnrolmentToken(
  token: EnrolmentToken,
  { rootCertificate, nowMs }: { readonly rootCertificate?: string; readonly nowMs: number },
): readonly Problem[] {
  const problems: Problem[] = [];
  if (!(nowMs < token.expiresAtMs)) problems.push(enrolmentProblem("token-expired"));
  if (rootCertificate !== undefined && fingerprintOrNone(rootCertificate) !== token.rootFingerprint)
    problems.push(enrolmentProblem("other-root"));
  return problems;
}

export function pendingEnrolment({ tokenId, alliance, role, id, secret, expiresAtMs }: EnrolmentToken): PendingEnrolment {
  return { tokenId, alliance, role, id, proofKey: proofKeyOf(secret), expiresAtMs };
}

export const proofKeyOf = (secret: string): string => toBase64(sha256Bytes(utf8("dure enrolment secret 1"), fromBase64(secret)));

const checksum = (body: string): string => sha256(`${PREFIX}${body}`).slice(0, CHECKSUM_CHARACTERS);

function readBody(value: string): JsonValue | undefined {
  const body = value.slice(PREFIX.length, -CHECKSUM_CHARACTERS);
  if (!value.startsWith(PREFIX) || value.length > TOKEN_CHARACTERS_MAX || !value.endsWith(checksum(body))) return undefined;
  try {
    return JSON.parse(fromUtf8(fromBase64(body)));
  } catch {
    return undefined;
  }
}

function fieldsAreSound({
  a,
  c,
  e,
  f,
  i,
  k,
  s,
}: { readonly [Field in Exclude<keyof typeof shape, "e">]: string } & { readonly e: number }): boolean {
  const isKey = (value: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(value);
  const isHttps = URL.canParse(c) && new URL(c).protocol === "https:";
  return isName(a) && isName(i) && isHttps && isKey(f) && isKey(s) && /^[0-9a-f]{16}$/.test(k) && Number.isSafeInteger(e) && e > 0;
}

function fingerprintOrNone(certificatePem: string): Sha256 | undefined {
  try {
    return certificateFingerprint(certificatePem);
  } catch {
    return undefined;
  }
}
