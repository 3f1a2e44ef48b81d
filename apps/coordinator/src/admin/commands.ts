/**
 * What the operator does at the machine itself: invite, revoke, back up. The same functions run inside the coordinator, at the bidding of
 * its console, and outside it, on a store that nobody else has open.
 */

import { createEnrolmentToken as createToken, formatEnrolmentToken, type MemberName, pendingEnrolment } from "@dure/identity";
import { type Clock, DureError, fromBase64, parseSha256, type SecureRandom, toHex } from "@dure/kernel";
import { tokenValidityMs, tokenValidityMsMax } from "../limits.ts";
import { coordinatorProblem } from "../problems.ts";
import { type BackupReport, backupStore, type CoordinatorStore } from "../store/index.ts";

export interface Invitation {
  /** `site` keeps records and takes part; `researcher` proposes and reads results. */
  readonly role: "site" | "researcher";
  /** Letters, digits, ".", "_", "-"; at most 63. Never given twice. */
  readonly id: string;
  /** The name of the hospital or company. Where it is given, the request must name the same; else the request's counts. */
  readonly organisation?: string;
  /** Two weeks unless told, at most 92 days. */
  readonly validityMs?: number;
}

/** Codes of RFC 5280, section 5.3.1. */
export type RevocationReason = "unspecified" | "keyCompromise" | "affiliationChanged" | "superseded" | "cessationOfOperation";

export const revocationReasons: readonly RevocationReason[] = [
  "unspecified",
  "keyCompromise",
  "affiliationChanged",
  "superseded",
  "cessationOfOperation",
];

export interface RevocationOrder {
  readonly id: string;
  readonly reason: RevocationReason;
}

export interface RevokedMember {
  readonly id: string;
  /** False where it was revoked before. */
  readonly isNew: boolean;
  readonly certificateCount: number;
}

export interface AdminSurroundings {
  readonly store: CoordinatorStore;
  readonly alliance: string;
  /** Root certificate, PEM. */
  readonly root: string;
  /** Address that hospitals use; undefined where no port is fixed yet. */
  readonly url: string | undefined;
  readonly clock: Clock;
  readonly random: SecureRandom;
}

const ORGANISATION_CHARACTERS_MAX = 200;

/** @throws DureError `coordinator/bad-invitation`, `coordinator/member-exists`, `coordinator/no-port` */
export async function createTokenIn(surroundings: AdminSurroundings, invitation: Invitation): Promise<string> {
  const { store, alliance, root, url, clock, random } = surroundings;
  if (url === undefined) throw new DureError(coordinatorProblem("no-port"));
  const { role, id, organisation = anyOrganisation(id), validityMs = tokenValidityMs } = invitation;
  const isSound = isMemberId(id) && isOrganisation(organisation) && validityMs >= 1 && validityMs <= tokenValidityMsMax;
  if (!isSound || (role !== "site" && role !== "researcher")) throw new DureError(coordinatorProblem("bad-invitation"));
  const issuedAtMs = clock.nowMs();
  const expiresAtMs = issuedAtMs + Math.floor(validityMs);
  const token = createToken({ alliance, coordinator: url, role, id, expiresAtMs, rootCertificate: root, random });
  const secretSha256 = parseSha256(toHex(fromBase64(pendingEnrolment(token).proofKey)));
  await store.transaction("issue token", async (tx) => {
    if ((await store.repositories.members.find(tx, id)) !== undefined)
      throw new DureError(coordinatorProblem("member-exists", { site: id }));
    const row = { secretSha256, siteId: id, organisation: organisation.trim(), role, issuedAtMs, expiresAtMs };
    await store.repositories.enrolmentTokens.issue(tx, row);
  });
  return formatEnrolmentToken(token);
}

/** A token whose organisation is its own id leaves the name to the request. */
export const anyOrganisation = (id: string): string => id;

/** @throws DureError `coordinator/unknown-member` */
export async function revokeIn({ store, clock }: AdminSurroundings, { id, reason }: RevocationOrder): Promise<RevokedMember> {
  const known = revocationReasons.find((code) => code === reason);
  if (known === undefined) throw new DureError(coordinatorProblem("console-command"));
  return store.transaction("revoke member", async (tx) => {
    const { members } = store.repositories;
    const outcome = await members.revokeMember(tx, { siteId: id, reason: known, atMs: clock.nowMs() });
    if (outcome.kind === "conflict") throw new DureError(coordinatorProblem("unknown-member"));
    const certificates = await members.certificatesOf(tx, id);
    return { id, isNew: outcome.kind === "stored", certificateCount: certificates.length };
  });
}

export const backUpIn = ({ store, clock }: AdminSurroundings, file: string): Promise<BackupReport> =>
  backupStore(store, { file, atMs: clock.nowMs() });

const isMemberId = (id: MemberName["id"]): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(id) && id !== "coordinator";
const isOrganisation = (name: string): boolean => name.trim() !== "" && name.length <= ORGANISATION_CHARACTERS_MAX;
