/**
 * Virtual time: what is scheduled happens in the order of its time, and between equal times in the order of scheduling.
 * The same seed gives the same order of every message and every crash.
 */

import type { SeededRandom } from "@dure/kernel";

interface Scheduled {
  readonly atMs: number;
  readonly order: number;
  readonly action: () => void | Promise<void>;
}

/** A run that takes more than this many steps does not end: better a named failure than a simulation without end. */
const STEP_COUNT_MAX = 2_000_000;

export class World {
  nowMs: number;
  readonly random: SeededRandom;
  readonly #queue: Scheduled[] = [];
  #order = 0;

  constructor(startMs: number, random: SeededRandom) {
    this.nowMs = startMs;
    this.random = random;
  }

  after(delayMs: number, action: () => void | Promise<void>): void {
    const scheduled = { atMs: this.nowMs + delayMs, order: this.#order++, action };
    let low = 0;
    let high = this.#queue.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(scheduled, this.#queue[middle])) low = middle + 1;
      else high = middle;
    }
    this.#queue.splice(low, 0, scheduled);
  }

  /** A message on its way: 1 to 9 ms, so that messages of different senders overtake each other. */
  deliver(action: () => void | Promise<void>): void {
    this.after(1 + this.random.below(9), action);
  }

  /** Runs until `isOver`, or until nothing is left to happen. */
  async run(isOver: () => boolean, signal?: AbortSignal): Promise<void> {
    for (let step = 0; !isOver(); step++) {
      if (step > STEP_COUNT_MAX) throw new Error(`the simulation did not end within ${STEP_COUNT_MAX} steps`);
      signal?.throwIfAborted();
      const next = this.#queue.pop();
      if (next === undefined) return;
      this.nowMs = next.atMs;
      await next.action();
    }
  }
}

/** The queue is kept in falling order of time: its end is what happens next. */
const isBefore = (a: Scheduled, b: Scheduled | undefined): boolean =>
  b !== undefined && (a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order));
