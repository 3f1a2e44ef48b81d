/**
 * What the coordinator has for each hospital: hospitals call, never listen, so messages wait here until they are asked for.
 *
 * In memory only. A hospital's process that starts anew, or a coordinator that does, loses what waited: the round's next attempt, or a
 * repeated question, takes its place. A poll with another session is another process and gets an empty mailbox; a poll that acknowledges
 * a number which this process never gave out comes from before a restart of the coordinator, and numbers go on from there.
 */

import { Code, type ServiceImpl } from "@connectrpc/connect";
import type { Clock } from "@dure/kernel";
import { deliveriesMax, messageBytesMax, presenceMs, type alliance as wire } from "@dure/wire";
import { refuse } from "../server/refusals.ts";

type PollAnswer = Awaited<ReturnType<ServiceImpl<typeof wire.SiteService>["poll"]>>;
export type Delivery = NonNullable<PollAnswer["deliveries"]>[number];

/** What is to be delivered; `isKept` survives the hospital's change of process. */
export interface Letter {
  readonly content: NonNullable<Delivery["content"]>;
  readonly byteCount: number;
  readonly isKept: boolean;
}

export interface PresenceListener {
  /** At every poll; `isNew` at the first one of a session. */
  onPresent(site: string, session: string, isNew: boolean): void;
  onAway(site: string): void;
}

export interface Poll {
  readonly session: string;
  readonly acknowledged: bigint;
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

interface Waiting extends Letter {
  readonly number: bigint;
}

/** Half of a message's limit: the envelope around the deliveries is small, a single one may be larger. */
const ANSWER_BYTES_MAX = messageBytesMax / 2;

export class Mailboxes {
  readonly #clock: Clock;
  readonly #boxes = new Map<string, Mailbox>();
  #listener: PresenceListener | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  listen(listener: PresenceListener): void {
    this.#listener = listener;
  }

  /** Answers at once where something waits, else when something comes or the time is over. */
  async poll(site: string, poll: Poll): Promise<readonly Delivery[]> {
    const known = this.#boxes.get(site);
    const isNew = known?.session !== poll.session;
    const box = isNew ? this.#open(site, poll, known) : known;
    box.acknowledge(poll.acknowledged);
    this.#listener?.onPresent(site, poll.session, isNew);
    return box.take(poll, this.#clock);
  }

  /** False where the hospital is not connected: nobody waits for the letter. A mailbox that overflows belongs to a dead process. */
  put(site: string, letter: Letter): boolean {
    const box = this.#boxes.get(site);
    if (box === undefined) return false;
    if (box.put(letter)) return true;
    this.drop(site);
    return false;
  }

  sessionOf(site: string): string | undefined {
    return this.#boxes.get(site)?.session;
  }

  /** Connected hospitals with their sessions. */
  present(): ReadonlyMap<string, string> {
    return new Map([...this.#boxes].map(([site, box]) => [site, box.session]));
  }

  /** Finds those that have been silent for too long. */
  sweep(): void {
    const nowMs = this.#clock.nowMs();
    for (const [site, box] of this.#boxes) if (box.isSilentSince(nowMs - presenceMs)) this.drop(site);
  }

  drop(site: string): void {
    const box = this.#boxes.get(site);
    if (box === undefined) return;
    this.#boxes.delete(site);
    box.close();
    this.#listener?.onAway(site);
  }

  #open(site: string, poll: Poll, previous: Mailbox | undefined): Mailbox {
    const box = new Mailbox(poll.session, poll.acknowledged, this.#clock.nowMs());
    this.#boxes.set(site, box);
    previous?.close();
    for (const letter of previous?.kept() ?? []) box.put(letter);
    return box;
  }
}

class Mailbox {
  readonly session: string;
  #lastNumber: bigint;
  #waiting: Waiting[] = [];
  #seenMs: number;
  #openPolls = 0;
  #isClosed = false;
  #wake: () => void = () => {};

  constructor(session: string, lastNumber: bigint, nowMs: number) {
    this.session = session;
    this.#lastNumber = lastNumber;
    this.#seenMs = nowMs;
  }

  acknowledge(number: bigint): void {
    this.#waiting = this.#waiting.filter((letter) => letter.number > number);
  }

  put(letter: Letter): boolean {
    if (this.#waiting.length >= deliveriesMax) return false;
    this.#waiting.push({ ...letter, number: ++this.#lastNumber });
    this.#wake();
    return true;
  }

  kept(): readonly Letter[] {
    return this.#waiting.filter(({ isKept }) => isKept);
  }

  isSilentSince(limitMs: number): boolean {
    return this.#openPolls === 0 && this.#seenMs < limitMs;
  }

  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  async take({ waitMs, signal }: Poll, clock: Clock): Promise<readonly Delivery[]> {
    this.#wake(); // a poll that was open before is answered: its connection may be gone
    this.#openPolls++;
    try {
      if (this.#waiting.length === 0) await this.#next(waitMs, signal, clock);
    } finally {
      this.#openPolls--;
      this.#seenMs = clock.nowMs();
    }
    if (this.#isClosed) throw refuse(Code.Aborted, "other-session");
    return this.#deliveries();
  }

  async #next(waitMs: number, signal: AbortSignal, clock: Clock): Promise<void> {
    const woken = Promise.withResolvers<void>();
    this.#wake = woken.resolve;
    const pause = new AbortController();
    const stop = (): void => pause.abort();
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    await Promise.race([woken.promise, clock.sleep(waitMs, pause.signal).catch(() => undefined)]);
    signal.removeEventListener("abort", stop);
    stop();
  }

  /** As many as one answer holds, and at least one. */
  #deliveries(): readonly Delivery[] {
    const deliveries: Delivery[] = [];
    let byteCount = 0;
    for (const letter of this.#waiting) {
      byteCount += letter.byteCount;
      if (deliveries.length > 0 && byteCount > ANSWER_BYTES_MAX) break;
      deliveries.push({ number: letter.number, content: letter.content });
    }
    return deliveries;
  }
}
