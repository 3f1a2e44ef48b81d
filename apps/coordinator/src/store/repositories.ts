/** Every repository of the store, by what it keeps. One implementation serves both databases: they speak the same SQL. */

import { type AllianceStore, sqlAllianceStore } from "./alliance.ts";
import { type DecisionStore, sqlDecisionStore } from "./decisions.ts";
import { type EnrolmentTokenStore, sqlEnrolmentTokenStore } from "./enrolment-tokens.ts";
import { type FeasibilityStore, sqlFeasibilityStore } from "./feasibility.ts";
import { type LedgerCheckpointStore, sqlLedgerCheckpointStore } from "./ledger-checkpoints.ts";
import { type MemberStore, sqlMemberStore } from "./members.ts";
import { type OwnReleaseStore, sqlOwnReleaseStore } from "./own-releases.ts";
import { type RefusalStore, type ResultStore, sqlRefusalStore, sqlResultStore } from "./results.ts";
import { type RunStore, sqlRunStore } from "./runs.ts";
import { type StudyStore, sqlStudyStore } from "./studies.ts";
import { type BlobStore, type StudyFileStore, sqlBlobStore, sqlStudyFileStore } from "./study-files.ts";

export interface CoordinatorRepositories {
  readonly alliance: AllianceStore;
  readonly members: MemberStore;
  readonly enrolmentTokens: EnrolmentTokenStore;
  readonly studies: StudyStore;
  readonly blobs: BlobStore;
  readonly studyFiles: StudyFileStore;
  readonly decisions: DecisionStore;
  readonly feasibility: FeasibilityStore;
  readonly runs: RunStore;
  readonly ownReleases: OwnReleaseStore;
  readonly results: ResultStore;
  readonly refusals: RefusalStore;
  readonly ledgerCheckpoints: LedgerCheckpointStore;
}

export const repositories: CoordinatorRepositories = {
  alliance: sqlAllianceStore,
  members: sqlMemberStore,
  enrolmentTokens: sqlEnrolmentTokenStore,
  studies: sqlStudyStore,
  blobs: sqlBlobStore,
  studyFiles: sqlStudyFileStore,
  decisions: sqlDecisionStore,
  feasibility: sqlFeasibilityStore,
  runs: sqlRunStore,
  ownReleases: sqlOwnReleaseStore,
  results: sqlResultStore,
  refusals: sqlRefusalStore,
  ledgerCheckpoints: sqlLedgerCheckpointStore,
};
