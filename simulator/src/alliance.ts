/** An alliance in memory: keys, roster, and approvals by throw-away stewards, all of them real signatures. */

import {
  type Approval,
  createSealKey,
  createSigner,
  createSigningKey,
  hashRoster,
  makeRoster,
  type OwnRelease,
  type Roster,
  type SealKeyPair,
  type SigningKeyPair,
  type SiteRole,
  signApproval,
} from "@dure/identity";
import type { SecureRandom } from "@dure/kernel";
import type { SiteSigner } from "@dure/privacy";
import type { FrozenStudy } from "@dure/study";

export interface HospitalKeys {
  readonly identity: SigningKeyPair;
  readonly seal: SealKeyPair;
  readonly signer: SiteSigner;
  readonly approval: Approval;
}

export interface Alliance {
  readonly coordinator: SigningKeyPair;
  readonly roster: Roster;
  readonly hospitals: ReadonlyMap<string, HospitalKeys>;
}

export interface Invitation {
  readonly siteId: string;
  readonly role: SiteRole;
  readonly releases: readonly OwnRelease[];
}

/** A day is more than any simulated run takes. */
const APPROVAL_MS = 86_400_000;

/** Newton with step halving, five folds beside it, moments, counts and scores: well below this. */
const SUM_COUNT_MAX = 200;

export function foundAlliance(options: {
  readonly study: FrozenStudy;
  readonly invitations: readonly Invitation[];
  readonly random: SecureRandom;
  readonly nowMs: number;
}): Alliance {
  const { study, random, nowMs } = options;
  const drawn = options.invitations.map((invitation) => ({
    invitation,
    identity: createSigningKey(random),
    seal: createSealKey(random),
    steward: createSigningKey(random),
  }));
  const roster = makeRoster(
    drawn.map(({ invitation, identity, seal, steward }) => ({
      siteId: invitation.siteId,
      organisation: `Hospital ${invitation.siteId}`,
      role: invitation.role,
      identityKey: identity.publicKey,
      sealKey: seal.publicKey,
      stewardKey: steward.publicKey,
    })),
  );
  const approve = (siteId: string, releases: readonly OwnRelease[], steward: SigningKeyPair): Approval =>
    signApproval(
      {
        siteId,
        study: study.hash,
        invitedRoster: hashRoster(roster),
        boardReference: "simulated",
        expiresAtMs: nowMs + APPROVAL_MS,
        sumCountMax: SUM_COUNT_MAX,
        minimumCell: study.document.privacy.minimumCell,
        releases,
        acceptsInference: false,
        decidedAtMs: nowMs,
      },
      steward.privateKey,
    );
  const hospitals = new Map(
    drawn.map(({ invitation: { siteId, releases }, identity, seal, steward }) => [
      siteId,
      { identity, seal, signer: createSigner(siteId, identity.privateKey), approval: approve(siteId, releases, steward) },
    ]),
  );
  return { coordinator: createSigningKey(random), roster, hospitals };
}
