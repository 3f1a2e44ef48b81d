/** Studies, version by version, and every change of their state: who, when, why. */

import { canonicalJson, type JsonValue, parseSha256, type Sha256 } from "@dure/kernel";
import type { Selectable } from "kysely";
import { assertSize, listRowsMax, rosterJsonBytesMax, signedJsonBytesMax, sizeNames, studyJsonBytesMax } from "./limits.ts";
import { insertOnce, oneOf, parseStoredJson, type WriteOutcome, wholeNumber } from "./rows.ts";
import { mayFollow, type StudyState, studyStates } from "./study-states.ts";
import type { CoordinatorTables, StoreTransaction } from "./tables.ts";

/** One version of a study, as it was written. */
export interface StudyDraft {
  /** SHA-256 of the canonical form of `canonical`. */
  readonly hash: Sha256;
  readonly studyId: string;
  /** From 1. */
  readonly studyVersion: number;
  readonly canonical: JsonValue;
  readonly proposerId: string;
  readonly createdAtMs: number;
}

/** What its proposer signed: the study goes to these organisations. */
export interface StudyProposal {
  readonly signed: JsonValue;
  readonly invitedRoster: JsonValue;
  readonly invitedRosterHash: Sha256;
}

export interface StoredStudy extends StudyDraft {
  readonly proposal?: StudyProposal;
  readonly state: StudyState;
}

export interface StudyTransition {
  /** From 1, without gaps. */
  readonly sequence: number;
  /** Absent for the first. */
  readonly from?: StudyState;
  readonly to: StudyState;
  readonly byMember: string;
  /** A code, never free text. */
  readonly reason: string;
  readonly atMs: number;
}

export interface StudyMove {
  readonly study: Sha256;
  readonly from: StudyState;
  readonly to: StudyState;
  readonly byMember: string;
  readonly reason: string;
  readonly atMs: number;
}

export type MoveOutcome =
  | { readonly kind: "stored" | "repeated" }
  /** The study stands elsewhere than `from` said. */
  | { readonly kind: "elsewhere"; readonly state: StudyState }
  | { readonly kind: "not-allowed" | "unknown-study" };

export interface StudyStore {
  /** Stores a version as a draft. The same hash again is `repeated`, another document under the same id and version a conflict. */
  addDraft(tx: StoreTransaction, draft: StudyDraft): Promise<WriteOutcome>;
  /** Draft to proposed, with the signed proposal. */
  propose(
    tx: StoreTransaction,
    study: Sha256,
    proposal: StudyProposal,
    by: { readonly byMember: string; readonly atMs: number },
  ): Promise<MoveOutcome>;
  /** Any other change of state. A move that already is the last one made is `repeated`. */
  move(tx: StoreTransaction, move: StudyMove): Promise<MoveOutcome>;
  find(tx: StoreTransaction, study: Sha256): Promise<StoredStudy | undefined>;
  /** Newest first; without `states` all. */
  list(tx: StoreTransaction, filter?: { readonly states?: readonly StudyState[] }): Promise<readonly StoredStudy[]>;
  history(tx: StoreTransaction, study: Sha256): Promise<readonly StudyTransition[]>;
}

export const sqlStudyStore: StudyStore = {
  async addDraft(tx, draft) {
    const canonical = canonicalJson(draft.canonical);
    assertSize(sizeNames.study, canonical, studyJsonBytesMax);
    const { hash: studySha256, studyId, studyVersion, proposerId, createdAtMs } = draft;
    const row = { studySha256, studyId, studyVersion, canonicalJson: canonical, proposerId, createdAtMs, state: "draft" };
    const outcome = await insertOnce(tx, { table: "study", row, key: ["studySha256"], mayDiffer: ["state", "createdAtMs"] });
    if (outcome.kind === "stored") {
      const first = { fromState: null, toState: "draft", byMember: proposerId, reason: "written", atMs: createdAtMs };
      await tx
        .insertInto("studyTransition")
        .values({ studySha256, sequence: 1, ...first })
        .execute();
    }
    return outcome;
  },

  async propose(tx, study, proposal, by) {
    const proposalJson = canonicalJson(proposal.signed);
    const invitedRosterJson = canonicalJson(proposal.invitedRoster);
    assertSize(sizeNames.proposal, proposalJson, signedJsonBytesMax);
    assertSize(sizeNames.roster, invitedRosterJson, rosterJsonBytesMax);
    const found = await tx.selectFrom("study").selectAll().where("studySha256", "=", study).executeTakeFirst();
    if (found === undefined) return { kind: "unknown-study" };
    if (found.proposalJson === proposalJson && found.invitedRosterJson === invitedRosterJson) return { kind: "repeated" };
    if (found.state !== "draft") return { kind: "elsewhere", state: oneOf(found.state, studyStates) };
    const columns = { proposalJson, invitedRosterJson, invitedRosterSha256: proposal.invitedRosterHash };
    await tx.updateTable("study").set(columns).where("studySha256", "=", study).execute();
    return sqlStudyStore.move(tx, { study, from: "draft", to: "proposed", reason: "signed", ...by });
  },

  async move(tx, { study, from, to, byMember, reason, atMs }) {
    if (!mayFollow(from, to)) return { kind: "not-allowed" };
    const found = await tx.selectFrom("study").select(["state", "version"]).where("studySha256", "=", study).executeTakeFirst();
    if (found === undefined) return { kind: "unknown-study" };
    if (found.state !== from) {
      const last = (await sqlStudyStore.history(tx, study)).at(-1);
      const isSame = last?.from === from && last.to === to && last.byMember === byMember && last.reason === reason;
      return isSame ? { kind: "repeated" } : { kind: "elsewhere", state: oneOf(found.state, studyStates) };
    }
    const sequence = found.version + 1;
    await tx.updateTable("study").set({ state: to, version: sequence }).where("studySha256", "=", study).execute();
    await tx
      .insertInto("studyTransition")
      .values({ studySha256: study, sequence, fromState: from, toState: to, byMember, reason, atMs })
      .execute();
    return { kind: "stored" };
  },

  async find(tx, study) {
    const row = await tx.selectFrom("study").selectAll().where("studySha256", "=", study).executeTakeFirst();
    return row === undefined ? undefined : studyOf(row);
  },

  async list(tx, filter) {
    let query = tx.selectFrom("study").selectAll().orderBy("createdAtMs", "desc").orderBy("studySha256").limit(listRowsMax);
    if (filter?.states !== undefined) query = query.where("state", "in", filter.states);
    return (await query.execute()).map(studyOf);
  },

  async history(tx, study) {
    const rows = await tx
      .selectFrom("studyTransition")
      .selectAll()
      .where("studySha256", "=", study)
      .orderBy("sequence")
      .limit(listRowsMax)
      .execute();
    return rows.map((row) => ({
      sequence: row.sequence,
      ...(row.fromState === null ? {} : { from: oneOf(row.fromState, studyStates) }),
      to: oneOf(row.toState, studyStates),
      byMember: row.byMember,
      reason: row.reason,
      atMs: wholeNumber(row.atMs),
    }));
  },
};

function studyOf(row: Selectable<CoordinatorTables["study"]>): StoredStudy {
  const proposal = proposalOf(row);
  return {
    hash: parseSha256(row.studySha256),
    studyId: row.studyId,
    studyVersion: row.studyVersion,
    canonical: parseStoredJson(row.canonicalJson),
    proposerId: row.proposerId,
    createdAtMs: wholeNumber(row.createdAtMs),
    state: oneOf(row.state, studyStates),
    ...(proposal === undefined ? {} : { proposal }),
  };
}

/** The three columns are filled together; a CHECK holds them so. */
function proposalOf(row: Selectable<CoordinatorTables["study"]>): StudyProposal | undefined {
  const { proposalJson, invitedRosterJson, invitedRosterSha256 } = row;
  if (proposalJson === null || invitedRosterJson === null || invitedRosterSha256 === null) return undefined;
  const invitedRosterHash = parseSha256(invitedRosterSha256);
  return { signed: parseStoredJson(proposalJson), invitedRoster: parseStoredJson(invitedRosterJson), invitedRosterHash };
}
