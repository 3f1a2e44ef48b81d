/**
 * One run as the coordinator's process lives it: one message at a time goes through the reducer, what must survive is stored, and only
 * then do messages leave.
 *
 * When the store fails, nothing leaves and the step is forgotten: the attempt in memory may already have taken the message in, so it is
 * thrown away as after a crash, and the state is read from the store again. A message on which the reducer breaks ends the attempt in the
 * same way, and never the process.
 */

import { Code } from "@connectrpc/connect";
import {
  type RecordEntry,
  type RunDurable,
  type RunEffect,
  type RunMessage,
  type RunState,
  recoverRun,
  stepRun,
  type ToSite,
} from "@dure/federation/protocol";
import { type Clock, faultCode, type SecureRandom } from "@dure/kernel";
import { toSiteBytes, writeToSite } from "@dure/wire";
import { runQueueMax } from "../limits.ts";
import type { CoordinatorLog } from "../log.ts";
import type { Letter, Mailboxes } from "../mailbox/mailboxes.ts";
import { refuse } from "../server/refusals.ts";
import type { CoordinatorStore } from "../store/index.ts";
import type { LoadedRun } from "./plan-document.ts";
import { endRun } from "./run-ending.ts";
import { writeStep } from "./run-writer.ts";

export interface RunDriverOptions {
  readonly loaded: LoadedRun;
  readonly record: readonly RecordedEntry[];
  readonly store: CoordinatorStore;
  readonly mailboxes: Mailboxes;
  readonly clock: Clock;
  readonly random: SecureRandom;
  readonly log: CoordinatorLog;
  /** Reads the run again after a failed write. */
  reload(): Promise<LoadedRun>;
  /** The run has ended, and its result is stored. */
  onEnded(): void;
}

export interface RecordedEntry extends RecordEntry {
  readonly atMs: number;
}

/** A database that just failed is not asked with every message. */
const RECOVER_PAUSE_MS = 500;

type SendEffect = Extract<RunEffect, { readonly kind: "send" }>;

export class RunDriver {
  readonly #options: RunDriverOptions;
  readonly #record: RecordedEntry[];
  /** Hospitals of one round are sent one message: it is encoded once. */
  readonly #letters = new WeakMap<ToSite, Letter>();
  #loaded: LoadedRun;
  #state: RunState;
  #bytesUp: number;
  #bytesDown: number;
  #queue: Promise<void> = Promise.resolve();
  #queueLength = 0;
  /** Set by a failed write: when to read the run again. */
  #recoverAtMs: number | undefined;
  #isStopped = false;

  constructor(options: RunDriverOptions) {
    this.#options = options;
    this.#record = [...options.record];
    this.#loaded = options.loaded;
    this.#state = recoverRun(options.loaded.durable);
    this.#bytesUp = options.loaded.bytesUp;
    this.#bytesDown = options.loaded.bytesDown;
  }

  get run(): string {
    return this.#loaded.tools.plan.run;
  }

  get study(): string {
    return this.#loaded.tools.plan.study.hash;
  }

  get proposer(): string {
    return this.#loaded.recipients[0]?.id ?? "";
  }

  get durable(): RunDurable {
    return this.#state.durable;
  }

  get record(): readonly RecordedEntry[] {
    return this.#record;
  }

  /** Everybody who was to take part, those left out included. */
  has(site: string): boolean {
    return this.#loaded.tools.plan.roster.members.some((member) => member.siteId === site);
  }

  /**
   * Resolves when the message has been taken in and what follows from it is stored and on its way.
   * @throws ConnectError where the message cannot be used, or its effect could not be stored
   */
  receive(message: RunMessage, byteCount = 0): Promise<void> {
    if (this.#isStopped) return Promise.reject(refuse(Code.Unavailable, "run-unavailable", { run: this.run }));
    if (this.#queueLength >= runQueueMax) return Promise.reject(refuse(Code.ResourceExhausted, "run-overloaded", { run: this.run }));
    this.#queueLength++;
    const done = this.#queue.then(() => this.#take(message, byteCount));
    this.#queue = done.then(
      () => void this.#queueLength--,
      () => void this.#queueLength--,
    );
    return done;
  }

  /** For messages that nobody waits for. */
  tell(message: RunMessage): void {
    this.receive(message).catch(() => undefined); // the fault was logged where it happened
  }

  tick(): void {
    if (this.#queueLength === 0) this.tell({ kind: "tick" });
  }

  /** Takes nothing more; resolves when the step that is under way is stored. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#queue;
  }

  async #take(message: RunMessage, byteCount: number): Promise<void> {
    if (this.#recoverAtMs !== undefined) await this.#recover(this.#recoverAtMs);
    if (this.#state.durable.stage === "ended") return;
    this.#bytesUp += byteCount;
    const before = this.#state;
    const step = this.#step(before, message);
    const entries = step.effects.flatMap((effect) => (effect.kind === "record" ? [effect.entry] : []));
    if (step.state.durable !== before.durable || entries.length > 0) await this.#store(before.durable, step.state.durable, entries);
    this.#state = step.state;
    for (const effect of step.effects) if (effect.kind === "send") this.#send(effect);
    if (step.state.durable.stage === "ended") this.#options.onEnded();
  }

  #step(before: RunState, message: RunMessage) {
    const { clock, log } = this.#options;
    try {
      return stepRun(this.#loaded.tools, before, message, clock.nowMs());
    } catch (cause) {
      log.error({ code: "coordinator/run-step-broke", run: this.run, message: message.kind, fault: faultCode(cause) });
      this.#state = this.#withoutAttempt(before);
      throw refuse(Code.InvalidArgument, "message-refused", { run: this.run });
    }
  }

  /** The next attempt follows after the usual pause. */
  #withoutAttempt(before: RunState): RunState {
    const { clock } = this.#options;
    const pauseMs = Math.min(30_000, this.#loaded.tools.plan.timing.retryMs * 2 ** Math.min(before.failureCount, 16));
    return { ...before, attempt: undefined, retryAtMs: clock.nowMs() + pauseMs, failureCount: before.failureCount + 1 };
  }

  async #store(before: RunDurable, durable: RunDurable, entries: readonly RecordEntry[]): Promise<void> {
    const { store, clock, random, log } = this.#options;
    const nowMs = clock.nowMs();
    const bytes = { bytesUp: this.#bytesUp, bytesDown: this.#bytesDown };
    const { version: expectedVersion } = this.#loaded;
    const step = { loaded: this.#loaded, durable, statusBefore: before.status, expectedVersion, entries, ...bytes, atMs: nowMs };
    try {
      const ending = durable.stage === "ended" ? endRun({ loaded: this.#loaded, durable, nowMs, ...bytes, random }) : undefined;
      this.#loaded = { ...this.#loaded, version: await writeStep(store, { ...step, ending }) };
    } catch (cause) {
      log.error({ code: "coordinator/run-not-stored", run: this.run, fault: faultCode(cause) });
      this.#recoverAtMs = nowMs + RECOVER_PAUSE_MS;
      throw refuse(Code.Unavailable, "run-unavailable", { run: this.run });
    }
    this.#record.push(...entries.map((entry) => ({ ...entry, atMs: nowMs })));
    for (const { code, round, attempt, sites } of entries) log.info({ code: `run/${code}`, run: this.run, round, attempt, sites });
  }

  /** As after a crash, but who is connected is still known. */
  async #recover(atMs: number): Promise<void> {
    const { reload, log, clock } = this.#options;
    const { present } = this.#state;
    if (clock.nowMs() < atMs) throw refuse(Code.Unavailable, "run-unavailable", { run: this.run });
    try {
      this.#loaded = await reload();
    } catch (cause) {
      this.#recoverAtMs = clock.nowMs() + RECOVER_PAUSE_MS;
      log.warn({ code: "coordinator/run-not-read", run: this.run, fault: faultCode(cause) });
      throw refuse(Code.Unavailable, "run-unavailable", { run: this.run });
    }
    this.#state = { ...recoverRun(this.#loaded.durable), present };
    this.#recoverAtMs = undefined;
    if (this.#loaded.durable.stage === "ended") this.#options.onEnded(); // the write that seemed lost had arrived
  }

  #send({ to, message }: SendEffect): void {
    const letter = this.#letters.get(message) ?? letterOf(message);
    this.#letters.set(message, letter);
    if (this.#options.mailboxes.put(to, letter)) this.#bytesDown += letter.byteCount;
  }
}

export function letterOf(message: ToSite): Letter {
  const value = writeToSite(message);
  return { content: { case: "toSite", value }, byteCount: toSiteBytes(value), isKept: message.kind === "run-ended" };
}
