export {
  type Approval,
  type ApprovalRefusal,
  type ApprovalTerms,
  type ApprovalUse,
  checkApproval,
  checkTerms,
  hashApprovals,
  type OwnRelease,
  ownReleases,
  parseApproval,
  signApproval,
  verifyApproval,
} from "./approval.ts";
export { approvalProblem } from "./approval-problems.ts";
export {
  type Alliance,
  type CertificateAuthority,
  certificateFingerprint,
  createAlliance,
  createCertificateRequest,
  createIssuing,
  type Issuance,
  type IssuedCertificate,
  issueCertificate,
} from "./certificates/authority.ts";
export { type MemberName, type MemberRole, memberRoles } from "./certificates/names.ts";
export {
  type Peer,
  type PeerVerdict,
  pemChain,
  readCertificate,
  type ShownCertificate,
  shownChain,
  type Trust,
  verifyPeerCertificate,
} from "./certificates/peer.ts";
export { type CertificateRefusal, certificateProblem } from "./certificates/peer-problems.ts";
export {
  type RenewalKeys,
  type RenewalRequest,
  type RenewalVerdict,
  renewalDueAtMs,
  requestRenewal,
  verifyRenewal,
} from "./certificates/renewal.ts";
export { CRL_AGE_MS_MAX, createRevocationList, type Revocation, type RevocationListOptions } from "./certificates/revocation.ts";
export { createTlsKey } from "./certificates/x509.ts";
export {
  type Declination,
  type DeclinationReason,
  type DeclinationTerms,
  declinationReasons,
  parseDeclination,
  signDeclination,
  verifyDeclination,
} from "./declination.ts";
export {
  createEnrolmentRequest,
  type EnrolmentRequest,
  type EnrolmentTerms,
  type NewMember,
  parseEnrolmentRequest,
  verifyEnrolmentRequest,
} from "./enrolment/request.ts";
export {
  checkEnrolmentToken,
  createEnrolmentToken,
  type EnrolmentToken,
  formatEnrolmentToken,
  type NewToken,
  type PendingEnrolment,
  parseEnrolmentToken,
  pendingEnrolment,
} from "./enrolment/token.ts";
export { groupDigits, keyFingerprint } from "./keys/fingerprint.ts";
export {
  createSealKey,
  isSealPublicKey,
  type Opened,
  type OpenRefusal,
  openSealed,
  parseSealPrivateKey,
  type SealKeyPair,
  type SealPrivateKey,
  type SealRequest,
  sealKeyPair,
  sealTo,
} from "./keys/seal.ts";
export {
  createSigner,
  createSigningKey,
  parseSigningPrivateKey,
  type SignedMessage,
  type SigningKeyPair,
  type SigningPrivateKey,
  signingKeyFlaw,
  signingKeyPair,
  signMessage,
  verifySignature,
} from "./keys/signing.ts";
export {
  createStewardKey,
  openStewardKey,
  PASSPHRASE_CHARACTERS_MIN,
  parseStewardKeyFile,
  type StewardKeyFile,
} from "./keys/steward-key.ts";
export {
  addSignatureLines,
  type Checkpoint,
  cosignatureLine,
  cosignedAtMs,
  isSignedByLog,
  type Note,
  type NoteKey,
  type NoteSigner,
  parseNote,
  proofFromText,
  proofToText,
  signCheckpoint,
} from "./ledger/checkpoint.ts";
export {
  type Appended,
  appendEntry,
  emptyLedger,
  entryLine,
  type LedgerEntry,
  type LedgerFacts,
  type LedgerHead,
  type LedgerKind,
  type LedgerVector,
  ledgerKinds,
  ledgerOrigin,
  ledgerRoot,
  readEntry,
  resumeLedger,
} from "./ledger/entry.ts";
export { consistencyProof, inclusionProof, merkleRoot, verifyConsistency, verifyInclusion } from "./ledger/merkle.ts";
export {
  type CheckpointReport,
  type LedgerCheck,
  type LedgerReport,
  verifyLedger,
  verifyLedgerFile,
} from "./ledger/verify.ts";
export { type Cosigned, type CosignRefusal, type CosignRequest, cosignCheckpoint, type WitnessState } from "./ledger/witness.ts";
export { type ProposalTerms, parseProposal, type StudyProposal, signProposal, verifyProposal } from "./proposal.ts";
export {
  checkRoster,
  checkRunRoster,
  hashRoster,
  isSiteId,
  MINIMUM_SITES_FLOOR,
  makeRoster,
  parseRoster,
  ROSTER_MEMBER_COUNT_MAX,
  type Roster,
  type RosterMember,
  type SiteRole,
} from "./roster.ts";
export { type RunApprovals, verifyRunApprovals } from "./run-approvals.ts";
