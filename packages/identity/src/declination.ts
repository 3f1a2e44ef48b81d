/** A hospital's no: a study declined before it runs, or an approval withdrawn. Signed like an approval, so that nobody says it for them. */

import type { JsonValue, Problem, Sha256 } from "@dure/kernel";
import { approvalProblem } from "./approval-problems.ts";
import type { SigningPrivateKey } from "./keys/signing.ts";
import type { RosterMember } from "./roster.ts";
import { isSha256, readSigned, signTerms, termsAreSigned } from "./signed-terms.ts";

/** A code, never free text: the decision is copied to the alliance's record. */
export type DeclinationReason = "unstated" | "review-board" | "policy" | "data" | "capacity";

export interface DeclinationTerms {
  readonly siteId: string;
  readonly study: Sha256;
  readonly invitedRoster: Sha256;
  readonly decision: "declined" | "withdrawn";
  readonly reason: DeclinationReason;
  readonly decidedAtMs: number;
}

/** `signature`: Ed25519 by the steward's key over the transcript of "dure declination 1" and the canonical terms, base64url. */
export interface Declination {
  readonly terms: DeclinationTerms;
  readonly stewardKey: string;
  readonly signature: string;
}

export const declinationReasons: readonly DeclinationReason[] = ["unstated", "review-board", "policy", "data", "capacity"];

const DECLINATION_VERSION = "dure declination 1";

const shapes = {
  envelope: { stewardKey: "string", signature: "string" },
  terms: { siteId: "string", study: "string", invitedRoster: "string", decision: "string", reason: "string", decidedAtMs: "number" },
} as const;

export function signDeclination(terms: DeclinationTerms, stewardPrivateKey: SigningPrivateKey): Declination {
  const { publicKey, signature } = signTerms(DECLINATION_VERSION, { ...terms }, stewardPrivateKey);
  return { terms, stewardKey: publicKey, signature };
}

/** What arrived as JSON, as a declination; undefined where a field is missing, unknown or of another type. */
export function parseDeclination(value: JsonValue): Declination | undefined {
  const signed = readSigned(value, shapes);
  if (signed === undefined) return undefined;
  const { study, invitedRoster, decision, reason } = signed.terms;
  if (!isSha256(study) || !isSha256(invitedRoster) || (decision !== "declined" && decision !== "withdrawn")) return undefined;
  const known = declinationReasons.find((code) => code === reason);
  return known === undefined
    ? undefined
    : { ...signed.envelope, terms: { ...signed.terms, study, invitedRoster, decision, reason: known } };
}

/** Whether this hospital's steward, as the roster names them, said so. */
export function verifyDeclination(declination: Declination, member: RosterMember): readonly Problem[] {
  const { terms, stewardKey, signature } = declination;
  const problems: Problem[] = [];
  if (terms.siteId !== member.siteId || stewardKey !== member.stewardKey)
    problems.push(approvalProblem("declination-other-site", member.siteId));
  const isSigned = termsAreSigned({ version: DECLINATION_VERSION, terms: { ...terms }, publicKey: stewardKey, signature });
  if (!isSigned) problems.push(approvalProblem("declination-bad-signature", member.siteId));
  return problems;
}
