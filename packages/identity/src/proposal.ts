/** A study as its proposer signed it: this document, to these hospitals. */

import type { JsonValue, Problem, Sha256 } from "@dure/kernel";
import { approvalProblem } from "./approval-problems.ts";
import type { SigningPrivateKey } from "./keys/signing.ts";
import { isSha256, readSigned, signTerms, termsAreSigned } from "./signed-terms.ts";

export interface ProposalTerms {
  readonly study: Sha256;
  readonly invitedRoster: Sha256;
  /** Id of the person or organisation in the alliance, as their certificate names them. */
  readonly proposer: string;
  /** Raw X25519 public key, base64url: results are sealed to it. */
  readonly proposerSealKey: string;
  readonly proposedAtMs: number;
}

/** `signature`: Ed25519 by the proposer's key over the transcript of "dure proposal 1" and the canonical terms, base64url. */
export interface StudyProposal {
  readonly terms: ProposalTerms;
  readonly proposerKey: string;
  readonly signature: string;
}

const PROPOSAL_VERSION = "dure proposal 1";

const shapes = {
  envelope: { proposerKey: "string", signature: "string" },
  terms: { study: "string", invitedRoster: "string", proposer: "string", proposerSealKey: "string", proposedAtMs: "number" },
} as const;

export function signProposal(terms: ProposalTerms, proposerPrivateKey: SigningPrivateKey): StudyProposal {
  const { publicKey, signature } = signTerms(PROPOSAL_VERSION, { ...terms }, proposerPrivateKey);
  return { terms, proposerKey: publicKey, signature };
}

/** What arrived as JSON, as a proposal; undefined where a field is missing, unknown or of another type. */
export function parseProposal(value: JsonValue): StudyProposal | undefined {
  const signed = readSigned(value, shapes);
  if (signed === undefined) return undefined;
  const { study, invitedRoster } = signed.terms;
  return isSha256(study) && isSha256(invitedRoster) ? { ...signed.envelope, terms: { ...signed.terms, study, invitedRoster } } : undefined;
}

/** Whether the key in the proposal signed it, and for the study and roster at hand. Whose key it is, the reader compares by fingerprint. */
export function verifyProposal(
  proposal: StudyProposal,
  documents: { readonly study: Sha256; readonly invitedRoster: Sha256 },
): readonly Problem[] {
  const { terms, proposerKey, signature } = proposal;
  const problems: Problem[] = [];
  if (terms.study !== documents.study || terms.invitedRoster !== documents.invitedRoster)
    problems.push(approvalProblem("proposal-other-study"));
  const isSigned = termsAreSigned({ version: PROPOSAL_VERSION, terms: { ...terms }, publicKey: proposerKey, signature });
  if (!isSigned) problems.push(approvalProblem("proposal-bad-signature"));
  return problems;
}
