/** The attempt as every key and signature is bound to it. */

import { sha256Bytes, transcript, utf8 } from "@dure/kernel";
import { hashLayout } from "../layout.ts";
import type { AttemptContext, AttemptMember } from "./messages.ts";
import { SecureSumRefusal } from "./refusal.ts";
import { MEMBERS_MAX, MINIMUM_SITES_FLOOR, shortestList } from "./threshold.ts";

/** Changes with every change of what is said, derived or signed in a round. */
export const PROTOCOL_VERSION = "dure secure sum 1";

export const KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** Of a run and of a site; two of them and the hashes stay within HKDF's info. */
const NAME_BYTES_MAX = 128;

/**
 * Refuses an attempt in which a hospital could be alone, counted twice, or shown another layout than the one that is hashed.
 * The organisations behind the keys, the approvals and the state are the caller's to check: they stand in its own store.
 */
export function checkContext(context: AttemptContext): void {
  const { members, minimumSites, run, round, attempt } = context;
  if (!isName(run) || !isCount(round) || !isCount(attempt) || !isCount(minimumSites)) throw new SecureSumRefusal("malformed-context");
  if (minimumSites < MINIMUM_SITES_FLOOR) throw new SecureSumRefusal("minimum-below-floor");
  if (members.length < minimumSites) throw new SecureSumRefusal("too-few-members");
  if (members.length > MEMBERS_MAX) throw new SecureSumRefusal("too-many-members");
  const seen = new Set<string>();
  for (const { siteId, identityKey } of members) {
    if (!isName(siteId) || identityKey.byteLength !== KEY_BYTES) throw new SecureSumRefusal("malformed-context", siteId);
    const key = `key ${identityKey.join(",")}`;
    if (seen.has(key) || seen.has(`site ${siteId}`)) throw new SecureSumRefusal("duplicate-member", siteId);
    seen.add(key).add(`site ${siteId}`);
  }
  if (hashLayout(context.layout) !== context.hashes.layout) throw new SecureSumRefusal("layout-hash-mismatch");
}

/**
 * Everything of the attempt that its keys and signatures are bound to, unambiguously. The members enter as one hash: HKDF's info is
 * limited to 1024 bytes in node:crypto.
 */
export function contextTranscript(context: AttemptContext): Uint8Array {
  const { run, round, attempt, hashes, members, minimumSites, exact } = context;
  const memberList = sha256Bytes(transcript(...members.flatMap((member) => [member.siteId, member.identityKey])));
  return transcript(
    ...[run, round, attempt],
    ...[hashes.study, hashes.roster, hashes.approvals, hashes.state, hashes.layout],
    ...[minimumSites, exact ? 1 : 0, memberList],
  );
}

export const hashContext = (context: AttemptContext): Uint8Array =>
  sha256Bytes(transcript(PROTOCOL_VERSION, "attempt", contextTranscript(context)));

export function memberIndex(context: AttemptContext, siteId: string): number {
  const index = context.members.findIndex((member) => member.siteId === siteId);
  if (index === -1) throw new SecureSumRefusal("not-a-member", siteId);
  return index;
}

export function memberOf(context: AttemptContext, siteId: string): AttemptMember {
  const member = context.members.find((candidate) => candidate.siteId === siteId);
  if (member === undefined) throw new SecureSumRefusal("not-a-member", siteId);
  return member;
}

export const shortestListOf = (context: AttemptContext): number => shortestList(context.members.length, context.minimumSites);

/** The named sites in the members' order. Refuses strangers. */
export function inMemberOrder(context: AttemptContext, siteIds: Iterable<string>): readonly string[] {
  const named = new Set(siteIds);
  for (const siteId of named) memberIndex(context, siteId);
  return context.members.map((member) => member.siteId).filter((siteId) => named.has(siteId));
}

const isName = (value: string): boolean => value !== "" && utf8(value).byteLength <= NAME_BYTES_MAX;

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
