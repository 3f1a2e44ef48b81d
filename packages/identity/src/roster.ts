/**
 * Who takes part in a study: the organisations, their roles, and the keys by which each other hospital knows them.
 *
 * The alliance's CA and the coordinator are run by people whom a hospital need not trust with its records. Together they can issue a
 * certificate to a hospital that does not exist, and so outnumber the honest ones in a secure sum. They cannot put it into a running
 * study: a steward approves an *invited* roster, keys included, and every site compares each run's roster with the one that its own
 * steward signed.
 */

import { hashJson, type JsonValue, type Problem, type Sha256 } from "@dure/kernel";
import { isSealPublicKey } from "./keys/seal.ts";
import { signingKeyFlaw } from "./keys/signing.ts";
import { rosterProblem } from "./roster-problems.ts";
import { readShape } from "./shape.ts";

export type SiteRole = "training" | "external";

export interface RosterMember {
  readonly siteId: string;
  readonly organisation: string;
  readonly role: SiteRole;
  /** Raw Ed25519 public key, base64url: signs keys and survivor lists. */
  readonly identityKey: string;
  /** Raw X25519 public key, base64url: what is meant for this hospital alone is sealed to it. */
  readonly sealKey: string;
  /** Raw Ed25519 public key of the data steward, base64url: signs the hospital's decisions. */
  readonly stewardKey: string;
}

/** Sorted by siteId (UTF-16 code units), so that equal rosters have equal hashes. */
export interface Roster {
  readonly members: readonly RosterMember[];
}

/** The complete graph of pairwise masks is paid for by every site. */
export const ROSTER_MEMBER_COUNT_MAX = 100;

/** Below three training hospitals a sum minus one's own vector is the other's. */
export const MINIMUM_SITES_FLOOR = 3;

const memberShape = {
  siteId: "string",
  organisation: "string",
  role: "string",
  identityKey: "string",
  sealKey: "string",
  stewardKey: "string",
} as const;

const memberFields: readonly (keyof RosterMember)[] = ["organisation", "role", "identityKey", "sealKey", "stewardKey"];

export function makeRoster(members: readonly RosterMember[]): Roster {
  return { members: [...members].sort(bySiteId) };
}

/** Remembered by the roster's identity: one message is hashed for its signature, for its keys and for its checks. */
const hashes = new WeakMap<Roster, Sha256>();

export function hashRoster(roster: Roster): Sha256 {
  const known = hashes.get(roster);
  if (known !== undefined) return known;
  const hash = hashJson({ members: roster.members.map((member) => ({ ...member })) });
  hashes.set(roster, hash);
  return hash;
}

/** What arrived as JSON, as a roster; undefined where a field is missing, unknown or of another type. `checkRoster` says the rest. */
export function parseRoster(value: JsonValue): Roster | undefined {
  const members = typeof value === "object" && value !== null && "members" in value ? value.members : undefined;
  if (!Array.isArray(members) || members.length > ROSTER_MEMBER_COUNT_MAX) return undefined;
  const parsed: RosterMember[] = [];
  for (const item of members) {
    const member = readShape(item, memberShape);
    if (member === undefined || (member.role !== "training" && member.role !== "external")) return undefined;
    parsed.push({ ...member, role: member.role });
  }
  return { members: parsed };
}

/** The rules that every roster keeps, whoever made it; all problems at once. */
export function checkRoster(roster: Roster): readonly Problem[] {
  const { members } = roster;
  const problems: Problem[] = [];
  if (members.length > ROSTER_MEMBER_COUNT_MAX) problems.push(rosterProblem("too-many", undefined, { found: members.length }));
  members.forEach((member, index) => {
    const previous = members[index - 1];
    if (previous !== undefined && bySiteId(previous, member) > 0) problems.push(rosterProblem("not-sorted", member.siteId));
    if (!isSiteId(member.siteId)) problems.push(rosterProblem("bad-site-id", undefined, { found: index + 1 }));
    problems.push(...keyProblems(member), ...twinProblems(member, members.slice(0, index)));
  });
  return problems;
}

/**
 * Whether a run's roster is one that the steward approved: its members are a subset of the invited ones, in every field, and enough
 * of them train. A member or key that the approved roster does not name is refused here, whatever certificate it shows.
 *
 * @param minimumSites training hospitals that the study asks for; below 3 is refused.
 */
export function checkRunRoster(approvedInvited: Roster, runRoster: Roster, minimumSites: number): readonly Problem[] {
  const problems: Problem[] = [...checkRoster(runRoster)];
  const invited = new Map(approvedInvited.members.map((member) => [member.siteId, member]));
  for (const member of runRoster.members) {
    const approved = invited.get(member.siteId);
    if (approved === undefined) problems.push(rosterProblem("uninvited-member", member.siteId));
    else if (memberFields.some((field) => member[field] !== approved[field])) problems.push(rosterProblem("changed-member", member.siteId));
  }
  const required = Number.isSafeInteger(minimumSites) ? Math.max(minimumSites, MINIMUM_SITES_FLOOR) : Number.POSITIVE_INFINITY;
  const found = runRoster.members.filter(({ role }) => role === "training").length;
  if (found < required) problems.push(rosterProblem("too-few-training", undefined, { found, required }));
  if (!(minimumSites >= MINIMUM_SITES_FLOOR)) problems.push(rosterProblem("minimum-below-floor", undefined, { found: minimumSites }));
  return problems;
}

/** What may name a site in certificates, file names and key names: no space, slash or plus. */
export const isSiteId = (value: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(value);

function keyProblems(member: RosterMember): readonly Problem[] {
  const problems: Problem[] = [];
  if (signingKeyFlaw(member.identityKey) !== undefined) problems.push(rosterProblem("weak-identity-key", member.siteId));
  if (signingKeyFlaw(member.stewardKey) !== undefined) problems.push(rosterProblem("weak-steward-key", member.siteId));
  if (!isSealPublicKey(member.sealKey)) problems.push(rosterProblem("weak-seal-key", member.siteId));
  // A site agent that holds the steward's key could approve studies by itself.
  if (member.identityKey === member.stewardKey) problems.push(rosterProblem("steward-is-agent", member.siteId));
  return problems;
}

function twinProblems(member: RosterMember, earlier: readonly RosterMember[]): readonly Problem[] {
  const has = (same: (other: RosterMember) => boolean): boolean => earlier.some(same);
  const organisation = comparableName(member.organisation);
  const problems: Problem[] = [];
  if (has((other) => other.siteId === member.siteId)) problems.push(rosterProblem("duplicate-site", member.siteId));
  if (has((other) => comparableName(other.organisation) === organisation))
    problems.push(rosterProblem("duplicate-organisation", member.siteId));
  if (has((other) => other.identityKey === member.identityKey)) problems.push(rosterProblem("duplicate-identity-key", member.siteId));
  if (has((other) => other.sealKey === member.sealKey)) problems.push(rosterProblem("duplicate-seal-key", member.siteId));
  if (has((other) => other.stewardKey === member.stewardKey)) problems.push(rosterProblem("duplicate-steward-key", member.siteId));
  return problems;
}

/** One organisation written in two ways is still one: width, case, composition and spacing do not count. */
const comparableName = (name: string): string => name.normalize("NFKC").toLowerCase().replaceAll(/\s+/g, "");

const bySiteId = (a: RosterMember, b: RosterMember): number => (a.siteId < b.siteId ? -1 : a.siteId > b.siteId ? 1 : 0);
