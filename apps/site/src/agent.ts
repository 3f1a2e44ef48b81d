/**
 * The hospital's agent: polls the coordinator, lives the runs, hands over decisions, and never listens to the network.
 *
 * One process a folder. A restarted agent draws a new session; the coordinator then opens the next attempt.
 */

import { create } from "@bufbuild/protobuf";
import type { Leaving, ToSite } from "@dure/federation/protocol";
import type { Clock, SecureRandom } from "@dure/kernel";
import { DureError, toHex } from "@dure/kernel";
import { pollWaitMsMax, postsPerPollMax, readToSite, alliance as wire, writeToCoordinator } from "@dure/wire";
import type { Connection } from "./alliance/connection.ts";

export interface AgentOptions {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly random: SecureRandom;
  readonly signal: AbortSignal;
  /** Takes in one message of a run; resolves when it is stored and acted on. */
  onRunMessage(message: ToSite): Promise<void>;
  onCountQuestion(question: wire.CountQuestion): Promise<wire.CountReply>;
  /** Called once a minute and at the start: decisions to hand over, certificates to renew, checkpoints to witness. */
  onHousekeeping(connection: Connection): Promise<void>;
  log(entry: { readonly code: string; readonly detail?: string }): void;
}

const HOUSEKEEPING_MS = 60_000;
const PAUSE_MS_MIN = 200;
const PAUSE_MS_MAX = 5_000;

export class Agent {
  readonly #options: AgentOptions;
  readonly #session: string;
  readonly #outbox: wire.PostRequest[] = [];
  #acknowledged = 0n;
  #isPolling = false;
  #wake: () => void = () => {};

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#session = toHex(options.random.bytes(16));
  }

  /** Queued at once, sent in order, tried again until it is accepted or refused. */
  send(message: Leaving): void {
    this.#queue({ case: "toCoordinator", value: writeToCoordinator(message) });
  }

  /** Until the signal aborts. Faults of the network are waited out; defects end the process, and its supervisor starts it again. */
  async run(): Promise<void> {
    await Promise.all([this.#pollLoop(), this.#postLoop(), this.#housekeepingLoop()]);
  }

  /** Takes along what is to be said: in a round, each answer travels with the poll for the next question. */
  async #pollLoop(): Promise<void> {
    await this.#forever("poll", async () => {
      const posts = this.#outbox.splice(0, postsPerPollMax);
      const deliveries = await this.#poll(posts);
      for (const delivery of deliveries) {
        if (delivery.number <= this.#acknowledged) continue;
        await this.#take(delivery);
        this.#acknowledged = delivery.number;
      }
    });
  }

  async #poll(posts: wire.PostRequest[]): Promise<readonly wire.Delivery[]> {
    const { connection, signal } = this.#options;
    const request = { session: this.#session, acknowledged: this.#acknowledged, waitMs: pollWaitMsMax, posts };
    this.#isPolling = true;
    this.#wake();
    try {
      return (await connection.sites.poll(request, { signal, timeoutMs: pollWaitMsMax + 10_000 })).deliveries;
    } catch (error) {
      if (!isFinal(error)) this.#outbox.unshift(...posts);
      throw error;
    } finally {
      this.#isPolling = false;
    }
  }

  async #take(delivery: wire.Delivery): Promise<void> {
    switch (delivery.content.case) {
      case "toSite":
        return this.#options.onRunMessage(readToSite(delivery.content.value));
      case "countQuestion":
        return this.#queue({ case: "countReply", value: await this.#options.onCountQuestion(delivery.content.value) });
      case undefined:
        return;
    }
  }

  #queue(content: Exclude<wire.PostRequest["content"], { case: undefined }>): void {
    this.#outbox.push(create(wire.PostRequestSchema, { session: this.#session, content }));
    this.#wake();
  }

  /** What comes up while a poll waits is sent beside it. */
  async #postLoop(): Promise<void> {
    const { signal, connection } = this.#options;
    signal.addEventListener("abort", () => this.#wake(), { once: true });
    await this.#forever("post", async () => {
      await this.#untilSomethingIsToPost();
      const request = this.#outbox.shift();
      if (request === undefined) return;
      try {
        await connection.sites.post(request, { signal, timeoutMs: 60_000 });
      } catch (error) {
        if (!isFinal(error)) this.#outbox.unshift(request);
        throw error;
      }
    });
  }

  async #untilSomethingIsToPost(): Promise<void> {
    while (!this.#options.signal.aborted && !(this.#isPolling && this.#outbox.length > 0)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async #housekeepingLoop(): Promise<void> {
    await this.#forever("housekeeping", async () => {
      await this.#options.onHousekeeping(this.#options.connection);
      await this.#options.clock.sleep(HOUSEKEEPING_MS, this.#options.signal);
    });
  }

  /** Repeats until the signal aborts; after a fault of the network it pauses, longer each time. */
  async #forever(name: string, work: () => Promise<void>): Promise<void> {
    const { signal, clock, log } = this.#options;
    let pauseMs = PAUSE_MS_MIN;
    while (!signal.aborted) {
      try {
        await work();
        pauseMs = PAUSE_MS_MIN;
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof DureError)) throw error;
        log({ code: error.code, detail: name });
        await clock.sleep(pauseMs, signal).catch(() => undefined);
        pauseMs = Math.min(PAUSE_MS_MAX, pauseMs * 2);
      }
    }
  }
}

/** The coordinator understood and refused: sending it again changes nothing. */
const isFinal = (error: unknown): boolean => error instanceof DureError && error.retry === "permanent";
