/** Who takes part in a study: the organisations, their roles, and the keys by which each other hospital knows them. */

import { hashJson, type Sha256 } from "@dure/kernel";

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

export function makeRoster(members: readonly RosterMember[]): Roster {
  const sorted = [...members].sort((a, b) => (a.siteId < b.siteId ? -1 : a.siteId > b.siteId ? 1 : 0));
  return { members: sorted };
}

export const hashRoster = (roster: Roster): Sha256 =>
  hashJson({ members: roster.members.map((member) => ({ ...member })) });
