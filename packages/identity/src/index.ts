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
  type Declination,
  type DeclinationReason,
  type DeclinationTerms,
  declinationReasons,
  parseDeclination,
  signDeclination,
  verifyDeclination,
} from "./declination.ts";
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
