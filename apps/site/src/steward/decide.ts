/**
 * The hospital's word on a study: signed by the steward, kept here, copied to the alliance's record.
 *
 * What is signed is what the own store holds: the study that was verified when it was fetched, and the roster that the steward saw. The
 * decision and its ledger entry reach the disk together, before anybody hears of them. Until a run has started the steward may decide
 * again; the latest word stands, and the ledger keeps every one.
 */

import {
  type Approval,
  type ApprovalTerms,
  checkTerms,
  type Declination,
  type DeclinationReason,
  hashRoster,
  type OwnRelease,
  type RosterMember,
  type SigningPrivateKey,
  signApproval,
  signDeclination,
} from "@dure/identity";
import { type Clock, canonicalJson, type JsonValue, type Problem, sha256, utf8 } from "@dure/kernel";
import type { Connection } from "../alliance/connection.ts";
import type { SitePaths, SiteSettings } from "../home/site-home.ts";
import type { LedgerWriter } from "../run/ledger-writer.ts";
import type { SiteStore } from "../store/site-store.ts";
import { findKnownStudy, findMember, type KnownStudy } from "./known-study.ts";
import { stewardProblem } from "./problems.ts";
import { refusalCode } from "./refusal-code.ts";
import { openStewardKeyOf } from "./steward-key.ts";

export interface DecisionOptions {
  readonly paths: SitePaths;
  readonly store: SiteStore;
  readonly ledger: LedgerWriter;
  readonly settings: Pick<SiteSettings, "siteId">;
  /** Hash of a study that was fetched. */
  readonly study: string;
  /** The steward's own. */
  readonly passphrase: string;
  readonly clock: Clock;
}

export interface ApprovalOptions extends DecisionOptions {
  /** Number of the IRB or DRB decision. */
  readonly boardReference: string;
  readonly expiresAtMs: number;
  /** Most sums of one run; `previewStudy` suggests one. */
  readonly sumCountMax: number;
  /** The study's own or a larger one. */
  readonly minimumCell: number;
  /** Those that the steward ticked. */
  readonly releases: readonly OwnRelease[];
  readonly acceptsInference: boolean;
}

export interface DeclinationOptions extends DecisionOptions {
  readonly reason?: DeclinationReason;
}

interface Refused {
  readonly kind: "refused";
  readonly problems: readonly Problem[];
}

export type ApprovalOutcome = { readonly kind: "approved"; readonly approval: Approval; readonly replacesEarlier: boolean } | Refused;
/** `withdrawn` where an approval stood before. */
export type DeclinationOutcome = { readonly kind: "declined" | "withdrawn"; readonly declination: Declination } | Refused;

/** All problems at once; the passphrase is tried only when nothing else is wrong. */
export async function approveStudy(options: ApprovalOptions): Promise<ApprovalOutcome> {
  const found = findInvitation(options);
  if (found.kind === "refused") return found;
  const { member, known } = found;
  const terms = approvalTerms(options, known);
  const problems = [...checkTerms(terms), ...runProblems(options)];
  if (problems.length > 0) return { kind: "refused", problems };
  const opened = await openKey(options, member);
  if (opened.kind === "refused") return opened;
  const approval = signApproval(terms, opened.key);
  const details = [
    ...approval.terms.releases.map((release) => `release:${release}`),
    ...(terms.acceptsInference ? ["accepts-inference"] : []),
  ];
  const document = canonicalJson(approval as unknown as JsonValue); // JSON by its type's own promise
  return options.store.transaction((): ApprovalOutcome => {
    // A run may have started while the passphrase was typed.
    const late = runProblems(options);
    if (late.length > 0) return { kind: "refused", problems: late };
    const replacesEarlier = options.store.findDecision(options.study) !== undefined;
    record(options, known, { kind: "approved", document, decidedAtMs: terms.decidedAtMs, details: ["approved", ...details] });
    return { kind: "approved", approval, replacesEarlier };
  });
}

/** Before or after an approval, also while a run is in progress: a hospital can leave at any time. */
export async function declineStudy(options: DeclinationOptions): Promise<DeclinationOutcome> {
  const found = findInvitation(options);
  if (found.kind === "refused") return found;
  const { member, known } = found;
  const opened = await openKey(options, member);
  if (opened.kind === "refused") return opened;
  return options.store.transaction((): DeclinationOutcome => {
    const decision = options.store.findDecision(options.study)?.kind === "approved" ? "withdrawn" : "declined";
    const { study, invitedRoster } = signedNames(known);
    const decidedAtMs = options.clock.nowMs();
    const terms = { siteId: member.siteId, study, invitedRoster, decision, reason: options.reason ?? "unstated", decidedAtMs } as const;
    const declination = signDeclination(terms, opened.key);
    const document = canonicalJson(declination as unknown as JsonValue); // JSON by its type's own promise
    record(options, known, { kind: "declined", document, decidedAtMs, details: [decision, `reason:${terms.reason}`] });
    return { kind: decision, declination };
  });
}

export type DeliveredDecision =
  | { readonly study: string; readonly kind: "delivered" }
  /** The coordinator understood and refused; the decision stands here all the same. */
  | { readonly study: string; readonly kind: "refused"; readonly code: string };

/**
 * Hands decisions over that the record does not hold yet. Repeatable: the same decision may arrive twice.
 * Fails: ConnectError where the line is down; what is left is tried at the next call.
 */
export async function deliverDecisions(connection: Pick<Connection, "studies">, store: SiteStore): Promise<readonly DeliveredDecision[]> {
  const answers: DeliveredDecision[] = [];
  for (const { study, document } of store.undeliveredDecisions()) {
    const refusedCode = await deliver(connection, document);
    if (refusedCode === undefined) markDelivered(store, study, document);
    answers.push(refusedCode === undefined ? { study, kind: "delivered" } : { study, kind: "refused", code: refusedCode });
  }
  return answers;
}

async function deliver(connection: Pick<Connection, "studies">, decisionJson: string): Promise<string | undefined> {
  try {
    await connection.studies.decide({ decisionJson });
    return undefined;
  } catch (error) {
    const code = refusalCode(error);
    if (code === undefined) throw error;
    return code;
  }
}

/** The steward may have decided again while the earlier word was on its way. */
function markDelivered(store: SiteStore, study: string, document: string): void {
  store.transaction(() => {
    const decision = store.findDecision(study);
    if (decision?.document === document) store.putDecision({ ...decision, isDelivered: true });
  });
}

type Invitation = { readonly kind: "found"; readonly known: KnownStudy; readonly member: RosterMember } | Refused;

function findInvitation({ store, settings, study }: DecisionOptions): Invitation {
  const known = findKnownStudy(store, study);
  if (known === undefined) return { kind: "refused", problems: [stewardProblem("study-not-here")] };
  const member = findMember(known.invitedRoster, settings.siteId);
  if (member === undefined) return { kind: "refused", problems: [stewardProblem("not-invited", { site: settings.siteId })] };
  return { kind: "found", known, member };
}

const openKey = (
  { paths, passphrase }: DecisionOptions,
  member: RosterMember,
): Promise<{ kind: "opened"; key: SigningPrivateKey } | Refused> => openStewardKeyOf({ paths, passphrase, publicKey: member.stewardKey });

const signedNames = ({ frozen, invitedRoster }: KnownStudy): Pick<ApprovalTerms, "study" | "invitedRoster"> => ({
  study: frozen.hash,
  invitedRoster: hashRoster(invitedRoster),
});

function approvalTerms(options: ApprovalOptions, known: KnownStudy): ApprovalTerms {
  const { settings, boardReference, expiresAtMs, sumCountMax, minimumCell, releases, acceptsInference, clock } = options;
  return {
    siteId: settings.siteId,
    ...signedNames(known),
    boardReference: boardReference.trim(),
    expiresAtMs,
    sumCountMax,
    minimumCell,
    releases,
    acceptsInference,
    decidedAtMs: clock.nowMs(),
  };
}

function runProblems({ store, study }: DecisionOptions): readonly Problem[] {
  const running = store.listRuns().find((run) => run.study === study && !run.ended);
  return running === undefined ? [] : [stewardProblem("run-in-progress", { run: running.run })];
}

interface Decided {
  readonly kind: "approved" | "declined";
  readonly document: string;
  readonly decidedAtMs: number;
  readonly details: readonly string[];
}

/** Inside a transaction of the store. */
function record({ store, ledger }: DecisionOptions, { frozen: { hash } }: KnownStudy, decided: Decided): void {
  const { kind, document, decidedAtMs, details } = decided;
  store.putDecision({ study: hash, kind, document, decidedAtMs, isDelivered: false });
  ledger.append({ kind: "decision", study: hash, objectSha256: sha256(utf8(document)), details });
}
