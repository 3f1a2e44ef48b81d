/**
 * Messages of all connections into the intake store, in the order of their arrival: what came while a batch was being written is the next batch.
 * So an idle listener answers at once, and a busy one pays one transaction for many messages.
 *
 * The store is one process's at a time. The writer gives it back when it has been idle, and after some seconds even under load, so that a load
 * that waits for its turn gets it; meanwhile messages wait, and are answered when they are safely in.
 */

import type { Clock } from "@dure/kernel";
import { DureError, faultCode } from "@dure/kernel";
import type { IntakeStore } from "../intake-store.ts";
import { applyOutcomes, type MessageOutcome } from "./take-messages.ts";

/** One transaction; bounds memory and the time that the first of them waits. */
const BATCH_MESSAGES_MAX = 500;
/** A load tries every tenth of a second or so for ten seconds; this leaves it several chances. */
const HOLD_MS_MAX = 4_000;
const GIVE_WAY_MS = 300;
/** Opening costs some 50 ms: a store that is asked for now and then is kept for a moment. */
const IDLE_MS_MAX = 1_000;

export interface IntakeWriterOptions {
  /** Waits for its turn, and rejects where it does not come. */
  readonly open: () => Promise<IntakeStore>;
  readonly source: string;
  /** Names the stream among the store's deliveries. */
  readonly name: string;
  readonly clock: Clock;
  /** Called with the fault's code, once for a batch that could not be written. */
  readonly onFault: (code: string) => void;
}

interface Waiting {
  readonly outcome: MessageOutcome;
  readonly resolve: (isStored: boolean) => void;
}

export class IntakeWriter {
  readonly #options: IntakeWriterOptions;
  readonly #queue: Waiting[] = [];
  #working: Promise<void> | undefined;
  #opened: { readonly store: IntakeStore; readonly delivery: number; position: number; readonly sinceMs: number } | undefined;
  #idle: AbortController | undefined;

  constructor(options: IntakeWriterOptions) {
    this.#options = options;
  }

  /** Resolves with true when the message is durably in the store, with false when it could not be written and nothing of it is. */
  write(outcome: MessageOutcome): Promise<boolean> {
    return new Promise((resolve) => {
      this.#queue.push({ outcome, resolve });
      this.#working ??= this.#work();
    });
  }

  /** Writes what was given before, and gives the store back. */
  async close(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
    await this.#giveBack();
  }

  async #work(): Promise<void> {
    this.#idle?.abort();
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, BATCH_MESSAGES_MAX);
      const isStored = await this.#writeBatch(batch.map(({ outcome }) => outcome));
      for (const { resolve } of batch) resolve(isStored);
      const heldMs = this.#opened === undefined ? 0 : this.#options.clock.nowMs() - this.#opened.sinceMs;
      if (heldMs > HOLD_MS_MAX) {
        await this.#giveBack();
        await this.#options.clock.sleep(GIVE_WAY_MS);
      }
    }
    this.#working = undefined;
    this.#giveBackWhenIdle();
  }

  async #writeBatch(outcomes: readonly MessageOutcome[]): Promise<boolean> {
    try {
      const opened = await this.#take();
      const position = opened.position + outcomes.length;
      await applyOutcomes(opened.store, { source: this.#options.source, delivery: opened.delivery, position, outcomes });
      opened.position = position;
      return true;
    } catch (cause) {
      this.#options.onFault(cause instanceof DureError ? cause.code : faultCode(cause));
      await this.#giveBack().catch(() => undefined);
      return false;
    }
  }

  async #take() {
    if (this.#opened !== undefined) return this.#opened;
    const store = await this.#options.open();
    const { number, position } = await store.begin({ source: this.#options.source, name: this.#options.name });
    this.#opened = { store, delivery: number, position, sinceMs: this.#options.clock.nowMs() };
    return this.#opened;
  }

  async #giveBack(): Promise<void> {
    this.#idle?.abort();
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.store.close();
  }

  #giveBackWhenIdle(): void {
    const idle = new AbortController();
    this.#idle = idle;
    this.#options.clock.sleep(IDLE_MS_MAX, idle.signal).then(
      () => {
        if (this.#working === undefined) this.#working = this.#giveBack().finally(() => this.#resume());
      },
      () => undefined,
    );
  }

  /** What came while the store was being closed. */
  #resume(): void {
    this.#working = this.#queue.length > 0 ? this.#work() : undefined;
  }
}
