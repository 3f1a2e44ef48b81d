/**
 * For tests only: a coordinator and hospitals around the two reducers, without disks and networks. Every message lies in one queue, and
 * a test may look at it, drop it, change it or say it twice before it arrives.
 */

import type { ApprovalTerms, Roster, RosterMember, SealKeyPair, SigningKeyPair, SiteRole } from "@dure/identity";
import {
  type Approval,
  createSealKey,
  createSigner,
  createSigningKey,
  hashRoster,
  makeRoster,
  type OwnRelease,
  signApproval,
} from "@dure/identity";
import { hashJson, type SecureRandom, SeededRandom } from "@dure/kernel";
import { predictableRandom } from "@dure/privacy/testing";
import type { AnalysisTable } from "@dure/records";
import type { FrozenStudy, StudyDocument } from "@dure/study";
import { type AnyCoordinatorPart, coordinatorPartFor } from "../coordinator/registry.ts";
import { performWork } from "../site/perform-work.ts";
import { testStudy, testTable } from "../site/testing.ts";
import { beginRun, type RunMessage, type RunState, recoverRun, stepRun } from "./coordinator-reducer.ts";
import type { RecordEntry, RunTools } from "./coordinator-tools.ts";
import { asReceived } from "./leaving.ts";
import type { Leaving, OpenRound, ToCoordinator, ToSite } from "./messages.ts";
import type { RunDurable } from "./run-plan.ts";
import { openRoundTranscript } from "./signing.ts";
import type { SiteFacts } from "./site-durable.ts";
import { recoverSiteRun, type SiteEffect, type SiteMessage, type SiteRunState, stepSite } from "./site-reducer.ts";
import type { Timing } from "./tools.ts";

export const START_MS = 1_800_000_000_000;
export const testTiming: Timing = { phaseMs: 30_000, joinMs: 600_000, patienceMs: 86_400_000, retryMs: 200 };

const names = ["andong", "boryeong", "chuncheon", "daegu", "eumseong", "gangneung", "hapcheon"];

/** Two features, rows held out for the hospitals' own evaluation, no folds: the shortest run that has everything. */
export function twoFeatureStudy(options: { readonly minimumCell?: number } = {}): FrozenStudy {
  return frozen(
    testStudy({ outcome: "y", features: ["x", "z"], booleans: ["z"] }, { minimumCell: options.minimumCell ?? 5, holdout: "x > 99" }),
  );
}

export function frozen(document: StudyDocument): FrozenStudy {
  const canonical = JSON.parse(JSON.stringify(document));
  return { document, canonical, hash: hashJson(canonical) };
}

export function randomRows(seed: number, rowCount = 60): AnalysisTable {
  const random = new SeededRandom(seed);
  const x = Float64Array.from({ length: rowCount }, () => random.normal());
  const z = Float64Array.from({ length: rowCount }, () => random.below(2));
  const y = x.map((value, i) => (random.uniform() < 1 / (1 + Math.exp(0.2 - 0.6 * value - 0.4 * (z[i] ?? 0))) ? 1 : 0));
  const columns = new Map([
    ["y", y],
    ["x", x],
    ["z", z],
  ]);
  return testTable({ columns, keyPrefix: `row-${seed}`, heldOut: Uint8Array.from(x, (_, i) => (i % 3 === 0 ? 1 : 0)) });
}

export interface TestHospital {
  readonly siteId: string;
  readonly role: SiteRole;
  readonly table: AnalysisTable;
  readonly identity: SigningKeyPair;
  readonly seal: SealKeyPair;
  readonly steward: SigningKeyPair;
  readonly member: RosterMember;
}

export function testHospital(siteId: string, role: SiteRole, table: AnalysisTable, random: SecureRandom): TestHospital {
  const [identity, seal, steward] = [createSigningKey(random), createSealKey(random), createSigningKey(random)];
  const keys = { identityKey: identity.publicKey, sealKey: seal.publicKey, stewardKey: steward.publicKey };
  return { siteId, role, table, identity, seal, steward, member: { siteId, organisation: `Hospital ${siteId}`, role, ...keys } };
}

/** As the hospital's steward signs it; `change` is what a test wants otherwise. */
export function approve(hospital: TestHospital, study: FrozenStudy, roster: Roster, change: Partial<ApprovalTerms> = {}): Approval {
  const releases: readonly OwnRelease[] = hospital.role === "training" ? ["headline", "local-model"] : ["headline"];
  const terms: ApprovalTerms = {
    siteId: hospital.siteId,
    study: study.hash,
    invitedRoster: hashRoster(roster),
    boardReference: "rehearsal",
    expiresAtMs: START_MS + 30 * testTiming.patienceMs,
    sumCountMax: 60,
    minimumCell: study.document.privacy.minimumCell,
    releases,
    acceptsInference: false,
    decidedAtMs: START_MS - 1,
  };
  return signApproval({ ...terms, ...change }, hospital.steward.privateKey);
}

export type Letter =
  | { readonly to: "coordinator"; readonly from: string; readonly message: ToCoordinator }
  | { readonly to: string; readonly from: "coordinator"; readonly message: ToSite };

export interface TestSite {
  readonly hospital: TestHospital;
  /** Its own, so that the order of messages does not show in what it draws. */
  readonly random: SecureRandom;
  state: SiteRunState;
  session: number;
  /** What the hospital's own store says otherwise than the usual. */
  change: Partial<SiteFacts>;
  readonly refusals: string[];
  readonly left: Leaving[];
}

export interface TestFederationOptions {
  readonly siteCount?: number;
  readonly study?: FrozenStudy;
  readonly seed?: number;
  readonly tables?: readonly AnalysisTable[];
  readonly timing?: Partial<Timing>;
  readonly part?: (part: AnyCoordinatorPart) => AnyCoordinatorPart;
}

export class TestFederation {
  readonly study: FrozenStudy;
  readonly part: AnyCoordinatorPart;
  readonly random: SecureRandom;
  readonly hospitals: readonly TestHospital[];
  readonly roster: Roster;
  readonly approvals: readonly Approval[];
  readonly coordinatorKeys: SigningKeyPair;
  readonly tools: RunTools;
  readonly sites = new Map<string, TestSite>();
  readonly record: RecordEntry[] = [];
  /** Every message that the coordinator sent, also those that a test kept back. */
  readonly sent: { readonly to: string; readonly message: ToSite }[] = [];
  queue: Letter[] = [];
  nowMs = START_MS;
  state: RunState;
  /** What arrives instead of a letter; the letter itself where a test says nothing. */
  intercept: (letter: Letter) => readonly Letter[] = (letter) => [letter];
  /** Which letter of the queue arrives next. */
  next: (queue: readonly Letter[]) => number = () => 0;

  constructor(options: TestFederationOptions = {}) {
    const { siteCount = 5, seed = 1 } = options;
    this.study = options.study ?? twoFeatureStudy();
    this.part = (options.part ?? ((part) => part))(coordinatorPartFor(this.study.document));
    this.random = predictableRandom(`federation ${seed}`);
    this.coordinatorKeys = createSigningKey(this.random);
    this.hospitals = names.slice(0, siteCount).map((siteId, i) => {
      const table = options.tables?.[i] ?? randomRows(100 * seed + i);
      return testHospital(siteId, i === siteCount - 1 ? "external" : "training", table, this.random);
    });
    this.roster = makeRoster(this.hospitals.map(({ member }) => member));
    this.approvals = this.hospitals.map((hospital) => approve(hospital, this.study, this.roster));
    const timing = { ...testTiming, ...options.timing };
    const plan = { run: `run-${seed}`, study: this.study, roster: this.roster, approvals: this.approvals, startedAtMs: START_MS, timing };
    this.tools = { plan, part: this.part, sign: createSigner("coordinator", this.coordinatorKeys.privateKey).sign };
    this.state = recoverRun(beginRun(this.tools));
    for (const hospital of this.hospitals) {
      const random = predictableRandom(`${seed} ${hospital.siteId}`);
      this.sites.set(hospital.siteId, {
        hospital,
        random,
        state: recoverSiteRun(undefined),
        session: 1,
        change: {},
        refusals: [],
        left: [],
      });
    }
  }

  get durable(): RunDurable {
    return this.state.durable;
  }

  get training(): readonly string[] {
    return this.hospitals.filter(({ role }) => role === "training").map(({ siteId }) => siteId);
  }

  site(siteId: string): TestSite {
    const site = this.sites.get(siteId);
    if (site === undefined) throw new Error(`no site ${siteId}`);
    return site;
  }

  facts(siteId: string): SiteFacts {
    const { hospital, change } = this.site(siteId);
    const approval = this.approvals.find(({ terms }) => terms.siteId === hospital.siteId);
    if (approval === undefined) throw new Error(`no approval of ${siteId}`);
    return {
      siteId,
      study: this.study,
      part: this.part,
      approval,
      invitedRoster: this.roster,
      earlierRuns: [],
      coordinatorKey: this.coordinatorKeys.publicKey,
      nowMs: this.nowMs,
      ...change,
    };
  }

  /** One message to the coordinator's reducer; what it sends goes into the queue. */
  tell(message: RunMessage): void {
    const { state, effects } = stepRun(this.tools, this.state, message, this.nowMs);
    this.state = state;
    for (const effect of effects) {
      if (effect.kind === "record") this.record.push(effect.entry);
      else {
        this.sent.push({ to: effect.to, message: effect.message });
        this.queue.push({ to: effect.to, from: "coordinator", message: effect.message });
      }
    }
  }

  /** These sites are connected, all of them when left out. */
  arrive(siteIds: readonly string[] = [...this.sites.keys()]): void {
    for (const site of siteIds) this.tell({ kind: "site-present", site, session: String(this.site(site).session) });
  }

  /** Killed and started again: memory is lost, what was stored is read back from JSON. */
  restart(siteId: string): void {
    const site = this.site(siteId);
    const { durable } = site.state;
    site.session++;
    site.state = recoverSiteRun(durable === undefined ? undefined : JSON.parse(JSON.stringify(durable)));
    this.queue = this.queue.filter((letter) => letter.to !== siteId);
    this.arrive([siteId]);
  }

  restartCoordinator(): void {
    this.state = recoverRun(JSON.parse(JSON.stringify(this.durable)));
    this.arrive();
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.tell({ kind: "tick" });
  }

  /** Until nothing is on its way. */
  async settle(): Promise<void> {
    while (this.queue.length > 0) {
      const [letter] = this.queue.splice(this.next(this.queue), 1);
      if (letter !== undefined) for (const arriving of this.intercept(letter)) await this.#deliver(arriving);
    }
  }

  /** Until the run has ended; a pause of the coordinator is waited out. */
  async finish(tickMs = 30_000): Promise<RunDurable> {
    for (let tick = 0; tick < 400; tick++) {
      await this.settle();
      if (this.durable.stage === "ended") return this.durable;
      this.nowMs += tickMs;
      this.arrive();
      this.tell({ kind: "tick" });
    }
    throw new Error(`the run did not end: ${this.record.slice(-5).map(({ code }) => code)}`);
  }

  /** One message to a site's reducer, with the work that it asks for. Returns what it sent. */
  async stepSite(siteId: string, message: SiteMessage): Promise<readonly Leaving[]> {
    const site = this.site(siteId);
    const signer = createSigner(siteId, site.hospital.identity.privateKey);
    const { state, effects } = stepSite({ signer, random: site.random }, site.state, message);
    site.state = state;
    const left: Leaving[] = [];
    for (const effect of effects) left.push(...(await this.#perform(site, effect)));
    return left;
  }

  async #perform(site: TestSite, effect: SiteEffect): Promise<readonly Leaving[]> {
    const { siteId, table, seal } = site.hospital;
    switch (effect.kind) {
      case "send":
        site.left.push(effect.message);
        return [effect.message];
      case "refused":
        site.refusals.push(effect.code);
        return [];
      case "ledger":
        return [];
      default: {
        const work = { facts: this.facts(siteId), table, sealPrivateKey: seal.privateKey, random: site.random };
        return this.stepSite(siteId, await performWork(work, effect));
      }
    }
  }

  async #deliver({ to, from, message }: Letter): Promise<void> {
    if (to === "coordinator") this.tell({ kind: "from-site", site: from, message: message as ToCoordinator });
    else {
      const left = await this.stepSite(to, { kind: "from-coordinator", message: message as ToSite, facts: this.facts(to) });
      for (const leaving of left) this.queue.push({ to: "coordinator", from: to, message: asReceived(leaving) });
    }
  }

  /** As a coordinator that lies: its own key signs whatever it likes. */
  signOpenRound(message: Omit<OpenRound, "signature">): OpenRound {
    return { ...message, signature: this.tools.sign(openRoundTranscript(message)) };
  }
}
