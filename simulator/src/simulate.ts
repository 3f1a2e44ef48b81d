/**
 * The whole federation in one process: the very reducers, sums and gates of production under a virtual clock, network and disk.
 *
 * Processes can be killed at any stored effect; their supervisor starts them again a virtual second later, or when a test says so.
 */

import type { StudyResult } from "@dure/federation/coordinator";
import { coordinatorPartFor } from "@dure/federation/coordinator";
import {
  asReceived,
  defaultTiming,
  type Leaving,
  type RecordEntry,
  type RunDurable,
  type RunPlan,
  runResult,
  type SiteFacts,
  type ToCoordinator,
  type ToSite,
  trainingSites,
} from "@dure/federation/protocol";
import { createSigner, type OwnRelease, type SiteRole } from "@dure/identity";
import { type SecureRandom, SeededRandom, toHex } from "@dure/kernel";
import { collusionTolerated, secureSumThreshold } from "@dure/privacy";
import type { AnalysisTable } from "@dure/records";
import type { FrozenStudy } from "@dure/study";
import { type Alliance, foundAlliance } from "./alliance.ts";
import { CoordinatorProcess } from "./coordinator-process.ts";
import { Faults, Killed, type KillPoint, type StoredEffect } from "./faults.ts";
import { type LeftMessage, SiteProcess } from "./site-process.ts";
import { World } from "./world.ts";

export interface SimulatedSite {
  readonly siteId: string;
  readonly role: SiteRole;
  readonly table: AnalysisTable;
  readonly releases: readonly OwnRelease[];
}

export interface Simulation {
  readonly study: FrozenStudy;
  readonly sites: readonly SimulatedSite[];
  readonly random: SecureRandom;
  /** Order of messages; the result does not depend on it. */
  readonly seed?: number;
  readonly killPoints?: readonly KillPoint[];
  /** Real milliseconds, for the run's own record only. */
  readonly elapsedMs?: () => number;
  readonly onProgress?: (durable: RunDurable) => void;
  readonly signal?: AbortSignal;
}

export interface SimulationOutcome {
  /** Absent where the run was stopped. */
  readonly result: StudyResult | undefined;
  readonly durable: RunDurable;
  readonly record: readonly RecordEntry[];
  readonly left: ReadonlyMap<string, readonly LeftMessage[]>;
  readonly refusals: ReadonlyMap<string, readonly string[]>;
  /** Every stored effect, in order; a kill point names one of them. */
  readonly storedEffects: readonly StoredEffect[];
  /** Kill points at which a process did die. */
  readonly killed: readonly KillPoint[];
}

/** 2026-01-01T00:00:00Z: any fixed time serves, no result depends on it. */
const START_MS = 1_767_225_600_000;
const TICK_MS = 250;
const POLL_MS = 20_000;

export async function simulate(simulation: Simulation): Promise<SimulationOutcome> {
  const { study, random } = simulation;
  const alliance = foundAlliance({ study, invitations: simulation.sites, random, nowMs: START_MS });
  const plan: RunPlan = {
    run: toHex(random.bytes(16)),
    study,
    roster: alliance.roster,
    approvals: [...alliance.hospitals.values()].map((hospital) => hospital.approval),
    startedAtMs: START_MS,
    timing: defaultTiming,
  };
  const network = new Network(simulation, alliance, plan);
  network.startAll();
  await network.world.run(() => network.isOver(), simulation.signal);
  return network.outcome();
}

/** The processes, the lines between them, and their supervisor. */
class Network {
  readonly world: World;
  readonly #simulation: Simulation;
  readonly #plan: RunPlan;
  readonly #faults: Faults;
  readonly #coordinator: CoordinatorProcess;
  readonly #sites: ReadonlyMap<string, SiteProcess>;
  #bytesUp = 0;
  #bytesDown = 0;

  constructor(simulation: Simulation, alliance: Alliance, plan: RunPlan) {
    this.#simulation = simulation;
    this.#plan = plan;
    this.#faults = new Faults(simulation.killPoints ?? []);
    this.world = new World(START_MS, new SeededRandom(simulation.seed ?? 0));
    const part = coordinatorPartFor(plan.study.document);
    const coordinatorSigner = createSigner("coordinator", alliance.coordinator.privateKey);
    this.#coordinator = new CoordinatorProcess({
      tools: { plan, part, sign: coordinatorSigner.sign },
      faults: this.#faults,
      send: (to, message) => this.#toSite(to, message),
    });
    this.#sites = new Map(simulation.sites.map((site) => [site.siteId, this.#makeSite(site, alliance)]));
  }

  startAll(): void {
    this.#startCoordinator();
    for (const siteId of this.#sites.keys()) this.#startSite(siteId);
    this.#tick();
  }

  isOver(): boolean {
    return this.#coordinator.durable?.stage === "ended";
  }

  outcome(): SimulationOutcome {
    const { durable } = this.#coordinator;
    if (durable === undefined) throw new Error("the simulated coordinator stored nothing");
    const sites = [...this.#sites];
    return {
      result: this.#compose(durable),
      durable,
      record: this.#coordinator.record,
      left: new Map(sites.map(([siteId, site]) => [siteId, site.left])),
      refusals: new Map(sites.map(([siteId, site]) => [siteId, site.refusals])),
      storedEffects: this.#faults.stored,
      killed: this.#faults.killed,
    };
  }

  #compose(durable: RunDurable): StudyResult | undefined {
    const sites = trainingSites(durable.roster).length;
    return runResult(this.#plan.study, durable, {
      rounds: durable.round,
      seconds: (this.#simulation.elapsedMs?.() ?? 0) / 1000,
      sites,
      threshold: secureSumThreshold(sites),
      collusion: collusionTolerated(sites, sites),
      bytesUp: this.#bytesUp,
      bytesDown: this.#bytesDown,
      absent: durable.absent,
    });
  }

  #makeSite(site: SimulatedSite, alliance: Alliance): SiteProcess {
    const keys = alliance.hospitals.get(site.siteId);
    if (keys === undefined) throw new Error(`broken invariant: ${site.siteId} has no keys`);
    const { study, random } = this.#simulation;
    const part = coordinatorPartFor(study.document);
    return new SiteProcess({
      siteId: site.siteId,
      tools: { signer: keys.signer, random },
      table: site.table,
      faults: this.#faults,
      work: { sealPrivateKey: keys.seal.privateKey, random },
      facts: (): SiteFacts => ({
        siteId: site.siteId,
        study,
        part,
        approval: keys.approval,
        invitedRoster: alliance.roster,
        earlierRuns: [], // a simulation is the study's only run
        coordinatorKey: alliance.coordinator.publicKey,
        nowMs: this.world.nowMs,
      }),
      send: (message) => this.#toCoordinator(site.siteId, message),
    });
  }

  #toSite(to: string, message: ToSite): void {
    const site = this.#sites.get(to);
    if (site === undefined) return;
    const { session } = site;
    this.#bytesDown += sizeOf(message);
    this.world.deliver(async () => {
      if (!site.isAlive || site.session !== session) return;
      try {
        await site.receive(message);
      } catch (error) {
        this.#afterDeath(
          error,
          () => site.die(),
          () => this.#startSite(to),
        );
      }
    });
  }

  #toCoordinator(from: string, leaving: Leaving): void {
    const message = asReceived(leaving);
    this.#bytesUp += sizeOf(message);
    this.world.deliver(() => this.#tellCoordinator({ kind: "from-site", site: from, message }));
  }

  #tellCoordinator(message: Parameters<CoordinatorProcess["handle"]>[0]): void {
    try {
      this.#coordinator.handle(message, this.world.nowMs);
      this.#reportProgress();
    } catch (error) {
      this.#afterDeath(
        error,
        () => this.#coordinator.die(),
        () => this.#startCoordinator(),
      );
    }
  }

  #reportProgress(): void {
    const { durable } = this.#coordinator;
    if (durable !== undefined) this.#simulation.onProgress?.(durable);
  }

  #afterDeath(error: unknown, die: () => void, restart: () => void): void {
    if (!(error instanceof Killed)) throw error;
    die();
    this.world.after(error.awayMs, restart);
  }

  #startCoordinator(): void {
    try {
      this.#coordinator.start();
      for (const siteId of this.#sites.keys()) this.#greet(siteId);
    } catch (error) {
      this.#afterDeath(
        error,
        () => this.#coordinator.die(),
        () => this.#startCoordinator(),
      );
    }
  }

  #startSite(siteId: string): void {
    this.#sites.get(siteId)?.start();
    this.#poll(siteId, this.#sites.get(siteId)?.session);
  }

  /** A site that is alive polls; its session ends with its process. */
  #poll(siteId: string, session: string | undefined): void {
    const site = this.#sites.get(siteId);
    if (site === undefined || !site.isAlive || site.session !== session) return;
    this.#greet(siteId);
    this.world.after(POLL_MS, () => this.#poll(siteId, session));
  }

  #greet(siteId: string): void {
    const site = this.#sites.get(siteId);
    if (site?.isAlive !== true) return;
    const { session } = site;
    this.world.deliver(() => this.#tellCoordinator({ kind: "site-present", site: siteId, session }));
  }

  #tick(): void {
    this.world.after(TICK_MS, () => {
      if (this.#coordinator.isAlive) this.#tellCoordinator({ kind: "tick" });
      this.#tick();
    });
  }
}

/** What the message weighs, counted on its large parts; the real processes count bytes on the wire. */
function sizeOf(message: ToSite | ToCoordinator): number {
  return JSON.stringify(message, (_key, value: unknown) => {
    if (value instanceof Uint8Array) return "x".repeat(value.byteLength);
    if (value instanceof Map)
      return [...value].map(([key, item]) => [key, item instanceof Float64Array ? "x".repeat(item.byteLength) : item]);
    return value;
  }).length;
}
