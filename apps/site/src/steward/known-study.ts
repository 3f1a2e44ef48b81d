/** A study as this hospital's own store has it: verified when it was fetched, parsed again whenever it is needed. */

import { hashRoster, parseProposal, type Roster, type RosterMember, type StudyProposal } from "@dure/identity";
import { assert } from "@dure/kernel";
import { type FrozenStudy, parseFrozen } from "@dure/study";
import { parseJson, readRoster } from "@dure/wire";
import type { SiteStore, StudyRecord } from "../store/site-store.ts";

export interface KnownStudy {
  readonly frozen: FrozenStudy;
  readonly proposal: StudyProposal;
  readonly invitedRoster: Roster;
  readonly receivedAtMs: number;
}

/** Undefined where the study was never fetched. */
export function findKnownStudy(store: SiteStore, hash: string): KnownStudy | undefined {
  const record = store.findStudy(hash);
  return record === undefined ? undefined : knownStudyOf(record);
}

export function knownStudyOf(record: StudyRecord): KnownStudy {
  const proposal = parseProposal(parseJson(record.proposal));
  assert(proposal !== undefined, "only a verified proposal is stored");
  const known = {
    frozen: parseFrozen(parseJson(record.canonical)),
    proposal,
    invitedRoster: readRoster(record.roster),
    receivedAtMs: record.receivedAtMs,
  };
  assert(known.frozen.hash === record.hash, "a study is stored under its own hash");
  assert(hashRoster(known.invitedRoster) === proposal.terms.invitedRoster, "a roster is stored with the proposal that names it");
  return known;
}

export const findMember = (roster: Roster, siteId: string): RosterMember | undefined =>
  roster.members.find((member) => member.siteId === siteId);
