/** For tests and benchmarks: hospitals and coordinator of one attempt in one process, step by step, with room to misbehave between the steps. */

import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { concatBytes, fromHex, type SecureRandom, sha256, sha256Bytes, utf8 } from "@dure/kernel";
import { encodeContribution } from "./encoding/encode.ts";
import { release } from "./gate/releasable.ts";
import { hashLayout, type SumLayout } from "./layout.ts";
import { announceKeys } from "./secure-sum/announcement.ts";
import { addMasked, openSum, startMaskedSum } from "./secure-sum/masked-sum.ts";
import { maskVector } from "./secure-sum/masking.ts";
import type {
  AttemptContext,
  KeyAnnouncement,
  MaskedVector,
  SealedShare,
  SiteSigner,
  SurvivorSignature,
  UnmaskShare,
} from "./secure-sum/messages.ts";
import type { SiteSecrets } from "./secure-sum/secrets.ts";
import { sealShares } from "./secure-sum/shares.ts";
import { revealShares, signSurvivors } from "./secure-sum/survivors.ts";

/** The same bytes for the same seed: SHA-256 in counter mode. Never outside tests. */
export function predictableRandom(seed: string): SecureRandom {
  let counter = 0;
  return {
    kind: "secure",
    bytes(length) {
      const blocks: Uint8Array[] = [];
      for (let made = 0; made < length; made += 32) blocks.push(createHash("sha256").update(`${seed} ${counter++}`).digest());
      return concatBytes(...blocks).slice(0, length);
    },
  };
}

export interface RehearsedSite {
  readonly signer: SiteSigner;
  readonly identityKey: Uint8Array;
}

export function rehearsedSite(siteId: string): RehearsedSite {
  const der = concatBytes(fromHex("302e020100300506032b657004220420"), sha256Bytes(utf8(`identity of ${siteId}`)));
  const privateKey: KeyObject = createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" });
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  const signer: SiteSigner = { siteId, sign: (message) => new Uint8Array(sign(null, message, privateKey)) };
  return { signer, identityKey: new Uint8Array(spki.subarray(-32)) };
}

export interface RehearsalPlan {
  readonly siteCount: number;
  readonly layout: SumLayout;
  readonly minimumSites?: number;
  readonly exact?: boolean;
  readonly attempt?: number;
  /** What the sites were told of the model; one value for all unless a test lies. */
  readonly state?: string;
  readonly seed?: string;
}

export const siteName = (index: number): string => `hospital-${String(index + 1).padStart(3, "0")}`;

export function rehearsedContext(plan: RehearsalPlan): AttemptContext {
  const members = Array.from({ length: plan.siteCount }, (_, index) => ({
    siteId: siteName(index),
    identityKey: rehearsedSite(siteName(index)).identityKey,
  }));
  return {
    run: "run-1",
    round: 3,
    attempt: plan.attempt ?? 0,
    hashes: {
      study: sha256("study"),
      roster: sha256("roster"),
      approvals: sha256("approvals"),
      state: sha256(plan.state ?? "state"),
      layout: hashLayout(plan.layout),
    },
    members,
    minimumSites: plan.minimumSites ?? 3,
    exact: plan.exact ?? false,
    layout: plan.layout,
  };
}

/** One attempt. Each method takes a step for the named sites (all that came so far, when left out) and keeps what was said. */
export class Rehearsal {
  readonly context: AttemptContext;
  readonly secrets = new Map<string, SiteSecrets>();
  /** What a site is told instead of the attempt's context. */
  readonly toldContext = new Map<string, AttemptContext>();
  readonly vectors = new Map<string, ReadonlyMap<string, Float64Array>>();
  readonly announcements: KeyAnnouncement[] = [];
  shares: SealedShare[] = [];
  sharers: string[] = [];
  readonly masked = new Map<string, MaskedVector>();
  readonly signatures: SurvivorSignature[] = [];
  readonly unmaskShares: UnmaskShare[] = [];
  readonly #seed: string;

  constructor(plan: RehearsalPlan) {
    this.context = rehearsedContext(plan);
    this.#seed = plan.seed ?? "rehearsal";
  }

  get everyone(): string[] {
    return this.context.members.map((member) => member.siteId);
  }

  contextOf(siteId: string): AttemptContext {
    return this.toldContext.get(siteId) ?? this.context;
  }

  secretsOf(siteId: string): SiteSecrets {
    const secrets = this.secrets.get(siteId);
    if (secrets === undefined) throw new Error(`${siteId} has announced no keys`);
    return secrets;
  }

  keys(sites: readonly string[] = this.everyone): void {
    for (const siteId of sites) {
      const random = predictableRandom(`${this.#seed} ${siteId} ${this.context.attempt}`);
      const { secrets, announcement } = announceKeys(this.contextOf(siteId), rehearsedSite(siteId).signer, random);
      this.secrets.set(siteId, secrets);
      this.announcements.push(announcement);
    }
  }

  share(sites: readonly string[] = this.announcements.map(({ siteId }) => siteId)): void {
    for (const siteId of sites) {
      const { secrets, shares } = sealShares(this.contextOf(siteId), this.secretsOf(siteId), this.announcements);
      this.secrets.set(siteId, secrets);
      this.shares.push(...shares);
      this.sharers.push(siteId);
    }
  }

  mask(sites: readonly string[] = this.sharers): void {
    for (const siteId of sites) this.masked.set(siteId, this.maskOne(siteId));
  }

  maskOne(siteId: string): MaskedVector {
    const context = this.contextOf(siteId);
    const encoded = encodeContribution(
      context.layout,
      { vectors: this.vectors.get(siteId) ?? zeroVectors(context.layout) },
      context.members.length,
    );
    const sharesForMe = this.shares.filter(({ to }) => to === siteId);
    const { secrets, masked } = maskVector(context, this.secretsOf(siteId), sharesForMe, release(encoded, ["rehearsed"]));
    this.secrets.set(siteId, secrets);
    return masked.value;
  }

  sign(survivors: readonly string[], sites: readonly string[] = survivors): void {
    for (const siteId of sites) {
      const { secrets, signature } = signSurvivors(this.contextOf(siteId), this.secretsOf(siteId), survivors);
      this.secrets.set(siteId, secrets);
      this.signatures.push(signature);
    }
  }

  reveal(survivors: readonly string[], sites: readonly string[] = survivors): void {
    for (const siteId of sites) {
      const { secrets, shares } = revealShares(this.contextOf(siteId), this.secretsOf(siteId), survivors, this.signatures);
      this.secrets.set(siteId, secrets);
      this.unmaskShares.push(...shares);
    }
  }

  open(survivors: readonly string[]): Uint8Array {
    const { context, announcements, sharers, unmaskShares } = this;
    const accumulator = startMaskedSum(context);
    for (const siteId of survivors)
      addMasked(accumulator, this.masked.get(siteId) ?? { siteId, bytes: new Uint8Array(accumulator.bytes.length) });
    return openSum({ context, announcements, sharers, survivors, accumulator, unmaskShares });
  }

  /** From keys to the opened sum, with these sites vanishing after they have shared. */
  through(vanished: readonly string[] = []): Uint8Array {
    const survivors = this.everyone.filter((siteId) => !vanished.includes(siteId));
    this.keys();
    this.share();
    this.mask(survivors);
    this.sign(survivors);
    this.reveal(survivors);
    return this.open(survivors);
  }
}

function zeroVectors(layout: SumLayout): ReadonlyMap<string, Float64Array> {
  return new Map(layout.vectors.map((vector) => [vector.name, new Float64Array(vector.length)]));
}
