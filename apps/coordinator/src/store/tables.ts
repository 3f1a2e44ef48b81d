/**
 * The tables as kysely sees them: column names in camel case, what goes in and what comes out.
 * What each column means stands in the comments of migrations/*.up.sql, the data dictionary.
 */

import type { ColumnType, Generated, Transaction } from "kysely";

/** BIGINT: a whole number goes in, its digits come out as a string (`wholeNumber` in rows.ts reads them). */
export type BigInteger = ColumnType<string, number, number>;
type NullableBigInteger = ColumnType<string | null, number | null, number | null>;
type Bytes = ColumnType<Buffer, Uint8Array, never>;
type Version = Generated<number>;

interface AllianceTable {
  singleton: Generated<boolean>;
  name: string;
  rootFingerprint: string;
  rootCertificate: string;
  issuingCertificate: string;
  establishedAtMs: BigInteger;
}

interface MemberTable {
  siteId: string;
  organisation: string;
  role: string;
  identityKey: string;
  sealKey: string | null;
  stewardKey: string | null;
  certificateSerial: string;
  certificateFingerprint: string;
  status: string;
  enrolledAtMs: BigInteger;
  version: Version;
}

interface CertificateTable {
  serial: string;
  siteId: string;
  fingerprint: string;
  pem: string;
  issuedAtMs: BigInteger;
  expiresAtMs: BigInteger;
}

interface EnrolmentTokenTable {
  secretSha256: string;
  siteId: string;
  organisation: string;
  role: string;
  issuedAtMs: BigInteger;
  expiresAtMs: BigInteger;
  usedAtMs: NullableBigInteger;
  usedByRequestSha256: string | null;
}

interface CertificateRevocationTable {
  serial: string;
  crlNumber: number;
  reason: string;
  revokedAtMs: BigInteger;
}

interface StudyTable {
  studySha256: string;
  studyId: string;
  studyVersion: number;
  canonicalJson: string;
  proposerId: string;
  proposalJson: string | null;
  invitedRosterJson: string | null;
  invitedRosterSha256: string | null;
  state: string;
  createdAtMs: BigInteger;
  version: Version;
}

interface StudyTransitionTable {
  studySha256: string;
  sequence: number;
  fromState: string | null;
  toState: string;
  byMember: string;
  reason: string;
  atMs: BigInteger;
}

interface BlobTable {
  sha256: string;
  content: Bytes;
  storedAtMs: BigInteger;
}

interface StudyFileTable {
  studySha256: string;
  name: string;
  sha256: string;
}

interface DecisionTable {
  studySha256: string;
  siteId: string;
  sequence: number;
  kind: string;
  decisionJson: string;
  decisionSha256: string;
  receivedAtMs: BigInteger;
}

interface FeasibilityQuestionTable {
  questionId: string;
  askerId: string;
  studySha256: string;
  questionJson: string;
  askedAtMs: BigInteger;
}

interface FeasibilityAnswerTable {
  questionId: string;
  siteId: string;
  answer: string;
  answeredAtMs: BigInteger;
}

interface RunTable {
  runId: string;
  studySha256: string;
  restartOf: string | null;
  rosterJson: string;
  rosterSha256: string;
  approvalsSha256: string;
  status: string;
  statusReason: string | null;
  waitingSitesJson: string;
  stateJson: string;
  changeSha256: string;
  bytesUp: BigInteger;
  bytesDown: BigInteger;
  createdAtMs: BigInteger;
  updatedAtMs: BigInteger;
  endedAtMs: NullableBigInteger;
  version: Version;
}

interface RunMessageTable {
  runId: string;
  sequence: number;
  kind: string;
  round: number | null;
  attempt: number | null;
  siteId: string | null;
  reason: string | null;
  detailJson: string | null;
  atMs: BigInteger;
}

interface OwnReleaseTable {
  runId: string;
  siteId: string;
  kind: string;
  subject: string;
  releaseJson: string;
  receivedAtMs: BigInteger;
}

interface RunSummaryTable {
  runId: string;
  summary: Bytes;
  summarySha256: string;
  storedAtMs: BigInteger;
}

interface SealedResultTable {
  runId: string;
  sealed: Bytes;
  sealedSha256: string;
  sealedAtMs: BigInteger;
}

interface SealedResultRecipientTable {
  runId: string;
  recipientId: string;
}

interface RefusalTable {
  refusalId: string;
  askerId: string;
  askedFor: string;
  subject: string;
  code: string;
  atMs: BigInteger;
}

interface LedgerCheckpointTable {
  siteId: string;
  treeSize: BigInteger;
  rootSha256: string;
  checkpointJson: string;
  receivedAtMs: BigInteger;
}

interface LedgerCosignatureTable {
  siteId: string;
  treeSize: BigInteger;
  cosignerId: string;
  signature: string;
  receivedAtMs: BigInteger;
}

/** Every table of the store but the migrator's own. */
export interface CoordinatorTables {
  alliance: AllianceTable;
  member: MemberTable;
  certificate: CertificateTable;
  enrolmentToken: EnrolmentTokenTable;
  certificateRevocation: CertificateRevocationTable;
  study: StudyTable;
  studyTransition: StudyTransitionTable;
  blob: BlobTable;
  studyFile: StudyFileTable;
  decision: DecisionTable;
  feasibilityQuestion: FeasibilityQuestionTable;
  feasibilityAnswer: FeasibilityAnswerTable;
  run: RunTable;
  runMessage: RunMessageTable;
  ownRelease: OwnReleaseTable;
  runSummary: RunSummaryTable;
  sealedResult: SealedResultTable;
  sealedResultRecipient: SealedResultRecipientTable;
  refusal: RefusalTable;
  ledgerCheckpoint: LedgerCheckpointTable;
  ledgerCosignature: LedgerCosignatureTable;
}

/** The handle that every repository method takes first. It lives as long as the call of `transaction` that made it. */
export type StoreTransaction = Transaction<CoordinatorTables>;
