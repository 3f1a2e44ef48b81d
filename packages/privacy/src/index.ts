export { decodeSum, encodeContribution, encodedByteLength, sumLimit } from "./encoding/encode.ts";
export { type EncodingPlace, type EncodingReason, EncodingRefusal } from "./encoding/refusal.ts";
export { type ContributionRequest, effectiveRows, type GatePolicy, gateContribution } from "./gate/contribution.ts";
export { differencingCheck } from "./gate/differencing.ts";
export { gateRelease, type OwnReleaseRequest, releaseAgain } from "./gate/own-release.ts";
export type { GateAnswer, GateReason, GateRefusal } from "./gate/refusal.ts";
export { Releasable } from "./gate/releasable.ts";
export { type ColumnSupport, type SupportProblem, supportProblems } from "./gate/support.ts";
export { type ReportedCount, reportCount, type SuppressedTable, suppressCounts, type TableCount } from "./gate/suppression.ts";
export { type MergedTimeBins, mergeTimeBins, type TimeBins, type TimeInterval } from "./gate/time-bins.ts";
export {
  type Contribution,
  type Encoding,
  hashLayout,
  type Influence,
  type Sum,
  type SumLayout,
  sumToJson,
  type VectorLayout,
} from "./layout.ts";
export { type ByteSource, keyedBytes, type Ratio, sampleDiscreteGaussian } from "./noise/discrete-gaussian.ts";
export { announceKeys, hashKeyList, verifyAnnouncement } from "./secure-sum/announcement.ts";
export { addMasked, type MaskedSum, type Opening, openSum, startMaskedSum } from "./secure-sum/masked-sum.ts";
export { maskVector } from "./secure-sum/masking.ts";
export type {
  AttemptContext,
  AttemptMember,
  KeyAnnouncement,
  MaskedVector,
  SealedShare,
  SiteSigner,
  SurvivorSignature,
  UnmaskShare,
} from "./secure-sum/messages.ts";
export { type SecureSumCode, type SecureSumReason, SecureSumRefusal } from "./secure-sum/refusal.ts";
export {
  type AnnouncedSecrets,
  type ErasedSecrets,
  eraseSecrets,
  type MaskedSecrets,
  type RevealedSecrets,
  type SealedSecrets,
  type SecretsPhase,
  type SignedSecrets,
  type SiteSecrets,
} from "./secure-sum/secrets.ts";
export { sealShares } from "./secure-sum/shares.ts";
export { hashSurvivorList, revealShares, signSurvivors } from "./secure-sum/survivors.ts";
export { collusionTolerated, MEMBERS_MAX, MINIMUM_SITES_FLOOR, secureSumThreshold } from "./secure-sum/threshold.ts";
