/**
 * The coordinator's side of one attempt: collects what the sites say, phase by phase, and opens the sum.
 *
 * It lives in memory only. When anything is lost (a crash, a site that restarts, a late answer) the attempt is thrown away and the
 * next one has fresh keys; nothing that was masked under the old keys can be opened any more.
 */

import {
  type AttemptContext,
  addMasked,
  type KeyAnnouncement,
  type MaskedSum,
  openSum,
  type SealedShare,
  SecureSumRefusal,
  type SurvivorSignature,
  secureSumThreshold,
  startMaskedSum,
  type UnmaskShare,
  verifyAnnouncement,
} from "@dure/privacy";
import { signsAtOnce } from "./coordinator-tools.ts";
import type { AttemptId, ToCoordinator, ToSite } from "./messages.ts";

export type Phase = "keys" | "shares" | "vectors" | "survivors" | "unmask";

export interface Attempt {
  readonly context: AttemptContext;
  phase: Phase;
  /** The phase is over at this time, whoever answered. */
  deadlineMs: number;
  readonly announcements: Map<string, KeyAnnouncement>;
  readonly shares: Map<string, readonly SealedShare[]>;
  readonly maskedSum: MaskedSum;
  readonly vectorsFrom: Set<string>;
  survivors: readonly string[];
  readonly signatures: Map<string, SurvivorSignature>;
  readonly unmaskShares: Map<string, readonly UnmaskShare[]>;
}

export type AttemptStep =
  | { readonly kind: "going-on"; readonly send: readonly { readonly to: string; readonly message: ToSite }[] }
  | { readonly kind: "opened"; readonly encodedSum: Uint8Array }
  | { readonly kind: "failed"; readonly code: string; readonly sites: readonly string[] };

const nothing: AttemptStep = { kind: "going-on", send: [] };

export function beginAttempt(context: AttemptContext, deadlineMs: number): Attempt {
  return {
    context,
    phase: "keys",
    deadlineMs,
    announcements: new Map(),
    shares: new Map(),
    maskedSum: startMaskedSum(context),
    vectorsFrom: new Set(),
    survivors: [],
    signatures: new Map(),
    unmaskShares: new Map(),
  };
}

/** One message of a member. Late, repeated and misplaced messages change nothing. */
export function receive(attempt: Attempt, from: string, message: ToCoordinator, phaseEndsMs: number): AttemptStep {
  if (!isFresh(attempt, from, message)) return nothing;
  try {
    store(attempt, from, message);
  } catch (error) {
    if (error instanceof SecureSumRefusal) return { kind: "failed", code: error.code, sites: [error.siteId ?? from] };
    throw error;
  }
  return outstanding(attempt).length === 0 || isEnough(attempt) ? nextPhase(attempt, phaseEndsMs) : nothing;
}

/** The phase's time is over: a partial analysis goes on with those who answered where they are enough. */
export function phaseOver(attempt: Attempt, phaseEndsMs: number): AttemptStep {
  const answered = answeredBy(attempt).length;
  const needed = Math.max(secureSumThreshold(attempt.context.members.length), attempt.context.minimumSites);
  const canShrink = !attempt.context.exact && attempt.phase !== "survivors" && attempt.phase !== "unmask";
  if (canShrink && answered >= needed) return nextPhase(attempt, phaseEndsMs);
  return { kind: "failed", code: "site-away", sites: outstanding(attempt) };
}

/** Members whose answer the present phase still lacks. */
export function outstanding(attempt: Attempt): readonly string[] {
  const answered = new Set(answeredBy(attempt));
  return expected(attempt).filter((siteId) => !answered.has(siteId));
}

const phaseOf = { keys: "keys", shares: "shares", vector: "vectors", "survivor-signed": "survivors", unmask: "unmask" } as const;

function isFresh(attempt: Attempt, from: string, message: ToCoordinator): boolean {
  if (isEarlySignature(attempt, message)) return expected(attempt).includes(from) && !attempt.signatures.has(from);
  const phase = message.kind in phaseOf ? phaseOf[message.kind as keyof typeof phaseOf] : undefined; // `in` has just shown the key
  return phase === attempt.phase && expected(attempt).includes(from) && !answeredBy(attempt).includes(from);
}

/** It comes with the site's vector, and waits here until all vectors have come. */
const isEarlySignature = (attempt: Attempt, message: ToCoordinator): boolean =>
  message.kind === "survivor-signed" && attempt.phase === "vectors" && signsAtOnce(attempt.context);

function expected(attempt: Attempt): readonly string[] {
  switch (attempt.phase) {
    case "keys":
      return attempt.context.members.map((member) => member.siteId);
    case "shares":
      return inOrder(attempt, attempt.announcements);
    case "vectors":
      return inOrder(attempt, attempt.shares);
    default:
      return attempt.survivors;
  }
}

function answeredBy(attempt: Attempt): readonly string[] {
  switch (attempt.phase) {
    case "keys":
      return [...attempt.announcements.keys()];
    case "shares":
      return [...attempt.shares.keys()];
    case "vectors":
      return [...attempt.vectorsFrom];
    case "survivors":
      return [...attempt.signatures.keys()];
    case "unmask":
      return [...attempt.unmaskShares.keys()];
  }
}

/** Signatures and shares: t of them suffice, whoever gave them. */
function isEnough(attempt: Attempt): boolean {
  const needsThreshold = attempt.phase === "survivors" || attempt.phase === "unmask";
  return needsThreshold && answeredBy(attempt).length >= secureSumThreshold(attempt.context.members.length);
}

function store(attempt: Attempt, from: string, message: ToCoordinator): void {
  switch (message.kind) {
    case "keys":
      if (message.announcement.siteId !== from) throw new SecureSumRefusal("wrong-sender", from);
      verifyAnnouncement(attempt.context, message.announcement);
      attempt.announcements.set(from, message.announcement);
      return;
    case "shares":
      if (message.shares.some((share) => share.from !== from)) throw new SecureSumRefusal("wrong-sender", from);
      attempt.shares.set(from, message.shares);
      return;
    case "vector":
      if (message.masked.siteId !== from) throw new SecureSumRefusal("wrong-sender", from);
      addMasked(attempt.maskedSum, message.masked);
      attempt.vectorsFrom.add(from);
      return;
    case "survivor-signed":
      attempt.signatures.set(from, message.signature);
      return;
    case "unmask":
      attempt.unmaskShares.set(from, message.shares);
      return;
    default:
      return;
  }
}

function nextPhase(attempt: Attempt, phaseEndsMs: number): AttemptStep {
  attempt.deadlineMs = phaseEndsMs;
  const { run, round, attempt: number } = attempt.context;
  const id: AttemptId = { run, round, attempt: number };
  switch (attempt.phase) {
    case "keys": {
      attempt.phase = "shares";
      const announcements = inOrder(attempt, attempt.announcements).map((siteId) => get(attempt.announcements, siteId));
      return toEach(expected(attempt), () => ({ kind: "key-list", ...id, announcements }));
    }
    case "shares": {
      attempt.phase = "vectors";
      const all = expected(attempt).flatMap((siteId) => get(attempt.shares, siteId));
      return toEach(expected(attempt), (to) => ({ kind: "share-delivery", ...id, shares: all.filter((share) => share.to === to) }));
    }
    case "vectors": {
      attempt.survivors = inOrder(attempt, attempt.vectorsFrom);
      attempt.phase = "survivors";
      if (isEnough(attempt)) return nextPhase(attempt, phaseEndsMs);
      if (signsAtOnce(attempt.context)) return nothing;
      return toEach(attempt.survivors, () => ({ kind: "survivor-list", ...id, survivors: attempt.survivors }));
    }
    case "survivors": {
      attempt.phase = "unmask";
      const { survivors } = attempt;
      const signatures = [...attempt.signatures.values()];
      return toEach(survivors, () => ({ kind: "unmask-request", ...id, survivors, signatures }));
    }
    case "unmask":
      return open(attempt);
  }
}

function open(attempt: Attempt): AttemptStep {
  try {
    const encodedSum = openSum({
      context: attempt.context,
      announcements: [...attempt.announcements.values()],
      sharers: inOrder(attempt, attempt.shares),
      survivors: attempt.survivors,
      accumulator: attempt.maskedSum,
      unmaskShares: [...attempt.unmaskShares.values()].flat(),
    });
    return { kind: "opened", encodedSum };
  } catch (error) {
    if (!(error instanceof SecureSumRefusal)) throw error;
    return { kind: "failed", code: error.code, sites: error.siteId === undefined ? [] : [error.siteId] };
  }
}

const toEach = (sites: readonly string[], message: (to: string) => ToSite): AttemptStep => ({
  kind: "going-on",
  send: sites.map((to) => ({ to, message: message(to) })),
});

/** Those members that the collection holds, in the context's order. */
function inOrder(attempt: Attempt, collection: { has(siteId: string): boolean }): readonly string[] {
  return attempt.context.members.map((member) => member.siteId).filter((siteId) => collection.has(siteId));
}

function get<Value>(map: ReadonlyMap<string, Value>, siteId: string): Value {
  const value = map.get(siteId);
  if (value === undefined) throw new Error(`broken invariant: no entry for ${siteId}`);
  return value;
}
