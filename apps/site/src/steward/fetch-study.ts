/**
 * A proposed study comes into the hospital.
 *
 * The coordinator is not believed: the study must have the hash that was asked for, the proposer must have signed that hash together
 * with this very roster, each file must be the one whose hash the study holds, and the roster must name this hospital with its own keys.
 * All that is wrong is said at once, and nothing is stored.
 */

import { parseResearchTable } from "@dure/clinical";
import {
  checkRunRoster,
  hashRoster,
  parseProposal,
  parseRoster,
  type Roster,
  type StudyProposal,
  sealKeyPair,
  signingKeyPair,
  verifyProposal,
} from "@dure/identity";
import { type Clock, canonicalJson, DureError, fromUtf8, type JsonValue, type Problem, sha256 } from "@dure/kernel";
import { type FrozenStudy, frozenFiles, parseFrozen } from "@dure/study";
import { parseJson, writeRoster } from "@dure/wire";
import type { Connection } from "../alliance/connection.ts";
import { readKey, type SitePaths, type SiteSettings } from "../home/site-home.ts";
import type { SiteStore } from "../store/site-store.ts";
import { findMember, type KnownStudy, knownStudyOf } from "./known-study.ts";
import { stewardProblem } from "./problems.ts";

/** The public keys under which this hospital enrolled. */
export interface OwnKeys {
  readonly siteId: string;
  readonly identityKey: string;
  readonly sealKey: string;
  readonly stewardKey: string;
}

export interface FetchOptions {
  readonly connection: Pick<Connection, "studies">;
  readonly store: SiteStore;
  readonly own: OwnKeys;
  /** Hash of the study. */
  readonly study: string;
  readonly clock: Clock;
}

export type FetchedStudy =
  | { readonly kind: "fetched"; readonly study: KnownStudy; readonly isNew: boolean }
  | { readonly kind: "refused"; readonly problems: readonly Problem[] };

/** @throws DureError `site/key-absent` */
export function ownKeysOf(paths: SitePaths, settings: Pick<SiteSettings, "siteId" | "stewardKey">): OwnKeys {
  return {
    siteId: settings.siteId,
    identityKey: signingKeyPair(readKey(paths.identitySeed)).publicKey,
    sealKey: sealKeyPair(readKey(paths.sealSeed)).publicKey,
    stewardKey: settings.stewardKey,
  };
}

/** Fails: ConnectError as the line gives it. */
export async function fetchStudy(options: FetchOptions): Promise<FetchedStudy> {
  const { connection, store, own, study, clock } = options;
  const answer = await connection.studies.getStudy({ study });
  const verified = verifyStudy(answer, { study, own });
  if (verified.kind === "refused") return verified;
  const record = { ...verified.record, receivedAtMs: clock.nowMs() };
  const earlier = store.findStudy(study);
  if (earlier !== undefined && (earlier.proposal !== record.proposal || earlier.roster !== record.roster))
    return { kind: "refused", problems: [stewardProblem("other-roster")] };
  store.putStudy(record, verified.files);
  return { kind: "fetched", study: knownStudyOf(earlier ?? record), isNew: earlier === undefined };
}

/** As `GetStudy` answers. */
export interface StudyAnswer {
  readonly canonicalStudyJson: string;
  readonly proposalJson: string;
  readonly rosterJson: string;
  readonly files: readonly { readonly name: string; readonly content: Uint8Array }[];
}

export type VerifiedStudy =
  | {
      readonly kind: "verified";
      readonly record: {
        readonly hash: FrozenStudy["hash"];
        readonly canonical: string;
        readonly proposal: string;
        readonly roster: string;
      };
      readonly files: readonly { readonly sha256: string; readonly name: string; readonly content: Uint8Array }[];
    }
  | { readonly kind: "refused"; readonly problems: readonly Problem[] };

export function verifyStudy(answer: StudyAnswer, expected: { readonly study: string; readonly own: OwnKeys }): VerifiedStudy {
  const problems: Problem[] = [];
  const frozen = readFrozen(answer.canonicalStudyJson, problems);
  const proposal = readProposal(answer.proposalJson, problems);
  const roster = readInvited(answer.rosterJson, problems);
  if (frozen !== undefined && frozen.hash !== expected.study) problems.push(stewardProblem("other-study-hash"));
  if (frozen !== undefined && roster !== undefined) {
    problems.push(...checkRunRoster(roster, roster, frozen.document.privacy.secureSum.minimumSites));
    if (proposal !== undefined) problems.push(...verifyProposal(proposal, { study: frozen.hash, invitedRoster: hashRoster(roster) }));
  }
  if (frozen !== undefined) problems.push(...fileProblems(frozen, answer.files));
  if (roster !== undefined) problems.push(...ownProblems(roster, expected.own));
  if (problems.length > 0 || frozen === undefined || proposal === undefined || roster === undefined) return { kind: "refused", problems };
  return {
    kind: "verified",
    record: {
      hash: frozen.hash,
      canonical: canonicalJson(frozen.canonical),
      proposal: canonicalJson(proposal as unknown as JsonValue), // JSON by its type's own promise
      roster: writeRoster(roster),
    },
    files: answer.files.map(({ name, content }) => ({ sha256: sha256(content), name, content })),
  };
}

function readFrozen(json: string, problems: Problem[]): FrozenStudy | undefined {
  const value = findJson(json);
  if (value === undefined) {
    problems.push(stewardProblem("study-malformed"));
    return undefined;
  }
  try {
    return parseFrozen(value);
  } catch (error) {
    if (!(error instanceof DureError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

function readProposal(json: string, problems: Problem[]): StudyProposal | undefined {
  const value = findJson(json);
  const proposal = value === undefined ? undefined : parseProposal(value);
  if (proposal === undefined) problems.push(stewardProblem("proposal-malformed"));
  return proposal;
}

function readInvited(json: string, problems: Problem[]): Roster | undefined {
  const value = findJson(json);
  const roster = value === undefined ? undefined : parseRoster(value);
  if (roster === undefined) problems.push(stewardProblem("roster-malformed"));
  return roster;
}

function findJson(json: string): JsonValue | undefined {
  try {
    return parseJson(json);
  } catch {
    return undefined; // the caller names what was no JSON
  }
}

function fileProblems(frozen: FrozenStudy, files: StudyAnswer["files"]): readonly Problem[] {
  const named = frozenFiles(frozen);
  const problems: Problem[] = [];
  for (const { name, sha256: hash } of named) {
    const content = files.find((file) => file.name === name)?.content;
    if (content === undefined) problems.push(stewardProblem("file-absent", { file: name }));
    else if (sha256(content) !== hash) problems.push(stewardProblem("file-altered", { file: name }));
    else if (name === `tables/${frozen.document.data.table}.yaml`) problems.push(...tableProblems(name, content));
  }
  const unasked = files.some((file) => !named.some(({ name }) => name === file.name));
  return unasked ? [...problems, stewardProblem("file-unasked")] : problems;
}

function tableProblems(file: string, content: Uint8Array): readonly Problem[] {
  try {
    parseResearchTable({ file, text: fromUtf8(content) });
    return [];
  } catch (error) {
    if (error instanceof DureError) return error.problems;
    if (error instanceof TypeError) return [stewardProblem("file-altered", { file })]; // bytes that are no UTF-8
    throw error;
  }
}

function ownProblems(roster: Roster, own: OwnKeys): readonly Problem[] {
  const member = findMember(roster, own.siteId);
  if (member === undefined) return [stewardProblem("not-invited", { site: own.siteId })];
  const keys = ["identityKey", "sealKey", "stewardKey"] as const;
  return keys.filter((key) => member[key] !== own[key]).map((key) => stewardProblem("own-key-differs", { site: own.siteId, path: key }));
}

export interface StudyListing {
  readonly hash: string;
  readonly id: string;
  readonly title: string;
  readonly proposer: string;
  readonly proposedAtMs: number;
  /** As the coordinator says. */
  readonly state: string;
  /** Fetched and verified here. */
  readonly isHere: boolean;
  /** As this hospital's own store says. */
  readonly decision?: { readonly kind: "approved" | "declined"; readonly isDelivered: boolean; readonly decidedAtMs: number };
}

/** Studies to which this hospital is invited, as the coordinator lists them, with what this hospital itself knows. Fails: ConnectError. */
export async function listStudies(connection: Pick<Connection, "studies">, store: SiteStore): Promise<readonly StudyListing[]> {
  const { studies } = await connection.studies.listStudies({});
  return studies.map(({ study: hash, id, title, proposer, proposedAtMs, state }) => {
    const decision = store.findDecision(hash);
    return {
      hash,
      id,
      title,
      proposer,
      proposedAtMs: Number(proposedAtMs),
      state,
      isHere: store.findStudy(hash) !== undefined,
      ...(decision === undefined
        ? {}
        : { decision: { kind: decision.kind, isDelivered: decision.isDelivered, decidedAtMs: decision.decidedAtMs } }),
    };
  });
}
