/**
 * A hospital's decision on a study, as its steward signed it.
 *
 * The decision names the study and the invited roster by hash: any change to either is another study, or another company, and needs
 * another decision. It is kept at the site, checked there before every round, and copied to the record.
 */

import { hashJson, type JsonValue, type Problem, type Sha256 } from "@dure/kernel";
import { approvalProblem } from "./approval-problems.ts";
import type { SigningPrivateKey } from "./keys/signing.ts";
import type { RosterMember } from "./roster.ts";
import { isSha256, readSigned, signTerms, termsAreSigned } from "./signed-terms.ts";

/** What a site gives in its own name, each off until the steward ticks it. */
export type OwnRelease = "headline" | "local-model" | "baseline-hazard";

export const ownReleases: readonly OwnRelease[] = ["headline", "local-model", "baseline-hazard"];

export interface ApprovalTerms {
  readonly siteId: string;
  readonly study: Sha256;
  /** Hash of the *invited* roster; a run's roster is any subset of it with enough training hospitals. */
  readonly invitedRoster: Sha256;
  /** Number of the IRB or DRB decision. */
  readonly boardReference: string;
  /** Milliseconds since 1970; nothing leaves after it. */
  readonly expiresAtMs: number;
  /** Most sums of one run that this hospital contributes to, step halvings included. */
  readonly sumCountMax: number;
  /** A stricter cell than the study's, or the study's own. */
  readonly minimumCell: number;
  readonly releases: readonly OwnRelease[];
  /** Accepts that its own aggregate can be inferred if the run goes on without it. */
  readonly acceptsInference: boolean;
  readonly decidedAtMs: number;
}

/** `signature`: Ed25519 by the steward's key over the transcript of "dure approval 1" and the canonical terms, base64url. */
export interface Approval {
  readonly terms: ApprovalTerms;
  readonly stewardKey: string;
  readonly signature: string;
}

/** What is about to happen, for `checkApproval`. Leave out what does not apply. */
export interface ApprovalUse {
  readonly study: Sha256;
  readonly invitedRoster: Sha256;
  readonly nowMs: number;
  /** The own release that is asked for. */
  readonly release?: OwnRelease;
  /** Sums of this run that the site has contributed to, the one asked for included. */
  readonly sumCount?: number;
  /** The cell that the run would apply. */
  readonly minimumCell?: number;
}

export type ApprovalRefusal =
  | "approval-expired"
  | "approval-other-study"
  | "approval-other-roster"
  | "approval-release-not-granted"
  | "approval-sums-spent"
  | "approval-stricter-cell";

const APPROVAL_VERSION = "dure approval 1";
const BOARD_REFERENCE_CHARACTERS_MAX = 200;

const shapes = {
  envelope: { stewardKey: "string", signature: "string" },
  terms: {
    siteId: "string",
    study: "string",
    invitedRoster: "string",
    boardReference: "string",
    expiresAtMs: "number",
    sumCountMax: "number",
    minimumCell: "number",
    releases: "strings",
    acceptsInference: "boolean",
    decidedAtMs: "number",
  },
} as const;

/** Fails: RangeError on terms that `checkTerms` refuses; a console shows those problems before it asks for the passphrase. */
export function signApproval(terms: ApprovalTerms, stewardPrivateKey: SigningPrivateKey): Approval {
  const problems = checkTerms(terms);
  if (problems.length > 0) throw new RangeError(`terms that cannot be signed: ${problems.map(({ code }) => code).join(", ")}`);
  const ordered = { ...terms, releases: ownReleases.filter((release) => terms.releases.includes(release)) };
  const { publicKey, signature } = signTerms(APPROVAL_VERSION, ordered, stewardPrivateKey);
  return { terms: ordered, stewardKey: publicKey, signature };
}

/** What arrived as JSON, as an approval; undefined where a field is missing, unknown or of another type. Says nothing of the signature. */
export function parseApproval(value: JsonValue): Approval | undefined {
  const signed = readSigned(value, shapes);
  if (signed === undefined) return undefined;
  const { study, invitedRoster, releases } = signed.terms;
  if (!isSha256(study) || !isSha256(invitedRoster) || !releases.every(isOwnRelease)) return undefined;
  return { ...signed.envelope, terms: { ...signed.terms, study, invitedRoster, releases: releases.filter(isOwnRelease) } };
}

/** Whether this hospital's steward, as the roster names them, signed exactly these terms; all problems at once. */
export function verifyApproval(approval: Approval, member: RosterMember): readonly Problem[] {
  const problems: Problem[] = [...checkTerms(approval.terms)];
  if (approval.terms.siteId !== member.siteId) problems.push(approvalProblem("approval-other-site", member.siteId));
  if (approval.stewardKey !== member.stewardKey) problems.push(approvalProblem("approval-other-steward", member.siteId));
  if (!isSigned(approval)) problems.push(approvalProblem("approval-bad-signature", member.siteId));
  return problems;
}

/** Whether the approval covers what is about to happen. Empty where it does. The signature is `verifyApproval`'s matter. */
export function checkApproval({ terms }: Approval, use: ApprovalUse): readonly ApprovalRefusal[] {
  const refusals: ApprovalRefusal[] = [];
  if (!(use.nowMs < terms.expiresAtMs)) refusals.push("approval-expired");
  if (use.study !== terms.study) refusals.push("approval-other-study");
  if (use.invitedRoster !== terms.invitedRoster) refusals.push("approval-other-roster");
  if (use.release !== undefined && !terms.releases.includes(use.release)) refusals.push("approval-release-not-granted");
  if (use.sumCount !== undefined && !(use.sumCount <= terms.sumCountMax)) refusals.push("approval-sums-spent");
  if (use.minimumCell !== undefined && !(use.minimumCell >= terms.minimumCell)) refusals.push("approval-stricter-cell");
  return refusals;
}

/** Hash of a run's approvals, in order of site ids, signatures included. */
export function hashApprovals(approvals: readonly Approval[]): Sha256 {
  const sorted = [...approvals].sort((a, b) => (a.terms.siteId < b.terms.siteId ? -1 : a.terms.siteId > b.terms.siteId ? 1 : 0));
  return hashJson(sorted.map(({ terms, stewardKey, signature }) => ({ terms: { ...terms }, stewardKey, signature })));
}

/** What can be said about terms before anyone signs them. */
export function checkTerms(terms: ApprovalTerms): readonly Problem[] {
  const problems: Problem[] = [];
  const reference = terms.boardReference.trim();
  if (reference === "" || reference.length > BOARD_REFERENCE_CHARACTERS_MAX)
    problems.push(approvalProblem("approval-board-reference", terms.siteId));
  if (!isWhole(terms.decidedAtMs, 0) || !isWhole(terms.expiresAtMs, 0) || terms.expiresAtMs <= terms.decidedAtMs) {
    problems.push(approvalProblem("approval-dates", terms.siteId));
  }
  if (!isWhole(terms.sumCountMax, 1)) problems.push(approvalProblem("approval-sum-count", terms.siteId));
  if (!isWhole(terms.minimumCell, 0)) problems.push(approvalProblem("approval-minimum-cell", terms.siteId));
  return problems;
}

const isSigned = ({ terms, stewardKey, signature }: Approval): boolean =>
  termsAreSigned({ version: APPROVAL_VERSION, terms: { ...terms }, publicKey: stewardKey, signature });

const isWhole = (value: number, least: number): boolean => Number.isSafeInteger(value) && value >= least;
const isOwnRelease = (value: string): value is OwnRelease => ownReleases.some((release) => release === value);
