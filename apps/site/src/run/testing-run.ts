/**
 * For tests only: a run between a coordinator's reducer in memory and hospitals as they are, each with its own folder, record, ledger,
 * frozen tables and `RunHost`. Messages go straight from one to the other; a test may look in at every step.
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { coordinatorPartFor } from "@dure/federation/coordinator";
import {
  asReceived,
  beginRun,
  type Leaving,
  type RunDurable,
  type RunState,
  type RunTools,
  recoverRun,
  stepRun,
  type ToSite,
} from "@dure/federation/protocol";
import {
  type Approval,
  type ApprovalTerms,
  createSigner,
  createSigningKey,
  hashRoster,
  type LedgerReport,
  ledgerOrigin,
  type Roster,
  type SigningKeyPair,
  type SiteRole,
  signApproval,
  verifyLedger,
} from "@dure/identity";
import { canonicalJson, type JsonValue } from "@dure/kernel";
import { systemRandom as random } from "@dure/machine";
import type { FrozenStudy } from "@dure/study";
import { readRoster } from "@dure/wire";
import { makeSiteHome, type SitePaths } from "../home/site-home.ts";
import { readLedger } from "../ledger/export-ledger.ts";
import { verifyStudy } from "../steward/fetch-study.ts";
import { alliance, proposed, type TestHospital, testClock, testHospital, toySource, toyStudy } from "../steward/testing-site.ts";
import { FrozenTables } from "../store/frozen-table.ts";
import { SiteStore } from "../store/site-store.ts";
import { LedgerWriter } from "./ledger-writer.ts";
import { RunHost } from "./run-host.ts";
import { TableFreezer } from "./table-freezer.ts";
import type { TableSource } from "./table-source.ts";

const DAY_MS = 86_400_000;
const timing = { phaseMs: 30_000, joinMs: 600_000, patienceMs: DAY_MS, retryMs: 200 };
const siteIds = ["hospital-1", "hospital-2", "hospital-3", "hospital-4", "hospital-5"];
/** Where a test does its worst. */
export const victim = "hospital-1";

let studyCount = 0;

/** A new study each time, over the same table and with the same answer. */
export const runStudy = (ageQuality?: string): FrozenStudy =>
  toyStudy({
    holdout: "age > 64",
    localModels: false,
    title: `Study ${++studyCount}`,
    ...(ageQuality === undefined ? {} : { ageQuality }),
  });

/** A hospital as it stands: what is on the disk outlives `restart`, the rest does not. */
export class TestSiteProcess {
  readonly paths: SitePaths;
  readonly hospital: TestHospital;
  readonly steward: SigningKeyPair;
  readonly log: string[] = [];
  readonly sent: Leaving[] = [];
  source: TableSource;
  store: SiteStore;
  /** Called with each message in the moment in which it is handed out. */
  onSend: (message: Leaving) => void = () => {};
  session = 1;
  readonly #siteSecret = random.bytes(32);
  readonly #alliance: TestAlliance;
  #host: RunHost;

  constructor(owner: TestAlliance, root: string, { siteId, role, source }: { siteId: string; role: SiteRole; source: TableSource }) {
    this.#alliance = owner;
    this.paths = makeSiteHome(join(root, siteId));
    this.steward = createSigningKey(random);
    this.hospital = testHospital(siteId, role, this.steward.publicKey);
    this.source = source;
    this.store = new SiteStore(this.paths.decisions);
    this.#host = this.#makeHost();
  }

  get siteId(): string {
    return this.hospital.member.siteId;
  }

  receive(message: ToSite): Promise<void> {
    return this.#host.receive(message);
  }

  /** A new process on the same folder. */
  restart(): void {
    this.store.close();
    this.store = new SiteStore(this.paths.decisions);
    this.#host = this.#makeHost();
    this.session++;
  }

  frozenFiles(): readonly string[] {
    return existsSync(this.paths.frozen) ? readdirSync(this.paths.frozen) : [];
  }

  verifyLedger(): LedgerReport {
    return verifyLedger(readLedger(this.store), { origin: ledgerOrigin(alliance, this.siteId) });
  }

  #makeHost(): RunHost {
    const { clock, coordinator } = this.#alliance;
    const { siteId, store } = this;
    const ledger = new LedgerWriter({ store, alliance, siteId, clock, random });
    const source: TableSource = { read: (study, document) => this.source.read(study, document) };
    const files = new FrozenTables(this.paths.frozen);
    return new RunHost({
      siteId,
      coordinatorKey: coordinator.publicKey,
      sealPrivateKey: this.hospital.seal.privateKey,
      store,
      tables: new TableFreezer({ store, files, source, ledger, siteSecret: this.#siteSecret, clock }),
      ledger,
      tools: { signer: createSigner(siteId, this.hospital.identity.privateKey), random },
      random,
      clock,
      send: (message) => {
        this.onSend(message);
        this.sent.push(message);
        this.#alliance.post(siteId, message);
      },
      log: ({ code }) => this.log.push(code),
    });
  }
}

interface Posted {
  readonly from: string;
  readonly message: Leaving;
}

/** Four hospitals that train, a fifth that validates. */
export class TestAlliance implements Disposable {
  readonly clock = testClock();
  readonly coordinator = createSigningKey(random);
  readonly sites: ReadonlyMap<string, TestSiteProcess>;
  readonly #root = mkdtempSync(join(tmpdir(), "dure-run-"));
  #inbox: Posted[] = [];

  constructor(sources: Readonly<Record<string, TableSource>> = {}) {
    this.sites = new Map(
      siteIds.map((siteId, i) => {
        const role = i === siteIds.length - 1 ? "external" : "training";
        const source = sources[siteId] ?? toySource({ rowCount: 160, seed: i + 1, keyPrefix: siteId });
        return [siteId, new TestSiteProcess(this, this.#root, { siteId, role, source })];
      }),
    );
  }

  get victim(): TestSiteProcess {
    return this.site(victim);
  }

  site(siteId: string): TestSiteProcess {
    const site = this.sites.get(siteId);
    if (site === undefined) throw new Error(`no site ${siteId}`);
    return site;
  }

  post(from: string, message: Leaving): void {
    this.#inbox.push({ from, message });
  }

  takePosted(run: string): readonly Posted[] {
    const posted = this.#inbox.filter(({ message }) => message.run === run);
    this.#inbox = this.#inbox.filter(({ message }) => message.run !== run);
    return posted;
  }

  /** Every hospital holds the study, and its steward approved. */
  propose(
    study: FrozenStudy,
    change: (siteId: string) => Partial<ApprovalTerms> = () => ({}),
    files?: Parameters<typeof proposed>[2],
  ): Proposed {
    const members = [...this.sites.values()].map(({ hospital }) => hospital.member);
    const answer = proposed(study, members, files);
    const roster = readRoster(answer.rosterJson);
    const approvals = [...this.sites.values()].map((site) => {
      const { siteId, identityKey, sealKey, stewardKey } = site.hospital.member;
      const verified = verifyStudy(answer, { study: study.hash, own: { siteId, identityKey, sealKey, stewardKey } });
      if (verified.kind === "refused") throw new Error("the proposal is good");
      site.store.putStudy({ ...verified.record, receivedAtMs: this.clock.nowMs() }, verified.files);
      return this.#approve(site, { study, roster, change: change(siteId) });
    });
    return { study, roster, approvals };
  }

  #approve(site: TestSiteProcess, what: { study: FrozenStudy; roster: Roster; change: Partial<ApprovalTerms> }): Approval {
    const { study, roster, change } = what;
    const decidedAtMs = this.clock.nowMs();
    const terms: ApprovalTerms = {
      siteId: site.siteId,
      study: study.hash,
      invitedRoster: hashRoster(roster),
      boardReference: "rehearsal",
      expiresAtMs: decidedAtMs + 30 * DAY_MS,
      sumCountMax: 60,
      minimumCell: study.document.privacy.minimumCell,
      releases: ["headline"],
      acceptsInference: false,
      decidedAtMs,
      ...change,
    };
    const approval = signApproval(terms, site.steward.privateKey);
    const document = canonicalJson(approval as unknown as JsonValue);
    site.store.putDecision({ study: study.hash, kind: "approved", document, decidedAtMs, isDelivered: true });
    return approval;
  }

  [Symbol.dispose](): void {
    for (const site of this.sites.values()) site.store.close();
    rmSync(this.#root, { recursive: true, force: true });
  }
}

export interface Proposed {
  readonly study: FrozenStudy;
  readonly roster: Roster;
  readonly approvals: readonly Approval[];
}

/** One run, as the coordinator drives it. */
export class TestRun {
  readonly run: string;
  readonly #alliance: TestAlliance;
  readonly #tools: RunTools;
  #state: RunState;
  readonly #queue: { readonly to: string; readonly message: ToSite }[] = [];
  /** Before a message arrives at a hospital: false keeps it back. */
  onArrival: (siteId: string, message: ToSite) => boolean | Promise<boolean> = () => true;

  constructor(owner: TestAlliance, run: string, { study, roster, approvals }: Proposed) {
    this.run = run;
    this.#alliance = owner;
    const plan = { run, study, roster, approvals, startedAtMs: owner.clock.nowMs(), timing };
    const sign = createSigner("coordinator", owner.coordinator.privateKey).sign;
    this.#tools = { plan, part: coordinatorPartFor(study.document), sign };
    this.#state = recoverRun(beginRun(this.#tools));
  }

  get durable(): RunDurable {
    return this.#state.durable;
  }

  /** What must not depend on anything that a test does on the way. */
  get answer(): string {
    return canonicalJson({ result: this.durable.result, headlines: this.durable.headlines });
  }

  /** Until the run has ended; pauses of the coordinator are waited out. */
  async finish(): Promise<RunDurable> {
    for (let tick = 0; tick < 200; tick++) {
      for (const site of this.#alliance.sites.values())
        this.#tell({ kind: "site-present", site: site.siteId, session: String(site.session) });
      await this.settle();
      if (this.durable.stage === "ended") return this.durable;
      this.#alliance.clock.set(this.#alliance.clock.nowMs() + timing.phaseMs);
      this.#tell({ kind: "tick" });
    }
    throw new Error(`the run did not end: round ${this.durable.round}, attempt ${this.durable.attempt}`);
  }

  /** Until nothing is on its way. */
  async settle(): Promise<void> {
    for (;;) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      if (!(await this.onArrival(next.to, next.message))) continue;
      await this.#alliance.site(next.to).receive(next.message);
      for (const { from, message } of this.#alliance.takePosted(this.run))
        this.#tell({ kind: "from-site", site: from, message: asReceived(message) });
    }
  }

  #tell(message: Parameters<typeof stepRun>[2]): void {
    const { state, effects } = stepRun(this.#tools, this.#state, message, this.#alliance.clock.nowMs());
    this.#state = state;
    for (const effect of effects) if (effect.kind === "send") this.#queue.push({ to: effect.to, message: effect.message });
  }
}

/** Whether this machine can set a limit on a running process: util-linux, not root. */
export const canFillDisk = existsSync("/usr/bin/prlimit");

/** While the work runs, no file of this process grows beyond so many bytes: what a full disk does, without one. */
export async function withFullDisk<Result>(fileBytesMax: number, work: () => Result | Promise<Result>): Promise<Result> {
  const limit = (bytes: number | "unlimited"): void => {
    execFileSync("/usr/bin/prlimit", ["--pid", String(process.pid), `--fsize=${bytes}:`]);
  };
  limit(fileBytesMax);
  try {
    return await work();
  } finally {
    limit("unlimited");
  }
}
