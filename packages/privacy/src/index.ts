export { type Contribution, type Encoding, type Influence, type Sum, type SumLayout, sumToJson, type VectorLayout } from "./layout.ts";
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
