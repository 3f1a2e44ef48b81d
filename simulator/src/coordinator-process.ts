/** A coordinator that can be killed: its disk is a text, everything else dies with it. */

import {
  beginRun,
  type RecordEntry,
  type RunDurable,
  type RunMessage,
  type RunState,
  type RunTools,
  recoverRun,
  stepRun,
  type ToSite,
} from "@dure/federation/protocol";
import type { Faults } from "./faults.ts";

export interface CoordinatorSurroundings {
  readonly tools: RunTools;
  readonly faults: Faults;
  send(to: string, message: ToSite): void;
}

export class CoordinatorProcess {
  readonly record: RecordEntry[] = [];
  readonly #surroundings: CoordinatorSurroundings;
  #disk: string | undefined;
  #durable: RunDurable | undefined;
  #state: RunState | undefined;

  constructor(surroundings: CoordinatorSurroundings) {
    this.#surroundings = surroundings;
  }

  /** What was last stored; a process that starts reads the text again. */
  get durable(): RunDurable | undefined {
    return this.#durable;
  }

  get isAlive(): boolean {
    return this.#state !== undefined;
  }

  start(): void {
    if (this.#disk === undefined) this.#store(beginRun(this.#surroundings.tools), []);
    if (this.#disk !== undefined) this.#state = recoverRun(JSON.parse(this.#disk) as RunDurable); // written by #store only
  }

  die(): void {
    this.#state = undefined;
  }

  /** @throws Killed at a kill point; the caller then lets the process die. */
  handle(message: RunMessage, nowMs: number): void {
    if (this.#state === undefined) return;
    const { state, effects } = stepRun(this.#surroundings.tools, this.#state, message, nowMs);
    const entries = effects.flatMap((effect) => (effect.kind === "record" ? [effect.entry] : []));
    if (state.durable !== this.#state.durable || entries.length > 0) this.#store(state.durable, entries);
    this.#state = state;
    for (const effect of effects) if (effect.kind === "send") this.#surroundings.send(effect.to, effect.message);
  }

  /** State and record in one, as the database does it. */
  #store(durable: RunDurable, entries: readonly RecordEntry[]): void {
    const { stage, round, answered } = durable;
    const effect = this.#disk === undefined ? "coordinator begins" : `coordinator ${stage} ${round} ${answered.length}`;
    this.#surroundings.faults.store(effect, () => {
      this.#disk = JSON.stringify(durable);
      this.#durable = durable;
      this.record.push(...entries);
    });
  }
}
