/** For tests only: hospitals with all their private keys. */

import { createSealKey, type SealKeyPair } from "./keys/seal.ts";
import { createSigningKey, type SigningKeyPair } from "./keys/signing.ts";
import type { RosterMember, SiteRole } from "./roster.ts";
import { systemRandom as random } from "./testing-random.ts";

export interface Hospital {
  readonly member: RosterMember;
  readonly identity: SigningKeyPair;
  readonly seal: SealKeyPair;
  readonly steward: SigningKeyPair;
}

export function makeHospital(siteId: string, role: SiteRole = "training"): Hospital {
  const [identity, seal, steward] = [createSigningKey(random), createSealKey(random), createSigningKey(random)];
  const keys = { identityKey: identity.publicKey, sealKey: seal.publicKey, stewardKey: steward.publicKey };
  return { member: { siteId, organisation: `Organisation of ${siteId}`, role, ...keys }, identity, seal, steward };
}
